// The flat list of steps from clone to execve of a container's main process.
//
// The order matters: the cgroup namespace is made once we are in our cgroup, so that it is rooted there; everything
// that needs the host's files (filter, labels, device fallbacks) comes before pivot_root; whatever needs privilege
// before the change of user; and seccomp as late as no_new_privs lets it be (process_setup.h).
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "base/identity.h"
#include "base/path.h"
#include "base/sys.h"
#include "runtime/shim/child.h"
#include "runtime/shim/child_report.h"
#include "runtime/shim/execute.h"
#include "runtime/shim/frame_io.h"
#include "runtime/shim/process_setup.h"
#include "runtime/shim/rootfs.h"

namespace runtime::shim {

using base::Code;
using base::fail;
using base::fail_errno;
using base::Result;
using base::Status;
using base::UniqueFd;
namespace sys = base::sys;

namespace {

constexpr int kStartErrorStatus = 128;

// Runs steps; the first that fails is reported and ends the process.
class Steps {
 public:
  explicit Steps(int report) : report_(report) {}
  void run(Step step, const Status& status) const {
    if (!status) fail_child(report_, {step, kStartErrorStatus, status.error()});
  }
  template <typename T>
  T take(Step step, Result<T> result) const {
    if (!result) fail_child(report_, {step, kStartErrorStatus, std::move(result).error()});
    return *std::move(result);
  }

 private:
  int report_;
};

Status refuse_unsupported(const oci::Spec& spec) {
  const oci::Hooks& hooks = spec.hooks;
  if (!hooks.prestart.empty() || !hooks.create_runtime.empty() || !hooks.create_container.empty() ||
      !hooks.start_container.empty() || !hooks.poststart.empty() || !hooks.poststop.empty()) {
    return fail(Code::kUnimplemented, "hooks are not supported");
  }
  if (!spec.linux.mount_label.empty()) return fail(Code::kUnimplemented, "linux.mountLabel is not supported");
  if (!spec.linux.uid_mappings.empty() || !spec.linux.gid_mappings.empty()) {
    return fail(Code::kUnimplemented, "user namespaces are not supported");
  }
  for (const oci::Namespace& ns : spec.linux.namespaces) {
    if (ns.type == "user" || ns.type == "time") {
      return fail(Code::kUnimplemented, "a namespace of type ", ns.type, " is not supported");
    }
  }
  if (spec.linux.seccomp && (!spec.nodeagent || spec.nodeagent->seccomp_filter.empty())) {
    return fail(Code::kUnimplemented, "linux.seccomp came without its compiled filter (nodeagent.seccompFilter)");
  }
  return {};
}

Result<oci::Spec> decode_config(int memfd) {
  const std::string text = TRY(base::read_fd(memfd), "read config.json");
  oci::Spec spec = TRY(oci::decode(text), "config.json");
  TRY(refuse_unsupported(spec));
  return spec;
}

// What the shim ignores its children must not.
void reset_signals() {
  struct sigaction action{};
  action.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) ::sigaction(number, &action, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// A process that holds descriptors of the host must not be looked into by whom it is about to join.
void hide_from_container() {
  ::umask(0);
  (void)sys::prctl(PR_SET_DUMPABLE, 0);
}

Status keyring() {
  const Status joined = sys::join_new_session_keyring();
  // ENOSYS: a kernel without keys has none to share.
  if (!joined && joined.error().os_errno() != ENOSYS) return joined;
  return {};
}

// /dev/stdout must be openable by the user that the program runs as. A terminal that came with a request is its
// owner's.
Status own_pipe(int fd, uid_t uid) {
  const struct stat info = TRY(sys::fstat(fd));
  if (info.st_uid == uid || !S_ISFIFO(info.st_mode)) return {};
  return sys::fchown(fd, uid, static_cast<gid_t>(-1));
}

Result<bool> is_null_device(int fd) {
  const struct stat info = TRY(sys::fstat(fd));
  return S_ISCHR(info.st_mode) && info.st_rdev == ::makedev(1, 3);
}

// Not waiting for whatever a container may have put there instead.
Result<UniqueFd> containers_null(int root, int access) {
  UniqueFd null = TRY(base::open_in_root(root, "dev/null", access | O_NONBLOCK), "open /dev/null");
  if (!TRY(is_null_device(null.get()))) return fail(Code::kFailedPrecondition, "/dev/null is not the null device");
  return null;
}

// A stream that is not wanted, or is the host's /dev/null, is the container's own /dev/null: with the host's, root in
// the container could change the mode of the host's node through /proc/self/fd.
Status place_stream(int root, int fd, int number, uid_t uid) {
  UniqueFd null;
  if (fd < 0 || TRY(is_null_device(fd))) {
    null = TRY(containers_null(root, number == 0 ? O_RDONLY : O_WRONLY));
    fd = null.get();
  } else {
    TRY(own_pipe(fd, uid));
  }
  if (::dup2(fd, number) < 0) return fail_errno(errno, "set up standard stream ", number);
  return {};
}

Status place_streams(int root, const ChildStreams& streams, uid_t uid) {
  TRY(place_stream(root, streams.in, 0, uid));
  TRY(place_stream(root, streams.out, 1, uid));
  TRY(place_stream(root, streams.err, 2, uid));
  return {};
}

Status take_terminal(int slave) {
  if (::ioctl(slave, TIOCSCTTY, 0) < 0) return fail_errno(errno, "make the terminal the controlling one");
  return {};
}

// The terminal in place of the three streams; its master goes to the shim.
Status set_up_console(int root, int report, bool bind, uid_t uid) {
  const Console console = TRY(open_console(root, bind));
  TRY(take_terminal(console.slave.get()));
  ChildReport sent;
  sent.type = ReportType::kConsole;
  TRY(send_report(report, sent, console.master.get()));
  const int slave = console.slave.get();
  TRY(sys::fchown(slave, uid, static_cast<gid_t>(-1)), "give the terminal to its user");
  return place_streams(root, {.in = slave, .out = slave, .err = slave}, uid);
}

// The streams' copies below 3 stay; everything else closes on exec.
Status close_rest() { return sys::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC); }

[[noreturn]] void announce_and_execute(int report, const oci::Process& process) {
  ChildReport executing;
  executing.type = ReportType::kExecuting;
  (void)send_report(report, executing);
  fail_child(report, execute(process));
}

}  // namespace

void run_container_child(const ContainerChild& child) {
  const Steps steps(child.report);
  hide_from_container();
  reset_signals();
  ::setsid();
  const oci::Spec spec = steps.take(Step::kDecode, decode_config(child.config));
  const oci::Process& process = spec.process;
  const std::vector<sock_filter> filter =
      steps.take(Step::kSeccomp, read_seccomp_filter(spec.nodeagent ? spec.nodeagent->seccomp_filter : std::string()));
  steps.run(Step::kSecurityLabel, set_security_labels(process));
  steps.run(Step::kOomScore, set_oom_score(process, child.inherited_oom_score));
  steps.run(Step::kCgroupNamespace, sys::unshare(CLONE_NEWCGROUP));
  steps.run(Step::kKeyring, keyring());

  steps.run(Step::kPropagation, detach_propagation());
  const UniqueFd root = steps.take(Step::kRootfs, mount_root(spec));
  if (spec.nodeagent) steps.run(Step::kRootfs, make_volumes(root.get(), spec.nodeagent->volumes, process.user));
  steps.run(Step::kMounts, mount_all(root.get(), spec.mounts, *child.mounts));
  steps.run(Step::kDevices, make_devices(root.get(), spec));
  if (process.terminal) {
    steps.run(Step::kConsole, set_up_console(root.get(), child.report, true, process.user.uid));
  } else {
    steps.run(Step::kStdio, place_streams(root.get(), child.streams, process.user.uid));
  }
  steps.run(Step::kSysctl, write_sysctls(root.get(), spec));
  steps.run(Step::kMaskedPaths, mask_paths(root.get(), spec.linux.masked_paths));
  steps.run(Step::kReadonlyPaths, make_paths_readonly(root.get(), spec.linux.readonly_paths));
  steps.run(Step::kPivotRoot, enter_root(root.get()));
  steps.run(Step::kWorkingDirectory, enter_working_directory(root.get(), process.cwd));
  if (spec.root.readonly) steps.run(Step::kReadonlyRoot, make_root_readonly(root.get()));

  steps.run(Step::kRlimits, set_rlimits(process));
  steps.run(Step::kStdio, close_rest());
  steps.run(Step::kIdentity, become_user(process));
  steps.run(Step::kCapabilities, limit_capabilities(process, filter));
  announce_and_execute(child.report, process);
}

void run_exec_child(const ExecChild& child) {
  const Steps steps(child.report);
  hide_from_container();
  reset_signals();
  ::setsid();
  const std::string text = steps.take(Step::kDecode, base::read_fd(child.process));
  const oci::Process process = steps.take(Step::kDecode, oci::decode_process(text));
  const std::vector<sock_filter> filter = steps.take(Step::kSeccomp, read_seccomp_filter(child.seccomp_filter));
  steps.run(Step::kSecurityLabel, set_security_labels(process));
  steps.run(Step::kOomScore, set_oom_score(process, child.inherited_oom_score));
  steps.run(Step::kKeyring, keyring());

  steps.run(Step::kJoinNamespaces, sys::setns(child.container_pidfd, CLONE_NEWNS | CLONE_NEWCGROUP));
  const UniqueFd root = steps.take(Step::kJoinNamespaces, sys::open("/", O_PATH | O_DIRECTORY));
  if (child.terminal) {
    steps.run(Step::kConsole, set_up_console(root.get(), child.report, false, process.user.uid));
  } else {
    steps.run(Step::kStdio, place_streams(root.get(), child.streams, process.user.uid));
  }
  steps.run(Step::kWorkingDirectory, enter_working_directory(root.get(), process.cwd));

  steps.run(Step::kRlimits, set_rlimits(process));
  steps.run(Step::kStdio, close_rest());
  steps.run(Step::kIdentity, become_user(process));
  steps.run(Step::kCapabilities, limit_capabilities(process, filter));
  announce_and_execute(child.report, process);
}

}  // namespace runtime::shim
