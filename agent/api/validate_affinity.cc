#include <algorithm>
#include <set>

#include "agent/api/forms.h"
#include "agent/api/validate.h"

namespace api {

namespace {

using Labels = std::map<std::string, std::string>;

void validate_keys(const std::vector<std::string>& keys, bool has_selector, const FieldPath& path, FaultList& faults) {
  if (keys.empty()) return;
  if (!has_selector) return faults.forbidden(path, "must not be specified when labelSelector is not set");
  for (size_t i = 0; i < keys.size(); ++i) check_qualified_name(keys[i], path[i], faults);
}

void add_conditions(const std::vector<std::string>& keys, std::string_view operator_, const Labels& labels,
                    LabelSelector& selector) {
  for (const std::string& key : keys)
    if (const auto label = labels.find(key); label != labels.end())
      selector.match_expressions.push_back({key, std::string(operator_), {label->second}});
}

// A selector that says something of a key itself leaves nothing for matchLabelKeys to add.
void validate_no_repetition(const LabelSelector& merged, const std::vector<std::string>& keys, const FieldPath& path,
                            FaultList& faults) {
  std::set<std::string_view> seen;
  for (const auto& [key, value] : merged.match_labels) seen.insert(key);
  for (const LabelSelectorRequirement& requirement : merged.match_expressions) {
    const auto found = std::find(keys.rbegin(), keys.rend(), requirement.key);
    if (found != keys.rend() && seen.contains(requirement.key))
      faults.invalid(path[static_cast<size_t>(keys.rend() - found) - 1], requirement.key,
                     "exists in both matchLabelKeys and labelSelector");
    seen.insert(requirement.key);
  }
}

void validate_term(const PodAffinityTerm& term, const Labels& labels, const FieldPath& path, FaultList& faults) {
  const LabelKeys keys{.match = term.match_label_keys, .mismatch = term.mismatch_label_keys};
  validate_keyed_selector(term.label_selector, keys, labels, path, faults);
  if (term.namespace_selector) validate_label_selector(*term.namespace_selector, path / "namespaceSelector", faults);
  for (const std::string& name : term.namespaces) check_dns_label(name, path / "namespace", faults);
  if (term.topology_key.empty()) faults.required(path / "topologyKey", "can not be empty");
  check_qualified_name(term.topology_key, path / "topologyKey", faults);
}

void validate_weight(int32_t weight, const FieldPath& path, FaultList& faults) {
  if (weight <= 0 || weight > 100) faults.invalid(path / "weight", weight, "must be in the range 1-100");
}

constexpr std::string_view kRequired = "requiredDuringSchedulingIgnoredDuringExecution";
constexpr std::string_view kPreferred = "preferredDuringSchedulingIgnoredDuringExecution";

// Of pods that should be near, and of pods that should not.
template <typename Terms>
void validate_pod_affinity(const Terms& terms, const Labels& labels, const FieldPath& path, FaultList& faults) {
  const auto& required = terms.required_during_scheduling_ignored_during_execution;
  for (size_t i = 0; i < required.size(); ++i) validate_term(required[i], labels, (path / kRequired)[i], faults);
  const auto& preferred = terms.preferred_during_scheduling_ignored_during_execution;
  for (size_t i = 0; i < preferred.size(); ++i) {
    const FieldPath item = (path / kPreferred)[i];
    validate_weight(preferred[i].weight, item, faults);
    validate_term(preferred[i].pod_affinity_term, labels, item / "podAffinityTerm", faults);
  }
}

void validate_node_affinity(const NodeAffinity& affinity, const FieldPath& path, FaultList& faults) {
  if (affinity.required_during_scheduling_ignored_during_execution)
    validate_node_selector(*affinity.required_during_scheduling_ignored_during_execution, path / kRequired, faults);
  const auto& preferred = affinity.preferred_during_scheduling_ignored_during_execution;
  for (size_t i = 0; i < preferred.size(); ++i) {
    const FieldPath item = (path / kPreferred)[i];
    validate_weight(preferred[i].weight, item, faults);
    validate_node_selector_term(preferred[i].preference, LabelValues::kAny, item / "preference", faults);
  }
}

}  // namespace

void validate_keyed_selector(const Boxed<LabelSelector>& selector, const LabelKeys& keys, const Labels& labels,
                             const FieldPath& path, FaultList& faults) {
  if (selector) {
    LabelSelector merged = *selector;
    add_conditions(keys.match, "In", labels, merged);
    add_conditions(keys.mismatch, "NotIn", labels, merged);
    validate_label_selector(merged, path / "labelSelector", faults);
    validate_no_repetition(merged, keys.match, path, faults);
  }
  validate_keys(keys.match, selector.has_value(), path / "matchLabelKeys", faults);
  validate_keys(keys.mismatch, selector.has_value(), path / "mismatchLabelKeys", faults);
  for (size_t i = 0; i < keys.match.size(); ++i)
    if (std::ranges::find(keys.mismatch, keys.match[i]) != keys.mismatch.end())
      faults.invalid((path / "matchLabelKeys")[i], keys.match[i],
                     "exists in both matchLabelKeys and mismatchLabelKeys");
}

void validate_affinity(const Affinity& affinity, const Labels& labels, const FieldPath& path, FaultList& faults) {
  if (affinity.node_affinity) validate_node_affinity(*affinity.node_affinity, path / "nodeAffinity", faults);
  if (affinity.pod_affinity) validate_pod_affinity(*affinity.pod_affinity, labels, path / "podAffinity", faults);
  if (affinity.pod_anti_affinity)
    validate_pod_affinity(*affinity.pod_anti_affinity, labels, path / "podAntiAffinity", faults);
}

}  // namespace api
