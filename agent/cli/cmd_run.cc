// run: one pod from its file to its end, in the foreground; or handed to an owner in the background (--detach).
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "agent/api/codec.h"
#include "agent/cli/background_owner.h"
#include "agent/cli/commands.h"
#include "agent/cli/log_streamer.h"
#include "agent/cli/node.h"
#include "agent/cli/output.h"
#include "agent/cli/owner_control.h"
#include "agent/cli/signals.h"
#include "agent/cli/stdin_feeder.h"
#include "agent/pods/pod_owner.h"
#include "base/file.h"
#include "base/log.h"
#include "base/sys.h"

namespace agent::cli {

namespace {

base::Result<api::Pod> read_pod_file(const std::string& file) {
  constexpr size_t kLimit = 11UL << 20;  // beyond what decode_pod() takes, so that it says so
  const bool is_stdin = file == "-";
  const std::string name = is_stdin ? "<stdin>" : file;
  const std::string text = is_stdin ? TRY(base::read_fd(STDIN_FILENO, kLimit), "read the pod from standard input")
                                    : TRY(base::read_file(file, kLimit));
  std::expected<api::Pod, std::vector<api::Fault>> pod = api::decode_pod(text);
  if (pod.has_value()) return *std::move(pod);
  const std::string faults = api::to_string(pod.error(), name);
  if (pod.error().size() == 1) return base::fail(base::Code::kInvalidArgument, faults);
  return base::fail(base::Code::kInvalidArgument, name, " has ", pod.error().size(), " faults:\n", faults);
}

// What containers write, each line behind its container's name: standard output to ours, standard error to ours.
class PrefixedOutput {
 public:
  explicit PrefixedOutput(const api::PodSpec& spec) {
    size_t longest = 0;
    std::vector<std::string> names;
    for (const auto* list : {&spec.init_containers, &spec.containers})
      for (const api::Container& container : *list) {
        names.push_back(container.name);
        longest = std::max(longest, container.name.size());
      }
    for (size_t i = 0; i < names.size(); ++i)
      for (const int fd : {STDOUT_FILENO, STDERR_FILENO})
        prefixes_[{names[i], fd}] = line_prefix(names[i], longest, i, wants_colour(fd));
  }

  // False when the reader has gone.
  bool write(const std::string& container, bool is_stderr, std::string_view line) const {
    const int fd = is_stderr ? STDERR_FILENO : STDOUT_FILENO;
    const auto prefix = prefixes_.find({container, fd});
    const std::string text = base::concat(prefix == prefixes_.end() ? "" : prefix->second, line);
    return base::sys::write_all(fd, text).has_value();
  }

 private:
  std::map<std::pair<std::string, int>, std::string> prefixes_;
};

// Not worth a warning beside a pod's output: what ends the run is its last message anyway, and a pod from a file has no
// cluster whose DNS it could miss.
bool is_no_news(const pods::Event& event) {
  return event.reason == "Failed" || event.reason == "FailedCreatePodSandBox" || event.reason == "FailedMount" ||
         event.reason == "MissingClusterDNS";
}

void log_event(const api::Pod& pod, const pods::Event& event) {
  const base::log::Fields fields{
      .pod = pod.metadata.name, .pod_namespace = pod.metadata.namespace_, .container = event.container};
  if (event.warning && !is_no_news(event))
    base::log::warning(fields, event.reason, ": ", event.message);
  else
    base::log::info(fields, event.reason, ": ", event.message);
}

// The container that gets our standard input: the only one with stdin. Empty where none has, or where it cannot be
// done, which is said.
std::string takes_stdin(const api::PodSpec& spec, bool pod_is_stdin) {
  std::vector<const api::Container*> takers;
  for (const auto* list : {&spec.init_containers, &spec.containers})
    for (const api::Container& container : *list)
      if (container.stdin_open) takers.push_back(&container);
  if (takers.empty()) return "";
  std::string obstacle;
  if (pod_is_stdin) obstacle = "the pod itself was read from it";
  if (takers.size() > 1) obstacle = "several containers have stdin";
  if (takers.front()->tty) obstacle = "it has a terminal, which `nodeagent run` does not join";
  if (obstacle.empty()) return takers.front()->name;
  base::log::warning({.container = takers.front()->name}, "standard input is not passed on: ", obstacle);
  return "";
}

void feed_stdin(Node& node, const pods::ContainerLog& run, StdinFeeder& feeder) {
  base::Result<base::UniqueFd> input = node.local().attach({}, run.container_id, -1, -1, true);
  if (input.has_value()) return feeder.feed(*std::move(input));
  // NotFound: it has ended already.
  if (input.error().code() != base::Code::kNotFound && input.error().code() != base::Code::kFailedPrecondition)
    base::log::warning({.container = run.container}, "standard input is not passed on: ", input.error().to_string());
}

pods::Observer make_observer(const api::Pod& pod, LogStreamer& streamer) {
  pods::Observer observer;
  observer.event = [&pod](const pods::Event& event) { log_event(pod, event); };
  observer.container_log = [&streamer](const pods::ContainerLog& log) {
    streamer.follow(log.container, log.path, log.adopted);
  };
  observer.before_removal = [&streamer] { streamer.drain(); };
  return observer;
}

base::Result<int> run_in_foreground(const Globals& globals, const api::Pod& pod, bool pod_is_stdin) {
  // Before any thread starts. A reader that goes away shows as EPIPE, not as our death.
  ::signal(SIGPIPE, SIG_IGN);
  OwnerControl control(api::full_name(pod), api::grace_seconds(pod));
  const std::unique_ptr<SignalThread> signals =
      TRY(SignalThread::start({SIGINT, SIGTERM, SIGHUP}, [&control](int) { control.on_signal(); }));
  const std::unique_ptr<Node> node = TRY(Node::open(globals, Purpose::kRunPods));
  const PrefixedOutput output(pod.spec);
  const std::unique_ptr<LogStreamer> streamer =
      TRY(LogStreamer::start([&](const std::string& container, bool is_stderr, std::string_view line) {
        const bool written = output.write(container, is_stderr, line);
        if (!written) control.stop_quietly();
        return written;
      }));
  pods::Observer observer = make_observer(pod, *streamer);
  std::unique_ptr<StdinFeeder> feeder;
  if (const std::string reader = takes_stdin(pod.spec, pod_is_stdin); !reader.empty()) {
    feeder = TRY(StdinFeeder::start());
    observer.container_log = [&, reader](const pods::ContainerLog& run) {
      streamer->follow(run.container, run.path, run.adopted);
      if (run.container == reader) feed_stdin(*node, run, *feeder);
    };
  }
  std::unique_ptr<pods::PodOwner> owner =
      TRY(pods::PodOwner::adopt_or_create(node->deps(), pod_options(globals, true), pod, std::move(observer)));
  control.set(owner.get());
  base::Result<pods::Outcome> outcome = owner->run();
  control.set(nullptr);
  const pods::Outcome ended = TRY(outcome, "run pod ", api::full_name(pod));
  streamer->drain();
  owner.reset();
  node->tidy();
  if (!ended.message.empty() && ended.exit_code != 0)
    print_error(base::concat("nodeagent: pod ", api::full_name(pod), " ", ended.phase, ": ", ended.message, "\n"));
  return ended.exit_code;
}

}  // namespace

base::Result<int> run(const Globals& globals, const RunArguments& arguments) {
  const api::Pod pod = TRY(read_pod_file(arguments.file));
  if (!arguments.detach) return run_in_foreground(globals, pod, arguments.file == "-");
  TRY(leave_to_background_owner(globals, pod), "leave pod ", api::full_name(pod), " to an owner in the background");
  TRY(print(api::full_name(pod) + "\n"));
  return 0;
}

}  // namespace agent::cli
