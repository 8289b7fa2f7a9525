#include "runtime/shim/child_report.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "runtime/shim/frame_io.h"

namespace runtime::shim {

using base::Result;
using base::UniqueFd;

Result<ReportPair> open_report_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
    return base::fail_errno(errno, "make a socket pair");
  }
  return ReportPair{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Reception receive_report(int socket, int flags, ReceivedReport& received) {
  struct iovec data{&received.report, sizeof(received.report)};
  struct msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control{};
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof(control.bytes);
  ssize_t got = 0;
  do {
    got = ::recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN) return Reception::kNothingYet;
  received.descriptor.reset();
  if (const struct cmsghdr* part = CMSG_FIRSTHDR(&message);
      got > 0 && part != nullptr && part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(part), sizeof(fd));
    received.descriptor.reset(fd);
  }
  return got == static_cast<ssize_t>(sizeof(received.report)) ? Reception::kReport : Reception::kClosed;
}

base::Status send_report(int socket, const ChildReport& report, int descriptor) {
  struct iovec data{const_cast<ChildReport*>(&report), sizeof(report)};
  struct msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control{};
  if (descriptor >= 0) {
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof(control.bytes);
    struct cmsghdr* part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(part), &descriptor, sizeof(int));
  }
  // A report without a descriptor goes by write(2), which every seccomp filter lets pass.
  const ssize_t sent =
      descriptor >= 0 ? ::sendmsg(socket, &message, MSG_NOSIGNAL) : ::write(socket, &report, sizeof(report));
  if (sent < 0) return base::fail_errno(errno, "report to the shim");
  return {};
}

void fail_child(int socket, const StepFailure& failure) {
  ChildReport report;
  report.step = failure.step;
  report.code = code_to_wire(failure.error.code());
  report.os_errno = failure.error.os_errno();
  report.exit_code = failure.exit_code;
  put_text(report.detail, failure.error.to_string());
  // If even this fails the shim sees the socket close without kExecuting and says so.
  (void)send_report(socket, report);
  ::_exit(failure.exit_code);
}

}  // namespace runtime::shim
