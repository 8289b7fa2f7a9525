// PodSpec: what should run (core/v1, Kubernetes 1.36). What a field means stands in
// describe_pod_spec.cc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/api/container.h"
#include "agent/api/scheduling.h"
#include "agent/api/volume.h"

namespace api {

struct PodDnsConfigOption {
  std::string name;
  std::optional<std::string> value;
  bool operator==(const PodDnsConfigOption&) const = default;
};

struct PodDnsConfig {
  std::vector<std::string> nameservers;
  std::vector<PodDnsConfigOption> options;
  std::vector<std::string> searches;
  bool operator==(const PodDnsConfig&) const = default;
};

struct HostAlias {
  std::vector<std::string> hostnames;
  std::string ip;
  bool operator==(const HostAlias&) const = default;
};

struct PodOs {
  std::string name;
  bool operator==(const PodOs&) const = default;
};

struct PodReadinessGate {
  std::string condition_type;
  bool operator==(const PodReadinessGate&) const = default;
};

struct PodResourceClaim {
  std::string name;
  std::optional<std::string> resource_claim_name;
  std::optional<std::string> resource_claim_template_name;
  bool operator==(const PodResourceClaim&) const = default;
};

struct PodSchedulingGate {
  std::string name;
  bool operator==(const PodSchedulingGate&) const = default;
};

struct PodSchedulingGroup {
  std::optional<std::string> pod_group_name;
  bool operator==(const PodSchedulingGroup&) const = default;
};

struct PodSpec {
  std::optional<int64_t> active_deadline_seconds;
  Boxed<Affinity> affinity;
  std::optional<bool> automount_service_account_token;
  std::vector<Container> containers;
  Boxed<PodDnsConfig> dns_config;
  DnsPolicy dns_policy = DnsPolicy::kClusterFirst;
  std::optional<bool> enable_service_links;
  std::vector<EphemeralContainer> ephemeral_containers;
  std::vector<HostAlias> host_aliases;
  bool host_ipc = false;
  bool host_network = false;
  bool host_pid = false;
  std::optional<bool> host_users;
  std::string hostname;
  std::optional<std::string> hostname_override;
  std::vector<LocalObjectReference> image_pull_secrets;
  std::vector<Container> init_containers;
  std::string node_name;
  std::map<std::string, std::string> node_selector;
  Boxed<PodOs> os;
  std::map<std::string, Quantity> overhead;
  std::optional<PreemptionPolicy> preemption_policy;
  std::optional<int32_t> priority;
  std::string priority_class_name;
  std::vector<PodReadinessGate> readiness_gates;
  std::vector<PodResourceClaim> resource_claims;
  Boxed<ResourceRequirements> resources;
  RestartPolicy restart_policy = RestartPolicy::kAlways;
  std::optional<std::string> runtime_class_name;
  std::string scheduler_name = "default-scheduler";
  std::vector<PodSchedulingGate> scheduling_gates;
  Boxed<PodSchedulingGroup> scheduling_group;
  Boxed<PodSecurityContext> security_context;
  std::string service_account;
  std::string service_account_name;
  std::optional<bool> set_hostname_as_fqdn;
  std::optional<bool> share_process_namespace;
  std::string subdomain;
  std::optional<int64_t> termination_grace_period_seconds = 30;
  std::vector<Toleration> tolerations;
  std::vector<TopologySpreadConstraint> topology_spread_constraints;
  std::vector<Volume> volumes;
  bool operator==(const PodSpec&) const = default;
};

}  // namespace api
