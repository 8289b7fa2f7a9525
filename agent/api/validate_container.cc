#include <algorithm>
#include <set>

#include "agent/api/document.h"
#include "agent/api/names.h"
#include "agent/api/validate.h"
#include "base/concat.h"

namespace api {

namespace {

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

void validate_image(const Container& container, const FieldPath& path, FaultList& faults) {
  const FieldPath field = path / "image";
  if (container.image.empty()) return faults.required(field);
  if (blank(container.image.front()) || blank(container.image.back()))
    faults.invalid(field, container.image, "must not have leading or trailing whitespace");
}

void validate_env(const Container& container, const FieldPath& path, FaultList& faults) {
  for (size_t i = 0; i < container.env.size(); ++i) {
    const FieldPath field = (path / "env")[i] / "name";
    const std::string& name = container.env[i].name;
    if (name.empty())
      faults.required(field);
    else if (!is_env_name(name))
      faults.invalid(field, name, "must be printable ASCII characters without '='");
  }
}

void validate_ports(const Container& container, const FieldPath& path, bool host_network, FaultList& faults) {
  constexpr int32_t kMaxPort = 65535;
  constexpr std::string_view kRange = "must be between 1 and 65535, inclusive";
  std::set<std::string_view> names;
  for (size_t i = 0; i < container.ports.size(); ++i) {
    const ContainerPort& port = container.ports[i];
    const FieldPath item = (path / "ports")[i];
    if (!port.name.empty()) {
      if (!is_port_name(port.name)) faults.invalid(item / "name", port.name, kPortNameForm);
      if (!names.insert(port.name).second) faults.duplicate(item / "name", port.name);
    }
    if (port.container_port == 0)
      faults.required(item / "containerPort");
    else if (port.container_port < 0 || port.container_port > kMaxPort)
      faults.invalid(item / "containerPort", port.container_port, kRange);
    if (port.host_port == 0) continue;
    if (port.host_port < 0 || port.host_port > kMaxPort)
      faults.invalid(item / "hostPort", port.host_port, kRange);
    else if (host_network && port.host_port != port.container_port)
      faults.invalid(item / "hostPort", port.host_port, "must match `containerPort` when `hostNetwork` is true");
  }
}

void validate_mounts(const Container& container, const FieldPath& path, const PodSpec& spec, FaultList& faults) {
  std::set<std::string_view> targets;
  for (size_t i = 0; i < container.volume_mounts.size(); ++i) {
    const VolumeMount& mount = container.volume_mounts[i];
    const FieldPath item = (path / "volumeMounts")[i];
    if (mount.name.empty())
      faults.required(item / "name");
    else if (std::ranges::find(spec.volumes, mount.name, &Volume::name) == spec.volumes.end())
      faults.not_found(item / "name", mount.name);
    const FieldPath field = item / "mountPath";
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

void validate_security(const SecurityContext& context, const FieldPath& path, FaultList& faults) {
  validate_identity(context.run_as_user, path / "runAsUser", faults);
  validate_identity(context.run_as_group, path / "runAsGroup", faults);
  if (!context.capabilities) return;
  const auto has_empty = [](const std::vector<std::string>& names) {
    return std::ranges::find(names, std::string()) != names.end();
  };
  if (has_empty(context.capabilities->add)) faults.required(path / "capabilities.add", "a capability");
  if (has_empty(context.capabilities->drop)) faults.required(path / "capabilities.drop", "a capability");
  if (context.allow_privilege_escalation != false) return;
  const bool adds_admin = std::ranges::any_of(context.capabilities->add, [](const std::string& name) {
    return name == "SYS_ADMIN" || name == "CAP_SYS_ADMIN";
  });
  if (adds_admin)
    faults.add(path / "allowPrivilegeEscalation",
               "Invalid value: false: cannot be false while capabilities.add has SYS_ADMIN");
}

}  // namespace

void validate_identity(const std::optional<int64_t>& id, const FieldPath& path, FaultList& faults) {
  constexpr int64_t kMax = 2147483647;
  if (id && (*id < 0 || *id > kMax)) faults.invalid(path, *id, "must be between 0 and 2147483647, inclusive");
}

void validate_container(const Container& container, const FieldPath& path, const PodSpec& spec, FaultList& faults) {
  const FieldPath name_field = path / "name";
  if (container.name.empty())
    faults.required(name_field);
  else if (!is_dns_label(container.name))
    faults.invalid(name_field, container.name, kDnsLabelForm);
  validate_image(container, path, faults);
  validate_env(container, path, faults);
  validate_ports(container, path, spec.host_network, faults);
  validate_mounts(container, path, spec, faults);
  if (container.security_context) validate_security(*container.security_context, path / "securityContext", faults);
}

}  // namespace api
