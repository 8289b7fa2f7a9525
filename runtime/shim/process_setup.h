// What a container's main process and an exec have in common: who the process is and what it may do (OCI "process").
// All of it runs in the cloned child.
#pragma once

#include <linux/filter.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/unique_fd.h"
#include "runtime/oci/spec.h"

namespace runtime::shim {

// What every child does first: takes back what the shim ignores, and hides its memory and descriptors from whom it is
// about to join, as far as they lack CAP_SYS_PTRACE (second_stage.h has the rest).
void prepare_child();

// Closes every descriptor from 3 on but these; what is closed already is ignored.
base::Status keep_descriptors(std::span<const int> kept);

// A session keyring of its own.
base::Status leave_keyring();

// A compiled seccomp filter; read while the host's files are still in sight. An empty path is an empty filter.
base::Result<std::vector<sock_filter>> read_seccomp_filter(const std::string& path);

// AppArmor and SELinux labels take effect at execve; the files they are written to are opened on the host's /proc.
base::Status set_security_labels(const oci::Process& process);

base::Status set_rlimits(const oci::Process& process);

// inherited: what it is without oomScoreAdj. A value lower than the kernel allows us stays at the lowest that is.
base::Status set_oom_score(const oci::Process& process, int inherited);

// Resolves (and makes, where missing) the working directory in the root and enters it.
base::Status enter_working_directory(int root, const std::string& path);

// Ids and capabilities, in an order that needs no privilege twice. Without no_new_privs the seccomp filter must be
// loaded before CAP_SYS_ADMIN goes, with it it comes last: limit_capabilities() or load_last_filter() loads it.
base::Status become_user(const oci::Process& process);
base::Status limit_capabilities(const oci::Process& process, std::span<const sock_filter> filter);
base::Status load_last_filter(const oci::Process& process, std::span<const sock_filter> filter);

}  // namespace runtime::shim
