#include <algorithm>

#include "agent/api/validate.h"

namespace api {

void validate_security(const SecurityContext& context, const PodSpec& spec, const FieldPath& path, FaultList& faults) {
  validate_identity(context.run_as_user, path / "runAsUser", faults);
  validate_identity(context.run_as_group, path / "runAsGroup", faults);
  if (context.proc_mount == ProcMount::kUnmasked && spec.host_users.value_or(true))
    faults.invalid(path / "procMount", "Unmasked", "`hostUsers` must be false to use `Unmasked`");
  if (context.seccomp_profile) validate_seccomp_profile(*context.seccomp_profile, path / "seccompProfile", faults);
  if (context.allow_privilege_escalation == false) {
    // Only this spelling of the capability is refused; the apiserver takes SYS_ADMIN.
    constexpr std::string_view kAdmin = "CAP_SYS_ADMIN";
    if (context.privileged == true)
      faults.add(path, "Invalid value: cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
    if (context.capabilities && std::ranges::find(context.capabilities->add, kAdmin) != context.capabilities->add.end())
      faults.add(path,
                 "Invalid value: cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
  }
  if (context.windows_options) validate_windows_options(*context.windows_options, path / "windowsOptions", faults);
  if (context.app_armor_profile)
    validate_apparmor_profile(*context.app_armor_profile, path / "appArmorProfile", faults);
}

}  // namespace api
