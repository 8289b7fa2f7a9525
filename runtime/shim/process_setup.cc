#include "runtime/shim/process_setup.h"

#include <linux/capability.h>
#include <linux/securebits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/file.h"
#include "base/identity.h"
#include "base/path.h"
#include "base/sys.h"
#include "runtime/oci/ulimits.h"
#include "runtime/security/capabilities.h"

namespace runtime::shim {

using base::Code;
using base::concat;
using base::fail;
using base::Result;
using base::Status;
using base::UniqueFd;
namespace sys = base::sys;

namespace {

Result<uint64_t> capability_mask(const std::vector<std::string>& names) {
  return TRY(security::capability_set(names)).mask();
}

Status drop_bounding(uint64_t kept) {
  for (int number = 0; number < 64; ++number) {
    if (((kept >> number) & 1U) != 0) continue;
    Status dropped = sys::prctl(PR_CAPBSET_DROP, static_cast<unsigned long>(number));
    // EINVAL: past the last capability of this kernel.
    if (!dropped && dropped.error().os_errno() == EINVAL) return {};
    TRY(dropped, "drop capability ", number, " from the bounding set");
  }
  return {};
}

Status raise_ambient(uint64_t wanted) {
  TRY(sys::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL), "clear the ambient capabilities");
  for (int number = 0; number < security::kKnownCapabilities; ++number) {
    if (((wanted >> number) & 1U) == 0) continue;
    TRY(sys::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, static_cast<unsigned long>(number)), "make ",
        security::capability_name(number), " ambient");
  }
  return {};
}

}  // namespace

void prepare_child() {
  struct sigaction action{};
  action.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) ::sigaction(number, &action, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::umask(0);
  (void)sys::prctl(PR_SET_DUMPABLE, 0);
}

Status keep_descriptors(std::span<const int> kept) {
  std::vector<int> sorted(kept.begin(), kept.end());
  std::ranges::sort(sorted);
  unsigned next = 3;
  for (const int fd : sorted) {
    if (fd < static_cast<int>(next)) continue;
    const auto number = static_cast<unsigned>(fd);
    if (number > next) TRY(sys::close_range(next, number - 1, 0));
    next = number + 1;
  }
  return sys::close_range(next, ~0U, 0);
}

Status leave_keyring() {
  const Status joined = sys::join_new_session_keyring();
  // ENOSYS: a kernel without keys has none to share.
  if (!joined && joined.error().os_errno() != ENOSYS) return joined;
  return {};
}

Result<std::vector<sock_filter>> read_seccomp_filter(const std::string& path) {
  std::vector<sock_filter> filter;
  if (path.empty()) return filter;
  const std::string bytes = TRY(base::read_file(path, sizeof(sock_filter) * BPF_MAXINSNS), "read the seccomp filter");
  if (bytes.empty() || bytes.size() % sizeof(sock_filter) != 0) {
    return fail(Code::kDataLoss, path, " is no compiled seccomp filter");
  }
  filter.resize(bytes.size() / sizeof(sock_filter));
  std::memcpy(filter.data(), bytes.data(), bytes.size());
  return filter;
}

Status set_security_labels(const oci::Process& process) {
  if (!process.apparmor_profile.empty()) {
    TRY(base::write_control_file("/proc/thread-self/attr/apparmor/exec", concat("exec ", process.apparmor_profile)),
        "apply AppArmor profile ", process.apparmor_profile);
  }
  if (!process.selinux_label.empty()) {
    TRY(base::write_control_file("/proc/thread-self/attr/exec", process.selinux_label), "apply SELinux label ",
        process.selinux_label);
  }
  return {};
}

Status set_rlimits(const oci::Process& process) {
  for (const oci::Rlimit& limit : process.rlimits) {
    const int number = oci::rlimit_number(limit.type);
    if (number < 0) return fail(Code::kInvalidArgument, "unknown resource limit ", limit.type);
    TRY(sys::setrlimit(number, {.rlim_cur = limit.soft, .rlim_max = limit.hard}), "set ", limit.type, " to ",
        limit.soft, "/", limit.hard);
  }
  return {};
}

Status set_oom_score(const oci::Process& process, int inherited) {
  const int wanted = process.oom_score_adj.value_or(inherited);
  const Status written = base::write_control_file("/proc/self/oom_score_adj", concat(wanted));
  // EACCES: lower than the kernel lets us go without CAP_SYS_RESOURCE; what we have is then the lowest allowed.
  if (!written && written.error().os_errno() != EACCES) return written;
  return {};
}

Status enter_working_directory(int root, const std::string& path) {
  const UniqueFd folder = TRY(base::mkdir_in_root(root, path, 0755), "enter working directory ", path);
  TRY(sys::fchdir(folder.get()), "enter working directory ", path);
  return {};
}

Status become_user(const oci::Process& process) {
  if (process.capabilities) {
    const uint64_t kept = TRY(capability_mask(process.capabilities->bounding));
    TRY(drop_bounding(kept));
  }
  // Capabilities outlive the change of user; limit_capabilities() then keeps what is wanted.
  TRY(sys::prctl(PR_SET_KEEPCAPS, 1));
  TRY(sys::setgroups(process.user.additional_gids));
  TRY(sys::setresgid(process.user.gid));
  TRY(sys::setresuid(process.user.uid));
  ::umask(process.user.umask.value_or(0022));
  // The change of user has set it to what fs.suid_dumpable says.
  return sys::prctl(PR_SET_DUMPABLE, 0);
}

Status limit_capabilities(const oci::Process& process, std::span<const sock_filter> filter) {
  // setresuid() to a user other than root has cleared the effective set.
  sys::CapabilitySets sets = TRY(sys::capget());
  sets.effective = sets.permitted;
  TRY(sys::capset(sets));
  if (!filter.empty() && !process.no_new_privileges) TRY(sys::load_seccomp_filter(filter));
  if (process.capabilities) {
    const oci::Capabilities& wanted = *process.capabilities;
    sets = {.effective = TRY(capability_mask(wanted.effective)),
            .permitted = TRY(capability_mask(wanted.permitted)),
            .inheritable = TRY(capability_mask(wanted.inheritable))};
    TRY(sys::capset(sets), "keep the capabilities that the container is to have");
    const uint64_t ambient = TRY(capability_mask(wanted.ambient));
    TRY(raise_ambient(ambient));
  } else if (process.user.uid != 0) {
    // Nothing said: what a plain change of user leaves.
    TRY(sys::capset({}));
  }
  TRY(sys::prctl(PR_SET_KEEPCAPS, 0));
  if (process.no_new_privileges) TRY(sys::prctl(PR_SET_NO_NEW_PRIVS, 1));
  return {};
}

Status load_last_filter(const oci::Process& process, std::span<const sock_filter> filter) {
  if (filter.empty() || !process.no_new_privileges) return {};
  return sys::load_seccomp_filter(filter);
}

}  // namespace runtime::shim
