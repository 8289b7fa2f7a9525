// hostPath: a path of the host, checked or made before it is used. Nothing is mounted and nothing is torn down.
#pragma once

#include "base/error.h"
#include "volumes/spec.h"

namespace volumes {

// Where the kubelet would keep it below <pod folder>/volumes. Nothing is there: it only tells the volume from others.
inline constexpr const char* kHostPathFolder = "kubernetes.io~host-path";

// kFailedPrecondition in kubelet's words when the path is not what the type says:
// "hostPath type check failed: /x is not a directory".
base::Status set_up_host_path(const HostPathSource& source);

}  // namespace volumes
