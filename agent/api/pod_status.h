// PodStatus: what is observed of a pod (core/v1, Kubernetes 1.36). What a field means stands in
// describe_pod_status.cc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/api/container.h"

namespace api {

struct PodCondition {
  std::string type;
  ConditionStatus status = ConditionStatus::kUnknown;
  std::string reason;
  std::string message;
  std::optional<Time> last_transition_time;
  std::optional<Time> last_probe_time;
  int64_t observed_generation = 0;
  bool operator==(const PodCondition&) const = default;
};

struct ResourceHealth {
  std::string health;
  std::string message;
  std::string resource_id;
  bool operator==(const ResourceHealth&) const = default;
};

struct ResourceStatus {
  std::string name;
  std::vector<ResourceHealth> resources;
  bool operator==(const ResourceStatus&) const = default;
};

struct ContainerStateRunning {
  std::optional<Time> started_at;
  bool operator==(const ContainerStateRunning&) const = default;
};

struct ContainerStateTerminated {
  int32_t exit_code = 0;
  int32_t signal = 0;
  std::string reason;
  std::string message;
  std::optional<Time> started_at;
  std::optional<Time> finished_at;
  std::string container_id;
  bool operator==(const ContainerStateTerminated&) const = default;
};

struct ContainerStateWaiting {
  std::string reason;
  std::string message;
  bool operator==(const ContainerStateWaiting&) const = default;
};

struct ContainerState {
  std::optional<ContainerStateWaiting> waiting;
  std::optional<ContainerStateRunning> running;
  std::optional<ContainerStateTerminated> terminated;
  bool operator==(const ContainerState&) const = default;
};

struct LinuxContainerUser {
  int64_t gid = 0;
  std::vector<int64_t> supplemental_groups;
  int64_t uid = 0;
  bool operator==(const LinuxContainerUser&) const = default;
};

struct ContainerUser {
  Boxed<LinuxContainerUser> linux_;
  bool operator==(const ContainerUser&) const = default;
};

struct ImageVolumeStatus {
  std::string image_ref;
  bool operator==(const ImageVolumeStatus&) const = default;
};

struct VolumeStatus {
  Boxed<ImageVolumeStatus> image;
  bool operator==(const VolumeStatus&) const = default;
};

struct VolumeMountStatus {
  std::string name;
  std::string mount_path;
  bool read_only = false;
  std::optional<RecursiveReadOnly> recursive_read_only;
  Boxed<VolumeStatus> volume_status;
  bool operator==(const VolumeMountStatus&) const = default;
};

struct ContainerStatus {
  std::string name;
  ContainerState state;
  ContainerState last_state;
  bool ready = false;
  std::optional<bool> started;
  int32_t restart_count = 0;
  std::string image;
  std::string image_id;
  std::string container_id;
  std::map<std::string, Quantity> allocated_resources;
  std::vector<ResourceStatus> allocated_resources_status;
  Boxed<ResourceRequirements> resources;
  std::optional<std::string> stop_signal;
  Boxed<ContainerUser> user;
  std::vector<VolumeMountStatus> volume_mounts;
  bool operator==(const ContainerStatus&) const = default;
};

struct ContainerExtendedResourceRequest {
  std::string container_name;
  std::string request_name;
  std::string resource_name;
  bool operator==(const ContainerExtendedResourceRequest&) const = default;
};

struct PodExtendedResourceClaimStatus {
  std::vector<ContainerExtendedResourceRequest> request_mappings;
  std::string resource_claim_name;
  bool operator==(const PodExtendedResourceClaimStatus&) const = default;
};

struct HostIp {
  std::string ip;
  bool operator==(const HostIp&) const = default;
};

struct NodeAllocatableResourceClaimStatus {
  std::vector<std::string> containers;
  std::string resource_claim_name;
  std::map<std::string, Quantity> resources;
  bool operator==(const NodeAllocatableResourceClaimStatus&) const = default;
};

struct PodIp {
  std::string ip;
  bool operator==(const PodIp&) const = default;
};

struct PodResourceClaimStatus {
  std::string name;
  std::optional<std::string> resource_claim_name;
  bool operator==(const PodResourceClaimStatus&) const = default;
};

struct PodStatus {
  PodPhase phase = PodPhase::kPending;
  std::vector<PodCondition> conditions;
  std::string reason;
  std::string message;
  std::string host_ip;
  std::vector<HostIp> host_ips;
  std::string pod_ip;
  std::vector<PodIp> pod_ips;
  std::optional<Time> start_time;
  std::vector<ContainerStatus> init_container_statuses;
  std::vector<ContainerStatus> container_statuses;
  std::map<std::string, Quantity> allocated_resources;
  std::vector<ContainerStatus> ephemeral_container_statuses;
  Boxed<PodExtendedResourceClaimStatus> extended_resource_claim_status;
  std::vector<NodeAllocatableResourceClaimStatus> node_allocatable_resource_claim_statuses;
  std::string nominated_node_name;
  int64_t observed_generation = 0;
  std::string qos_class;
  std::string resize;
  std::vector<PodResourceClaimStatus> resource_claim_statuses;
  Boxed<ResourceRequirements> resources;
  bool operator==(const PodStatus&) const = default;
};

}  // namespace api
