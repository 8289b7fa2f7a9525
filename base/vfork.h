// clone_vfork: clone3(2) with CLONE_VM | CLONE_VFORK on a stack of its own. The child shares our memory, copies no page
// table, and we stand still until it has called execve or ended. What it may do is little: see the entry function.
#pragma once

#include <sys/types.h>

#include "base/error.h"
#include "base/unique_fd.h"

namespace base {

struct VforkedChild {
  pid_t pid;
  UniqueFd pidfd;
};

// entry runs in the child and should not return without having called execve; what it returns is the exit status then.
// It must call nothing but async-signal-safe functions, allocate nothing, and undo what it changes in shared memory.
// The caller blocks all signals around the call. Signal handlers are reset to the default in the child (ignored signals
// stay ignored). cgroup: a cgroup v2 directory to start in, or -1.
Result<VforkedChild> clone_vfork(int (*entry)(void*), void* argument, int cgroup);

}  // namespace base
