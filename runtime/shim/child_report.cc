#include "runtime/shim/child_report.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "runtime/shim/frame_io.h"

namespace runtime::shim {

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
