// What the containers of a pod ask for together.
// Source: KEP-2837 (pod-level resources) and KEP-753 (sidecar containers).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "agent/api/pod_spec.h"

namespace api {

using Amounts = std::map<std::string, Quantity>;

// The most that runs at one time: all containers and sidecars, or one init container beside the sidecars before it.
Amounts sum_of_requests(const PodSpec& spec);
Amounts sum_of_limits(const PodSpec& spec);

// The same for the pod as a whole: spec.resources where it speaks of a resource, and the overhead on top (of limits:
// where there is one).
Amounts pod_requests(const PodSpec& spec);
Amounts pod_limits(const PodSpec& spec);

// Who is throttled and killed first: by the cpu and memory of all containers, or of the pod where it sets its own.
enum class QosClass : uint8_t { kGuaranteed, kBurstable, kBestEffort };
// Of a pod with its defaults.
QosClass qos_class(const PodSpec& spec);
std::string_view to_string(QosClass qos);

// Before the size of the pages: "hugepages-2Mi".
constexpr std::string_view kHugePagesPrefix = "hugepages-";
bool is_huge_pages(std::string_view resource);
// What spec.resources may name.
bool is_pod_level_resource(std::string_view resource);

}  // namespace api
