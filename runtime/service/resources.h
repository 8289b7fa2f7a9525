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

// Lowers hard limits that this process may not raise (no CAP_SYS_RESOURCE) to its own, and says so once in the log.
base::Status clamp_rlimits(oci::Process& process, const std::string& container);

// The size of /dev/shm in bytes: by annotation (nodeagent.io/shm-size, or CRI-O's io.kubernetes.cri-o.ShmSize), else
// 64 MiB. kInvalidArgument names the annotation.
base::Result<int64_t> shm_size(const v1::PodSandboxConfig& config);

}  // namespace runtime::service
