#include "base/placeholder.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

namespace base {

namespace {

// A copy of a process with threads: whatever lock one of them held is held for ever here. So nothing but system calls.
[[noreturn]] void stand_by(pid_t parent) {
  // Where memory is short the others are to be ended, who take it. Without CAP_SYS_RESOURCE it may be this one.
  constexpr char kNever[] = "-1000";
  const long score = ::syscall(SYS_openat, AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC, 0);
  if (score >= 0) (void)::syscall(SYS_write, score, kNever, sizeof(kNever) - 1);
  (void)::syscall(SYS_close_range, 0U, ~0U, 0U);
  const bool ends_with_parent = ::syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0;
  (void)::syscall(SYS_prctl, PR_SET_NAME, "placeholder", 0, 0, 0);
  // The parent may have ended before its end was asked to be told.
  while (ends_with_parent && ::syscall(SYS_getppid) == parent) {
    (void)::syscall(SYS_ppoll, nullptr, 0, nullptr, nullptr, 0);
  }
  ::_exit(1);
}

}  // namespace

Result<Child> start_placeholder() {
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  const pid_t self = ::getpid();
  int pidfd = -1;
  ::pthread_sigmask(SIG_SETMASK, &all, &before);  // inherited
  const Result<pid_t> pid = sys::clone3({.pidfd = &pidfd});
  if (pid && *pid == 0) stand_by(self);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (!pid) return std::unexpected(pid.error());
  return Child(*pid, UniqueFd(pidfd));
}

}  // namespace base
