#include <algorithm>
#include <set>

#include "agent/api/decode.h"
#include "agent/api/forms.h"
#include "agent/api/validate.h"
#include "base/concat.h"

namespace api {

namespace {

// All that is wrong with it is one fault.
void check_compared_value(const std::string& value, const FieldPath& path, FaultList& faults) {
  std::string details;
  for (const std::string& detail : label_value_faults(value)) details += (details.empty() ? "" : ";") + detail;
  if (!details.empty()) faults.invalid(path, value, details);
}

void validate_value(const Toleration& toleration, const FieldPath& path, FaultList& faults) {
  const TolerationOperator operator_ = toleration.operator_.value_or(TolerationOperator::kEqual);
  switch (operator_) {
    case TolerationOperator::kEqual:
      return check_compared_value(toleration.value, path / "operator", faults);
    case TolerationOperator::kExists:
      if (!toleration.value.empty())
        faults.invalid(path / "operator", toleration.value, "value must be empty when `operator` is 'Exists'");
      return;
    case TolerationOperator::kLt:
    case TolerationOperator::kGt:
      // They need the gate TaintTolerationComparisonOperators, which is off.
      return faults.unsupported(path / "operator", to_string(operator_), {"Equal", "Exists", "Lt", "Gt"});
  }
}

void validate_toleration(const Toleration& toleration, const FieldPath& path, FaultList& faults) {
  const auto text_of = [](const auto& value) { return value ? to_string(*value) : std::string_view(); };
  if (!toleration.key.empty())
    check_qualified_name(toleration.key, path / "key", faults);
  else if (toleration.operator_ != TolerationOperator::kExists)
    faults.invalid(path / "operator", text_of(toleration.operator_),
                   "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
  if (toleration.toleration_seconds && toleration.effect != TaintEffect::kNoExecute)
    faults.invalid(path / "effect", text_of(toleration.effect),
                   "effect must be 'NoExecute' when `tolerationSeconds` is set");
  validate_value(toleration, path, faults);
}

std::string_view action_of(const TopologySpreadConstraint& constraint) {
  return constraint.when_unsatisfiable ? to_string(*constraint.when_unsatisfiable) : std::string_view();
}

using PodLabels = std::map<std::string, std::string>;

void validate_spread_constraint(const TopologySpreadConstraint& constraint, const PodLabels& labels,
                                const FieldPath& path, FaultList& faults) {
  if (constraint.max_skew <= 0) faults.invalid(path / "maxSkew", constraint.max_skew, "must be greater than zero");
  if (constraint.topology_key.empty()) faults.required(path / "topologyKey", "can not be empty");
  if (!constraint.when_unsatisfiable)
    faults.unsupported(path / "whenUnsatisfiable", "", {"DoNotSchedule", "ScheduleAnyway"});
  if (constraint.min_domains) {
    const FieldPath field = path / "minDomains";
    if (*constraint.min_domains <= 0) faults.invalid(field, *constraint.min_domains, "must be greater than zero");
    if (constraint.when_unsatisfiable != UnsatisfiableConstraintAction::kDoNotSchedule)
      faults.invalid(
          field, *constraint.min_domains,
          base::concat("can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ", action_of(constraint)));
  }
  const std::vector<std::string> kNone;
  validate_keyed_selector(constraint.label_selector, {.match = constraint.match_label_keys, .mismatch = kNone}, labels,
                          path, faults);
}

void validate_spread_constraints(const std::vector<TopologySpreadConstraint>& constraints, const PodLabels& labels,
                                 const FieldPath& path, FaultList& faults) {
  for (size_t i = 0; i < constraints.size(); ++i) {
    validate_spread_constraint(constraints[i], labels, path[i], faults);
    const auto is_same = [&](const TopologySpreadConstraint& other) {
      return other.topology_key == constraints[i].topology_key &&
             other.when_unsatisfiable == constraints[i].when_unsatisfiable;
    };
    if (std::any_of(constraints.begin() + static_cast<std::ptrdiff_t>(i) + 1, constraints.end(), is_same))
      faults.duplicate(path[i] / "{topologyKey, whenUnsatisfiable}",
                       base::concat("{", constraints[i].topology_key, ", ", action_of(constraints[i]), "}"));
  }
}

void validate_gates(const PodSpec& spec, const FieldPath& path, FaultList& faults) {
  std::set<std::string_view> seen;
  for (size_t i = 0; i < spec.scheduling_gates.size(); ++i) {
    const std::string& name = spec.scheduling_gates[i].name;
    const FieldPath item = (path / "schedulingGates")[i];
    check_qualified_name(name, item, faults);
    if (!seen.insert(name).second) faults.duplicate(item, name);
  }
}

// A toleration's field as JSON names it, of a name that is written in any case.
std::string json_name(const std::string& written) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  for (const Field& field : type_of<Toleration>().fields)
    if (std::ranges::equal(written, field.name, {}, lower, lower)) return std::string(field.name);
  return written;
}

void validate_subdomain(const std::string& name, const FieldPath& path, FaultList& faults) {
  if (!name.empty()) check_dns_subdomain(name, path, faults);
}

}  // namespace

void validate_tolerations(const std::string& json, const FieldPath& annotations, std::string_view annotation,
                          FaultList& faults) {
  const Document document = parse_json(json);
  const auto not_readable = [&] { faults.invalid(annotations, annotation, "not a list of tolerations in JSON"); };
  if (!document.root || !document.faults.empty()) return not_readable();
  if (document.root->kind == Node::Kind::kNull) return;
  if (document.root->kind != Node::Kind::kList) return not_readable();
  const FieldPath path = annotations / annotation;
  for (size_t i = 0; i < document.root->items.size(); ++i) {
    Toleration toleration;
    Node node = document.root->items[i];
    for (Entry& entry : node.entries) entry.key = json_name(entry.key);
    std::vector<UnknownField> unknown;
    if (node.kind != Node::Kind::kNull)
      decode(node, path[i].text(), type_of<Toleration>(), &toleration, faults, &unknown);
    validate_toleration(toleration, path[i], faults);
  }
}

void validate_scheduling(const PodSpec& spec, const std::map<std::string, std::string>& labels, const FieldPath& path,
                         FaultList& faults) {
  validate_labels(spec.node_selector, path / "nodeSelector", faults);
  if (spec.affinity) validate_affinity(*spec.affinity, labels, path / "affinity", faults);
  for (size_t i = 0; i < spec.readiness_gates.size(); ++i) {
    const std::string& type = spec.readiness_gates[i].condition_type;
    check_qualified_name(type, (path / "readinessGates")[i] / "conditionType", faults);
  }
  validate_gates(spec, path, faults);
  validate_spread_constraints(spec.topology_spread_constraints, labels, path / "topologySpreadConstraints", faults);
  validate_subdomain(spec.node_name, path / "nodeName", faults);
  for (size_t i = 0; i < spec.tolerations.size(); ++i)
    validate_toleration(spec.tolerations[i], (path / "tolerations")[i], faults);
  validate_subdomain(spec.priority_class_name, path / "priorityClassName", faults);
  // The apiserver drops schedulingGroup unchecked: the gate GenericWorkload is off.
}

}  // namespace api
