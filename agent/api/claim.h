// PersistentVolumeClaim (core/v1, Kubernetes 1.36). What a field means stands in
// describe_claim.cc.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/api/boxed.h"
#include "agent/api/enums.h"
#include "agent/api/meta.h"
#include "agent/api/quantity.h"

namespace api {

struct TypedLocalObjectReference {
  std::string name;
  std::optional<std::string> api_group;
  std::string kind;
  bool operator==(const TypedLocalObjectReference&) const = default;
};

struct TypedObjectReference {
  std::string name;
  std::optional<std::string> api_group;
  std::string kind;
  std::optional<std::string> namespace_;
  bool operator==(const TypedObjectReference&) const = default;
};

struct VolumeResourceRequirements {
  std::map<std::string, Quantity> limits;
  std::map<std::string, Quantity> requests;
  bool operator==(const VolumeResourceRequirements&) const = default;
};

struct PersistentVolumeClaimSpec {
  std::vector<std::string> access_modes;
  Boxed<TypedLocalObjectReference> data_source;
  Boxed<TypedObjectReference> data_source_ref;
  VolumeResourceRequirements resources;
  Boxed<LabelSelector> selector;
  std::optional<std::string> storage_class_name;
  std::optional<std::string> volume_attributes_class_name;
  std::optional<PersistentVolumeMode> volume_mode = PersistentVolumeMode::kFilesystem;
  std::string volume_name;
  bool operator==(const PersistentVolumeClaimSpec&) const = default;
};

struct PersistentVolumeClaimCondition {
  std::optional<Time> last_probe_time;
  std::optional<Time> last_transition_time;
  std::string message;
  std::string reason;
  ConditionStatus status = ConditionStatus::kUnknown;
  std::string type;
  bool operator==(const PersistentVolumeClaimCondition&) const = default;
};

struct ModifyVolumeStatus {
  std::string status;
  std::string target_volume_attributes_class_name;
  bool operator==(const ModifyVolumeStatus&) const = default;
};

struct PersistentVolumeClaimStatus {
  std::vector<std::string> access_modes;
  std::map<std::string, std::string> allocated_resource_statuses;
  std::map<std::string, Quantity> allocated_resources;
  std::map<std::string, Quantity> capacity;
  std::vector<PersistentVolumeClaimCondition> conditions;
  std::optional<std::string> current_volume_attributes_class_name;
  Boxed<ModifyVolumeStatus> modify_volume_status;
  std::string phase = "Pending";
  bool operator==(const PersistentVolumeClaimStatus&) const = default;
};

struct PersistentVolumeClaim {
  ObjectMeta metadata;
  PersistentVolumeClaimSpec spec;
  PersistentVolumeClaimStatus status;
  bool operator==(const PersistentVolumeClaim&) const = default;
};

struct PersistentVolumeClaimTemplate {
  ObjectMeta metadata;
  PersistentVolumeClaimSpec spec;
  bool operator==(const PersistentVolumeClaimTemplate&) const = default;
};

}  // namespace api
