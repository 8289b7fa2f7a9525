#include <algorithm>
#include <array>

#include "agent/api/decode.h"
#include "agent/api/forms.h"
#include "agent/api/validate.h"
#include "base/concat.h"

namespace api {

namespace {

// The beginning of a name, to which more is added: it may end in "-".
std::string completed(const std::string& prefix) {
  const bool is_open = prefix.size() > 1 && prefix.ends_with('-');
  return is_open ? prefix.substr(0, prefix.size() - 2) + "a" : prefix;
}

FormFaults name_faults(std::string_view name, NameForm form) {
  return form == NameForm::kLabel ? dns_label_faults(name) : dns_subdomain_faults(name);
}

void validate_name(const ObjectMeta& metadata, NameForm form, const FieldPath& path, FaultList& faults) {
  if (!metadata.generate_name.empty())
    report(name_faults(completed(metadata.generate_name), form), path / "generateName", metadata.generate_name, faults);
  const std::string name = name_to_be(metadata);
  if (name.empty())
    faults.required(path / "name", "name or generateName is required");
  else
    report(name_faults(name, form), path / "name", name, faults);
}

void validate_namespace(const ObjectMeta& metadata, Scope scope, const FieldPath& path, FaultList& faults) {
  const FieldPath field = path / "namespace";
  if (scope == Scope::kCluster) {
    if (!metadata.namespace_.empty()) faults.forbidden(field, "not allowed on this type");
  } else if (metadata.namespace_.empty()) {
    faults.required(field);
  } else {
    check_dns_label(metadata.namespace_, field, faults);
  }
}

struct GroupVersion {
  std::string_view group;
  std::string_view version;
};

// "v1", "apps/v1"; empty where it is neither.
GroupVersion parse_group_version(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return {.group = {}, .version = text};
  if (text.find('/', slash + 1) != std::string_view::npos) return {};
  return {.group = text.substr(0, slash), .version = text.substr(slash + 1)};
}

void validate_owner(const OwnerReference& owner, const FieldPath& path, FaultList& faults) {
  const GroupVersion parsed = parse_group_version(owner.api_version);
  if (parsed.version.empty()) faults.invalid(path / "apiVersion", owner.api_version, "version must not be empty");
  if (owner.kind.empty()) faults.invalid(path / "kind", owner.kind, "must not be empty");
  if (owner.name.empty()) faults.invalid(path / "name", owner.name, "must not be empty");
  if (owner.uid.empty()) faults.invalid(path / "uid", owner.uid, "must not be empty");
  if (parsed.group.empty() && parsed.version == "v1" && owner.kind == "Event")
    faults.invalid(path, owner.name, "/v1, Kind=Event is disallowed from being an owner");
}

void validate_owners(const std::vector<OwnerReference>& owners, const FieldPath& path, FaultList& faults) {
  std::string controller;
  for (const OwnerReference& owner : owners) {
    validate_owner(owner, path, faults);
    if (owner.controller != true) continue;
    const std::string name = owner.kind + "/" + owner.name;
    if (!controller.empty())
      faults.invalid(path, name,
                     base::concat("Only one reference can have Controller set to true. Found \"true\" in references "
                                  "for ",
                                  controller, " and ", name));
    else
      controller = name;
  }
}

void validate_finalizers(const std::vector<std::string>& finalizers, const FieldPath& path, FaultList& faults) {
  for (const std::string& finalizer : finalizers) check_qualified_name(finalizer, path, faults);
  const auto has = [&](std::string_view name) { return std::ranges::find(finalizers, name) != finalizers.end(); };
  if (has("orphan") && has("foregroundDeletion"))
    faults.invalid(path, "orphan", "finalizer orphan and foregroundDeletion cannot be both set");
}

void validate_managed_fields(const std::vector<ManagedFieldsEntry>& entries, const FieldPath& path, FaultList& faults) {
  constexpr size_t kMaxManager = 128;
  constexpr size_t kMaxSubresource = 256;
  // An apiserver that cannot read the list drops it.
  const auto is_readable = [](const ManagedFieldsEntry& entry) {
    const bool is_known = entry.operation == "Apply" || entry.operation == "Update";
    return is_known && !entry.api_version.empty() && entry.fields_type == "FieldsV1";
  };
  if (!std::ranges::all_of(entries, is_readable)) return;
  for (size_t i = 0; i < entries.size(); ++i) {
    const ManagedFieldsEntry& entry = entries[i];
    if (entry.manager.size() > kMaxManager) faults.too_long(path[i] / "manager", kMaxManager);
    if (entry.subresource.size() > kMaxSubresource) faults.too_long(path[i] / "subresource", kMaxSubresource);
  }
}

}  // namespace

std::string name_to_be(const ObjectMeta& metadata) {
  constexpr size_t kMaxPrefix = 58;
  if (!metadata.name.empty() || metadata.generate_name.empty()) return metadata.name;
  return metadata.generate_name.substr(0, kMaxPrefix) + "xxxxx";
}

void validate_standard_finalizers(const std::vector<std::string>& finalizers, const FieldPath& path,
                                  FaultList& faults) {
  constexpr std::array<std::string_view, 3> kStandard{"kubernetes", "orphan", "foregroundDeletion"};
  for (size_t i = 0; i < finalizers.size(); ++i)
    if (finalizers[i].find('/') == std::string::npos && std::ranges::find(kStandard, finalizers[i]) == kStandard.end())
      faults.invalid(path[i], finalizers[i], "name is neither a standard finalizer name nor is it fully qualified");
}

void validate_metadata(const ObjectMeta& metadata, Scope scope, FaultList& faults, NameForm form) {
  const FieldPath path("metadata");
  validate_name(metadata, form, path, faults);
  validate_namespace(metadata, scope, path, faults);
  validate_labels(metadata.labels, path / "labels", faults);
  validate_annotations(metadata.annotations, path / "annotations", faults);
  validate_owners(metadata.owner_references, path / "ownerReferences", faults);
  validate_finalizers(metadata.finalizers, path / "finalizers", faults);
  validate_managed_fields(metadata.managed_fields, path / "managedFields", faults);
  validate_standard_finalizers(metadata.finalizers, path / "finalizers", faults);
}

void validate_generation(const ObjectMeta& metadata, FaultList& faults) {
  check_non_negative(metadata.generation, FieldPath("metadata.generation"), faults);
}

void validate_template_metadata(const ObjectMeta& metadata, const FieldPath& path, FaultList& faults) {
  validate_annotations(metadata.annotations, path / "annotations", faults);
  validate_labels(metadata.labels, path / "labels", faults);
  for (const Field& field : type_of<ObjectMeta>().fields) {
    if (field.name == "labels" || field.name == "annotations") continue;
    if (!says_nothing(field.type(), field.of(&metadata)))
      faults.forbidden(path / (field.name == "uid" ? "uID" : field.name), "cannot be set");
  }
}

}  // namespace api
