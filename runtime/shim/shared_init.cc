#include "runtime/shim/shared_init.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstddef>

#include "base/identity.h"
#include "base/sys.h"
#include "runtime/shim/child_report.h"
#include "runtime/shim/frame_io.h"
#include "runtime/shim/process_setup.h"
#include "runtime/shim/rootfs.h"
#include "runtime/shim/steps.h"

namespace runtime::shim {

using base::Code;
using base::fail;
using base::Result;
using base::Status;
using base::UniqueFd;
namespace sys = base::sys;

namespace {

constexpr uid_t kInitUser = 65535;  // what pause containers run as
constexpr unsigned kByDescriptor = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;

#if defined(__x86_64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#endif

constexpr sock_filter allow(uint32_t call, uint8_t calls_left) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, static_cast<uint8_t>(calls_left + 1), 0);
}
// Waiting, and the three last steps of run_init(): telling the shim, closing what is open, ending when that fails.
constexpr std::array<sock_filter, 11> kFilter{
    {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
     BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 0, 7),
     BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)), allow(SYS_ppoll, 5), allow(SYS_restart_syscall, 4),
     allow(SYS_rt_sigreturn, 3), allow(SYS_write, 2), allow(SYS_close_range, 1), allow(SYS_exit_group, 0),
     BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)}};

// A file system of that type becomes the root; what was mounted before goes. at: a folder that is there.
Status enter_new_filesystem(const char* type, const char* at, unsigned attributes) {
  const UniqueFd context = TRY(sys::fsopen(type));
  TRY(sys::fsconfig_create(context.get()));
  const UniqueFd made = TRY(sys::fsmount(context.get(), attributes));
  const UniqueFd target = TRY(sys::open(at, O_PATH | O_DIRECTORY));
  TRY(sys::move_mount(made.get(), "", target.get(), "", kByDescriptor));
  return enter_root(made.get());
}

// A namespace for the shim to keep, with the /proc of the pid namespace that we are the first process of.
Result<UniqueFd> make_proc_mounts() {
  TRY(sys::mount("none", "/", nullptr, MS_PRIVATE | MS_REC, ""));
  TRY(enter_new_filesystem("proc", "/proc", 0));
  return sys::open("/self/ns/mnt", O_RDONLY);
}

Status enter_empty_root() {
  TRY(sys::unshare(CLONE_NEWNS));
  return enter_new_filesystem("tmpfs", "/fs",
                              MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

Status give_up_privilege() {
  const oci::Process nobody{
      .user = {.uid = kInitUser, .gid = kInitUser}, .capabilities = oci::Capabilities{}, .no_new_privileges = true};
  TRY(become_user(nobody));
  TRY(limit_capabilities(nobody, {}));
  // Last, since a change of user takes it back.
  return sys::prctl(PR_SET_PDEATHSIG, SIGKILL);
}

[[noreturn]] void run_init(int report) {
  const Steps steps(report);
  prepare_child();
  (void)sys::prctl(PR_SET_NAME, reinterpret_cast<unsigned long>("nodeagent-init"));
  // Children that nobody waits for need no reaping: the kernel does it.
  struct sigaction action{};
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGCHLD, &action, nullptr);
  steps.run(Step::kStdio, keep_descriptors({&report, 1}));
  steps.run(Step::kStdio, sys::close_range(0, 2, 0));
  {
    const UniqueFd proc_mounts = steps.take(Step::kMounts, make_proc_mounts());
    ChildReport made;
    made.type = ReportType::kProcMounts;
    steps.run(Step::kMounts, send_report(report, made, proc_mounts.get()));
  }
  steps.run(Step::kPivotRoot, enter_empty_root());
  steps.run(Step::kKeyring, leave_keyring());
  steps.run(Step::kIdentity, give_up_privilege());
  steps.run(Step::kSeccomp, sys::load_seccomp_filter(kFilter));
  ChildReport ready;
  ready.type = ReportType::kExecuting;
  steps.run(Step::kStdio, send_report(report, ready));
  (void)::syscall(SYS_close_range, 0U, ~0U, 0U);
  while (true) (void)::syscall(SYS_ppoll, nullptr, 0, nullptr, nullptr, 0);
}

// Until it has closed its end: then there is nothing more to come.
Status wait_until_ready(int report, SharedPid& shared) {
  bool ready = false;
  for (ReceivedReport received; receive_report(report, 0, received) == Reception::kReport;) {
    if (received.report.type == ReportType::kFailed) {
      return std::unexpected(base::Error(code_from_wire(received.report.code),
                                         std::string(text_of(received.report.detail)), received.report.os_errno));
    }
    if (received.report.type == ReportType::kProcMounts) shared.proc_mounts = std::move(received.descriptor);
    if (received.report.type == ReportType::kExecuting) ready = true;
  }
  if (!ready || !shared.proc_mounts) return fail(Code::kAborted, "it was killed before it was ready");
  return {};
}

}  // namespace

Result<SharedPid> start_shared_init() {
  ReportPair pair = TRY(open_report_pair());
  SharedPid shared;
  int pidfd = -1;
  shared.init = TRY(sys::clone3({.flags = CLONE_NEWPID | CLONE_NEWNS, .pidfd = &pidfd}), "start the pod's pid 1");
  if (shared.init == 0) run_init(pair.childs.get());
  shared.init_pidfd = UniqueFd(pidfd);
  pair.childs.reset();
  TRY(wait_until_ready(pair.ours.get(), shared), "start the pod's pid 1");
  shared.pid_namespace = TRY(sys::open_namespace(shared.init, "pid"));
  return shared;
}

}  // namespace runtime::shim
