// Results of system calls that answer with a negative number and errno.
#pragma once

#include <cerrno>

#include "base/error.h"
#include "base/unique_fd.h"

namespace base::sys {

// attempted: what was tried, for the error.
template <typename... Pieces>
Status ok_or_error(long result, const Pieces&... attempted) {
  if (result < 0) return fail_errno(errno, attempted...);
  return {};
}

template <typename... Pieces>
Result<UniqueFd> fd_or_error(long fd, const Pieces&... attempted) {
  if (fd < 0) return fail_errno(errno, attempted...);
  return UniqueFd(static_cast<int>(fd));
}

}  // namespace base::sys
