// ChildProcess: a process that the shim has cloned, watched from its clone to its end (child_report.h tells the way to
// its execve). Exactly one of these happens: child_failed(), or child_started() followed some time by child_exited().
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "base/error.h"
#include "base/sys.h"
#include "base/unique_fd.h"
#include "runtime/shim/child_report.h"
#include "runtime/shim/handover.h"
#include "runtime/shim/loop.h"
#include "runtime/shim/protocol.h"

namespace runtime::shim {

class ChildOwner {
 public:
  virtual ~ChildOwner() = default;
  virtual void child_console(base::UniqueFd master) = 0;
  virtual void child_started() = 0;
  virtual void child_failed(const ChildReport& why) = 0;
  virtual void child_exited(const base::sys::Exit& exit) = 0;
};

class ChildProcess {
 public:
  ChildProcess(Loop& loop, ChildOwner& owner) : loop_(loop), owner_(owner) {}
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  struct Way {
    Handover handover;         // if it is to hand over to a second process, which is then the one that this is about
    bool has_console = false;  // child_console() is called at most once, and only then
  };
  base::Status watch(pid_t pid, base::UniqueFd pidfd, base::UniqueFd report, Way way);

  ProcessState state() const { return state_; }
  bool alive() const { return state_ == ProcessState::kStarting || state_ == ProcessState::kRunning; }
  pid_t pid() const { return pid_; }
  int pidfd() const { return pidfd_.get(); }
  uint64_t start_time() const { return start_time_; }
  int64_t started_at_ns() const { return started_at_ns_; }
  int64_t finished_at_ns() const { return finished_at_ns_; }
  const base::sys::Exit& exit() const { return exit_; }
  // kNotFound when it has ended.
  base::Status signal(int signal);

 private:
  void on_report();
  void on_end();
  void take(ReceivedReport& received);
  void tell_start();
  bool follow(pid_t successor);
  void close_report();
  // Takes the reports that are there; false while the socket is still open.
  bool drain_reports();

  Loop& loop_;
  ChildOwner& owner_;
  pid_t pid_ = -1;
  uint64_t start_time_ = 0;
  base::UniqueFd pidfd_;
  base::UniqueFd report_;
  ProcessState state_ = ProcessState::kUnknown;
  Handover handover_;           // only until it has happened
  uint64_t early_signals_ = 0;  // bit n: signal n + 1 was sent before that
  bool wants_console_ = false;
  int reports_ = 0;
  bool executing_ = false;
  ChildReport failure_{.step = Step::kNone};
  bool failed_ = false;
  int64_t started_at_ns_ = 0;
  int64_t finished_at_ns_ = 0;
  base::sys::Exit exit_;
  MemberWatcher<ChildProcess, &ChildProcess::on_report> on_report_{*this};
  MemberWatcher<ChildProcess, &ChildProcess::on_end> on_end_{*this};
};

int64_t wall_clock_ns();

}  // namespace runtime::shim
