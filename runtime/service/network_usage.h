// What has passed a pod's network interfaces.
#pragma once

#include <string_view>
#include <vector>

#include "cri-proto/usage.h"
#include "runtime/service/records.h"

namespace runtime::service {

// The interfaces of /proc/<pid>/net/dev (proc(5)) but lo, in its order. Pure; what is not understood is passed over.
std::vector<cri::InterfaceUsage> parse_net_dev(std::string_view text);

// Of the pod's network namespace, in which its shim lives; none for a pod on the host's network, or whose shim is gone.
std::vector<cri::InterfaceUsage> network_usage(const SandboxRecord& sandbox);

}  // namespace runtime::service
