// run: what a file says from its start to its end, in the foreground; or handed to an owner in the background
// (--detach).
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "agent/cli/attached_terminal.h"
#include "agent/cli/background_owner.h"
#include "agent/cli/commands.h"
#include "agent/cli/log_streamer.h"
#include "agent/cli/node.h"
#include "agent/cli/output.h"
#include "agent/cli/owner_control.h"
#include "agent/cli/pod_events.h"
#include "agent/cli/prefixed_output.h"
#include "agent/cli/run_documents.h"
#include "agent/cli/run_input.h"
#include "agent/cli/signals.h"
#include "agent/cli/stdin_feeder.h"
#include "agent/cli/terminal.h"
#include "agent/workloads/run.h"
#include "base/log.h"

namespace agent::cli {

namespace {

void feed_stdin(Node& node, const pods::ContainerLog& run, StdinFeeder& feeder) {
  base::Result<cri::AttachedStreams> input = node.local().attach({}, run.container_id, -1, -1, true);
  if (input.has_value()) return feeder.feed(std::move(input->input));
  // NotFound: it has ended already.
  if (input.error().code() != base::Code::kNotFound && input.error().code() != base::Code::kFailedPrecondition)
    base::log::warning({.container = run.container}, "standard input is not passed on: ", input.error().to_string());
}

// Where containers' output goes and standard input comes from, while they run in the foreground. The node and control
// outlive it.
class Streams {
 public:
  // one_pod: lines are named after containers alone.
  Streams(Node& node, OwnerControl& control, RunInput input, bool one_pod)
      : node_(node), control_(control), input_(std::move(input)), one_pod_(one_pod) {}

  // Before anything else.
  base::Status start() {
    streamer_ = TRY(LogStreamer::start([this](const std::string& source, bool is_stderr, std::string_view line) {
      const bool written = output_.write(source, is_stderr, line);
      if (!written) control_.stop_quietly();
      return written;
    }));
    if (!input_.fed.empty()) feeder_ = TRY(StdinFeeder::start());
    if (!input_.joined.empty())
      terminal_ = TRY(AttachedTerminal::start(
          node_.local(), {.detach = [this] { control_.leave(); }, .reader_gone = [this] { control_.stop_quietly(); }}));
    return {};
  }

  pods::Observer observer_of(const api::Pod& pod) {
    Sources sources;
    for (const auto* list : {&pod.spec.init_containers, &pod.spec.containers})
      for (const api::Container& container : *list) sources.push_back(source_of(pod, container.name));
    output_.add(sources);
    pods::Observer observer;
    observer.event = [pod](const pods::Event& event) { log_event(pod, event, is_news(event)); };
    observer.container_log = [this, pod](const pods::ContainerLog& run) { follow(pod, run); };
    observer.before_removal = [this, sources] { show_rest(sources); };
    return observer;
  }

 private:
  using Sources = std::vector<std::string>;

  std::string source_of(const api::Pod& pod, const std::string& container) const {
    return one_pod_ ? container : base::concat(pod.metadata.name, "/", container);
  }

  // Returns when all that the containers of an ended pod wrote has been shown.
  void show_rest(const Sources& sources) {
    streamer_->finish(sources);
    if (terminal_) terminal_->drain();
    output_.remove(sources);
  }

  void follow(const api::Pod& pod, const pods::ContainerLog& run) {
    if (run.container == input_.joined) return terminal_->show(run);
    streamer_->follow(source_of(pod, run.container), run.path, run.adopted);
    if (run.container == input_.fed) feed_stdin(node_, run, *feeder_);
  }

  Node& node_;
  OwnerControl& control_;
  const RunInput input_;
  const bool one_pod_;
  PrefixedOutput output_;
  std::unique_ptr<LogStreamer> streamer_;
  std::unique_ptr<StdinFeeder> feeder_;
  std::unique_ptr<AttachedTerminal> terminal_;
};

// Says why a pod or a job has failed.
void tell_failure(const workloads::Ending& end) {
  if (end.exit_code == 0 || end.message.empty()) return;
  if (end.phase.empty())
    print_error(base::concat("nodeagent: run ", end.what, ": ", end.message, "\n"));
  else
    print_error(base::concat("nodeagent: ", end.what, " ", end.phase, ": ", end.message, "\n"));
}

// Nothing when the user has detached from the pod, which runs on without an owner.
base::Result<std::optional<int>> run_in_foreground(const Globals& globals, const RunDocuments& documents,
                                                   bool file_is_stdin) {
  // Before any thread starts. A reader that goes away shows as EPIPE, not as our death.
  ::signal(SIGPIPE, SIG_IGN);
  const api::Pod* only = documents.only_pod();
  const RunInput input = only != nullptr ? plan_input(only->spec, file_is_stdin, ::isatty(STDIN_FILENO) == 1)
                                         : share_no_input(documents.pod_specs());
  if (!input.warning.empty()) base::log::warning({}, input.warning);
  std::vector<int> ending{SIGINT, SIGTERM, SIGHUP};
  if (!input.joined.empty()) {
    TRY(block_size_changes());
    ending.push_back(SIGQUIT);  // it must not end us with the terminal in raw mode
  }
  OwnerControl control(documents.describe(), documents.grace_seconds());
  const std::unique_ptr<SignalThread> signals =
      TRY(SignalThread::start(ending, [&control](int) { control.on_signal(); }));
  const std::unique_ptr<Node> node = TRY(Node::open(globals, Purpose::kRunPods));
  Streams streams(*node, control, input, only != nullptr);
  TRY(streams.start());
  const pods::Options options = TRY(pod_options(globals, true));
  int status = 0;
  workloads::RunObserver observer;
  observer.of_pod = [&](const api::Pod& pod) { return streams.observer_of(pod); };
  observer.ended = [&](const workloads::Ending& end) {
    if (status == 0) status = end.exit_code;
    tell_failure(end);
  };
  observer.trouble = [](const std::string& trouble) { base::log::warning({}, trouble, "; it is tried again"); };
  std::unique_ptr<workloads::Run> run =
      TRY(workloads::Run::take(node->deps(documents.configuration), options, documents.objects, std::move(observer)));
  control.set(run.get());
  const bool to_its_end = run->run();
  control.set(nullptr);
  run.reset();
  if (!to_its_end) return std::nullopt;
  node->tidy();
  return status;
}

}  // namespace

base::Result<int> run(const Globals& globals, const RunArguments& arguments) {
  const auto [documents, warnings] = TRY(read_run_documents(arguments.file, arguments.config_files));
  for (const std::string& warning : warnings) base::log::warning({}, warning);
  if (!arguments.detach) {
    const std::optional<int> status = TRY(run_in_foreground(globals, documents, arguments.file == "-"));
    if (status.has_value()) return *status;
  }
  const BackgroundStart left = TRY(leave_to_background_owner(globals, documents), "leave ", documents.describe(),
                                   " to an owner in the background");
  if (arguments.detach) {
    for (const std::string& pod : left.started) TRY(print(pod + "\n"));
    // They have no pods yet.
    for (const api::Object& object : documents.objects)
      if (std::holds_alternative<api::CronJob>(object)) TRY(print(reference_to(object) + "\n"));
  } else if (left.status == 0) {
    print_error(base::concat("nodeagent: ", documents.describe(), " runs on in the background; `nodeagent stop ",
                             documents.references(), "` stops it\n"));
  }
  return left.status;
}

}  // namespace agent::cli
