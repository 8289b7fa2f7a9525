// What a container may use: from CRI and config.json to the settings of its cgroup, and what this process may grant.
#pragma once

#include "base/error.h"
#include "cri-proto/messages.h"
#include "runtime/cgroup/settings.h"
#include "runtime/oci/spec.h"

namespace runtime::service {

base::Result<cgroup::Settings> settings_of(const oci::Resources& resources);

// What is asked for over what is there: an amount that is not said (0, empty) stays.
void merge(v1::LinuxContainerResources& present, const v1::LinuxContainerResources& asked);

// No limit that a pod asks for is above this process's own hard one, which is so the node's maximum (and all that could
// be had without CAP_SYS_RESOURCE). What is above becomes that; the log says so once of each limit.
void clamp_rlimits(oci::Process& process, const std::string& container);

// The size of /dev/shm in bytes: by annotation (nodeagent.io/shm-size, or CRI-O's io.kubernetes.cri-o.ShmSize), else
// 64 MiB. kInvalidArgument names the annotation.
base::Result<int64_t> shm_size(const v1::PodSandboxConfig& config);

}  // namespace runtime::service
