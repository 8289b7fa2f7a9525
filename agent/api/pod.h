// Pod (core/v1, Kubernetes 1.36): what should run, and what is seen of it. What a field means stands in
// describe_pod.cc.
#pragma once

#include <cstdint>
#include <string>

#include "agent/api/meta.h"
#include "agent/api/pod_spec.h"
#include "agent/api/pod_status.h"

namespace api {

struct Pod {
  ObjectMeta metadata;
  PodSpec spec;
  PodStatus status;
  bool operator==(const Pod&) const = default;
};

// "namespace/name", as messages name a pod.
inline std::string full_name(const Pod& pod) { return pod.metadata.namespace_ + "/" + pod.metadata.name; }

// What the pod is given to end in.
inline int64_t grace_seconds(const Pod& pod) { return pod.spec.termination_grace_period_seconds.value_or(30); }

}  // namespace api
