#include "agent/cli/commands.h"
#include "agent/cli/node.h"
#include "agent/cli/output.h"

namespace agent::cli {

base::Result<int> stop(const Globals& globals, const StopArguments& arguments) {
  const pods::Options options = TRY(pod_options(globals, true));
  const std::unique_ptr<Node> node = TRY(Node::open(globals, Purpose::kLook));
  std::optional<std::chrono::seconds> grace;
  if (arguments.grace) grace = std::chrono::seconds(*arguments.grace);
  for (const std::string& reference : arguments.pods) {
    const pods::PodSummary pod = TRY(pods::find_pod(options.paths, reference));
    TRY(pods::stop_pod(node->deps(), options, pod.uid, grace), "stop pod ", reference);
    TRY(print(base::concat(pod.pod_namespace, "/", pod.name, "\n")));
  }
  node->tidy();
  return 0;
}

}  // namespace agent::cli
