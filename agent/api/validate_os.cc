#include "agent/api/validate.h"
#include "base/concat.h"

namespace api {

namespace {

constexpr std::string_view kNotOfWindows = "cannot be set for a windows pod";
constexpr std::string_view kNotOfLinux = "windows options cannot be set for a linux pod";

// Reports the fields that are set and may not be.
class Forbid {
 public:
  Forbid(const FieldPath& path, FaultList& faults) : path_(path), faults_(faults) {}
  void operator()(bool is_set, std::string_view field) {
    if (is_set) faults_.forbidden(path_ / field, kNotOfWindows);
  }

 private:
  const FieldPath& path_;
  FaultList& faults_;
};

void validate_linux(const PodSpec& spec, const FieldPath& path, FaultList& faults) {
  if (spec.security_context && spec.security_context->windows_options)
    faults.forbidden(path / "securityContext" / "windowsOptions", kNotOfLinux);
  visit_containers(spec, path, [&](const Container& container, const FieldPath& item) {
    if (container.security_context && container.security_context->windows_options)
      faults.forbidden(item / "securityContext" / "windowsOptions", kNotOfLinux);
  });
}

void forbid_of_pod(const PodSecurityContext& context, const FieldPath& path, FaultList& faults) {
  Forbid forbid(path, faults);
  forbid(context.app_armor_profile.has_value(), "appArmorProfile");
  forbid(context.selinux_options.has_value(), "seLinuxOptions");
  forbid(context.seccomp_profile.has_value(), "seccompProfile");
  forbid(context.fs_group.has_value(), "fsGroup");
  forbid(context.fs_group_change_policy.has_value(), "fsGroupChangePolicy");
  forbid(!context.sysctls.empty(), "sysctls");
  forbid(context.run_as_user.has_value(), "runAsUser");
  forbid(context.run_as_group.has_value(), "runAsGroup");
  forbid(context.supplemental_groups.is_said, "supplementalGroups");
  forbid(context.supplemental_groups_policy.has_value(), "supplementalGroupsPolicy");
  forbid(context.selinux_change_policy.has_value(), "seLinuxChangePolicy");
}

void forbid_of_container(const SecurityContext& context, const FieldPath& path, FaultList& faults) {
  Forbid forbid(path, faults);
  forbid(context.app_armor_profile.has_value(), "appArmorProfile");
  forbid(context.selinux_options.has_value(), "seLinuxOptions");
  forbid(context.seccomp_profile.has_value(), "seccompProfile");
  forbid(context.capabilities.has_value(), "capabilities");
  forbid(context.read_only_root_filesystem.has_value(), "readOnlyRootFilesystem");
  forbid(context.privileged.has_value(), "privileged");
  forbid(context.allow_privilege_escalation.has_value(), "allowPrivilegeEscalation");
  forbid(context.proc_mount.has_value(), "procMount");
  forbid(context.run_as_user.has_value(), "runAsUser");
  forbid(context.run_as_group.has_value(), "runAsGroup");
}

void validate_windows(const PodSpec& spec, const FieldPath& path, FaultList& faults) {
  Forbid forbid(path, faults);
  if (spec.security_context) forbid_of_pod(*spec.security_context, path / "securityContext", faults);
  forbid(spec.host_users.has_value(), "hostUsers");
  forbid(spec.host_pid, "hostPID");
  forbid(spec.host_ipc, "hostIPC");
  forbid(spec.share_process_namespace.has_value(), "shareProcessNamespace");
  visit_containers(spec, path, [&](const Container& container, const FieldPath& item) {
    if (container.security_context) forbid_of_container(*container.security_context, item / "securityContext", faults);
  });
}

std::optional<bool> host_process(const Boxed<WindowsSecurityContextOptions>& options) {
  return options ? options->host_process : std::nullopt;
}

}  // namespace

void validate_os(const PodSpec& spec, const FieldPath& path, FaultList& faults) {
  if (!spec.os) return;
  if (spec.os->name.empty())
    faults.required(path / "os" / "name");
  else if (spec.os->name == "linux")
    validate_linux(spec, path, faults);
  else if (spec.os->name == "windows")
    validate_windows(spec, path, faults);
  else
    faults.unsupported(path / "os", spec.os->name, {"linux", "windows"});
}

void validate_host_processes(const PodSpec& spec, const FieldPath& path, FaultList& faults) {
  const std::optional<bool> of_pod =
      spec.security_context ? host_process(spec.security_context->windows_options) : std::nullopt;
  size_t containers = 0;
  size_t host_processes = 0;
  visit_containers(spec, path, [&](const Container& container, const FieldPath& item) {
    const std::optional<bool> own =
        container.security_context ? host_process(container.security_context->windows_options) : std::nullopt;
    if (of_pod && own && *of_pod != *own)
      faults.add(item / "securityContext" / "windowsOptions" / "hostProcess",
                 base::concat("Invalid value: ", *own ? "true" : "false",
                              ": pod hostProcess value must be identical if both are specified, was ",
                              *of_pod ? "true" : "false"));
    ++containers;
    if (own.value_or(of_pod.value_or(false))) ++host_processes;
  });
  if (host_processes == 0) return;
  if (host_processes != containers)
    faults.invalid(path, "",
                   "If pod contains any hostProcess containers then all containers must be HostProcess containers");
  if (!spec.host_network)
    faults.add(path / "hostNetwork",
               "Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers");
}

}  // namespace api
