#include "base/identity.h"

#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

#include "base/sys_result.h"

namespace base::sys {

namespace {

uint64_t join_halves(uint32_t low, uint32_t high) { return (static_cast<uint64_t>(high) << 32) | low; }
uint32_t low_half(uint64_t value) { return static_cast<uint32_t>(value); }
uint32_t high_half(uint64_t value) { return static_cast<uint32_t>(value >> 32); }

}  // namespace

Result<CapabilitySets> capget() {
  struct __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<struct __user_cap_data_struct, 2> data{};
  if (::syscall(SYS_capget, &header, data.data()) < 0) return fail_errno(errno, "read the capabilities");
  return CapabilitySets{.effective = join_halves(data[0].effective, data[1].effective),
                        .permitted = join_halves(data[0].permitted, data[1].permitted),
                        .inheritable = join_halves(data[0].inheritable, data[1].inheritable)};
}

Status capset(const CapabilitySets& sets) {
  struct __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  const std::array<struct __user_cap_data_struct, 2> data{{
      {low_half(sets.effective), low_half(sets.permitted), low_half(sets.inheritable)},
      {high_half(sets.effective), high_half(sets.permitted), high_half(sets.inheritable)},
  }};
  return ok_or_error(::syscall(SYS_capset, &header, data.data()), "set the capabilities");
}

Status setgroups(std::span<const gid_t> groups) {
  return ok_or_error(::setgroups(groups.size(), groups.data()), "set the supplementary groups");
}

Status setresgid(gid_t gid) { return ok_or_error(::setresgid(gid, gid, gid), "set group id ", gid); }
Status setresuid(uid_t uid) { return ok_or_error(::setresuid(uid, uid, uid), "set user id ", uid); }

Status setrlimit(int resource, const struct rlimit& limit) {
  return ok_or_error(::setrlimit(static_cast<__rlimit_resource_t>(resource), &limit), "set the limit");
}

Status load_seccomp_filter(std::span<const sock_filter> filter) {
  struct sock_fprog program{};
  program.len = static_cast<unsigned short>(filter.size());
  program.filter = const_cast<sock_filter*>(filter.data());
  return ok_or_error(::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), "load the seccomp filter");
}

Status join_new_session_keyring() {
  return ok_or_error(::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr), "join a new session keyring");
}

}  // namespace base::sys
