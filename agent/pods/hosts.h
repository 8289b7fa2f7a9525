// A pod's host name and its /etc/hosts. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/api/pod.h"
#include "base/error.h"

namespace agent::pods {

// hostnameOverride; else spec.hostname or the pod's name, cut to 63 characters without '-' or '.' at its end. With
// hostNetwork the host's own name is used, and this is empty.
std::string pod_hostname(const api::Pod& pod);
// "subdomain.namespace.svc.cluster.local"; empty where the pod has no subdomain, or a hostnameOverride.
std::string pod_domain(const api::Pod& pod, std::string_view cluster_domain);
// What the kernel is told: the host name, with setHostnameAsFQDN the domain as well. kInvalidArgument where that is
// longer than the 64 characters that Linux takes.
base::Result<std::string> kernel_hostname(const api::Pod& pod, std::string_view cluster_domain);

// The managed /etc/hosts of a pod with a network of its own; ips primary first.
std::string pod_hosts(const api::Pod& pod, const std::vector<std::string>& ips, std::string_view cluster_domain);
// With hostNetwork: the host's file with the pod's aliases.
std::string host_network_hosts(const api::Pod& pod, std::string_view host_file);

}  // namespace agent::pods
