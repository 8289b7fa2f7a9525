#include <algorithm>

#include "agent/api/validate.h"

namespace api {

namespace {

// The faults of the template's pod, whose paths begin at "metadata" and "spec", at the template's path. The apiserver
// leaves its "metadata" out there.
void append_at(const FieldPath& path, Faults found, FaultList& faults) {
  constexpr std::string_view kMetadata = "metadata.";
  for (Fault& fault : found) {
    const std::string_view field = fault.path;
    faults.add(path / (field.starts_with(kMetadata) ? field.substr(kMetadata.size()) : field),
               std::move(fault.message));
  }
}

}  // namespace

void validate_selected(const Boxed<LabelSelector>& selector, const PodTemplateSpec& pod_template, const FieldPath& path,
                       FaultList& faults) {
  if (selector && !is_selector(*selector)) return;
  if (!selects(selector, pod_template.metadata.labels))
    faults.add(path / "metadata.labels", "Invalid value: `selector` does not match template `labels`");
}

bool selects(const Boxed<LabelSelector>& selector, const std::map<std::string, std::string>& labels) {
  return selector && selects(*selector, labels);
}

bool selects(const LabelSelector& selector, const std::map<std::string, std::string>& labels) {
  const auto has = [&](const auto& wanted) {
    const auto found = labels.find(wanted.first);
    return found != labels.end() && found->second == wanted.second;
  };
  if (!std::ranges::all_of(selector.match_labels, has)) return false;
  return std::ranges::all_of(selector.match_expressions, [&](const LabelSelectorRequirement& requirement) {
    const auto found = labels.find(requirement.key);
    if (requirement.operator_ == "Exists") return found != labels.end();
    if (requirement.operator_ == "DoesNotExist") return found == labels.end();
    const bool is_listed =
        found != labels.end() && std::ranges::find(requirement.values, found->second) != requirement.values.end();
    // An unknown operator is a fault of its own.
    return requirement.operator_ == "In" ? is_listed : !is_listed;
  });
}

void validate_pod_template(const PodTemplateSpec& pod_template, const FieldPath& path, FaultList& faults) {
  Pod pod;  // without a name: that comes when it is made
  pod.metadata.labels = pod_template.metadata.labels;
  pod.metadata.annotations = pod_template.metadata.annotations;
  pod.spec = pod_template.spec;
  validate_labels(pod.metadata.labels, path / "labels", faults);
  validate_annotations(pod.metadata.annotations, path / "annotations", faults);
  FaultList found;
  validate_pod_annotations(pod, found);
  validate_profile_annotations(pod, found);
  append_at(path, std::move(found.list()), faults);
  validate_pod_spec(pod.spec, pod.metadata, path / "spec", PodForm::kTemplate, faults);
}

}  // namespace api
