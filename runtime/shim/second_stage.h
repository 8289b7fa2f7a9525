// The end of every way to execve, and what makes it safe to take it in a pid namespace that others live in.
//
// Whoever in that namespace has CAP_SYS_PTRACE may look into and steer any process there, PR_SET_DUMPABLE or not. So a
// process appears in it only when it has nothing left that its program will not have as well: the first one, outside,
// has entered the container's root, closed the host's descriptors, become the user and given up the capabilities. The
// second one, inside, is left with the report socket, on which it can only say that this start failed or goes on.
//
// Without no_new_privs a seccomp filter must be loaded while CAP_SYS_ADMIN is still there, that is by the first one:
// then the filter must let clone(2) and setsid(2) pass.
#pragma once

#include <linux/filter.h>

#include <span>

#include "runtime/oci/spec.h"
#include "runtime/shim/handover.h"
#include "runtime/shim/steps.h"

namespace runtime::shim {

struct LastSteps {
  const oci::Process& process;
  std::span<const sock_filter> filter;
  int report = -1;
};

// Where a process is, is where it executes: becomes the user, gives up the rest, executes.
[[noreturn]] void finish_here(const Steps& steps, const LastSteps& last);

// As above, in a sibling that is cloned in the pid namespace that setns(2) has chosen for our children.
[[noreturn]] void finish_in_second_stage(const Steps& steps, const LastSteps& last, const Handover& handover);

}  // namespace runtime::shim
