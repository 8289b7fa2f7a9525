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
    if (!policy.restart_policy) faults.required(path);
    if (spec.restart_policy == RestartPolicy::kNever && policy.restart_policy != ResizeRestartPolicy::kNotRequired)
      faults.invalid(path, policy.restart_policy ? to_string(*policy.restart_policy) : "",
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

enum class ContainerKind : uint8_t { kRegular, kInit };

void validate_restart(const Container& container, ContainerKind kind, const FieldPath& path, FaultList& faults) {
  constexpr size_t kMaxRestartRules = 20;
  const std::vector<ContainerRestartRule>& rules = container.restart_policy_rules;
  if (rules.empty()) return;
  if (!container.restart_policy) {
    faults.required(path / "restartPolicy", "must specify restartPolicy when restart rules are used");
    if (kind == ContainerKind::kInit) return;
  }
  const FieldPath field = path / "restartPolicyRules";
  if (rules.size() > kMaxRestartRules) faults.too_many(field, rules.size(), kMaxRestartRules);
  for (size_t i = 0; i < rules.size(); ++i) validate_restart_rule(rules[i], field[i], faults);
}

// A pod with what the checks of its containers need of it.
struct PodCheck {
  const PodSpec& spec;
  const Volumes& volumes;
  PodForm form;
};

// The rules of every container, whichever list it is in.
void validate_common(const Container& container, const PodCheck& pod, const FieldPath& path, FaultList& faults) {
  validate_name(container, path, faults);
  validate_image(container.image, path / "image", pod.form, faults);
  validate_ports(container.ports, path, faults);
  validate_env(container, pod.spec, path, faults);
  validate_mounts(container, pod.volumes, path, faults);
  validate_resources(container.resources, ResourcesOf::kContainer, pod.spec, path / "resources", faults);
  validate_resize_policy(container, pod.spec, path / "resizePolicy", faults);
  if (container.security_context)
    validate_security(*container.security_context, pod.spec, path / "securityContext", faults);
}

// A container that ends before the others begin has nobody to be ready for.
void refuse_hooks_and_probes(const Container& container, const FieldPath& path, FaultList& faults) {
  const auto refuse = [&](bool is_set, std::string_view field) {
    if (is_set) faults.forbidden(path / field, "may not be set for init containers without restartPolicy=Always");
  };
  refuse(has_lifecycle(container), "lifecycle");
  refuse(container.liveness_probe.has_value(), "livenessProbe");
  refuse(container.readiness_probe.has_value(), "readinessProbe");
  refuse(container.startup_probe.has_value(), "startupProbe");
  for (size_t i = 0; i < container.resize_policy.size(); ++i)
    if (container.resize_policy[i].restart_policy == ResizeRestartPolicy::kRestartContainer)
      faults.invalid((path / "resizePolicy")[i] / "restartPolicy", "RestartContainer",
                     "must not be set to 'RestartContainer' for non-sidecar initContainers");
}

void validate_init_container(const Container& container, const PodCheck& pod, const FieldPath& path,

                             FaultList& faults) {
  validate_common(container, pod, path, faults);
  validate_restart(container, ContainerKind::kInit, path, faults);
  if (container.is_sidecar())
    validate_lifecycle_and_probes(container, pod.spec, path, faults);
  else
    refuse_hooks_and_probes(container, path, faults);
}

// Nothing that a service of the pod could rely on.
void refuse_services(const EphemeralContainer& container, const FieldPath& path, FaultList& faults) {
  constexpr std::string_view kRule = "cannot be set for an Ephemeral Container";
  const auto refuse = [&](bool is_set, std::string_view field) {
    if (is_set) faults.forbidden(path / field, kRule);
  };
  refuse(!container.ports.empty(), "ports");
  refuse(container.resources != ResourceRequirements(), "resources");
  refuse(!container.resize_policy.empty(), "resizePolicy");
  refuse(container.restart_policy.has_value(), "restartPolicy");
  refuse(!container.restart_policy_rules.empty(), "restartPolicyRules");
  refuse(container.liveness_probe.has_value(), "livenessProbe");
  refuse(container.readiness_probe.has_value(), "readinessProbe");
  refuse(container.startup_probe.has_value(), "startupProbe");
  refuse(has_lifecycle(container), "lifecycle");
  for (size_t i = 0; i < container.volume_mounts.size(); ++i) {
    const FieldPath mount = (path / "volumeMounts")[i];
    if (!container.volume_mounts[i].sub_path.empty()) faults.forbidden(mount / "subPath", kRule);
    if (!container.volume_mounts[i].sub_path_expr.empty()) faults.forbidden(mount / "subPathExpr", kRule);
  }
}

// `names` are those of the other containers.
void validate_ephemeral_containers(const PodCheck& pod, std::set<std::string_view> names, const FieldPath& list,
                                   FaultList& faults) {
  const std::set<std::string_view> others = names;
  for (size_t i = 0; i < pod.spec.ephemeral_containers.size(); ++i) {
    const EphemeralContainer& container = pod.spec.ephemeral_containers[i];
    validate_common(container, {pod.spec, pod.volumes, PodForm::kPod}, list[i], faults);
    if (!names.insert(container.name).second) faults.duplicate(list[i] / "name", container.name);
    if (!container.target_container_name.empty() && !others.contains(container.target_container_name))
      faults.not_found(list[i] / "targetContainerName", container.target_container_name);
    refuse_services(container, list[i], faults);
  }
}

}  // namespace

bool has_lifecycle(const Container& container) {
  if (!container.lifecycle) return false;
  const Lifecycle& lifecycle = *container.lifecycle;
  return !lifecycle.stop_signal || lifecycle.post_start || lifecycle.pre_stop;
}

void validate_containers(const PodSpec& spec, const Volumes& volumes, const FieldPath& path, PodForm form,
                         FaultList& faults) {
  const PodCheck pod{.spec = spec, .volumes = volumes, .form = form};
  std::set<std::string_view> names;
  const FieldPath list = path / "containers";
  if (spec.containers.empty()) faults.required(list, "a pod needs at least one container");
  std::set<std::string> taken_ports;
  for (size_t i = 0; i < spec.containers.size(); ++i) {
    const Container& container = spec.containers[i];
    validate_common(container, pod, list[i], faults);
    validate_restart(container, ContainerKind::kRegular, list[i], faults);
    if (!names.insert(container.name).second) faults.duplicate(list[i] / "name", container.name);
    validate_lifecycle_and_probes(container, spec, list[i], faults);
    validate_host_port_conflicts(container.ports, list[i], taken_ports, faults);
    if (spec.host_network) validate_host_network_ports(container.ports, list[i], form, faults);
  }

  const FieldPath init_list = path / "initContainers";
  for (size_t i = 0; i < spec.init_containers.size(); ++i) {
    const Container& container = spec.init_containers[i];
    validate_init_container(container, pod, init_list[i], faults);
    if (names.contains(container.name))
      faults.duplicate(init_list[i] / "name", container.name);
    else if (!container.name.empty())
      names.insert(container.name);
    // They run one after the other, so that each may have a port that another has. The apiserver names the first one,
    // whichever it is.
    std::set<std::string> own_ports;
    validate_host_port_conflicts(container.ports, init_list[0], own_ports, faults);
  }
  if (spec.ephemeral_containers.empty()) return;
  const FieldPath ephemeral_list = path / "ephemeralContainers";
  validate_ephemeral_containers(pod, names, ephemeral_list, faults);
  faults.forbidden(ephemeral_list, form == PodForm::kPod ? "cannot be set on create"
                                                         : "ephemeral containers not allowed in pod template");
}

}  // namespace api
