// Two processes talk here:
//
//   run --detach                                own-pod --pod-fd 3 --ready-fd 4
//     sealed memfd with the pod as JSON  ----->   reads it, opens the runtime, takes the pod's lock
//     pipe                               <-----   "+" (it owns the pod), or the error's text; then closes it
//     exits                                       drives the pod to its end; logs to <root>/pods/<uid>/owner.log
#include "agent/cli/background_owner.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "agent/api/codec.h"
#include "agent/cli/commands.h"
#include "agent/cli/node.h"
#include "agent/cli/output.h"
#include "agent/cli/owner_control.h"
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
constexpr std::string_view kReady = "+";

struct Pipe {
  base::UniqueFd read;
  base::UniqueFd write;
};

base::Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) < 0) return base::fail_errno(errno, "make a pipe");
  return Pipe{base::UniqueFd(ends[0]), base::UniqueFd(ends[1])};
}

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

pods::Observer logging_observer(const api::Pod& pod) {
  pods::Observer observer;
  observer.event = [fields = base::log::Fields{.pod = pod.metadata.name, .pod_namespace = pod.metadata.namespace_}](
                       const pods::Event& event) {
    base::log::Fields about = fields;
    about.container = event.container;
    if (event.warning)
      base::log::warning(about, event.reason, ": ", event.message);
    else
      base::log::info(about, event.reason, ": ", event.message);
  };
  return observer;
}

struct Ownership {
  std::unique_ptr<Node> node;
  std::unique_ptr<pods::PodOwner> owner;
};

base::Result<Ownership> take_over(const Globals& globals, const api::Pod& pod) {
  Ownership taken;
  taken.node = TRY(Node::open(globals, Purpose::kRunPods));
  taken.owner =
      TRY(pods::PodOwner::adopt_or_create(taken.node->deps(), pod_options(globals, false), pod, logging_observer(pod)));
  TRY(log_to_pods_folder(globals, taken.owner->uid()), "open the owner's log");
  return taken;
}

}  // namespace

base::Status leave_to_background_owner(const Globals& globals, const api::Pod& pod) {
  const base::UniqueFd pod_fd = TRY(memfd_of(api::to_json(pod)));
  Pipe ready = TRY(make_pipe());
  base::SpawnOptions options;
  options.arguments = {TRY(own_path())};
  for (std::string& flag : to_flags(globals)) options.arguments.push_back(std::move(flag));
  for (const char* word : {"own-pod", "--pod-fd", "3", "--ready-fd", "4"}) options.arguments.emplace_back(word);
  options.environment = own_environment();
  options.working_directory = std::string("/");
  options.descriptors = {{pod_fd.get(), kPodFd}, {ready.write.get(), kReadyFd}};
  options.new_session = true;
  base::Child child = TRY(base::spawn(options));
  ready.write.reset();
  const std::string answer = TRY(base::read_fd(ready.read.get(), 1UL << 20), "wait for the owner");
  if (answer == kReady) {
    (void)child.release();  // it lives on; init reaps it
    return {};
  }
  return base::fail(base::Code::kInternal, answer.empty() ? "the owner ended before it had the pod" : answer);
}

base::Result<int> own_pod(const Globals& globals, const OwnerArguments& arguments) {
  base::UniqueFd pod_fd(arguments.pod);
  base::UniqueFd ready(arguments.ready);
  ::signal(SIGPIPE, SIG_IGN);
  const api::Pod pod = TRY(api::pod_from_json(TRY(base::read_fd(pod_fd.get()))));
  pod_fd.reset();
  OwnerControl control(api::full_name(pod), api::grace_seconds(pod));
  const std::unique_ptr<SignalThread> signals =
      TRY(SignalThread::start({SIGINT, SIGTERM, SIGHUP}, [&control](int) { control.on_signal(); }));
  base::Result<Ownership> taken = take_over(globals, pod);
  const std::string answer = taken.has_value() ? std::string(kReady) : taken.error().to_string();
  TRY(base::sys::write_all(ready.get(), answer), "tell that the pod is taken over");
  ready.reset();
  const Ownership ownership = TRY(std::move(taken));
  control.set(ownership.owner.get());
  base::Result<pods::Outcome> outcome = ownership.owner->run();
  control.set(nullptr);
  const pods::Outcome ended = TRY(outcome, "run pod ", api::full_name(pod));
  return ended.exit_code;
}

}  // namespace agent::cli
