#include "runtime/shim/child_process.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
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

ChildProcess::~ChildProcess() {
  close_report();
  if (!pidfd_) return;
  if (alive()) {
    // Only a container that could not be watched is let go alive.
    (void)base::sys::pidfd_send_signal(pidfd_.get(), SIGKILL);
    (void)base::sys::waitid_pidfd(pidfd_.get(), 0);
  }
  loop_.remove(pidfd_.get());
}

Status ChildProcess::watch(pid_t pid, UniqueFd pidfd, UniqueFd report) {
  pid_ = pid;
  pidfd_ = std::move(pidfd);
  report_ = std::move(report);
  state_ = ProcessState::kStarting;
  start_time_ = process_start_time(pid);
  TRY(loop_.add(report_.get(), on_report_));
  return loop_.add(pidfd_.get(), on_end_);
}

Status ChildProcess::signal(int signal) const {
  if (!alive()) return base::fail(Code::kNotFound, "it has ended");
  return base::sys::pidfd_send_signal(pidfd_.get(), signal);
}

void ChildProcess::close_report() {
  if (!report_) return;
  loop_.remove(report_.get());
  report_.reset();
}

bool ChildProcess::drain_reports() {
  while (true) {
    ChildReport report;
    struct iovec data{&report, sizeof(report)};
    struct msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    union {
      struct cmsghdr align;
      char bytes[CMSG_SPACE(sizeof(int))];
    } control{};
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof(control.bytes);
    const ssize_t got = ::recvmsg(report_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return false;
    if (got <= 0) return true;
    UniqueFd descriptor;
    if (const struct cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr && part->cmsg_type == SCM_RIGHTS) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part), sizeof(fd));
      descriptor.reset(fd);
    }
    if (static_cast<size_t>(got) < sizeof(report)) continue;
    switch (report.type) {
      case ReportType::kConsole:
        owner_.child_console(std::move(descriptor));
        break;
      case ReportType::kExecuting:
        executing_ = true;
        break;
      case ReportType::kFailed:
        failed_ = true;
        failure_ = report;
        break;
    }
  }
}

void ChildProcess::on_report() {
  if (!drain_reports()) return;
  close_report();
  // Otherwise it is ending, and on_end() says how.
  if (failed_ || !executing_) return;
  state_ = ProcessState::kRunning;
  started_at_ns_ = wall_clock_ns();
  owner_.child_started();
}

void ChildProcess::on_end() {
  // A dead process has closed its socket, so nothing that it said is still to come.
  if (report_) on_report();
  const auto ended = base::sys::waitid_pidfd(pidfd_.get(), WNOHANG);
  if (ended && !ended->has_value()) return;
  loop_.remove(pidfd_.get());
  finished_at_ns_ = wall_clock_ns();
  const bool was_running = state_ == ProcessState::kRunning;
  state_ = ProcessState::kExited;
  // A status that cannot be had is an end that nobody saw: as if killed.
  exit_ = ended ? **ended : base::sys::Exit{.code = 128 + SIGKILL, .signal = SIGKILL};
  pidfd_.reset();
  if (was_running) return owner_.child_exited(exit_);
  if (!failed_) {
    failure_.code = code_to_wire(Code::kAborted);
    failure_.exit_code = 128;
    put_text(failure_.detail, exit_.signal != 0
                                  ? concat("killed by signal ", exit_.signal, " before it could execute its program")
                                  : concat("ended with status ", exit_.code, " before it could execute its program"));
  }
  owner_.child_failed(failure_);
}

}  // namespace runtime::shim
