#include "agent/api/pod_status.h"
#include "agent/api/schema.h"

namespace api {

template <>
const Type& Describe<PodCondition>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&PodCondition::type>(
          "type",
          "What is stated: PodScheduled, PodReadyToStartContainers, Initialized, ContainersReady, Ready and others."),
      required<&PodCondition::status>("status", "Whether the statement holds."),
      optional<&PodCondition::reason>("reason", "Why the status is what it is, in one CamelCase word for programs."),
      optional<&PodCondition::message>("message", "The reason in words for people."),
      optional<&PodCondition::last_transition_time>("lastTransitionTime", "When the status last changed."),
      optional<&PodCondition::last_probe_time>("lastProbeTime", "When it was last looked at; not used for pods."),
      optional<&PodCondition::observed_generation>("observedGeneration",
                                                   "The metadata.generation that the statement is about."),
  });
  static constexpr Type kType =
      object_type<PodCondition>("PodCondition", "One statement about the pod, such as Ready.", kFields);
  return kType;
}

template <>
const Type& Describe<ResourceHealth>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ResourceHealth::health>("health", "Healthy, Unhealthy or Unknown; empty means Unknown."),
      optional<&ResourceHealth::message>("message", "More about it, for people."),
      required<&ResourceHealth::resource_id>("resourceID", "The device's name, as its plugin or driver gives it."),
  });
  static constexpr Type kType = object_type<ResourceHealth>("ResourceHealth", "The health of one device.", kFields);
  return kType;
}

template <>
const Type& Describe<ResourceStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&ResourceStatus::name>("name", "The resource's name, or claim:NAME/REQUEST of a resource claim."),
      optional<&ResourceStatus::resources>("resources", "The devices."),
  });
  static constexpr Type kType =
      object_type<ResourceStatus>("ResourceStatus", "The health of the devices that one resource stands for.", kFields);
  return kType;
}

template <>
const Type& Describe<ContainerStateRunning>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ContainerStateRunning::started_at>("startedAt", "When it was last started."),
  });
  static constexpr Type kType =
      object_type<ContainerStateRunning>("ContainerStateRunning", "The container runs.", kFields);
  return kType;
}

template <>
const Type& Describe<ContainerStateTerminated>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&ContainerStateTerminated::exit_code>("exitCode", "Its exit status; 128 + N when signal N ended it."),
      optional<&ContainerStateTerminated::signal>("signal", "The signal that ended it; 0: none, or not known."),
      optional<&ContainerStateTerminated::reason>("reason",
                                                  "Completed, Error, OOMKilled, ContainerCannotRun and others."),
      optional<&ContainerStateTerminated::message>(
          "message", "What it left in its termination message, or why it could not be started."),
      optional<&ContainerStateTerminated::started_at>("startedAt", "When it had been started."),
      optional<&ContainerStateTerminated::finished_at>("finishedAt", "When it ended."),
      optional<&ContainerStateTerminated::container_id>("containerID", "The container that ended, as RUNTIME://ID."),
  });
  static constexpr Type kType =
      object_type<ContainerStateTerminated>("ContainerStateTerminated", "The container has ended.", kFields);
  return kType;
}

template <>
const Type& Describe<ContainerStateWaiting>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ContainerStateWaiting::reason>(
          "reason", "ContainerCreating, PodInitializing, ErrImagePull, ImagePullBackOff, CrashLoopBackOff and others."),
      optional<&ContainerStateWaiting::message>("message", "The reason in words for people."),
  });
  static constexpr Type kType = object_type<ContainerStateWaiting>(
      "ContainerStateWaiting", "The container does not run yet, or not again yet.", kFields);
  return kType;
}

template <>
const Type& Describe<ContainerState>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ContainerState::waiting>("waiting", "It waits for its start."),
      optional<&ContainerState::running>("running", "It runs."),
      optional<&ContainerState::terminated>("terminated", "It has ended."),
  });
  static constexpr Type kType = object_type<ContainerState>(
      "ContainerState", "What a container does. At most one of the three is set; none means waiting.", kFields);
  return kType;
}

template <>
const Type& Describe<LinuxContainerUser>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&LinuxContainerUser::gid>("gid", "Its main group."),
      optional<&LinuxContainerUser::supplemental_groups>("supplementalGroups", "Its further groups."),
      required<&LinuxContainerUser::uid>("uid", "Its user."),
  });
  static constexpr Type kType = object_type<LinuxContainerUser>(
      "LinuxContainerUser", "The identity that a container's first process started with.", kFields);
  return kType;
}

template <>
const Type& Describe<ContainerUser>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ContainerUser::linux_>("linux", "The identity on Linux."),
  });
  static constexpr Type kType = object_type<ContainerUser>(
      "ContainerUser", "The identity that a container's first process started with.", kFields);
  return kType;
}

template <>
const Type& Describe<ImageVolumeStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&ImageVolumeStatus::image_ref>("imageRef", "The image's digest."),
  });
  static constexpr Type kType =
      object_type<ImageVolumeStatus>("ImageVolumeStatus", "The image that a volume shows.", kFields);
  return kType;
}

template <>
const Type& Describe<VolumeStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&VolumeStatus::image>("image", "Of a volume that shows an image."),
  });
  static constexpr Type kType =
      object_type<VolumeStatus>("VolumeStatus", "More about a mounted volume, by its source.", kFields);
  return kType;
}

template <>
const Type& Describe<VolumeMountStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&VolumeMountStatus::name>("name", "The pod's volume."),
      required<&VolumeMountStatus::mount_path>("mountPath", "The path in the container."),
      optional<&VolumeMountStatus::read_only>("readOnly", "Whether the container can only read it."),
      optional<&VolumeMountStatus::recursive_read_only>(
          "recursiveReadOnly",
          "Whether mounts below it are read-only as well: Disabled or Enabled; unset: it is not read-only."),
      optional<&VolumeMountStatus::volume_status>("volumeStatus", "More about the volume; unset: there is none."),
  });
  static constexpr Type kType =
      object_type<VolumeMountStatus>("VolumeMountStatus", "A volume as it is mounted in the container.", kFields);
  return kType;
}

template <>
const Type& Describe<ContainerStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&ContainerStatus::name>("name", "The container's name."),
      optional<&ContainerStatus::state>("state", "What it does now.").omitted_when_empty(),
      optional<&ContainerStatus::last_state>("lastState", "How its previous run ended; empty: there was none.")
          .omitted_when_empty(),
      required<&ContainerStatus::ready>("ready",
                                        "Whether its readiness probe succeeds; without one, whether it has started. An "
                                        "init container: whether it is done."),
      optional<&ContainerStatus::started>(
          "started", "Whether postStart is done and the startup probe has succeeded; false again after a restart."),
      required<&ContainerStatus::restart_count>("restartCount", "How often it was started again."),
      required<&ContainerStatus::image>("image", "The image as it was named, or as the node has it."),
      required<&ContainerStatus::image_id>("imageID", "The image's digest; empty until it is there."),
      optional<&ContainerStatus::container_id>("containerID",
                                               "The container, as RUNTIME://ID; empty until it is made."),
      optional<&ContainerStatus::allocated_resources>(
          "allocatedResources", "The requests that the node has granted; may lag behind the spec during a resize."),
      optional<&ContainerStatus::allocated_resources_status>("allocatedResourcesStatus",
                                                             "The health of the devices that it has."),
      optional<&ContainerStatus::resources>("resources", "The requests and limits that it runs with now."),
      optional<&ContainerStatus::stop_signal>("stopSignal", "The signal that asks it to end."),
      optional<&ContainerStatus::user>("user", "The identity its first process started with."),
      optional<&ContainerStatus::volume_mounts>("volumeMounts", "The volumes as they are mounted."),
  });
  static constexpr Type kType =
      object_type<ContainerStatus>("ContainerStatus", "What is seen of one container.", kFields);
  return kType;
}

template <>
const Type& Describe<ContainerExtendedResourceRequest>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&ContainerExtendedResourceRequest::container_name>("containerName", "The container."),
      required<&ContainerExtendedResourceRequest::request_name>("requestName", "The request in the claim."),
      required<&ContainerExtendedResourceRequest::resource_name>(
          "resourceName", "The extended resource, as in the container's limits."),
  });
  static constexpr Type kType = object_type<ContainerExtendedResourceRequest>(
      "ContainerExtendedResourceRequest", "Which request of the made claim serves a container's extended resource.",
      kFields);
  return kType;
}

template <>
const Type& Describe<PodExtendedResourceClaimStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&PodExtendedResourceClaimStatus::request_mappings>("requestMappings",
                                                                  "Which request serves which container and resource."),
      required<&PodExtendedResourceClaimStatus::resource_claim_name>("resourceClaimName",
                                                                     "The ResourceClaim, in the pod's namespace."),
  });
  static constexpr Type kType = object_type<PodExtendedResourceClaimStatus>(
      "PodExtendedResourceClaimStatus",
      "The claim that the scheduler made for extended resources which devices provide.", kFields);
  return kType;
}

template <>
const Type& Describe<HostIp>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&HostIp::ip>("ip", "The IPv4 or IPv6 address."),
  });
  static constexpr Type kType = object_type<HostIp>("HostIP", "An address of the node.", kFields);
  return kType;
}

template <>
const Type& Describe<NodeAllocatableResourceClaimStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&NodeAllocatableResourceClaimStatus::containers>("containers", "The containers that use the claim."),
      required<&NodeAllocatableResourceClaimStatus::resource_claim_name>("resourceClaimName",
                                                                         "The ResourceClaim, in the pod's namespace."),
      required<&NodeAllocatableResourceClaimStatus::resources>("resources", "The amounts, by resource name."),
  });
  static constexpr Type kType = object_type<NodeAllocatableResourceClaimStatus>(
      "NodeAllocatableResourceClaimStatus", "CPU, memory and the like that the pod has through a resource claim.",
      kFields);
  return kType;
}

template <>
const Type& Describe<PodIp>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&PodIp::ip>("ip", "The IPv4 or IPv6 address."),
  });
  static constexpr Type kType = object_type<PodIp>("PodIP", "An address of the pod.", kFields);
  return kType;
}

template <>
const Type& Describe<PodResourceClaimStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&PodResourceClaimStatus::name>("name", "The name of the entry."),
      optional<&PodResourceClaimStatus::resource_claim_name>("resourceClaimName",
                                                             "The ResourceClaim made for it; unset: none was needed."),
  });
  static constexpr Type kType = object_type<PodResourceClaimStatus>(
      "PodResourceClaimStatus", "The claim that stands behind an entry of spec.resourceClaims.", kFields);
  return kType;
}

template <>
const Type& Describe<PodStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PodStatus::phase>("phase",
                                  "Pending: not all has started. Running. Succeeded: all ended with 0. Failed: all "
                                  "ended, one not so. Unknown."),
      optional<&PodStatus::conditions>("conditions", "Statements about the pod, such as Ready."),
      optional<&PodStatus::reason>("reason",
                                   "Why it is in this phase, in one CamelCase word for programs, such as Evicted."),
      optional<&PodStatus::message>("message", "Why it is in this phase, in words for people."),
      optional<&PodStatus::host_ip>("hostIP", "The node's address; empty until the pod has a node."),
      optional<&PodStatus::host_ips>("hostIPs", "All addresses of the node; hostIP is the first."),
      optional<&PodStatus::pod_ip>("podIP", "The pod's address; empty until it has one."),
      optional<&PodStatus::pod_ips>("podIPs", "All its addresses, at most one IPv4 and one IPv6; podIP is the first."),
      optional<&PodStatus::start_time>("startTime", "When the node took it up, before images were pulled."),
      optional<&PodStatus::init_container_statuses>("initContainerStatuses", "What is seen of each init container."),
      optional<&PodStatus::container_statuses>("containerStatuses", "What is seen of each container."),
      optional<&PodStatus::allocated_resources>("allocatedResources",
                                                "The requests of the whole pod that the node has granted."),
      optional<&PodStatus::ephemeral_container_statuses>("ephemeralContainerStatuses",
                                                         "What is seen of each ephemeral container."),
      optional<&PodStatus::extended_resource_claim_status>(
          "extendedResourceClaimStatus", "The claim that the scheduler made for extended resources; unset: none."),
      optional<&PodStatus::node_allocatable_resource_claim_statuses>(
          "nodeAllocatableResourceClaimStatuses", "CPU, memory and the like that it has through resource claims."),
      optional<&PodStatus::nominated_node_name>("nominatedNodeName",
                                                "The node where lesser pods are being removed to make room for it."),
      optional<&PodStatus::observed_generation>("observedGeneration",
                                                "The metadata.generation that this status is about."),
      optional<&PodStatus::qos_class>(
          "qosClass",
          "Guaranteed, Burstable or BestEffort, from requests and limits: who is throttled and killed first."),
      optional<&PodStatus::resize>("resize",
                                   "No longer used; the conditions PodResizePending and PodResizeInProgress tell it."),
      optional<&PodStatus::resource_claim_statuses>("resourceClaimStatuses",
                                                    "The claims that stand behind spec.resourceClaims."),
      optional<&PodStatus::resources>("resources", "The requests and limits of the whole pod that it runs with now."),
  });
  static constexpr Type kType = object_type<PodStatus>("PodStatus", "What is seen of a pod.", kFields);
  return kType;
}

}  // namespace api
