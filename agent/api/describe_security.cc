#include "agent/api/schema.h"
#include "agent/api/security.h"

namespace api {

template <>
const Type& Describe<SeLinuxOptions>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&SeLinuxOptions::level>("level", "@SELinuxOptions.level@"),
      optional<&SeLinuxOptions::role>("role", "@SELinuxOptions.role@"),
      optional<&SeLinuxOptions::type>("type", "@SELinuxOptions.type@"),
      optional<&SeLinuxOptions::user>("user", "@SELinuxOptions.user@"),
  });
  static constexpr Type kType = object_type<SeLinuxOptions>("SELinuxOptions", "@SELinuxOptions@", kFields);
  return kType;
}

template <>
const Type& Describe<SeccompProfile>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&SeccompProfile::localhost_profile>("localhostProfile", "@SeccompProfile.localhostProfile@").later(),
      required<&SeccompProfile::type>("type", "@SeccompProfile.type@"),
  });
  static constexpr Type kType = object_type<SeccompProfile>("SeccompProfile", "@SeccompProfile@", kFields);
  return kType;
}

template <>
const Type& Describe<AppArmorProfile>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&AppArmorProfile::localhost_profile>("localhostProfile", "@AppArmorProfile.localhostProfile@"),
      required<&AppArmorProfile::type>("type", "@AppArmorProfile.type@"),
  });
  static constexpr Type kType = object_type<AppArmorProfile>("AppArmorProfile", "@AppArmorProfile@", kFields);
  return kType;
}

template <>
const Type& Describe<Capabilities>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&Capabilities::add>("add", "@Capabilities.add@"),
      optional<&Capabilities::drop>("drop", "@Capabilities.drop@"),
  });
  static constexpr Type kType = object_type<Capabilities>("Capabilities", "@Capabilities@", kFields);
  return kType;
}

template <>
const Type& Describe<WindowsSecurityContextOptions>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&WindowsSecurityContextOptions::gmsa_credential_spec>(
          "gmsaCredentialSpec", "@WindowsSecurityContextOptions.gmsaCredentialSpec@"),
      optional<&WindowsSecurityContextOptions::gmsa_credential_spec_name>(
          "gmsaCredentialSpecName", "@WindowsSecurityContextOptions.gmsaCredentialSpecName@"),
      optional<&WindowsSecurityContextOptions::host_process>("hostProcess",
                                                             "@WindowsSecurityContextOptions.hostProcess@"),
      optional<&WindowsSecurityContextOptions::run_as_user_name>("runAsUserName",
                                                                 "@WindowsSecurityContextOptions.runAsUserName@"),
  });
  static constexpr Type kType = object_type<WindowsSecurityContextOptions>("WindowsSecurityContextOptions",
                                                                           "@WindowsSecurityContextOptions@", kFields);
  return kType;
}

template <>
const Type& Describe<SecurityContext>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&SecurityContext::allow_privilege_escalation>("allowPrivilegeEscalation",
                                                             "@SecurityContext.allowPrivilegeEscalation@"),
      optional<&SecurityContext::app_armor_profile>("appArmorProfile", "@SecurityContext.appArmorProfile@").later(),
      optional<&SecurityContext::capabilities>("capabilities", "@SecurityContext.capabilities@"),
      optional<&SecurityContext::privileged>("privileged", "@SecurityContext.privileged@").later("false"),
      optional<&SecurityContext::proc_mount>("procMount", "@SecurityContext.procMount@").later("Default"),
      optional<&SecurityContext::read_only_root_filesystem>("readOnlyRootFilesystem",
                                                            "@SecurityContext.readOnlyRootFilesystem@"),
      optional<&SecurityContext::run_as_group>("runAsGroup", "@SecurityContext.runAsGroup@"),
      optional<&SecurityContext::run_as_non_root>("runAsNonRoot", "@SecurityContext.runAsNonRoot@"),
      optional<&SecurityContext::run_as_user>("runAsUser", "@SecurityContext.runAsUser@"),
      optional<&SecurityContext::selinux_options>("seLinuxOptions", "@SecurityContext.seLinuxOptions@").later(),
      optional<&SecurityContext::seccomp_profile>("seccompProfile", "@SecurityContext.seccompProfile@"),
      optional<&SecurityContext::windows_options>("windowsOptions", "@SecurityContext.windowsOptions@").later(),
  });
  static constexpr Type kType = object_type<SecurityContext>("SecurityContext", "@SecurityContext@", kFields);
  return kType;
}

template <>
const Type& Describe<Sysctl>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&Sysctl::name>("name", "@Sysctl.name@"),
      required<&Sysctl::value>("value", "@Sysctl.value@"),
  });
  static constexpr Type kType = object_type<Sysctl>("Sysctl", "@Sysctl@", kFields);
  return kType;
}

template <>
const Type& Describe<PodSecurityContext>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PodSecurityContext::app_armor_profile>("appArmorProfile", "@PodSecurityContext.appArmorProfile@")
          .later(),
      optional<&PodSecurityContext::fs_group>("fsGroup", "@PodSecurityContext.fsGroup@").later(),
      optional<&PodSecurityContext::fs_group_change_policy>("fsGroupChangePolicy",
                                                            "@PodSecurityContext.fsGroupChangePolicy@")
          .later(),
      optional<&PodSecurityContext::run_as_group>("runAsGroup", "@PodSecurityContext.runAsGroup@"),
      optional<&PodSecurityContext::run_as_non_root>("runAsNonRoot", "@PodSecurityContext.runAsNonRoot@"),
      optional<&PodSecurityContext::run_as_user>("runAsUser", "@PodSecurityContext.runAsUser@"),
      optional<&PodSecurityContext::selinux_change_policy>("seLinuxChangePolicy",
                                                           "@PodSecurityContext.seLinuxChangePolicy@")
          .later(),
      optional<&PodSecurityContext::selinux_options>("seLinuxOptions", "@PodSecurityContext.seLinuxOptions@").later(),
      optional<&PodSecurityContext::seccomp_profile>("seccompProfile", "@PodSecurityContext.seccompProfile@"),
      optional<&PodSecurityContext::supplemental_groups>("supplementalGroups",
                                                         "@PodSecurityContext.supplementalGroups@"),
      optional<&PodSecurityContext::supplemental_groups_policy>("supplementalGroupsPolicy",
                                                                "@PodSecurityContext.supplementalGroupsPolicy@"),
      optional<&PodSecurityContext::sysctls>("sysctls", "@PodSecurityContext.sysctls@").later(),
      optional<&PodSecurityContext::windows_options>("windowsOptions", "@PodSecurityContext.windowsOptions@").later(),
  });
  static constexpr Type kType = object_type<PodSecurityContext>("PodSecurityContext", "@PodSecurityContext@", kFields);
  return kType;
}

}  // namespace api
