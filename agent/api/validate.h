// The rules a Pod keeps beyond the types of its fields. Internal to agent/api; codec.h has what others call.
#pragma once

#include "agent/api/faults.h"

namespace api {

void validate_pod(const Pod& pod, FaultList& faults);
// One container of the list at `path` ("spec.containers[0]"); is_init: from initContainers.
void validate_container(const Container& container, const std::string& path, bool is_init, const PodSpec& spec,
                        FaultList& faults);

// Identities of containers and pods: 0 … 2^31-1, as Kubernetes has it.
void validate_identity(const std::optional<int64_t>& id, const std::string& path, FaultList& faults);

}  // namespace api
