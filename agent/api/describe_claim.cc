#include "agent/api/claim.h"
#include "agent/api/schema.h"

namespace api {

template <>
const Type& Describe<TypedLocalObjectReference>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&TypedLocalObjectReference::name>("name", "The object's name."),
      optional<&TypedLocalObjectReference::api_group>("apiGroup", "The API group of its kind; unset: the core group."),
      required<&TypedLocalObjectReference::kind>("kind", "Its kind, such as PersistentVolumeClaim or VolumeSnapshot."),
  });
  static constexpr Type kType = object_type<TypedLocalObjectReference>(
      "TypedLocalObjectReference", "Names an object of any kind in the same namespace.", kFields);
  return kType;
}

template <>
const Type& Describe<TypedObjectReference>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&TypedObjectReference::name>("name", "The object's name."),
      optional<&TypedObjectReference::api_group>("apiGroup", "The API group of its kind; unset: the core group."),
      required<&TypedObjectReference::kind>("kind", "Its kind, such as PersistentVolumeClaim or VolumeSnapshot."),
      optional<&TypedObjectReference::namespace_>(
          "namespace", "Its namespace; unset: that of the claim. Another one needs a ReferenceGrant there."),
  });
  static constexpr Type kType = object_type<TypedObjectReference>(
      "TypedObjectReference", "Names an object of any kind, possibly in another namespace.", kFields);
  return kType;
}

template <>
const Type& Describe<VolumeResourceRequirements>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&VolumeResourceRequirements::limits>(
          "limits", "The most that the volume may hold, by resource name; only storage is known."),
      optional<&VolumeResourceRequirements::requests>(
          "requests", "The least that the volume must hold, by resource name, such as storage: 10Gi."),
  });
  static constexpr Type kType = object_type<VolumeResourceRequirements>("VolumeResourceRequirements",
                                                                        "How much storage a claim asks for.", kFields);
  return kType;
}

template <>
const Type& Describe<PersistentVolumeClaimSpec>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PersistentVolumeClaimSpec::access_modes>("accessModes",
                                                         "How the volume must be mountable: ReadWriteOnce (one node), "
                                                         "ReadOnlyMany, ReadWriteMany, ReadWriteOncePod (one pod)."),
      optional<&PersistentVolumeClaimSpec::data_source>(
          "dataSource",
          "A snapshot or claim of the same namespace that the new volume is filled from; unset: an empty volume."),
      optional<&PersistentVolumeClaimSpec::data_source_ref>(
          "dataSourceRef",
          "As dataSource, for objects of any kind and of other namespaces. Where both are set they must be equal."),
      optional<&PersistentVolumeClaimSpec::resources>("resources", "The size that is asked for."),
      optional<&PersistentVolumeClaimSpec::selector>(
          "selector", "Labels that an existing volume must have to be bound; with it no volume is made for the claim."),
      optional<&PersistentVolumeClaimSpec::storage_class_name>(
          "storageClassName",
          "The StorageClass that makes the volume; \"\": none, only existing volumes without a class; unset: the "
          "cluster's default class."),
      optional<&PersistentVolumeClaimSpec::volume_attributes_class_name>(
          "volumeAttributesClassName",
          "The VolumeAttributesClass with the volume's changeable properties, such as IOPS; unset: the driver's own."),
      optional<&PersistentVolumeClaimSpec::volume_mode>("volumeMode",
                                                        "Filesystem: a mounted file system. Block: the bare device.")
          .pointer(),
      optional<&PersistentVolumeClaimSpec::volume_name>(
          "volumeName", "The PersistentVolume that is bound. Set it to ask for a certain one."),
  });
  static constexpr Type kType =
      object_type<PersistentVolumeClaimSpec>("PersistentVolumeClaimSpec", "The storage that is asked for.", kFields);
  return kType;
}

template <>
const Type& Describe<PersistentVolumeClaimCondition>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PersistentVolumeClaimCondition::last_probe_time>("lastProbeTime", "When it was last looked at."),
      optional<&PersistentVolumeClaimCondition::last_transition_time>("lastTransitionTime",
                                                                      "When the status last changed."),
      optional<&PersistentVolumeClaimCondition::message>("message", "The reason in words for people."),
      optional<&PersistentVolumeClaimCondition::reason>(
          "reason", "Why the status is what it is, in one CamelCase word for programs."),
      required<&PersistentVolumeClaimCondition::status>("status", "Whether the statement holds."),
      required<&PersistentVolumeClaimCondition::type>(
          "type", "What is stated: Resizing, FileSystemResizePending, ModifyingVolume and others."),
  });
  static constexpr Type kType = object_type<PersistentVolumeClaimCondition>(
      "PersistentVolumeClaimCondition", "One statement about the claim, such as Resizing.", kFields);
  return kType;
}

template <>
const Type& Describe<ModifyVolumeStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&ModifyVolumeStatus::status>(
          "status", "Pending: waits for the class. InProgress: being changed. Infeasible: the driver refused it."),
      optional<&ModifyVolumeStatus::target_volume_attributes_class_name>(
          "targetVolumeAttributesClassName", "The VolumeAttributesClass that the volume is being changed to."),
  });
  static constexpr Type kType = object_type<ModifyVolumeStatus>(
      "ModifyVolumeStatus", "How far a change of the volume's attributes has come.", kFields);
  return kType;
}

template <>
const Type& Describe<PersistentVolumeClaimStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PersistentVolumeClaimStatus::access_modes>("accessModes",
                                                           "The access modes of the volume that is bound."),
      optional<&PersistentVolumeClaimStatus::allocated_resource_statuses>(
          "allocatedResourceStatuses", "How far a resize has come, by resource name, such as NodeResizePending."),
      optional<&PersistentVolumeClaimStatus::allocated_resources>(
          "allocatedResources", "The size being made ready while a resize is under way; may be above capacity."),
      optional<&PersistentVolumeClaimStatus::capacity>("capacity", "The size of the volume that is bound."),
      optional<&PersistentVolumeClaimStatus::conditions>(
          "conditions", "Statements about the claim, such as that its volume is being resized."),
      optional<&PersistentVolumeClaimStatus::current_volume_attributes_class_name>(
          "currentVolumeAttributesClassName", "The VolumeAttributesClass that the volume has now; unset: none."),
      optional<&PersistentVolumeClaimStatus::modify_volume_status>(
          "modifyVolumeStatus", "The change of attributes that is under way; unset: none."),
      optional<&PersistentVolumeClaimStatus::phase>(
          "phase", "Pending: no volume yet. Bound: it has one. Lost: the volume it had is gone."),
  });
  static constexpr Type kType =
      object_type<PersistentVolumeClaimStatus>("PersistentVolumeClaimStatus", "What has become of a claim.", kFields);
  return kType;
}

template <>
const Type& Describe<PersistentVolumeClaim>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PersistentVolumeClaim::metadata>("metadata", "Name, namespace, labels and annotations."),
      optional<&PersistentVolumeClaim::spec>("spec", "The storage that is asked for."),
      optional<&PersistentVolumeClaim::status>("status", "What has become of the claim; ignored in files.")
          .omitted_when_empty(),
  });
  static constexpr Type kType = object_type<PersistentVolumeClaim>(
      "PersistentVolumeClaim", "Asks for persistent storage; pods mount it by the claim's name.", kFields, "v1");
  return kType;
}

template <>
const Type& Describe<PersistentVolumeClaimTemplate>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PersistentVolumeClaimTemplate::metadata>(
          "metadata", "Labels and annotations for the claim; its name is made from the pod's and the volume's."),
      required<&PersistentVolumeClaimTemplate::spec>("spec", "The storage that the claim asks for."),
  });
  static constexpr Type kType = object_type<PersistentVolumeClaimTemplate>(
      "PersistentVolumeClaimTemplate", "What a pod's own claim is made from.", kFields);
  return kType;
}

}  // namespace api
