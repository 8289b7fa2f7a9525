#include <algorithm>

#include "agent/api/forms.h"
#include "agent/api/validate.h"

namespace api {

namespace {

void validate_access_modes(const std::vector<std::string>& modes, const FieldPath& path, FaultList& faults) {
  static const std::vector<std::string_view> kModes{"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce",
                                                    "ReadWriteOncePod"};
  if (modes.empty()) faults.required(path, "at least 1 access mode is required");
  bool has_single_pod = false;
  bool has_other = false;
  for (const std::string& mode : modes) {
    const bool is_known = std::ranges::find(kModes, mode) != kModes.end();
    if (!is_known) faults.unsupported(path, mode, kModes);
    if (is_known) (mode == "ReadWriteOncePod" ? has_single_pod : has_other) = true;
  }
  if (has_single_pod && has_other) faults.forbidden(path, "may not use ReadWriteOncePod with other access modes");
}

void validate_size(const std::map<std::string, Quantity>& requests, const FieldPath& path, FaultList& faults) {
  const FieldPath field = path.key("storage");
  const auto storage = requests.find("storage");
  if (storage == requests.end()) return faults.required(field);
  const Quantity& amount = storage->second;
  if (amount.is_negative() || amount.is_zero()) faults.invalid(field, amount.to_string(), "must be greater than zero");
}

// What a claim is filled from: both forms of the reference.
template <typename Reference>
void validate_data_source(const Reference& source, const FieldPath& path, FaultList& faults) {
  if (source.name.empty()) faults.required(path / "name");
  if (source.kind.empty()) faults.required(path / "kind");
  const std::string group = source.api_group.value_or("");
  if (group.empty() && source.kind != "PersistentVolumeClaim")
    faults.invalid(path, source.kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
  if (!group.empty()) check_dns_subdomain(group, path / "apiGroup", faults);
}

// The two say the same where both are given; only dataSourceRef can name another namespace.
void validate_data_sources(const PersistentVolumeClaimSpec& spec, const FieldPath& path, FaultList& faults) {
  if (spec.data_source) validate_data_source(*spec.data_source, path / "dataSource", faults);
  if (!spec.data_source_ref) return;
  const TypedObjectReference& reference = *spec.data_source_ref;
  validate_data_source(reference, path / "dataSourceRef", faults);
  const std::string name_space = reference.namespace_.value_or("");
  if (!name_space.empty()) check_dns_label(name_space, path / "dataSourceRef" / "namespace", faults);
  if (!spec.data_source) return;
  const TypedLocalObjectReference& source = *spec.data_source;
  if (!name_space.empty())
    faults.invalid(path, source.name, "may not be specified when dataSourceRef.namespace is specified");
  else if (source.api_group != reference.api_group || source.kind != reference.kind || source.name != reference.name)
    faults.invalid(path, source.name, "must match dataSourceRef");
}

void validate_class(const std::optional<std::string>& name, const FieldPath& path, FaultList& faults) {
  if (name && !name->empty()) check_dns_subdomain(*name, path, faults);
}

}  // namespace

void validate_claim_spec(const PersistentVolumeClaimSpec& spec, const FieldPath& path, FaultList& faults) {
  if (spec.selector) validate_label_selector(*spec.selector, path / "selector", faults);
  validate_access_modes(spec.access_modes, path / "accessModes", faults);
  validate_size(spec.resources.requests, path / "resources", faults);
  validate_class(spec.storage_class_name, path / "storageClassName", faults);
  validate_data_sources(spec, path, faults);
  validate_class(spec.volume_attributes_class_name, path / "volumeAttributesClassName", faults);
}

void validate_source(const EphemeralVolumeSource& source, const FieldPath& path, FaultList& faults) {
  const FieldPath field = path / "volumeClaimTemplate";
  if (!source.volume_claim_template) return faults.required(field);
  validate_template_metadata(source.volume_claim_template->metadata, field / "metadata", faults);
  validate_claim_spec(source.volume_claim_template->spec, field / "spec", faults);
}

}  // namespace api
