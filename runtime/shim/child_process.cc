#include "runtime/shim/child_process.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <cerrno>
#include <ctime>

#include "runtime/shim/frame_io.h"

namespace runtime::shim {

using base::Code;
using base::concat;
using base::Status;
using base::UniqueFd;

int64_t wall_clock_ns() {
  struct timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

namespace {

// Far more than any child has to say. One that others have got hold of must not keep us listening.
constexpr int kMaxReports = 8;
constexpr int kStartErrorStatus = 128;

void end_and_reap(pid_t pid) {
  (void)base::sys::kill(pid, SIGKILL);
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

ChildProcess::~ChildProcess() {
  close_report();
  if (!pidfd_) return;
  if (alive()) {
    // Only a container that could not be watched is let go alive.
    (void)base::sys::pidfd_send_signal(pidfd_.get(), SIGKILL);
    (void)base::sys::waitid_pidfd(pidfd_.get(), 0);
    if (handover_ && handover_.successor() != 0) end_and_reap(handover_.successor());
  }
  loop_.remove(pidfd_.get());
}

Status ChildProcess::watch(pid_t pid, UniqueFd pidfd, UniqueFd report, Way way) {
  pid_ = pid;
  pidfd_ = std::move(pidfd);
  report_ = std::move(report);
  handover_ = std::move(way.handover);
  wants_console_ = way.has_console;
  state_ = ProcessState::kStarting;
  if (!handover_) start_time_ = process_start_time(pid);
  TRY(loop_.add(report_.get(), on_report_));
  return loop_.add(pidfd_.get(), on_end_);
}

Status ChildProcess::signal(int signal) {
  if (!alive()) return base::fail(Code::kNotFound, "it has ended");
  // The second process may be there already; it gets the signal when we know of it.
  if (handover_ && signal > 0 && signal <= 64) early_signals_ |= uint64_t{1} << (signal - 1);
  return base::sys::pidfd_send_signal(pidfd_.get(), signal);
}

void ChildProcess::close_report() {
  if (!report_) return;
  loop_.remove(report_.get());
  report_.reset();
}

void ChildProcess::take(ReceivedReport& received) {
  switch (received.report.type) {
    case ReportType::kConsole:
      // Nobody but the one process of the first stage can have sent the first.
      if (wants_console_) owner_.child_console(std::move(received.descriptor));
      wants_console_ = false;
      break;
    case ReportType::kExecuting:
      executing_ = true;
      break;
    case ReportType::kFailed:
      failed_ = true;
      failure_ = received.report;
      break;
    case ReportType::kProcMounts:
      break;
  }
}

bool ChildProcess::drain_reports() {
  ReceivedReport received;
  while (++reports_ <= kMaxReports) {
    switch (receive_report(report_.get(), MSG_DONTWAIT, received)) {
      case Reception::kReport:
        take(received);
        break;
      case Reception::kNothingYet:
        --reports_;
        return false;
      case Reception::kClosed:
        return true;
    }
  }
  return true;
}

void ChildProcess::on_report() {
  if (!drain_reports()) return;
  close_report();
  tell_start();
}

void ChildProcess::tell_start() {
  // Otherwise it has yet to hand over, or it is ending, and on_end() says how.
  if (report_ || handover_ || failed_ || !executing_) return;
  state_ = ProcessState::kRunning;
  started_at_ns_ = wall_clock_ns();
  owner_.child_started();
}

// The one that we have cloned has ended and left another in its place.
bool ChildProcess::follow(pid_t successor) {
  loop_.remove(pidfd_.get());
  // It is our child, so its pid is its own until we have reaped it.
  base::Result<UniqueFd> pidfd = base::sys::pidfd_open(successor);
  const Status watched = pidfd ? loop_.add(pidfd->get(), on_end_) : std::unexpected(pidfd.error());
  if (!watched) {
    end_and_reap(successor);
    failed_ = true;
    failure_.code = code_to_wire(watched.error().code());
    failure_.os_errno = watched.error().os_errno();
    failure_.exit_code = kStartErrorStatus;
    put_text(failure_.detail, concat("watch the process: ", watched.error().to_string()));
    return false;
  }
  pid_ = successor;
  pidfd_ = *std::move(pidfd);
  start_time_ = process_start_time(successor);
  for (int number = 1; early_signals_ != 0; ++number, early_signals_ >>= 1) {
    if ((early_signals_ & 1) != 0) (void)base::sys::pidfd_send_signal(pidfd_.get(), number);
  }
  tell_start();
  return true;
}

void ChildProcess::on_end() {
  // A dead process has closed its socket, so nothing that it said is still to come.
  if (report_) on_report();
  const auto ended = base::sys::waitid_pidfd(pidfd_.get(), WNOHANG);
  if (ended && !ended->has_value()) return;
  const pid_t successor = handover_ ? handover_.successor() : 0;
  handover_ = Handover();
  if (successor != 0 && follow(successor)) return;
  loop_.remove(pidfd_.get());
  // Whoever may still have the socket has nothing to say for it.
  close_report();
  finished_at_ns_ = wall_clock_ns();
  const bool was_running = state_ == ProcessState::kRunning;
  state_ = ProcessState::kExited;
  // A status that cannot be had is an end that nobody saw: as if killed.
  exit_ = ended ? **ended : base::sys::Exit{.code = 128 + SIGKILL, .signal = SIGKILL};
  pidfd_.reset();
  if (was_running) return owner_.child_exited(exit_);
  if (!failed_) {
    failure_.code = code_to_wire(Code::kAborted);
    failure_.exit_code = kStartErrorStatus;
    put_text(failure_.detail, exit_.signal != 0
                                  ? concat("killed by signal ", exit_.signal, " before it could execute its program")
                                  : concat("ended with status ", exit_.code, " before it could execute its program"));
  }
  owner_.child_failed(failure_);
}

}  // namespace runtime::shim
