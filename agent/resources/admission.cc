#include "agent/resources/admission.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "agent/api/pod_amounts.h"
#include "base/concat.h"
#include "base/sysctl.h"

namespace agent::resources {

namespace {

// Of a namespace, and no harm to other pods (kubelet's list; each kernel that we run on has them).
constexpr std::array<std::string_view, 12> kSafeSysctls{"kernel.shm_rmid_forced",
                                                        "net.ipv4.ip_local_port_range",
                                                        "net.ipv4.tcp_syncookies",
                                                        "net.ipv4.ping_group_range",
                                                        "net.ipv4.ip_unprivileged_port_start",
                                                        "net.ipv4.ip_local_reserved_ports",
                                                        "net.ipv4.tcp_keepalive_time",
                                                        "net.ipv4.tcp_fin_timeout",
                                                        "net.ipv4.tcp_keepalive_intvl",
                                                        "net.ipv4.tcp_keepalive_probes",
                                                        "net.ipv4.tcp_rmem",
                                                        "net.ipv4.tcp_wmem"};

bool allows(const std::string& pattern, std::string_view name) {
  const std::string dotted = base::sysctl_with_dots(pattern);
  if (dotted.ends_with('*')) return name.starts_with(std::string_view(dotted).substr(0, dotted.size() - 1));
  return dotted == name;
}

}  // namespace

std::optional<Refusal> refuse_sysctls(const api::Pod& pod, const std::vector<std::string>& allowed_unsafe) {
  if (!pod.spec.security_context) return std::nullopt;
  for (const api::Sysctl& sysctl : pod.spec.security_context->sysctls) {
    const std::string name = base::sysctl_with_dots(sysctl.name);
    const base::SysctlOwner owner = base::owner_of_sysctl(name);
    const auto is_allowed = [&](const std::string& pattern) { return allows(pattern, name); };
    const bool listed =
        std::ranges::find(kSafeSysctls, name) != kSafeSysctls.end() || std::ranges::any_of(allowed_unsafe, is_allowed);
    std::string why;
    if (!listed || owner == base::SysctlOwner::kNode) {
      why = "not allowlisted";
    } else if (owner == base::SysctlOwner::kNetworkNamespace && pod.spec.host_network) {
      why = "not allowed with host net enabled";
    } else if (owner == base::SysctlOwner::kIpcNamespace && pod.spec.host_ipc) {
      why = "not allowed with host ipc enabled";
    } else {
      continue;
    }
    return Refusal{.reason = "SysctlForbidden", .message = base::concat("forbidden sysctl: \"", name, "\" ", why)};
  }
  return std::nullopt;
}

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
