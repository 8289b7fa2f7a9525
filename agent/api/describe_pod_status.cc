#include "agent/api/pod_status.h"
#include "agent/api/schema.h"

namespace api {

template <>
const Type& Describe<PodCondition>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&PodCondition::type>("type", "@PodCondition.type@"),
      required<&PodCondition::status>("status", "@PodCondition.status@"),
      optional<&PodCondition::reason>("reason", "@PodCondition.reason@"),
      optional<&PodCondition::message>("message", "@PodCondition.message@"),
      optional<&PodCondition::last_transition_time>("lastTransitionTime", "@PodCondition.lastTransitionTime@"),
      optional<&PodCondition::last_probe_time>("lastProbeTime", "@PodCondition.lastProbeTime@"),
      optional<&PodCondition::observed_generation>("observedGeneration", "@PodCondition.observedGeneration@"),
  });
  static constexpr Type kType = object_type<PodCondition>("PodCondition", "@PodCondition@", kFields);
  return kType;
}

template <>
const Type& Describe<ResourceHealth>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ResourceHealth::health>("health", "@ResourceHealth.health@"),
      optional<&ResourceHealth::message>("message", "@ResourceHealth.message@"),
      required<&ResourceHealth::resource_id>("resourceID", "@ResourceHealth.resourceID@"),
  });
  static constexpr Type kType = object_type<ResourceHealth>("ResourceHealth", "@ResourceHealth@", kFields);
  return kType;
}

template <>
const Type& Describe<ResourceStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&ResourceStatus::name>("name", "@ResourceStatus.name@"),
      optional<&ResourceStatus::resources>("resources", "@ResourceStatus.resources@"),
  });
  static constexpr Type kType = object_type<ResourceStatus>("ResourceStatus", "@ResourceStatus@", kFields);
  return kType;
}

template <>
const Type& Describe<ContainerStateRunning>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ContainerStateRunning::started_at>("startedAt", "@ContainerStateRunning.startedAt@"),
  });
  static constexpr Type kType =
      object_type<ContainerStateRunning>("ContainerStateRunning", "@ContainerStateRunning@", kFields);
  return kType;
}

template <>
const Type& Describe<ContainerStateTerminated>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&ContainerStateTerminated::exit_code>("exitCode", "@ContainerStateTerminated.exitCode@"),
      optional<&ContainerStateTerminated::signal>("signal", "@ContainerStateTerminated.signal@"),
      optional<&ContainerStateTerminated::reason>("reason", "@ContainerStateTerminated.reason@"),
      optional<&ContainerStateTerminated::message>("message", "@ContainerStateTerminated.message@"),
      optional<&ContainerStateTerminated::started_at>("startedAt", "@ContainerStateTerminated.startedAt@"),
      optional<&ContainerStateTerminated::finished_at>("finishedAt", "@ContainerStateTerminated.finishedAt@"),
      optional<&ContainerStateTerminated::container_id>("containerID", "@ContainerStateTerminated.containerID@"),
  });
  static constexpr Type kType =
      object_type<ContainerStateTerminated>("ContainerStateTerminated", "@ContainerStateTerminated@", kFields);
  return kType;
}

template <>
const Type& Describe<ContainerStateWaiting>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ContainerStateWaiting::reason>("reason", "@ContainerStateWaiting.reason@"),
      optional<&ContainerStateWaiting::message>("message", "@ContainerStateWaiting.message@"),
  });
  static constexpr Type kType =
      object_type<ContainerStateWaiting>("ContainerStateWaiting", "@ContainerStateWaiting@", kFields);
  return kType;
}

template <>
const Type& Describe<ContainerState>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ContainerState::waiting>("waiting", "@ContainerState.waiting@"),
      optional<&ContainerState::running>("running", "@ContainerState.running@"),
      optional<&ContainerState::terminated>("terminated", "@ContainerState.terminated@"),
  });
  static constexpr Type kType = object_type<ContainerState>("ContainerState", "@ContainerState@", kFields);
  return kType;
}

template <>
const Type& Describe<LinuxContainerUser>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&LinuxContainerUser::gid>("gid", "@LinuxContainerUser.gid@"),
      optional<&LinuxContainerUser::supplemental_groups>("supplementalGroups",
                                                         "@LinuxContainerUser.supplementalGroups@"),
      required<&LinuxContainerUser::uid>("uid", "@LinuxContainerUser.uid@"),
  });
  static constexpr Type kType = object_type<LinuxContainerUser>("LinuxContainerUser", "@LinuxContainerUser@", kFields);
  return kType;
}

template <>
const Type& Describe<ContainerUser>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ContainerUser::linux_>("linux", "@ContainerUser.linux@"),
  });
  static constexpr Type kType = object_type<ContainerUser>("ContainerUser", "@ContainerUser@", kFields);
  return kType;
}

template <>
const Type& Describe<ImageVolumeStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&ImageVolumeStatus::image_ref>("imageRef", "@ImageVolumeStatus.imageRef@"),
  });
  static constexpr Type kType = object_type<ImageVolumeStatus>("ImageVolumeStatus", "@ImageVolumeStatus@", kFields);
  return kType;
}

template <>
const Type& Describe<VolumeStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&VolumeStatus::image>("image", "@VolumeStatus.image@"),
  });
  static constexpr Type kType = object_type<VolumeStatus>("VolumeStatus", "@VolumeStatus@", kFields);
  return kType;
}

template <>
const Type& Describe<VolumeMountStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&VolumeMountStatus::name>("name", "@VolumeMountStatus.name@"),
      required<&VolumeMountStatus::mount_path>("mountPath", "@VolumeMountStatus.mountPath@"),
      optional<&VolumeMountStatus::read_only>("readOnly", "@VolumeMountStatus.readOnly@"),
      optional<&VolumeMountStatus::recursive_read_only>("recursiveReadOnly", "@VolumeMountStatus.recursiveReadOnly@"),
      optional<&VolumeMountStatus::volume_status>("volumeStatus", "@VolumeMountStatus.volumeStatus@"),
  });
  static constexpr Type kType = object_type<VolumeMountStatus>("VolumeMountStatus", "@VolumeMountStatus@", kFields);
  return kType;
}

template <>
const Type& Describe<ContainerStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&ContainerStatus::name>("name", "@ContainerStatus.name@"),
      optional<&ContainerStatus::state>("state", "@ContainerStatus.state@").omitted_when_empty(),
      optional<&ContainerStatus::last_state>("lastState", "@ContainerStatus.lastState@").omitted_when_empty(),
      required<&ContainerStatus::ready>("ready", "@ContainerStatus.ready@"),
      optional<&ContainerStatus::started>("started", "@ContainerStatus.started@"),
      required<&ContainerStatus::restart_count>("restartCount", "@ContainerStatus.restartCount@"),
      required<&ContainerStatus::image>("image", "@ContainerStatus.image@"),
      required<&ContainerStatus::image_id>("imageID", "@ContainerStatus.imageID@"),
      optional<&ContainerStatus::container_id>("containerID", "@ContainerStatus.containerID@"),
      optional<&ContainerStatus::allocated_resources>("allocatedResources", "@ContainerStatus.allocatedResources@"),
      optional<&ContainerStatus::allocated_resources_status>("allocatedResourcesStatus",
                                                             "@ContainerStatus.allocatedResourcesStatus@"),
      optional<&ContainerStatus::resources>("resources", "@ContainerStatus.resources@"),
      optional<&ContainerStatus::stop_signal>("stopSignal", "@ContainerStatus.stopSignal@"),
      optional<&ContainerStatus::user>("user", "@ContainerStatus.user@"),
      optional<&ContainerStatus::volume_mounts>("volumeMounts", "@ContainerStatus.volumeMounts@"),
  });
  static constexpr Type kType = object_type<ContainerStatus>("ContainerStatus", "@ContainerStatus@", kFields);
  return kType;
}

template <>
const Type& Describe<ContainerExtendedResourceRequest>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&ContainerExtendedResourceRequest::container_name>("containerName",
                                                                  "@ContainerExtendedResourceRequest.containerName@"),
      required<&ContainerExtendedResourceRequest::request_name>("requestName",
                                                                "@ContainerExtendedResourceRequest.requestName@"),
      required<&ContainerExtendedResourceRequest::resource_name>("resourceName",
                                                                 "@ContainerExtendedResourceRequest.resourceName@"),
  });
  static constexpr Type kType = object_type<ContainerExtendedResourceRequest>(
      "ContainerExtendedResourceRequest", "@ContainerExtendedResourceRequest@", kFields);
  return kType;
}

template <>
const Type& Describe<PodExtendedResourceClaimStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&PodExtendedResourceClaimStatus::request_mappings>("requestMappings",
                                                                  "@PodExtendedResourceClaimStatus.requestMappings@"),
      required<&PodExtendedResourceClaimStatus::resource_claim_name>(
          "resourceClaimName", "@PodExtendedResourceClaimStatus.resourceClaimName@"),
  });
  static constexpr Type kType = object_type<PodExtendedResourceClaimStatus>(
      "PodExtendedResourceClaimStatus", "@PodExtendedResourceClaimStatus@", kFields);
  return kType;
}

template <>
const Type& Describe<HostIp>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&HostIp::ip>("ip", "@HostIP.ip@"),
  });
  static constexpr Type kType = object_type<HostIp>("HostIP", "@HostIP@", kFields);
  return kType;
}

template <>
const Type& Describe<NodeAllocatableResourceClaimStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&NodeAllocatableResourceClaimStatus::containers>("containers",
                                                                "@NodeAllocatableResourceClaimStatus.containers@"),
      required<&NodeAllocatableResourceClaimStatus::resource_claim_name>(
          "resourceClaimName", "@NodeAllocatableResourceClaimStatus.resourceClaimName@"),
      required<&NodeAllocatableResourceClaimStatus::resources>("resources",
                                                               "@NodeAllocatableResourceClaimStatus.resources@"),
  });
  static constexpr Type kType = object_type<NodeAllocatableResourceClaimStatus>(
      "NodeAllocatableResourceClaimStatus", "@NodeAllocatableResourceClaimStatus@", kFields);
  return kType;
}

template <>
const Type& Describe<PodIp>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&PodIp::ip>("ip", "@PodIP.ip@"),
  });
  static constexpr Type kType = object_type<PodIp>("PodIP", "@PodIP@", kFields);
  return kType;
}

template <>
const Type& Describe<PodResourceClaimStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&PodResourceClaimStatus::name>("name", "@PodResourceClaimStatus.name@"),
      optional<&PodResourceClaimStatus::resource_claim_name>("resourceClaimName",
                                                             "@PodResourceClaimStatus.resourceClaimName@"),
  });
  static constexpr Type kType =
      object_type<PodResourceClaimStatus>("PodResourceClaimStatus", "@PodResourceClaimStatus@", kFields);
  return kType;
}

template <>
const Type& Describe<PodStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PodStatus::phase>("phase", "@PodStatus.phase@"),
      optional<&PodStatus::conditions>("conditions", "@PodStatus.conditions@"),
      optional<&PodStatus::reason>("reason", "@PodStatus.reason@"),
      optional<&PodStatus::message>("message", "@PodStatus.message@"),
      optional<&PodStatus::host_ip>("hostIP", "@PodStatus.hostIP@"),
      optional<&PodStatus::host_ips>("hostIPs", "@PodStatus.hostIPs@"),
      optional<&PodStatus::pod_ip>("podIP", "@PodStatus.podIP@"),
      optional<&PodStatus::pod_ips>("podIPs", "@PodStatus.podIPs@"),
      optional<&PodStatus::start_time>("startTime", "@PodStatus.startTime@"),
      optional<&PodStatus::init_container_statuses>("initContainerStatuses", "@PodStatus.initContainerStatuses@"),
      optional<&PodStatus::container_statuses>("containerStatuses", "@PodStatus.containerStatuses@"),
      optional<&PodStatus::allocated_resources>("allocatedResources", "@PodStatus.allocatedResources@"),
      optional<&PodStatus::ephemeral_container_statuses>("ephemeralContainerStatuses",
                                                         "@PodStatus.ephemeralContainerStatuses@"),
      optional<&PodStatus::extended_resource_claim_status>("extendedResourceClaimStatus",
                                                           "@PodStatus.extendedResourceClaimStatus@"),
      optional<&PodStatus::node_allocatable_resource_claim_statuses>(
          "nodeAllocatableResourceClaimStatuses", "@PodStatus.nodeAllocatableResourceClaimStatuses@"),
      optional<&PodStatus::nominated_node_name>("nominatedNodeName", "@PodStatus.nominatedNodeName@"),
      optional<&PodStatus::observed_generation>("observedGeneration", "@PodStatus.observedGeneration@"),
      optional<&PodStatus::qos_class>("qosClass", "@PodStatus.qosClass@"),
      optional<&PodStatus::resize>("resize", "@PodStatus.resize@"),
      optional<&PodStatus::resource_claim_statuses>("resourceClaimStatuses", "@PodStatus.resourceClaimStatuses@"),
      optional<&PodStatus::resources>("resources", "@PodStatus.resources@"),
  });
  static constexpr Type kType = object_type<PodStatus>("PodStatus", "@PodStatus@", kFields);
  return kType;
}

}  // namespace api
