#include <algorithm>
#include <array>
#include <set>

#include "agent/api/forms.h"
#include "agent/api/validate.h"

namespace api {

namespace {

// What strings.TrimSpace of Go's library takes off: Unicode's white space, in UTF-8.
constexpr std::array<std::string_view, 25> kSpaces{" ",
                                                   "\t",
                                                   "\n",
                                                   "\v",
                                                   "\f",
                                                   "\r",
                                                   "\xC2\x85",
                                                   "\xC2\xA0",
                                                   "\xE1\x9A\x80",
                                                   "\xE2\x80\x80",
                                                   "\xE2\x80\x81",
                                                   "\xE2\x80\x82",
                                                   "\xE2\x80\x83",
                                                   "\xE2\x80\x84",
                                                   "\xE2\x80\x85",
                                                   "\xE2\x80\x86",
                                                   "\xE2\x80\x87",
                                                   "\xE2\x80\x88",
                                                   "\xE2\x80\x89",
                                                   "\xE2\x80\x8A",
                                                   "\xE2\x80\xA8",
                                                   "\xE2\x80\xA9",
                                                   "\xE2\x80\xAF",
                                                   "\xE2\x81\x9F",
                                                   "\xE3\x80\x80"};

void validate_name(const Container& container, const FieldPath& path, FaultList& faults) {
  if (container.name.empty())
    faults.required(path / "name");
  else
    check_dns_label(container.name, path / "name", faults);
}

void validate_image(const std::string& image, const FieldPath& path, PodForm form, FaultList& faults) {
  if (image.empty()) return faults.required(path);
  const bool padded = std::ranges::any_of(
      kSpaces, [&](std::string_view space) { return image.starts_with(space) || image.ends_with(space); });
  // Tools put such an image into a template as a place to fill in.
  if (padded && form == PodForm::kPod) faults.invalid(path, image, "must not have leading or trailing whitespace");
}

void validate_resize_policy(const Container& container, const PodSpec& spec, const FieldPath& path, FaultList& faults) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < container.resize_policy.size(); ++i) {
    const ContainerResizePolicy& policy = container.resize_policy[i];
    // The apiserver names the list for all but duplicates.
    if (!names.insert(policy.resource_name).second) faults.duplicate(path[i], policy.resource_name);
    if (policy.resource_name.empty())
      faults.required(path);
    else if (policy.resource_name != "cpu" && policy.resource_name != "memory")
      faults.unsupported(path, policy.resource_name, {"cpu", "memory"});
    if (!policy.restart_policy)
      faults.required(path);
    else if (spec.restart_policy == RestartPolicy::kNever && policy.restart_policy != ResizeRestartPolicy::kNotRequired)
      faults.invalid(path, to_string(*policy.restart_policy),
                     "must be 'NotRequired' when pod `restartPolicy` is 'Never'");
  }
}

void validate_restart_rule(const ContainerRestartRule& rule, const FieldPath& path, FaultList& faults) {
  constexpr size_t kMaxExitCodes = 255;
  if (!rule.action) faults.unsupported(path / "action", "", {"Restart", "RestartAllContainers"});
  const FieldPath codes = path / "exitCodes";
  if (!rule.exit_codes) return faults.required(codes, "must be specified");
  if (!rule.exit_codes->operator_) faults.unsupported(codes / "operator", "", {"In", "NotIn"});
  if (rule.exit_codes->values.size() > kMaxExitCodes)
    faults.too_many(codes / "values", rule.exit_codes->values.size(), kMaxExitCodes);
}

void validate_restart(const Container& container, const FieldPath& path, FaultList& faults) {
  constexpr size_t kMaxRestartRules = 20;
  const std::vector<ContainerRestartRule>& rules = container.restart_policy_rules;
  if (rules.empty()) return;
  if (!container.restart_policy)
    faults.required(path / "restartPolicy", "must specify restartPolicy when restart rules are used");
  const FieldPath field = path / "restartPolicyRules";
  if (rules.size() > kMaxRestartRules) faults.too_many(field, rules.size(), kMaxRestartRules);
  for (size_t i = 0; i < rules.size(); ++i) validate_restart_rule(rules[i], field[i], faults);
}

// The rules of every container, whichever list it is in.
void validate_common(const Container& container, const PodSpec& spec, const FieldPath& path, PodForm form,
                     FaultList& faults) {
  validate_name(container, path, faults);
  validate_image(container.image, path / "image", form, faults);
  validate_ports(container.ports, path, faults);
  validate_env(container, spec, path, faults);
  validate_mounts(container, spec, path, faults);
  validate_resources(container.resources, spec, path / "resources", faults);
  validate_resize_policy(container, spec, path / "resizePolicy", faults);
  if (container.security_context)
    validate_security(*container.security_context, spec, path / "securityContext", faults);
  validate_restart(container, path, faults);
}

// A container that ends before the others begin has nobody to be ready for.
void refuse_hooks_and_probes(const Container& container, const FieldPath& path, FaultList& faults) {
  const auto refuse = [&](bool is_set, std::string_view field) {
    if (is_set) faults.forbidden(path / field, "may not be set for init containers without restartPolicy=Always");
  };
  // A lifecycle of nothing but stopSignal goes with it (validate_probe.cc).
  const bool goes = container.lifecycle && container.lifecycle->stop_signal && !container.lifecycle->post_start &&
                    !container.lifecycle->pre_stop;
  refuse(container.lifecycle && !goes, "lifecycle");
  refuse(container.liveness_probe.has_value(), "livenessProbe");
  refuse(container.readiness_probe.has_value(), "readinessProbe");
  refuse(container.startup_probe.has_value(), "startupProbe");
  for (size_t i = 0; i < container.resize_policy.size(); ++i)
    if (container.resize_policy[i].restart_policy == ResizeRestartPolicy::kRestartContainer)
      faults.invalid((path / "resizePolicy")[i] / "restartPolicy", "RestartContainer",
                     "must not be set to 'RestartContainer' for non-sidecar initContainers");
}

void validate_init_container(const Container& container, const PodSpec& spec, const FieldPath& path, PodForm form,
                             FaultList& faults) {
  validate_common(container, spec, path, form, faults);
  if (container.is_sidecar())
    validate_lifecycle_and_probes(container, spec, path, faults);
  else
    refuse_hooks_and_probes(container, path, faults);
}

}  // namespace

void validate_containers(const PodSpec& spec, const FieldPath& path, PodForm form, FaultList& faults) {
  std::set<std::string_view> names;
  const auto check_unique = [&](const Container& container, const FieldPath& item) {
    if (!container.name.empty() && !names.insert(container.name).second)
      faults.duplicate(item / "name", container.name);
  };
  const FieldPath list = path / "containers";
  if (spec.containers.empty()) faults.required(list, "a pod needs at least one container");
  std::set<std::string> taken_ports;
  for (size_t i = 0; i < spec.containers.size(); ++i) {
    const Container& container = spec.containers[i];
    validate_common(container, spec, list[i], form, faults);
    check_unique(container, list[i]);
    validate_lifecycle_and_probes(container, spec, list[i], faults);
    validate_host_port_conflicts(container.ports, list[i], taken_ports, faults);
    if (spec.host_network) validate_host_network_ports(container.ports, list[i], form, faults);
  }

  const FieldPath init_list = path / "initContainers";
  for (size_t i = 0; i < spec.init_containers.size(); ++i) {
    validate_init_container(spec.init_containers[i], spec, init_list[i], form, faults);
    check_unique(spec.init_containers[i], init_list[i]);
    // They run one after the other, so that each may have a port that another has.
    std::set<std::string> own_ports;
    validate_host_port_conflicts(spec.init_containers[i].ports, init_list[i], own_ports, faults);
  }
  if (!spec.ephemeral_containers.empty())
    faults.forbidden(path / "ephemeralContainers", form == PodForm::kPod
                                                       ? "cannot be set on create"
                                                       : "ephemeral containers not allowed in pod template");
}

}  // namespace api
