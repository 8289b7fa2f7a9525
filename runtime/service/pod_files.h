// The files that a sandbox gives its containers: host name, resolv.conf, /dev/shm.
#pragma once

#include <string>

#include "base/error.h"
#include "cri-proto/messages.h"

namespace runtime::service {

// The pod's host name: the request's, else the node's own.
base::Result<std::string> pod_hostname(const ::runtime::v1::PodSandboxConfig& config);
// The content of /etc/resolv.conf: from dns_config, or the node's own file where the request has none.
base::Result<std::string> resolv_conf(const ::runtime::v1::PodSandboxConfig& config);
// Mounts a pod's /dev/shm, a tmpfs of so many bytes, on a new folder.
base::Status mount_shm(const std::string& folder, int64_t size);

}  // namespace runtime::service
