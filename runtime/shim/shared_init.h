// The pod's shared pid namespace (shareProcessNamespace): its pid 1, "nodeagent-init", and what containers need of it.
//
// Every container of the pod sees pid 1, and one with CAP_SYS_PTRACE can steer it. So before the first container starts
// it has nothing to steer: an empty read-only root, no descriptor, no capability, a user of its own, no_new_privs, and
// a seccomp filter that lets it do no more than wait. It goes when the shim does, and the pod's processes with it.
#pragma once

#include <sys/types.h>

#include "base/error.h"
#include "base/unique_fd.h"

namespace runtime::shim {

struct SharedPid {
  pid_t init = 0;  // as the shim sees it
  base::UniqueFd init_pidfd;
  base::UniqueFd pid_namespace;
  // A mount namespace that nobody lives in, whose root is a procfs of the pid namespace: containers copy it, since a
  // procfs can be made only from within, where nobody must have the privilege to.
  base::UniqueFd proc_mounts;
};

// Returns when pid 1 is locked up.
base::Result<SharedPid> start_shared_init();

}  // namespace runtime::shim
