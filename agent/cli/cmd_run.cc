// run: one pod from its file to its end, in the foreground; or handed to an owner in the background (--detach).
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>
#include <stop_token>

#include "agent/cli/attached_terminal.h"
#include "agent/cli/background_owner.h"
#include "agent/cli/commands.h"
#include "agent/cli/log_streamer.h"
#include "agent/cli/node.h"
#include "agent/cli/output.h"
#include "agent/cli/owner_control.h"
#include "agent/cli/pod_documents.h"
#include "agent/cli/pod_events.h"
#include "agent/cli/run_input.h"
#include "agent/cli/signals.h"
#include "agent/cli/stdin_feeder.h"
#include "agent/cli/terminal.h"
#include "agent/pods/pod_owner.h"
#include "base/log.h"

namespace agent::cli {

namespace {

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
    return write_lines(fd, text).has_value();
  }

 private:
  std::map<std::pair<std::string, int>, std::string> prefixes_;
};

void feed_stdin(Node& node, const pods::ContainerLog& run, StdinFeeder& feeder) {
  base::Result<cri::AttachedStreams> input = node.local().attach({}, run.container_id, -1, -1, true);
  if (input.has_value()) return feeder.feed(std::move(input->input));
  // NotFound: it has ended already.
  if (input.error().code() != base::Code::kNotFound && input.error().code() != base::Code::kFailedPrecondition)
    base::log::warning({.container = run.container}, "standard input is not passed on: ", input.error().to_string());
}

// Where containers' output goes and standard input comes from, while a pod runs in the foreground. The node and the pod
// outlive it.
class Streams {
 public:
  Streams(Node& node, const api::Pod& pod, const RunInput& input) : node_(node), pod_(pod), input_(input) {}

  // Before anything else. leave: the user has detached from the pod. control outlives the object.
  base::Status start(OwnerControl& control, const std::stop_source& leave) {
    streamer_ = TRY(LogStreamer::start([&control, output = PrefixedOutput(pod_.spec)](
                                           const std::string& container, bool is_stderr, std::string_view line) {
      const bool written = output.write(container, is_stderr, line);
      if (!written) control.stop_quietly();
      return written;
    }));
    if (!input_.fed.empty()) feeder_ = TRY(StdinFeeder::start());
    if (!input_.joined.empty())
      terminal_ = TRY(AttachedTerminal::start(node_.local(), {.detach = [leave]() mutable { leave.request_stop(); },
                                                              .reader_gone = [&control] { control.stop_quietly(); }}));
    return {};
  }

  pods::Observer observer() {
    pods::Observer observer;
    observer.event = [this](const pods::Event& event) { log_event(pod_, event, is_news(event)); };
    observer.container_log = [this](const pods::ContainerLog& run) { follow(run); };
    observer.before_removal = [this] { drain(); };
    return observer;
  }

  // Returns when what ended containers wrote has been shown.
  void drain() {
    streamer_->drain();
    if (terminal_) terminal_->drain();
  }

 private:
  void follow(const pods::ContainerLog& run) {
    if (run.container == input_.joined) return terminal_->show(run);
    streamer_->follow(run.container, run.path, run.adopted);
    if (run.container == input_.fed) feed_stdin(node_, run, *feeder_);
  }

  Node& node_;
  const api::Pod& pod_;
  const RunInput input_;
  std::unique_ptr<LogStreamer> streamer_;
  std::unique_ptr<StdinFeeder> feeder_;
  std::unique_ptr<AttachedTerminal> terminal_;
};

// Nothing when the user has detached from the pod, which runs on without an owner.
base::Result<std::optional<int>> run_in_foreground(const Globals& globals, const PodDocuments& documents,
                                                   bool pod_is_stdin) {
  const api::Pod& pod = documents.pod;
  // Before any thread starts. A reader that goes away shows as EPIPE, not as our death.
  ::signal(SIGPIPE, SIG_IGN);
  const RunInput input = plan_input(pod.spec, pod_is_stdin, ::isatty(STDIN_FILENO) == 1);
  if (!input.warning.empty()) base::log::warning({.pod = pod.metadata.name}, input.warning);
  std::vector<int> ending{SIGINT, SIGTERM, SIGHUP};
  if (!input.joined.empty()) {
    TRY(block_size_changes());
    ending.push_back(SIGQUIT);  // it must not end us with the terminal in raw mode
  }
  OwnerControl control(api::full_name(pod), api::grace_seconds(pod));
  const std::unique_ptr<SignalThread> signals =
      TRY(SignalThread::start(ending, [&control](int) { control.on_signal(); }));
  const std::unique_ptr<Node> node = TRY(Node::open(globals, Purpose::kRunPods));
  const std::stop_source leave;
  Streams streams(*node, pod, input);
  TRY(streams.start(control, leave));
  const pods::Options options = TRY(pod_options(globals, true));
  std::unique_ptr<pods::PodOwner> owner =
      TRY(pods::PodOwner::adopt_or_create(node->deps(documents.configuration), options, pod, streams.observer()));
  control.set(owner.get());
  base::Result<pods::Outcome> outcome = owner->run(leave.get_token());
  control.set(nullptr);
  const pods::Outcome ended = TRY(outcome, "run pod ", api::full_name(pod));
  owner.reset();
  if (ended.detached) return std::nullopt;
  streams.drain();
  node->tidy();
  if (!ended.message.empty() && ended.exit_code != 0)
    print_error(base::concat("nodeagent: pod ", api::full_name(pod), " ", ended.phase, ": ", ended.message, "\n"));
  return ended.exit_code;
}

}  // namespace

base::Result<int> run(const Globals& globals, const RunArguments& arguments) {
  const auto [documents, warnings] = TRY(read_pod_documents(arguments.file, arguments.config_files));
  const api::Pod& pod = documents.pod;
  for (const std::string& warning : warnings) base::log::warning({}, warning);
  if (!arguments.detach) {
    const std::optional<int> status = TRY(run_in_foreground(globals, documents, arguments.file == "-"));
    if (status.has_value()) return *status;
  }
  const int status = TRY(leave_to_background_owner(globals, documents), "leave pod ", api::full_name(pod),
                         " to an owner in the background");
  if (status != 0) return status;
  if (arguments.detach) {
    TRY(print(api::full_name(pod) + "\n"));
  } else {
    print_error(base::concat("nodeagent: pod ", api::full_name(pod), " runs on in the background; `nodeagent stop ",
                             pod.metadata.name, "` stops it\n"));
  }
  return 0;
}

}  // namespace agent::cli
