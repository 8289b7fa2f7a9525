// What a RunPodSandbox request means: checked, and refused by name where this version does not carry it out.
#pragma once

#include <google/protobuf/map.h>

#include <map>
#include <string>

#include "base/error.h"
#include "runtime/service/paths.h"
#include "runtime/service/records.h"

namespace runtime::service {

// The record of a sandbox to be made, with a new id. kInvalidArgument, kUnimplemented naming the field.
base::Result<SandboxRecord> new_sandbox_record(const v1::RunPodSandboxRequest& request, const Paths& paths);

// Whether the runtime chose where the pod's cgroup lies. Otherwise it is the caller's (a kubelet's), which holds it to
// the pod's limits, keeps it from one sandbox of the pod to the next, and removes it.
bool owns_pod_cgroup(const SandboxRecord& record);

bool shares_host_ipc(const v1::PodSandboxConfig& config);
bool shares_pid(const v1::PodSandboxConfig& config);  // the containers with each other
// File below /proc/sys and value. kInvalidArgument, naming it, for one that is not of a namespace of the pod's own.
base::Result<std::map<std::string, std::string>> sandbox_sysctls(const v1::PodSandboxConfig& config);

// Whether every selector pair is among the labels.
bool matches_labels(const google::protobuf::Map<std::string, std::string>& labels,
                    const google::protobuf::Map<std::string, std::string>& selector);

}  // namespace runtime::service
