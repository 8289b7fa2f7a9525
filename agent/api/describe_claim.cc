#include "agent/api/claim.h"
#include "agent/api/schema.h"

namespace api {

template <>
const Type& Describe<TypedLocalObjectReference>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&TypedLocalObjectReference::name>("name", "@TypedLocalObjectReference.name@"),
      optional<&TypedLocalObjectReference::api_group>("apiGroup", "@TypedLocalObjectReference.apiGroup@"),
      required<&TypedLocalObjectReference::kind>("kind", "@TypedLocalObjectReference.kind@"),
  });
  static constexpr Type kType =
      object_type<TypedLocalObjectReference>("TypedLocalObjectReference", "@TypedLocalObjectReference@", kFields);
  return kType;
}

template <>
const Type& Describe<TypedObjectReference>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&TypedObjectReference::name>("name", "@TypedObjectReference.name@"),
      optional<&TypedObjectReference::api_group>("apiGroup", "@TypedObjectReference.apiGroup@"),
      required<&TypedObjectReference::kind>("kind", "@TypedObjectReference.kind@"),
      optional<&TypedObjectReference::namespace_>("namespace", "@TypedObjectReference.namespace@"),
  });
  static constexpr Type kType =
      object_type<TypedObjectReference>("TypedObjectReference", "@TypedObjectReference@", kFields);
  return kType;
}

template <>
const Type& Describe<VolumeResourceRequirements>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&VolumeResourceRequirements::limits>("limits", "@VolumeResourceRequirements.limits@"),
      optional<&VolumeResourceRequirements::requests>("requests", "@VolumeResourceRequirements.requests@"),
  });
  static constexpr Type kType =
      object_type<VolumeResourceRequirements>("VolumeResourceRequirements", "@VolumeResourceRequirements@", kFields);
  return kType;
}

template <>
const Type& Describe<PersistentVolumeClaimSpec>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PersistentVolumeClaimSpec::access_modes>("accessModes", "@PersistentVolumeClaimSpec.accessModes@"),
      optional<&PersistentVolumeClaimSpec::data_source>("dataSource", "@PersistentVolumeClaimSpec.dataSource@"),
      optional<&PersistentVolumeClaimSpec::data_source_ref>("dataSourceRef",
                                                            "@PersistentVolumeClaimSpec.dataSourceRef@"),
      optional<&PersistentVolumeClaimSpec::resources>("resources", "@PersistentVolumeClaimSpec.resources@"),
      optional<&PersistentVolumeClaimSpec::selector>("selector", "@PersistentVolumeClaimSpec.selector@"),
      optional<&PersistentVolumeClaimSpec::storage_class_name>("storageClassName",
                                                               "@PersistentVolumeClaimSpec.storageClassName@"),
      optional<&PersistentVolumeClaimSpec::volume_attributes_class_name>(
          "volumeAttributesClassName", "@PersistentVolumeClaimSpec.volumeAttributesClassName@"),
      optional<&PersistentVolumeClaimSpec::volume_mode>("volumeMode", "@PersistentVolumeClaimSpec.volumeMode@"),
      optional<&PersistentVolumeClaimSpec::volume_name>("volumeName", "@PersistentVolumeClaimSpec.volumeName@"),
  });
  static constexpr Type kType =
      object_type<PersistentVolumeClaimSpec>("PersistentVolumeClaimSpec", "@PersistentVolumeClaimSpec@", kFields);
  return kType;
}

template <>
const Type& Describe<PersistentVolumeClaimCondition>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PersistentVolumeClaimCondition::last_probe_time>("lastProbeTime",
                                                                 "@PersistentVolumeClaimCondition.lastProbeTime@"),
      optional<&PersistentVolumeClaimCondition::last_transition_time>(
          "lastTransitionTime", "@PersistentVolumeClaimCondition.lastTransitionTime@"),
      optional<&PersistentVolumeClaimCondition::message>("message", "@PersistentVolumeClaimCondition.message@"),
      optional<&PersistentVolumeClaimCondition::reason>("reason", "@PersistentVolumeClaimCondition.reason@"),
      required<&PersistentVolumeClaimCondition::status>("status", "@PersistentVolumeClaimCondition.status@"),
      required<&PersistentVolumeClaimCondition::type>("type", "@PersistentVolumeClaimCondition.type@"),
  });
  static constexpr Type kType = object_type<PersistentVolumeClaimCondition>(
      "PersistentVolumeClaimCondition", "@PersistentVolumeClaimCondition@", kFields);
  return kType;
}

template <>
const Type& Describe<ModifyVolumeStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&ModifyVolumeStatus::status>("status", "@ModifyVolumeStatus.status@"),
      optional<&ModifyVolumeStatus::target_volume_attributes_class_name>(
          "targetVolumeAttributesClassName", "@ModifyVolumeStatus.targetVolumeAttributesClassName@"),
  });
  static constexpr Type kType = object_type<ModifyVolumeStatus>("ModifyVolumeStatus", "@ModifyVolumeStatus@", kFields);
  return kType;
}

template <>
const Type& Describe<PersistentVolumeClaimStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PersistentVolumeClaimStatus::access_modes>("accessModes", "@PersistentVolumeClaimStatus.accessModes@"),
      optional<&PersistentVolumeClaimStatus::allocated_resource_statuses>(
          "allocatedResourceStatuses", "@PersistentVolumeClaimStatus.allocatedResourceStatuses@"),
      optional<&PersistentVolumeClaimStatus::allocated_resources>("allocatedResources",
                                                                  "@PersistentVolumeClaimStatus.allocatedResources@"),
      optional<&PersistentVolumeClaimStatus::capacity>("capacity", "@PersistentVolumeClaimStatus.capacity@"),
      optional<&PersistentVolumeClaimStatus::conditions>("conditions", "@PersistentVolumeClaimStatus.conditions@"),
      optional<&PersistentVolumeClaimStatus::current_volume_attributes_class_name>(
          "currentVolumeAttributesClassName", "@PersistentVolumeClaimStatus.currentVolumeAttributesClassName@"),
      optional<&PersistentVolumeClaimStatus::modify_volume_status>("modifyVolumeStatus",
                                                                   "@PersistentVolumeClaimStatus.modifyVolumeStatus@"),
      optional<&PersistentVolumeClaimStatus::phase>("phase", "@PersistentVolumeClaimStatus.phase@"),
  });
  static constexpr Type kType =
      object_type<PersistentVolumeClaimStatus>("PersistentVolumeClaimStatus", "@PersistentVolumeClaimStatus@", kFields);
  return kType;
}

template <>
const Type& Describe<PersistentVolumeClaim>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PersistentVolumeClaim::metadata>("metadata", "@PersistentVolumeClaim.metadata@"),
      optional<&PersistentVolumeClaim::spec>("spec", "@PersistentVolumeClaim.spec@"),
      optional<&PersistentVolumeClaim::status>("status", "@PersistentVolumeClaim.status@").omitted_when_empty(),
  });
  static constexpr Type kType =
      object_type<PersistentVolumeClaim>("PersistentVolumeClaim", "@PersistentVolumeClaim@", kFields, "v1");
  return kType;
}

template <>
const Type& Describe<PersistentVolumeClaimTemplate>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PersistentVolumeClaimTemplate::metadata>("metadata", "@PersistentVolumeClaimTemplate.metadata@"),
      required<&PersistentVolumeClaimTemplate::spec>("spec", "@PersistentVolumeClaimTemplate.spec@"),
  });
  static constexpr Type kType = object_type<PersistentVolumeClaimTemplate>("PersistentVolumeClaimTemplate",
                                                                           "@PersistentVolumeClaimTemplate@", kFields);
  return kType;
}

}  // namespace api
