#include <algorithm>

#include "agent/api/forms.h"
#include "agent/api/validate.h"

namespace api {

namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// "DOMAIN" of "DOMAIN\user": a NetBIOS name, or a DNS name of any case.
bool is_windows_domain(std::string_view domain) {
  constexpr size_t kMaxNetBios = 15;
  const bool is_net_bios = !domain.empty() && domain.size() <= kMaxNetBios && domain.front() != '.' &&
                           domain.find_first_of("\\/:*?\"<>|") == std::string_view::npos;
  std::string lower(domain);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (std::string_view rest = lower;;) {
    const size_t dot = rest.find('.');
    if (!is_dns_label(rest.substr(0, dot))) return is_net_bios;
    if (dot == std::string_view::npos) return true;
    rest.remove_prefix(dot + 1);
  }
}

void validate_windows_user(const std::string& name, const FieldPath& path, FaultList& faults) {
  constexpr size_t kMaxDomain = 256;
  constexpr size_t kMaxUser = 104;
  const auto wrong = [&](std::string_view detail) { faults.invalid(path, name, detail); };
  const auto is_control = [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; };
  if (name.empty()) return wrong("runAsUserName cannot be an empty string");
  if (std::ranges::any_of(name, is_control)) return wrong("runAsUserName cannot contain control characters");
  if (std::ranges::count(name, '\\') > 1) return wrong("runAsUserName cannot contain more than one backslash");
  const size_t backslash = name.find('\\');
  std::string_view user = name;
  if (backslash != std::string::npos) {
    const std::string_view domain = user.substr(0, backslash);
    user.remove_prefix(backslash + 1);
    if (domain.size() >= kMaxDomain) wrong("runAsUserName's Domain length must be under 256 characters");
    if (!is_windows_domain(domain)) wrong("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
  }
  if (user.empty()) return wrong("runAsUserName's User cannot be empty");
  if (user.size() > kMaxUser) wrong("runAsUserName's User length must not be longer than 104 characters");
  if (user.find_first_not_of(". ") == std::string_view::npos)
    wrong("runAsUserName's User cannot contain only periods or spaces");
  if (user.find_first_of("\"/\\:;|=,+*?<>@[]") != std::string_view::npos)
    wrong("runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]");
}

}  // namespace

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
  constexpr size_t kMaxProfile = 4095;
  const FieldPath field = path / "localhostProfile";
  if (profile.type == AppArmorProfileType::kUnset)
    return faults.required(path / "type", "type is required when appArmorProfile is set");
  if (profile.type != AppArmorProfileType::kLocalhost) {
    if (profile.localhost_profile)
      faults.invalid(field, *profile.localhost_profile, "can only be set when AppArmor type is Localhost");
    return;
  }
  const std::string name = profile.localhost_profile.value_or("");
  if (name.empty()) return faults.required(field, "must be set when AppArmor type is Localhost");
  if (is_blank(name.front()) || is_blank(name.back()))
    faults.invalid(field, name, "must not be padded with whitespace");
  if (name.size() > kMaxProfile) faults.too_long(field, kMaxProfile);
}

void validate_windows_options(const WindowsSecurityContextOptions& options, const FieldPath& path, FaultList& faults) {
  constexpr size_t kMaxSpec = 64UL << 10;
  if (options.gmsa_credential_spec_name)
    check_dns_subdomain(*options.gmsa_credential_spec_name, path / "gmsaCredentialSpecName", faults);
  if (options.gmsa_credential_spec) {
    const FieldPath field = path / "gmsaCredentialSpec";
    const std::string& text = *options.gmsa_credential_spec;
    if (text.empty()) faults.invalid(field, text, "gmsaCredentialSpec cannot be an empty string");
    if (text.size() > kMaxSpec) faults.invalid(field, text, "gmsaCredentialSpec size must be under 64 KiB");
  }
  if (options.run_as_user_name) validate_windows_user(*options.run_as_user_name, path / "runAsUserName", faults);
}

}  // namespace api
