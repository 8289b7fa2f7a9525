#include "runtime/shim/second_stage.h"

#include <unistd.h>

#include <cerrno>

#include "base/sys.h"
#include "runtime/shim/execute.h"
#include "runtime/shim/process_setup.h"
#include "runtime/shim/streams.h"

namespace runtime::shim {

using base::Result;
namespace sys = base::sys;

namespace {

Result<pid_t> clone_second(const LastSteps& last, const Handover& handover) {
  Result<pid_t> pid = sys::clone_sibling(handover.slot());
  if (pid) return pid;
  base::Error error = std::move(pid).error();
  if (error.os_errno() == ENOMEM) {
    // pid_namespaces(7): so it is when the namespace's first process has ended.
    error.add_context("enter the container's pid namespace (the container may be ending)");
  } else if (!last.filter.empty() && !last.process.no_new_privileges) {
    error.add_context(
        "enter the container's pid namespace (its seccomp profile must allow clone, or the container forbid privilege "
        "escalation)");
  } else {
    error.add_context("enter the container's pid namespace");
  }
  return std::unexpected(std::move(error));
}

[[noreturn]] void announce_and_execute(const Steps& steps, const LastSteps& last) {
  steps.run(Step::kSeccomp, load_last_filter(last.process, last.filter));
  ChildReport executing;
  executing.type = ReportType::kExecuting;
  (void)send_report(last.report, executing);
  fail_child(last.report, execute(last.process));
}

}  // namespace

void finish_here(const Steps& steps, const LastSteps& last) {
  steps.run(Step::kStdio, keep_descriptors({&last.report, 1}));
  steps.run(Step::kConsole, start_session(last.process.terminal));
  steps.run(Step::kIdentity, become_user(last.process));
  steps.run(Step::kCapabilities, limit_capabilities(last.process, last.filter));
  announce_and_execute(steps, last);
}

void finish_in_second_stage(const Steps& steps, const LastSteps& last, const Handover& handover) {
  steps.run(Step::kStdio, keep_descriptors({&last.report, 1}));
  steps.run(Step::kClone, handover.hide_from_successor());
  steps.run(Step::kIdentity, become_user(last.process));
  steps.run(Step::kCapabilities, limit_capabilities(last.process, last.filter));
  if (steps.take(Step::kClone, clone_second(last, handover)) != 0) ::_exit(0);
  steps.run(Step::kConsole, start_session(last.process.terminal));
  announce_and_execute(steps, last);
}

}  // namespace runtime::shim
