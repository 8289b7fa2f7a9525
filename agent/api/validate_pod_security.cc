#include <algorithm>
#include <array>
#include <set>

#include "agent/api/names.h"
#include "agent/api/validate.h"
#include "base/concat.h"
#include "base/sysctl.h"

namespace api {

namespace {

void validate_sysctls(const PodSpec& spec, const std::vector<Sysctl>& sysctls, const FieldPath& path,
                      FaultList& faults) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < sysctls.size(); ++i) {
    const std::string& name = sysctls[i].name;
    const FieldPath field = path[i] / "name";
    if (name.empty())
      faults.required(field);
    else if (!is_sysctl_name(name))
      faults.invalid(field, name, kSysctlNameForm);
    else if (names.contains(name))
      faults.duplicate(field, name);
    names.insert(name);
    const base::SysctlOwner owner = base::owner_of_sysctl(base::sysctl_with_dots(name));
    if (spec.host_network && owner == base::SysctlOwner::kNetworkNamespace)
      faults.invalid(field, name, "may not be specified when 'hostNetwork' is true");
    else if (spec.host_ipc && owner == base::SysctlOwner::kIpcNamespace)
      faults.invalid(field, name, "may not be specified when 'hostIPC' is true");
  }
}

void validate_context(const PodSpec& spec, const PodSecurityContext& context, const FieldPath& path,
                      FaultList& faults) {
  validate_identity(context.fs_group, path / "fsGroup", faults);
  validate_identity(context.run_as_user, path / "runAsUser", faults);
  validate_identity(context.run_as_group, path / "runAsGroup", faults);
  for (size_t i = 0; i < context.supplemental_groups.size(); ++i)
    validate_identity(context.supplemental_groups[i], (path / "supplementalGroups")[i], faults);
  if (spec.share_process_namespace == true && spec.host_pid)
    faults.add(path / "shareProcessNamespace",
               "Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled");
  validate_sysctls(spec, context.sysctls, path / "sysctls", faults);
  if (context.seccomp_profile) validate_seccomp_profile(*context.seccomp_profile, path / "seccompProfile", faults);
  if (context.windows_options) validate_windows_options(*context.windows_options, path / "windowsOptions", faults);
  if (context.app_armor_profile)
    validate_apparmor_profile(*context.app_armor_profile, path / "appArmorProfile", faults);
  // Anything else needs the gate SELinuxMount, which is off.
  if (context.selinux_change_policy == SeLinuxChangePolicy::kMountOption)
    faults.unsupported(path / "seLinuxChangePolicy", "MountOption", {"Recursive"});
}

// A pod with identities of its own cannot share other namespaces of the host.
void validate_user_namespace(const PodSpec& spec, const FieldPath& path, FaultList& faults) {
  constexpr std::string_view kRule = "when `hostUsers` is false";
  if (spec.host_users.value_or(true)) return;
  if (spec.host_network) faults.forbidden(path / "hostNetwork", kRule);
  if (spec.host_pid) faults.forbidden(path / "HostPID", kRule);
  if (spec.host_ipc) faults.forbidden(path / "HostIPC", kRule);
  visit_containers(spec, path, [&](const Container& container, const FieldPath& item) {
    if (!container.volume_devices.empty()) faults.forbidden(item / "volumeDevices", kRule);
  });
}

}  // namespace

void validate_identity(const std::optional<int64_t>& id, const FieldPath& path, FaultList& faults) {
  constexpr int64_t kMax = 2147483647;
  if (id && (*id < 0 || *id > kMax)) faults.invalid(path, *id, "must be between 0 and 2147483647, inclusive");
}

void validate_pod_security(const PodSpec& spec, const FieldPath& path, FaultList& faults) {
  // The apiserver keeps hostPID and shareProcessNamespace in the context, so they are checked with it also where the
  // file gives none.
  static const PodSecurityContext kEmpty;
  validate_context(spec, spec.security_context ? *spec.security_context : kEmpty, path / "securityContext", faults);
  validate_host_processes(spec, path, faults);
  validate_user_namespace(spec, path, faults);
}

}  // namespace api
