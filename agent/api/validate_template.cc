#include <algorithm>

#include "agent/api/validate.h"

namespace api {

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
  // Without a name: that comes when a pod is made. The apiserver leaves "metadata" out of the paths.
  ObjectMeta metadata;
  metadata.labels = pod_template.metadata.labels;
  metadata.annotations = pod_template.metadata.annotations;
  validate_labels(metadata.labels, path / "labels", faults);
  validate_annotations(metadata.annotations, path / "annotations", faults);
  validate_pod_annotations(metadata, pod_template.spec, path / "annotations", faults);
  validate_pod_spec(pod_template.spec, ObjectMeta(), path / "spec", PodForm::kTemplate, faults);
  validate_profile_annotations(metadata, pod_template.spec, path / "spec", faults);
}

}  // namespace api
