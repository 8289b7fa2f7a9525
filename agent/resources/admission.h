// Whether the node can take a pod at all. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/api/pod.h"
#include "agent/resources/node_facts.h"

namespace agent::resources {

// Why not, in a kubelet's words: the pod's reason and message.
struct Refusal {
  std::string reason;  // "OutOfcpu", "OutOfmemory", "OutOfhugepages-2Mi", "SysctlForbidden"
  std::string message;
};

// What the pod requests against what the node has. Other pods are not counted: who runs several weighs them.
std::optional<Refusal> refuse_above_capacity(const api::Pod& pod, const NodeFacts& node);

// What the pod sets of the kernel's parameters: the safe ones, and those that one of the names allows, or what is
// before its "*" ("net.core.*"). None that is not a namespace's, whatever is allowed.
std::optional<Refusal> refuse_sysctls(const api::Pod& pod, const std::vector<std::string>& allowed_unsafe);

}  // namespace agent::resources
