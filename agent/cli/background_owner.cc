// Two processes talk here:
//
//   run --detach                                own-pod --pod-fd 3 --ready-fd 4
//     sealed memfd with the documents    ----->   reads it, opens the runtime, takes the pod's lock
//     socket                             <-----   reports (owner_report.h): that it owns the pod, warnings, and how the
//                                                 start came out; then closes it
//     exits                                       drives the pod to its end; logs to <root>/pods/<uid>/owner.log
#include "agent/cli/background_owner.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>

#include "agent/cli/commands.h"
#include "agent/cli/node.h"
#include "agent/cli/output.h"
#include "agent/cli/owner_control.h"
#include "agent/cli/owner_report.h"
#include "agent/cli/pod_events.h"
#include "agent/cli/signals.h"
#include "agent/pods/naming.h"
#include "agent/pods/pod_owner.h"
#include "base/file.h"
#include "base/log.h"
#include "base/path.h"
#include "base/spawn.h"
#include "base/sys.h"

namespace agent::cli {

namespace {

constexpr int kPodFd = 3;
constexpr int kReadyFd = 4;

base::Result<base::UniqueFd> memfd_of(const std::string& text) {
  base::UniqueFd fd = TRY(base::sys::memfd("pod", true));
  TRY(base::sys::write_all(fd.get(), text));
  if (::lseek(fd.get(), 0, SEEK_SET) < 0) return base::fail_errno(errno, "rewind the pod's memfd");
  TRY(base::sys::seal(fd.get()));
  return fd;
}

std::vector<std::string> own_environment() {
  std::vector<std::string> out;
  for (char** variable = environ; *variable != nullptr; ++variable) out.emplace_back(*variable);
  return out;
}

// Standard error from now on goes to a file in the pod's folder, which is removed with the pod.
base::Status log_to_pods_folder(const Globals& globals, const std::string& uid) {
  const std::string folder = pods::pod_folder(pod_paths(globals), uid);
  TRY(base::make_dirs(folder, 0700));
  const base::UniqueFd file =
      TRY(base::sys::open(base::join_path(folder, "owner.log"), O_WRONLY | O_CREAT | O_APPEND, 0600));
  if (::dup2(file.get(), STDERR_FILENO) < 0) return base::fail_errno(errno, "redirect the owner's log");
  base::log::init(globals.log_level, globals.log_format);
  return {};
}

// The owner's end of the reports, until the start is over. The owner's own thread only.
class StartReports {
 public:
  explicit StartReports(base::UniqueFd writer) : writer_(std::move(writer)) {}
  void tell(const OwnerReport& report) const {
    if (writer_) send_report(writer_.get(), report);
  }
  void tell_last(const OwnerReport& report) {
    tell(report);
    writer_.reset();
  }

 private:
  base::UniqueFd writer_;
};

pods::Observer owner_observer(const api::Pod& pod, StartReports& reports) {
  pods::Observer observer;
  observer.event = [&pod, &reports](const pods::Event& event) {
    log_event(pod, event, event.warning);
    if (is_news(event)) reports.tell(StartWarning{event.container, base::concat(event.reason, ": ", event.message)});
  };
  observer.started = [&reports] { reports.tell_last(PodStarted{}); };
  return observer;
}

struct Ownership {
  std::unique_ptr<Node> node;
  std::unique_ptr<pods::PodOwner> owner;
};

base::Result<Ownership> take_over(const Globals& globals, const PodDocuments& documents, pods::Observer observer) {
  Ownership taken;
  taken.node = TRY(Node::open(globals, Purpose::kRunPods));
  pods::Options options = TRY(pod_options(globals, false));
  options.must_start = true;
  taken.owner = TRY(pods::PodOwner::adopt_or_create(taken.node->deps(documents.configuration), options, documents.pod,
                                                    std::move(observer)));
  TRY(log_to_pods_folder(globals, taken.owner->uid()), "open the owner's log");
  return taken;
}

base::Result<base::Child> spawn_owner(const Globals& globals, const PodDocuments& documents,
                                      const base::UniqueFd& reports) {
  const base::UniqueFd pod_fd = TRY(memfd_of(to_lines(documents)));
  base::SpawnOptions options;
  options.arguments = {TRY(own_path())};
  for (std::string& flag : to_flags(globals)) options.arguments.push_back(std::move(flag));
  for (const char* word : {"own-pod", "--pod-fd", "3", "--ready-fd", "4"}) options.arguments.emplace_back(word);
  options.environment = own_environment();
  options.working_directory = std::string("/");
  options.descriptors = {{pod_fd.get(), kPodFd}, {reports.get(), kReadyFd}};
  options.new_session = true;
  return base::spawn(options);
}

// What `run --detach` does while the owner starts the pod.
class StartWatch {
 public:
  StartWatch(const api::Pod& pod, base::Child owner, base::UniqueFd reports, int interrupted)
      : pod_(pod), owner_(std::move(owner)), reports_(std::move(reports)), interrupted_(interrupted) {}

  // As leave_to_background_owner().
  base::Result<int> run() {
    while (true) {
      std::array<struct pollfd, 2> ready{{{.fd = reports_.get(), .events = POLLIN, .revents = 0},
                                          {.fd = interrupted_, .events = POLLIN, .revents = 0}}};
      if (::poll(ready.data(), ready.size(), -1) < 0) {
        if (errno == EINTR) continue;
        return base::fail_errno(errno, "wait for the owner");
      }
      if (ready[1].revents != 0) return leave();
      const OwnerReport report = TRY(receive_report(reports_.get()));
      if (const std::optional<base::Result<int>> end = std::visit(*this, report)) return *end;
    }
  }

  using Next = std::optional<base::Result<int>>;
  Next operator()(const PodTaken&) {
    (void)owner_.release();  // it lives on; init reaps it
    taken_ = true;
    return std::nullopt;
  }
  Next operator()(const StartWarning& warning) {
    base::log::warning(
        {.pod = pod_.metadata.name, .pod_namespace = pod_.metadata.namespace_, .container = warning.container},
        warning.text);
    return std::nullopt;
  }
  Next operator()(const PodStarted&) { return 0; }
  Next operator()(const PodEnded& ended) {
    const std::string why = ended.message.empty() ? "it was stopped before it had started" : ended.message;
    print_error(base::concat("nodeagent: pod ", api::full_name(pod_), " ", ended.phase, ": ", why, "\n"));
    return ended.exit_code == 0 ? kOwnFailure : ended.exit_code;
  }
  Next operator()(const OwnerFailed& failed) { return base::fail(base::Code::kInternal, failed.error); }

 private:
  base::Result<int> leave() const {
    constexpr int kInterrupted = 130;  // 128 + SIGINT
    if (taken_)
      print_error(base::concat("nodeagent: no longer waiting for pod ", api::full_name(pod_),
                               ", which is being started in the background; `nodeagent stop ", pod_.metadata.name,
                               "` stops it\n"));
    return kInterrupted;  // an owner that has not taken the pod yet ends with us
  }

  const api::Pod& pod_;
  base::Child owner_;
  const base::UniqueFd reports_;
  const int interrupted_;  // readable after a signal
  bool taken_ = false;
};

}  // namespace

base::Result<int> leave_to_background_owner(const Globals& globals, const PodDocuments& documents) {
  const base::UniqueFd interrupted(::eventfd(0, EFD_CLOEXEC));
  if (!interrupted) return base::fail_errno(errno, "make an eventfd");
  const std::unique_ptr<SignalThread> signals = TRY(
      SignalThread::start({SIGINT, SIGTERM, SIGHUP}, [fd = interrupted.get()](int) { (void)::eventfd_write(fd, 1); }));
  ReportChannel channel = TRY(open_report_channel());
  base::Child owner = TRY(spawn_owner(globals, documents, channel.writer));
  channel.writer.reset();
  return StartWatch(documents.pod, std::move(owner), std::move(channel.reader), interrupted.get()).run();
}

base::Result<int> own_pod(const Globals& globals, const OwnerArguments& arguments) {
  base::UniqueFd pod_fd(arguments.pod);
  StartReports reports{base::UniqueFd(arguments.ready)};
  ::signal(SIGPIPE, SIG_IGN);
  const PodDocuments documents = TRY(from_lines(TRY(base::read_fd(pod_fd.get()))));
  const api::Pod& pod = documents.pod;
  pod_fd.reset();
  OwnerControl control(api::full_name(pod), api::grace_seconds(pod));
  const std::unique_ptr<SignalThread> signals =
      TRY(SignalThread::start({SIGINT, SIGTERM, SIGHUP}, [&control](int) { control.on_signal(); }));
  base::Result<Ownership> taken = take_over(globals, documents, owner_observer(pod, reports));
  if (!taken) reports.tell_last(OwnerFailed{taken.error().to_string()});
  const Ownership ownership = TRY(std::move(taken));
  reports.tell(PodTaken{});
  control.set(ownership.owner.get());
  base::Result<pods::Outcome> outcome = ownership.owner->run();
  control.set(nullptr);
  if (!outcome) reports.tell_last(OwnerFailed{outcome.error().to_string()});
  const pods::Outcome ended = TRY(outcome, "run pod ", api::full_name(pod));
  reports.tell_last(PodEnded{ended.exit_code, ended.phase, ended.message});
  return ended.exit_code;
}

}  // namespace agent::cli
