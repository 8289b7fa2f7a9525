#include <algorithm>
#include <limits>

#include "agent/api/forms.h"
#include "agent/api/names.h"
#include "agent/api/validate.h"

namespace api {

namespace {

// "25%": digits and the sign.
std::optional<int64_t> percent(const IntOrString& value) {
  if (!value.is_string || !value.text.ends_with('%')) return std::nullopt;
  const std::string_view digits = std::string_view(value.text).substr(0, value.text.size() - 1);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  // Whatever is larger than this is too large as well.
  constexpr size_t kMaxDigits = 9;
  const size_t first = std::min(digits.find_first_not_of('0'), digits.size());
  if (digits.size() - first > kMaxDigits) return std::numeric_limits<int64_t>::max();
  int64_t number = 0;
  for (const char digit : digits) number = number * 10 + (digit - '0');
  return number;
}

// Text that is no percentage counts as the number it is, and as 0 where it is none.
bool is_zero(const IntOrString& value) {
  if (!value.is_string) return value.number == 0;
  if (const std::optional<int64_t> share = percent(value)) return share == 0;
  return read_whole(value.text).value_or(0) == 0;
}

enum class Most : uint8_t { kAny, kAll };  // how much may be asked for: more than there is, or all there is

void validate_share(const IntOrString& value, Most most, const FieldPath& path, FaultList& faults) {
  constexpr int64_t kAll = 100;
  if (!value.is_string)
    check_non_negative(value.number, path, faults);
  else if (!percent(value))
    faults.invalid(path, value.text,
                   "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', "
                   "regex used for validation is '[0-9]+%')");
  else if (most == Most::kAll && *percent(value) > kAll)
    faults.invalid(path, value.text, "must not be greater than 100%");
}

std::string text_of(const IntOrString& value) { return value.is_string ? value.text : std::to_string(value.number); }

// A selector has to choose something.
void validate_selector(const LabelSelector& selector, std::string_view kind, const FieldPath& path, FaultList& faults) {
  validate_label_selector(selector, path, faults);
  if (selector.match_labels.empty() && selector.match_expressions.empty())
    faults.add(path, base::concat("Invalid value: empty selector is invalid for ", kind));
}

// Pods of these kinds run until somebody ends them.
void validate_endless(const PodSpec& spec, std::string_view kind, const FieldPath& path, FaultList& faults) {
  if (spec.restart_policy != RestartPolicy::kAlways)
    faults.unsupported(path / "restartPolicy", to_string(spec.restart_policy), {"Always"});
  if (spec.active_deadline_seconds)
    faults.forbidden(path / "activeDeadlineSeconds",
                     base::concat("activeDeadlineSeconds in ", kind, " is not Supported"));
}

void validate_own_template(const PodTemplateSpec& pod_template, const Boxed<LabelSelector>& selector,
                           std::string_view kind, const FieldPath& path, FaultList& faults) {
  validate_selected(selector, pod_template, path, faults);
  validate_pod_template(pod_template, path, faults);
  validate_endless(pod_template.spec, kind, path / "spec", faults);
}

// The kinds that have to have a selector. False: with this one, the apiserver does not look at the template.
bool validate_required_selector(const Boxed<LabelSelector>& selector, std::string_view kind, const FieldPath& path,
                                FaultList& faults) {
  if (!selector) {
    faults.required(path);
    return true;
  }
  validate_selector(*selector, kind, path, faults);
  if (is_selector(*selector)) return true;
  faults.add(path, "Invalid value: invalid label selector");
  return false;
}

void validate_rolling_update(const RollingUpdateDeployment& update, const FieldPath& path, FaultList& faults) {
  const IntOrString none = IntOrString::of(0);
  const IntOrString unavailable = update.max_unavailable.value_or(none);
  const IntOrString surge = update.max_surge.value_or(none);
  validate_share(unavailable, Most::kAll, path / "maxUnavailable", faults);
  validate_share(surge, Most::kAny, path / "maxSurge", faults);
  if (is_zero(unavailable) && is_zero(surge))
    faults.invalid(path / "maxUnavailable", text_of(unavailable), "may not be 0 when `maxSurge` is 0");
}

void validate_strategy(const DeploymentStrategy& strategy, const FieldPath& path, FaultList& faults) {
  if (!strategy.rolling_update) return;
  if (strategy.type == DeploymentStrategyType::kRecreate)
    faults.forbidden(path / "rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
  else
    validate_rolling_update(*strategy.rolling_update, path / "rollingUpdate", faults);
}

// A node's pod is missing for a while, or there are two of it; not both, and not neither.
void validate_strategy(const DaemonSetUpdateStrategy& strategy, const FieldPath& path, FaultList& faults) {
  if (strategy.type != UpdateStrategyType::kRollingUpdate || !strategy.rolling_update) return;
  const FieldPath update = path / "rollingUpdate";
  const IntOrString none = IntOrString::of(0);
  const IntOrString unavailable = strategy.rolling_update->max_unavailable.value_or(none);
  const IntOrString surge = strategy.rolling_update->max_surge.value_or(none);
  validate_share(unavailable, Most::kAll, update / "maxUnavailable", faults);
  validate_share(surge, Most::kAll, update / "maxSurge", faults);
  if (!is_zero(unavailable) && !is_zero(surge))
    faults.invalid(update / "maxSurge", text_of(surge), "may not be set when maxUnavailable is non-zero");
  if (is_zero(unavailable) && is_zero(surge))
    faults.required(update / "maxUnavailable", "cannot be 0 when maxSurge is 0");
}

void validate_strategy(const StatefulSetUpdateStrategy& strategy, const FieldPath& path, FaultList& faults) {
  if (!strategy.rolling_update) return;
  const FieldPath update = path / "rollingUpdate";
  if (strategy.type == UpdateStrategyType::kOnDelete)
    return faults.add(update, "Invalid value: only allowed for updateStrategy 'RollingUpdate'");
  check_non_negative(strategy.rolling_update->partition.value_or(0), update / "partition", faults);
  const std::optional<IntOrString>& unavailable = strategy.rolling_update->max_unavailable;
  if (!unavailable) return;
  validate_share(*unavailable, Most::kAll, update / "maxUnavailable", faults);
  if (is_zero(*unavailable)) faults.invalid(update / "maxUnavailable", text_of(*unavailable), "cannot be 0");
}

// What older versions of the API have as a field is an annotation in this one: a whole number.
std::optional<int64_t> read_annotation(const ObjectMeta& metadata, const std::string& key, FaultList& faults) {
  const auto found = metadata.annotations.find(key);
  if (found == metadata.annotations.end() || found->second.empty()) return std::nullopt;
  const std::optional<int64_t> value = read_whole(found->second);
  if (!value)
    faults.invalid(FieldPath("metadata.annotations").key(key), found->second, "must be a whole number of 64 bits");
  return value;
}

void validate_rollback(const ObjectMeta& metadata, FaultList& faults) {
  const std::optional<int64_t> revision = read_annotation(metadata, "deprecated.deployment.rollback.to", faults);
  check_non_negative(revision.value_or(0), FieldPath("spec.rollback.version"), faults);
}

// What the pods of the set are made with: the claims are volumes, over the template's own of that name; host name and
// subdomain are the set's.
PodTemplateSpec with_claims(const StatefulSetSpec& spec) {
  PodTemplateSpec made = spec.pod_template;
  made.spec.hostname.clear();
  made.spec.subdomain.clear();
  for (const PersistentVolumeClaim& claim : spec.volume_claim_templates) {
    std::erase_if(made.spec.volumes, [&](const Volume& volume) { return volume.name == claim.metadata.name; });
    Volume& volume = made.spec.volumes.emplace_back();
    volume.name = claim.metadata.name;
    volume.persistent_volume_claim.emplace().claim_name = claim.metadata.name;
  }
  return made;
}

}  // namespace

void validate_object(const Deployment& deployment, FaultList& faults) {
  validate_metadata(deployment.metadata, Scope::kNamespaced, faults);
  validate_rollback(deployment.metadata, faults);
  const DeploymentSpec& spec = deployment.spec;
  const FieldPath path("spec");
  check_non_negative(spec.replicas.value_or(1), path / "replicas", faults);
  if (validate_required_selector(spec.selector, "deployment", path / "selector", faults))
    validate_own_template(spec.pod_template, spec.selector, "ReplicaSet", path / "template", faults);
  validate_strategy(spec.strategy, path / "strategy", faults);
  check_non_negative(spec.min_ready_seconds, path / "minReadySeconds", faults);
  check_non_negative(spec.revision_history_limit.value_or(0), path / "revisionHistoryLimit", faults);
  if (!spec.progress_deadline_seconds) return;
  const FieldPath deadline = path / "progressDeadlineSeconds";
  check_non_negative(*spec.progress_deadline_seconds, deadline, faults);
  if (*spec.progress_deadline_seconds <= spec.min_ready_seconds)
    faults.invalid(deadline, *spec.progress_deadline_seconds, "must be greater than minReadySeconds");
}

void validate_object(const ReplicaSet& set, FaultList& faults) {
  validate_metadata(set.metadata, Scope::kNamespaced, faults);
  const FieldPath path("spec");
  check_non_negative(set.spec.replicas.value_or(1), path / "replicas", faults);
  check_non_negative(set.spec.min_ready_seconds, path / "minReadySeconds", faults);
  if (validate_required_selector(set.spec.selector, "deployment", path / "selector", faults))
    validate_own_template(set.spec.pod_template, set.spec.selector, "ReplicaSet", path / "template", faults);
}

void validate_object(const DaemonSet& set, FaultList& faults) {
  validate_metadata(set.metadata, Scope::kNamespaced, faults);
  read_annotation(set.metadata, "deprecated.daemonset.template.generation", faults);
  const DaemonSetSpec& spec = set.spec;
  const FieldPath path("spec");
  if (spec.selector) validate_selector(*spec.selector, "daemonset", path / "selector", faults);
  validate_own_template(spec.pod_template, spec.selector, "DaemonSet", path / "template", faults);
  check_non_negative(spec.min_ready_seconds, path / "minReadySeconds", faults);
  validate_strategy(spec.update_strategy, path / "updateStrategy", faults);
  check_non_negative(spec.revision_history_limit.value_or(0), path / "revisionHistoryLimit", faults);
}

void validate_object(const StatefulSet& set, FaultList& faults) {
  validate_metadata(set.metadata, Scope::kNamespaced, faults, NameForm::kLabel);  // its pods' hosts are named after it
  const StatefulSetSpec& spec = set.spec;
  const FieldPath path("spec");
  validate_strategy(spec.update_strategy, path / "updateStrategy", faults);
  check_non_negative(spec.replicas.value_or(1), path / "replicas", faults);
  check_non_negative(spec.min_ready_seconds, path / "minReadySeconds", faults);
  if (spec.ordinals) check_non_negative(spec.ordinals->start, path / "ordinals.start", faults);
  if (!spec.service_name.empty()) check_dns_label(spec.service_name, path / "serviceName", faults);
  if (validate_required_selector(spec.selector, "statefulset", path / "selector", faults))
    validate_own_template(with_claims(spec), spec.selector, "StatefulSet", path / "template", faults);
  else
    validate_endless(spec.pod_template.spec, "StatefulSet", path / "template.spec", faults);
  for (size_t i = 0; i < spec.volume_claim_templates.size(); ++i)
    validate_claim_spec(spec.volume_claim_templates[i].spec, (path / "volumeClaimTemplates")[i] / "spec", faults);
}

}  // namespace api
