#include "agent/api/forms.h"
#include "agent/api/validate.h"

namespace api {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// How many values an operator takes. False: there is no such operator.
bool validate_set_operator(std::string_view name, size_t values, const FieldPath& path, FaultList& faults) {
  if (name == "In" || name == "NotIn") {
    if (values == 0) faults.required(path / "values", "must be specified when `operator` is 'In' or 'NotIn'");
    return true;
  }
  if (name != "Exists" && name != "DoesNotExist") return false;
  if (values > 0)
    faults.forbidden(path / "values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
  return true;
}

void validate_values(const std::vector<std::string>& values, const FieldPath& path, FaultList& faults) {
  for (size_t i = 0; i < values.size(); ++i) check_label_value(values[i], path[i], faults);
}

void validate_node_label(const NodeSelectorRequirement& requirement, LabelValues values, const FieldPath& path,
                         FaultList& faults) {
  const std::string& name = requirement.operator_;
  if (name == "Gt" || name == "Lt") {
    if (requirement.values.size() != 1)
      faults.required(path / "values", "must be specified single value when `operator` is 'Lt' or 'Gt'");
  } else if (!validate_set_operator(name, requirement.values.size(), path, faults)) {
    faults.invalid(path / "operator", name, "not a valid selector operator");
  }
  check_qualified_name(requirement.key, path / "key", faults);
  if (values == LabelValues::kValid) validate_values(requirement.values, path / "values", faults);
}

// The one field of a node that can be matched is its name.
void validate_node_field(const NodeSelectorRequirement& requirement, const FieldPath& path, FaultList& faults) {
  if (requirement.operator_ != "In" && requirement.operator_ != "NotIn")
    faults.invalid(path / "operator", requirement.operator_, "not a valid selector operator");
  else if (requirement.values.size() != 1)
    faults.required(path / "values",
                    "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
  if (requirement.key != "metadata.name") {
    faults.invalid(path / "key", requirement.key, "not a valid field selector key");
    return;
  }
  for (size_t i = 0; i < requirement.values.size(); ++i)
    check_dns_subdomain(requirement.values[i], (path / "values")[i], faults);
}

}  // namespace

void validate_labels(const std::map<std::string, std::string>& labels, const FieldPath& path, FaultList& faults) {
  for (const auto& [key, value] : labels) {
    check_qualified_name(key, path, faults);
    check_label_value(value, path, faults);
  }
}

void validate_annotations(const std::map<std::string, std::string>& annotations, const FieldPath& path,
                          FaultList& faults) {
  constexpr size_t kMaxBytes = 256UL << 10;
  size_t bytes = 0;
  for (const auto& [key, value] : annotations) {
    std::string in_lower_case = key;
    for (char& character : in_lower_case) character = lower(character);
    report(qualified_name_faults(in_lower_case), path, key, faults);
    bytes += key.size() + value.size();
  }
  if (bytes > kMaxBytes) faults.too_long(path, kMaxBytes);
}

void validate_label_selector(const LabelSelector& selector, const FieldPath& path, FaultList& faults) {
  validate_labels(selector.match_labels, path / "matchLabels", faults);
  for (size_t i = 0; i < selector.match_expressions.size(); ++i) {
    const LabelSelectorRequirement& requirement = selector.match_expressions[i];
    const FieldPath item = (path / "matchExpressions")[i];
    if (!validate_set_operator(requirement.operator_, requirement.values.size(), item, faults))
      faults.invalid(item / "operator", requirement.operator_, "not a valid selector operator");
    check_qualified_name(requirement.key, item / "key", faults);
    validate_values(requirement.values, item / "values", faults);
  }
}

bool is_selector(const LabelSelector& selector) {
  FaultList faults;
  validate_label_selector(selector, FieldPath(), faults);
  return faults.list().empty();
}

void validate_node_selector_term(const NodeSelectorTerm& term, LabelValues values, const FieldPath& path,
                                 FaultList& faults) {
  for (size_t i = 0; i < term.match_expressions.size(); ++i)
    validate_node_label(term.match_expressions[i], values, (path / "matchExpressions")[i], faults);
  for (size_t i = 0; i < term.match_fields.size(); ++i)
    validate_node_field(term.match_fields[i], (path / "matchFields")[i], faults);
}

void validate_node_selector(const NodeSelector& selector, const FieldPath& path, FaultList& faults) {
  const FieldPath terms = path / "nodeSelectorTerms";
  if (selector.node_selector_terms.empty()) faults.required(terms, "must have at least one node selector term");
  for (size_t i = 0; i < selector.node_selector_terms.size(); ++i)
    validate_node_selector_term(selector.node_selector_terms[i], LabelValues::kValid, terms[i], faults);
}

}  // namespace api
