// What a container may use, as the kubelet asks a runtime for it (kuberuntime_container_linux.go, policy.go). Pure but
// for the numbers of devices that annotations name.
#pragma once

#include "agent/api/pod.h"
#include "agent/resources/node_facts.h"
#include "base/error.h"

namespace runtime::v1 {
class LinuxContainerResources;
class LinuxPodSandboxConfig;
}  // namespace runtime::v1

namespace agent::resources {

// kInvalidArgument where an annotation names a device that is not there.
base::Status fill_container_resources(const api::Pod& pod, const api::Container& container, const NodeFacts& node,
                                      runtime::v1::LinuxContainerResources* out);

// The pod's overhead, and what its containers may use together, for runtimes that size a machine by it.
void fill_sandbox_resources(const api::Pod& pod, runtime::v1::LinuxPodSandboxConfig* out);

// -997 of guaranteed and node-critical pods, 1000 of best-effort ones, in between by the share of the node's memory
// that is requested.
int oom_score_adj(const api::Pod& pod, const api::Container& container, int64_t node_memory);

// The limits of a container: its own, else the pod's.
const api::Quantity* limit_of(const api::Pod& pod, const api::Container& container, const char* resource);

}  // namespace agent::resources
