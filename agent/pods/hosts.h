// A pod's host name and its /etc/hosts. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/api/pod.h"

namespace agent::pods {

// spec.hostname or the pod's name, cut to 63 characters without '-' or '.' at its end. With hostNetwork the host's own
// name is used, and this is empty.
std::string pod_hostname(const api::Pod& pod);

// The managed /etc/hosts of a pod with a network of its own; ips primary first.
std::string pod_hosts(const api::Pod& pod, const std::vector<std::string>& ips);
// With hostNetwork: the host's file with the pod's aliases.
std::string host_network_hosts(const api::Pod& pod, std::string_view host_file);

}  // namespace agent::pods
