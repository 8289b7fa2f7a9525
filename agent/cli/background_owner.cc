// Two processes talk here:
//
//   run --detach                                own-pod --pod-fd 3 --ready-fd 4
//     sealed memfd with the documents    ----->   reads it, opens the runtime, takes the pods' locks
//     socket                             <-----   reports (owner_report.h): that all is taken, warnings, and how the
//                                                 start came out; then closes it
//     exits                                       drives the pods to their end; logs to <root>/pods/<uid>/owner.log, of
//                                                 the first pod or job
#include "agent/cli/background_owner.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
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
#include "agent/workloads/pods_of.h"
#include "agent/workloads/run.h"
#include "base/file.h"
#include "base/log.h"
#include "base/path.h"
#include "base/spawn.h"
#include "base/synchronized.h"
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

// Standard error from now on goes to a file in the folder of the pod or job, which is removed with it.
base::Status log_to_folder(const Globals& globals, const std::string& uid) {
  const std::string folder = pods::pod_folder(pod_paths(globals), uid);
  TRY(base::make_dirs(folder, 0700));
  const base::UniqueFd file =
      TRY(base::sys::open(base::join_path(folder, "owner.log"), O_WRONLY | O_CREAT | O_APPEND, 0600));
  if (::dup2(file.get(), STDERR_FILENO) < 0) return base::fail_errno(errno, "redirect the owner's log");
  base::log::init(globals.log_level, globals.log_format);
  return {};
}

// The first that has a folder: a pod, a Job or a CronJob. Empty where nothing is to run.
std::string uid_with_folder(const Globals& globals, const std::vector<api::Object>& objects) {
  for (const api::Object& object : objects) {
    if (std::holds_alternative<api::Job>(object) || std::holds_alternative<api::CronJob>(object))
      return workloads::object_uid(globals.instance, object);
    const std::vector<api::Pod> pods = workloads::pods_of(object, globals.instance);
    if (!pods.empty()) return pods.front().metadata.uid;
  }
  return {};
}

// The owner's end of the reports, until the start is over. Thread-safe.
class StartReports {
 public:
  explicit StartReports(base::UniqueFd writer) : writer_(std::move(writer)) {}
  void tell(const OwnerReport& report) {
    writer_.with([&](const base::UniqueFd& writer) {
      if (writer) send_report(writer.get(), report);
    });
  }
  void tell_last(const OwnerReport& report) {
    tell(report);
    writer_.with([](base::UniqueFd& writer) { writer.reset(); });
  }

 private:
  base::Synchronized<base::UniqueFd> writer_;
};

workloads::RunObserver owner_observer(StartReports& reports) {
  workloads::RunObserver observer;
  observer.of_pod = [&reports](const api::Pod& pod) {
    pods::Observer of_pod;
    of_pod.event = [&reports, pod](const pods::Event& event) {
      log_event(pod, event, event.warning);
      if (is_news(event))
        reports.tell(
            StartWarning{api::full_name(pod), event.container, base::concat(event.reason, ": ", event.message)});
    };
    of_pod.started = [&reports, name = api::full_name(pod)] { reports.tell(PodStarted{name}); };
    return of_pod;
  };
  observer.ended = [&reports](const workloads::Ending& end) {
    base::log::info({}, end.what, " ", end.phase, ": ", end.message);
    if (end.not_started) reports.tell(EndedEarly{end.exit_code, end.what, end.phase, end.message});
  };
  observer.trouble = [&reports](const std::string& trouble) {
    base::log::warning({}, trouble, "; it is tried again");
    reports.tell(StartWarning{"", "", trouble + "; it is tried again"});
  };
  observer.started = [&reports] { reports.tell_last(StartOver{}); };
  return observer;
}

struct OwnedRun {
  std::unique_ptr<Node> node;
  std::unique_ptr<workloads::Run> run;
};

base::Result<OwnedRun> take_over(const Globals& globals, const RunDocuments& documents,
                                 workloads::RunObserver observer) {
  OwnedRun taken;
  taken.node = TRY(Node::open(globals, Purpose::kRunPods));
  pods::Options options = TRY(pod_options(globals, false));
  options.must_start = true;
  taken.run = TRY(
      workloads::Run::take(taken.node->deps(documents.configuration), options, documents.objects, std::move(observer)));
  const std::string uid = uid_with_folder(globals, documents.objects);
  if (!uid.empty()) TRY(log_to_folder(globals, uid), "open the owner's log");
  return taken;
}

base::Result<base::Child> spawn_owner(const Globals& globals, const RunDocuments& documents,
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

// What `run --detach` does while the owner starts the pods.
class StartWatch {
 public:
  StartWatch(const RunDocuments& documents, base::Child owner, base::UniqueFd reports, int interrupted)
      : documents_(documents), owner_(std::move(owner)), reports_(std::move(reports)), interrupted_(interrupted) {}

  // As leave_to_background_owner().
  base::Result<BackgroundStart> run() {
    while (true) {
      std::array<struct pollfd, 2> ready{{{.fd = reports_.get(), .events = POLLIN, .revents = 0},
                                          {.fd = interrupted_, .events = POLLIN, .revents = 0}}};
      if (::poll(ready.data(), ready.size(), -1) < 0) {
        if (errno == EINTR) continue;
        return base::fail_errno(errno, "wait for the owner");
      }
      if (ready[1].revents != 0) return leave();
      const OwnerReport report = TRY(receive_report(reports_.get()));
      if (TRY(std::visit(*this, report))) break;
    }
    std::ranges::sort(start_.started);
    return std::move(start_);
  }

  // Whether that was the last one.
  using Last = base::Result<bool>;
  Last operator()(const Taken&) {
    (void)owner_.release();  // it lives on; init reaps it
    taken_ = true;
    return false;
  }
  Last operator()(const StartWarning& warning) {
    base::log::warning({.pod = warning.pod, .container = warning.container}, warning.text);
    return false;
  }
  Last operator()(const PodStarted& started) {
    start_.started.push_back(started.pod);
    return false;
  }
  Last operator()(const EndedEarly& ended) {
    const std::string why = ended.message.empty() ? "it was stopped before it had started" : ended.message;
    print_error(base::concat("nodeagent: ", ended.what, " ", ended.phase, ": ", why, "\n"));
    if (start_.status == 0) start_.status = ended.exit_code == 0 ? kOwnFailure : ended.exit_code;
    return false;
  }
  Last operator()(const StartOver&) { return true; }
  Last operator()(const OwnerFailed& failed) { return base::fail(base::Code::kInternal, failed.error); }

 private:
  BackgroundStart leave() {
    constexpr int kInterrupted = 130;  // 128 + SIGINT
    if (taken_)
      print_error(base::concat("nodeagent: no longer waiting for ", documents_.describe(),
                               ", which is being started in the background; `nodeagent stop ", documents_.references(),
                               "` stops it\n"));
    start_.status = kInterrupted;  // an owner that has not taken anything yet ends with us
    return std::move(start_);
  }

  const RunDocuments& documents_;
  base::Child owner_;
  const base::UniqueFd reports_;
  const int interrupted_;  // readable after a signal
  bool taken_ = false;
  BackgroundStart start_;
};

}  // namespace

base::Result<BackgroundStart> leave_to_background_owner(const Globals& globals, const RunDocuments& documents) {
  const base::UniqueFd interrupted(::eventfd(0, EFD_CLOEXEC));
  if (!interrupted) return base::fail_errno(errno, "make an eventfd");
  const std::unique_ptr<SignalThread> signals = TRY(
      SignalThread::start({SIGINT, SIGTERM, SIGHUP}, [fd = interrupted.get()](int) { (void)::eventfd_write(fd, 1); }));
  ReportChannel channel = TRY(open_report_channel());
  base::Child owner = TRY(spawn_owner(globals, documents, channel.writer));
  channel.writer.reset();
  return StartWatch(documents, std::move(owner), std::move(channel.reader), interrupted.get()).run();
}

base::Result<int> own_pod(const Globals& globals, const OwnerArguments& arguments) {
  base::UniqueFd pod_fd(arguments.pod);
  StartReports reports{base::UniqueFd(arguments.ready)};
  ::signal(SIGPIPE, SIG_IGN);
  const RunDocuments documents = TRY(from_lines(TRY(base::read_fd(pod_fd.get()))));
  pod_fd.reset();
  OwnerControl control(documents.describe(), documents.grace_seconds());
  const std::unique_ptr<SignalThread> signals =
      TRY(SignalThread::start({SIGINT, SIGTERM, SIGHUP}, [&control](int) { control.on_signal(); }));
  base::Result<OwnedRun> taken = take_over(globals, documents, owner_observer(reports));
  if (!taken) reports.tell_last(OwnerFailed{taken.error().to_string()});
  const OwnedRun owned = TRY(std::move(taken));
  reports.tell(Taken{});
  control.set(owned.run.get());
  (void)owned.run->run();  // nobody tells it to leave
  control.set(nullptr);
  owned.node->tidy();
  return 0;
}

}  // namespace agent::cli
