#include <algorithm>
#include <set>

#include "agent/api/document.h"
#include "agent/api/names.h"
#include "agent/api/validate.h"
#include "base/concat.h"

namespace api {

namespace {

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

void validate_image(const Container& container, const std::string& path, FaultList& faults) {
  const std::string field = child_path(path, "image");
  if (container.image.empty()) return faults.required(field);
  if (blank(container.image.front()) || blank(container.image.back()))
    faults.invalid(field, container.image, "must not have leading or trailing whitespace");
}

void validate_env(const Container& container, const std::string& path, FaultList& faults) {
  for (size_t i = 0; i < container.env.size(); ++i) {
    const std::string field = child_path(item_path(child_path(path, "env"), i), "name");
    const std::string& name = container.env[i].name;
    if (name.empty())
      faults.required(field);
    else if (!is_env_name(name))
      faults.invalid(field, name, "must be printable ASCII characters without '='");
  }
}

void validate_ports(const Container& container, const std::string& path, bool host_network, FaultList& faults) {
  constexpr int32_t kMaxPort = 65535;
  constexpr std::string_view kRange = "must be between 1 and 65535, inclusive";
  std::set<std::string_view> names;
  for (size_t i = 0; i < container.ports.size(); ++i) {
    const ContainerPort& port = container.ports[i];
    const std::string item = item_path(child_path(path, "ports"), i);
    if (!port.name.empty()) {
      if (!is_port_name(port.name)) faults.invalid(child_path(item, "name"), port.name, kPortNameForm);
      if (!names.insert(port.name).second) faults.duplicate(child_path(item, "name"), port.name);
    }
    if (port.container_port == 0)
      faults.required(child_path(item, "containerPort"));
    else if (port.container_port < 0 || port.container_port > kMaxPort)
      faults.invalid_number(child_path(item, "containerPort"), port.container_port, kRange);
    if (port.host_port == 0) continue;
    if (port.host_port < 0 || port.host_port > kMaxPort)
      faults.invalid_number(child_path(item, "hostPort"), port.host_port, kRange);
    else if (!host_network)
      faults.not_carried_out(child_path(item, "hostPort"));
    else if (port.host_port != port.container_port)
      faults.invalid_number(child_path(item, "hostPort"), port.host_port,
                            "must match `containerPort` when `hostNetwork` is true");
  }
}

void validate_mounts(const Container& container, const std::string& path, const PodSpec& spec, FaultList& faults) {
  std::set<std::string_view> targets;
  for (size_t i = 0; i < container.volume_mounts.size(); ++i) {
    const VolumeMount& mount = container.volume_mounts[i];
    const std::string item = item_path(child_path(path, "volumeMounts"), i);
    if (mount.name.empty())
      faults.required(child_path(item, "name"));
    else if (std::ranges::find(spec.volumes, mount.name, &Volume::name) == spec.volumes.end())
      faults.not_found(child_path(item, "name"), mount.name);
    const std::string field = child_path(item, "mountPath");
    if (mount.mount_path.empty()) {
      faults.required(field);
      continue;
    }
    if (!mount.mount_path.starts_with('/')) faults.invalid(field, mount.mount_path, "must be an absolute path");
    if (mount.mount_path.find(':') != std::string::npos)
      faults.invalid(field, mount.mount_path, "must not contain ':'");
    if (!targets.insert(mount.mount_path).second) faults.invalid(field, mount.mount_path, "must be unique");
  }
}

void validate_security(const SecurityContext& context, const std::string& path, FaultList& faults) {
  validate_identity(context.run_as_user, child_path(path, "runAsUser"), faults);
  validate_identity(context.run_as_group, child_path(path, "runAsGroup"), faults);
  if (!context.capabilities) return;
  const auto has_empty = [](const std::vector<std::string>& names) {
    return std::ranges::find(names, std::string()) != names.end();
  };
  if (has_empty(context.capabilities->add)) faults.required(child_path(path, "capabilities.add"), "a capability");
  if (has_empty(context.capabilities->drop)) faults.required(child_path(path, "capabilities.drop"), "a capability");
  if (context.allow_privilege_escalation != false) return;
  const bool adds_admin = std::ranges::any_of(context.capabilities->add, [](const std::string& name) {
    return name == "SYS_ADMIN" || name == "CAP_SYS_ADMIN";
  });
  if (adds_admin)
    faults.add(child_path(path, "allowPrivilegeEscalation"),
               "Invalid value: false: cannot be false while capabilities.add has SYS_ADMIN");
}

}  // namespace

void validate_identity(const std::optional<int64_t>& id, const std::string& path, FaultList& faults) {
  constexpr int64_t kMax = 2147483647;
  if (id && (*id < 0 || *id > kMax)) faults.invalid_number(path, *id, "must be between 0 and 2147483647, inclusive");
}

void validate_container(const Container& container, const std::string& path, bool is_init, const PodSpec& spec,
                        FaultList& faults) {
  const std::string name_field = child_path(path, "name");
  if (container.name.empty())
    faults.required(name_field);
  else if (!is_dns_label(container.name))
    faults.invalid(name_field, container.name, kDnsLabelForm);
  validate_image(container, path, faults);
  if (container.restart_policy) {
    const std::string field = child_path(path, "restartPolicy");
    if (!is_init)
      faults.not_carried_out(field);
    else if (!container.is_sidecar())
      faults.add(field, base::concat("the value \"", to_string(*container.restart_policy), "\" is ", kNotCarriedOut,
                                     ", which knows \"Always\" here: a sidecar"));
  }
  validate_env(container, path, faults);
  validate_ports(container, path, spec.host_network, faults);
  validate_mounts(container, path, spec, faults);
  if (container.security_context)
    validate_security(*container.security_context, child_path(path, "securityContext"), faults);
}

}  // namespace api
