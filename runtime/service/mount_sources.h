// The sources of a container's bind mounts, as descriptors.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "base/unique_fd.h"
#include "runtime/oci/spec.h"

namespace runtime::service {

// A detached mount of the source, which the shim attaches inside the container. The path is the node's own (the pod's
// folders, or what hostPath names); from here on only the descriptor is used. kFailedPrecondition where later mounts
// are to be seen on the other side, and what the path lies on shares none.
base::Result<base::UniqueFd> detach_source(const oci::Mount& mount);

// What /proc/self/mountinfo (proc_pid_mountinfo(5)) says of a mount. Pure.
struct Sharing {
  bool gives = false;  // "shared:N"
  bool takes = false;  // that, or "master:N"
};
Sharing sharing_of(std::string_view mountinfo, uint64_t mount_id);

}  // namespace runtime::service
