#include "runtime/cgroup/pressure.h"

#include <fcntl.h>

#include <cerrno>

#include "base/sys.h"

namespace runtime::cgroup {

using base::Code;
using base::Result;
using base::Status;

namespace {

const char* file_of(Pressured resource) {
  switch (resource) {
    case Pressured::kCpu:
      return "cpu.pressure";
    case Pressured::kMemory:
      return "memory.pressure";
    case Pressured::kIo:
      return "io.pressure";
  }
  return "memory.pressure";
}

}  // namespace

Result<PressureTrigger> PressureTrigger::set(const Cgroup& cgroup, const Pressure& pressure) {
  const char* const file = file_of(pressure.resource);
  Result<base::UniqueFd> fd = base::sys::openat(cgroup.fd(), file, O_RDWR | O_NONBLOCK);
  // EOPNOTSUPP: switched off, by psi=0 or cgroup.pressure.
  if (!fd && (fd.error().os_errno() == ENOENT || fd.error().os_errno() == EOPNOTSUPP)) {
    return base::fail(Code::kUnimplemented, "this kernel measures no pressure: cgroup ", cgroup.path(), " has no ",
                      file, "; start the node with psi=1 on the kernel's command line");
  }
  if (!fd) return std::unexpected(std::move(fd).error());
  // With its end, which the kernel takes for part of the request.
  const std::string request =
      base::concat(pressure.full ? "full " : "some ", pressure.stalled.count(), " ", pressure.window.count());
  const Status written = base::sys::write_all(fd->get(), {request.c_str(), request.size() + 1});
  if (written) return PressureTrigger(*std::move(fd));
  return base::fail_errno(written.error().os_errno(), "be told of \"", request, "\" in ", file, " of cgroup ",
                          cgroup.path());
}

}  // namespace runtime::cgroup
