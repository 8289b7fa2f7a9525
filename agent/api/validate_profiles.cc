#include "agent/api/forms.h"
#include "agent/api/validate.h"

namespace api {

void validate_seccomp_profile(const SeccompProfile& profile, const FieldPath& path, FaultList& faults) {
  if (profile.type == SeccompProfileType::kUnset)
    faults.required(path / "type", "type is required when seccompProfile is set");
  const FieldPath field = path / "localhostProfile";
  if (profile.type != SeccompProfileType::kLocalhost) {
    if (profile.localhost_profile)
      faults.invalid(field, *profile.localhost_profile, "can only be set when seccomp type is Localhost");
  } else if (!profile.localhost_profile) {
    faults.required(field, "must be set when seccomp type is Localhost");
  } else {
    validate_descending_path(*profile.localhost_profile, field, faults);
  }
}

void validate_apparmor_profile(const AppArmorProfile& profile, const FieldPath& path, FaultList& faults) {
  if (profile.type == AppArmorProfileType::kUnset)
    faults.required(path / "type", "type is required when appArmorProfile is set");
  const FieldPath field = path / "localhostProfile";
  const bool is_local = profile.type == AppArmorProfileType::kLocalhost;
  if (is_local && profile.localhost_profile.value_or("").empty())
    faults.required(field, "must be set when AppArmor type is Localhost");
  if (!is_local && profile.localhost_profile)
    faults.invalid(field, *profile.localhost_profile, "can only be set when AppArmor type is Localhost");
}

void validate_windows_options(const WindowsSecurityContextOptions& options, const FieldPath& path, FaultList& faults) {
  if (options.gmsa_credential_spec_name)
    check_dns_subdomain(*options.gmsa_credential_spec_name, path / "gmsaCredentialSpecName", faults);
  if (options.gmsa_credential_spec && options.gmsa_credential_spec->empty())
    faults.invalid(path / "gmsaCredentialSpec", "", "gmsaCredentialSpec cannot be an empty string");
  if (options.run_as_user_name && options.run_as_user_name->empty())
    faults.invalid(path / "runAsUserName", "", "runAsUserName cannot be an empty string");
}

}  // namespace api
