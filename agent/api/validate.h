// The rules an object keeps beyond the types of its fields, as the apiserver checks them. Internal to agent/api;
// codec.h has what others call.
#pragma once

#include "agent/api/faults.h"

namespace api {

void validate_pod(const Pod& pod, FaultList& faults);
// One container of the list at `path` ("spec.containers[0]").
void validate_container(const Container& container, const FieldPath& path, const PodSpec& spec, FaultList& faults);

// Identities of containers and pods: 0 … 2^31-1, as Kubernetes has it.
void validate_identity(const std::optional<int64_t>& id, const FieldPath& path, FaultList& faults);

}  // namespace api
