#include "agent/resources/admission.h"

#include <algorithm>

#include "agent/api/pod_amounts.h"
#include "base/concat.h"

namespace agent::resources {

std::optional<Refusal> refuse_above_capacity(const api::Pod& pod, const NodeFacts& node) {
  for (const auto& [name, request] : api::pod_requests(pod.spec)) {
    int64_t requested = request.value();
    int64_t capacity = 0;
    if (name == "cpu") {
      requested = request.milli_value();
      capacity = node.milli_cpu;
    } else if (name == "memory") {
      capacity = node.memory;
    } else if (name == "ephemeral-storage") {
      capacity = node.ephemeral_storage;
    } else if (api::is_huge_pages(name)) {
      const auto pool = std::ranges::find(node.huge_pages, name, &HugePagePool::resource);
      if (pool != node.huge_pages.end()) capacity = pool->total;
    }
    if (requested <= capacity) continue;
    return Refusal{.reason = base::concat("OutOf", name),
                   .message = base::concat("Node didn't have enough resource: ", name, ", requested: ", requested,
                                           ", used: 0, capacity: ", capacity)};
  }
  return std::nullopt;
}

}  // namespace agent::resources
