// Typed system calls about who a process is: ids, capabilities, seccomp, keyrings. They change the calling thread only,
// so they are for single-threaded processes that are about to execute a program.
#pragma once

#include <linux/filter.h>
#include <sys/resource.h>
#include <sys/types.h>

#include <cstdint>
#include <span>

#include "base/error.h"

namespace base::sys {

// Bit n stands for capability number n, capabilities(7).
struct CapabilitySets {
  uint64_t effective = 0;
  uint64_t permitted = 0;
  uint64_t inheritable = 0;
};
Result<CapabilitySets> capget();
Status capset(const CapabilitySets& sets);

Status setgroups(std::span<const gid_t> groups);
Status setresgid(gid_t gid);  // real, effective and saved
Status setresuid(uid_t uid);
Status setrlimit(int resource, const struct rlimit& limit);

// Loads a compiled filter, seccomp(2). Needs no_new_privs or CAP_SYS_ADMIN.
Status load_seccomp_filter(std::span<const sock_filter> filter);
// A new, empty session keyring, keyctl(2).
Status join_new_session_keyring();

}  // namespace base::sys
