#include "runtime/shim/streams.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>

#include "base/path.h"
#include "base/sys.h"
#include "base/unique_fd.h"
#include "runtime/shim/child_report.h"
#include "runtime/shim/rootfs.h"

namespace runtime::shim {

using base::Code;
using base::fail;
using base::fail_errno;
using base::Result;
using base::Status;
using base::UniqueFd;
namespace sys = base::sys;

namespace {

// /dev/stdout must be openable by the user that the program runs as. A terminal that came with a request is its
// owner's.
Status own_pipe(int fd, uid_t uid) {
  const struct stat info = TRY(sys::fstat(fd));
  if (info.st_uid == uid || !S_ISFIFO(info.st_mode)) return {};
  return sys::fchown(fd, uid, static_cast<gid_t>(-1));
}

Result<bool> is_null_device(int fd) {
  const struct stat info = TRY(sys::fstat(fd));
  return S_ISCHR(info.st_mode) && info.st_rdev == ::makedev(1, 3);
}

// Not waiting for whatever a container may have put there instead.
Result<UniqueFd> containers_null(int root, int access) {
  UniqueFd null = TRY(base::open_in_root(root, "dev/null", access | O_NONBLOCK), "open /dev/null");
  if (!TRY(is_null_device(null.get()))) return fail(Code::kFailedPrecondition, "/dev/null is not the null device");
  return null;
}

// With the host's /dev/null, root in the container could change the mode of the host's node through /proc/self/fd.
Status place_stream(int root, int fd, int number, uid_t uid) {
  UniqueFd null;
  if (fd < 0 || TRY(is_null_device(fd))) {
    null = TRY(containers_null(root, number == 0 ? O_RDONLY : O_WRONLY));
    fd = null.get();
  } else {
    TRY(own_pipe(fd, uid));
  }
  if (::dup2(fd, number) < 0) return fail_errno(errno, "set up standard stream ", number);
  return {};
}

}  // namespace

Status place_streams(int root, const ChildStreams& streams, uid_t uid) {
  TRY(place_stream(root, streams.in, 0, uid));
  TRY(place_stream(root, streams.out, 1, uid));
  TRY(place_stream(root, streams.err, 2, uid));
  return {};
}

Status set_up_console(int root, int report, bool bind, const oci::Process& process) {
  const Console console = TRY(open_console(root, bind));
  if (process.console_size) {
    struct winsize size{};
    size.ws_col = static_cast<unsigned short>(process.console_size->width);
    size.ws_row = static_cast<unsigned short>(process.console_size->height);
    if (::ioctl(console.master.get(), TIOCSWINSZ, &size) < 0) return fail_errno(errno, "set the terminal's size");
  }
  ChildReport sent;
  sent.type = ReportType::kConsole;
  TRY(send_report(report, sent, console.master.get()));
  const int slave = console.slave.get();
  const uid_t uid = process.user.uid;
  TRY(sys::fchown(slave, uid, static_cast<gid_t>(-1)), "give the terminal to its user");
  return place_streams(root, {.in = slave, .out = slave, .err = slave}, uid);
}

Status start_session(bool terminal) {
  if (::setsid() < 0) return fail_errno(errno, "start a session");
  if (!terminal) return {};
  if (::ioctl(STDIN_FILENO, TIOCSCTTY, 0) < 0) return fail_errno(errno, "make the terminal the controlling one");
  return {};
}

}  // namespace runtime::shim
