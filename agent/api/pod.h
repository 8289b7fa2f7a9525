// Pod (core/v1): what should run, and what is seen of it.
#pragma once

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

}  // namespace api
