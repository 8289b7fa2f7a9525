// stats: what running pods use now, in two looks at their cgroups, from a process of its own beside the pods' owners.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <tuple>

#include "agent/cli/commands.h"
#include "agent/cli/node.h"
#include "agent/cli/output.h"
#include "agent/cli/stats_view.h"
#include "agent/workloads/lookup.h"
#include "base/concat.h"

namespace agent::cli {

namespace {

constexpr const char* kClearScreen = "\x1b[H\x1b[J";

// Each container's files stay open from one look to the next, as far as there are descriptors. This process starts no
// others, which would inherit the limit.
void raise_descriptor_limit() {
  struct rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) < 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

// The pods' uids; none where all pods are meant.
base::Result<std::vector<std::string>> uids_of(const Globals& globals, const std::vector<std::string>& references) {
  std::vector<std::string> uids;
  for (const std::string& reference : references) {
    const workloads::Named named = TRY(workloads::find(pod_paths(globals), reference));
    if (named.pods.empty()) return base::fail(base::Code::kNotFound, "there is no pod of ", reference, " now");
    for (const pods::PodSummary& pod : named.pods) uids.push_back(pod.uid);
  }
  return uids;
}

base::Result<UsageSample> look(Node& node, const std::vector<std::string>& uids) {
  UsageSample sample{.at = base::system_clock().wall(), .pods = TRY(node.local().usage({}, uids))};
  std::ranges::sort(sample.pods, {}, [](const cri::PodUsage& pod) { return std::tie(pod.pod_namespace, pod.name); });
  for (cri::PodUsage& pod : sample.pods) std::ranges::sort(pod.containers, {}, &cri::ContainerUsage::name);
  return sample;
}

base::Status show(const StatsArguments& arguments, const UsageSample& before, const UsageSample& now) {
  if (arguments.output == OutputFormat::kJson) return print(stats_json(before, now));
  const bool repaint = arguments.watch && ::isatty(STDOUT_FILENO) == 1;
  return print(base::concat(repaint ? kClearScreen : "", format_table(stats_table(before, now))));
}

}  // namespace

base::Result<int> stats(const Globals& globals, const StatsArguments& arguments) {
  raise_descriptor_limit();
  const std::vector<std::string> uids = TRY(uids_of(globals, arguments.pods));
  const std::unique_ptr<Node> node = TRY(Node::open(globals, Purpose::kLook));
  UsageSample before = TRY(look(*node, uids));
  if (before.pods.empty() && !uids.empty())
    return base::fail(base::Code::kFailedPrecondition, arguments.pods.front(), " is not running: it uses nothing");
  // A signal ends the process where it waits: there is nothing to undo.
  do {
    if (!before.pods.empty() || arguments.watch) std::this_thread::sleep_for(std::chrono::seconds(arguments.seconds));
    UsageSample now = TRY(look(*node, uids));
    TRY(show(arguments, before, now));
    before = std::move(now);
    // The pods that were asked for may have ended.
  } while (arguments.watch && (uids.empty() || !before.pods.empty()));
  return 0;
}

}  // namespace agent::cli
