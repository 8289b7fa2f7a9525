// Downward API: fields of a pod and resources of its containers, as text for its containers. Pure.
// Source: https://kubernetes.io/docs/concepts/workloads/pods/downward-api/
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/api/pod.h"
#include "agent/resources/node_facts.h"

namespace agent::pods {

struct DownwardInput {
  const api::Pod& pod;
  const resources::NodeFacts& node;
  std::vector<std::string> pod_ips;  // primary first; none before the pod has a network
};

// path: "metadata.name", "metadata.labels['app']", "status.podIP" …; a missing label or annotation is empty.
// kInvalidArgument: no such field can be asked for.
base::Result<std::string> field_value(const DownwardInput& input, std::string_view path);

// In units of the divisor, rounded up. own: the container that asks, where the reference names none. A limit that is
// not set is what the node has. kInvalidArgument: no such container or resource.
base::Result<std::string> resource_value(const DownwardInput& input, const api::ResourceFieldSelector& reference,
                                         const api::Container* own);

// `key="value"` lines in the order of the keys, values quoted as in Go source; what metadata.labels is as a file.
std::string quoted_lines(const std::map<std::string, std::string>& values);

}  // namespace agent::pods
