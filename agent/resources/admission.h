// Whether the node can take a pod at all. Pure.
#pragma once

#include <optional>
#include <string>

#include "agent/api/pod.h"
#include "agent/resources/node_facts.h"

namespace agent::resources {

// Why not, in a kubelet's words: the pod's reason and message.
struct Refusal {
  std::string reason;  // "OutOfcpu", "OutOfmemory", "OutOfhugepages-2Mi"
  std::string message;
};

// What the pod requests against what the node has. Other pods are not counted: who runs several weighs them.
std::optional<Refusal> refuse_above_capacity(const api::Pod& pod, const NodeFacts& node);

}  // namespace agent::resources
