#include "agent/api/schema.h"
#include "agent/api/security.h"

namespace api {

template <>
const Type& Describe<SeLinuxOptions>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&SeLinuxOptions::level>("level", "The level, such as s0:c123,c456."),
      optional<&SeLinuxOptions::role>("role", "The role."),
      optional<&SeLinuxOptions::type>("type", "The type."),
      optional<&SeLinuxOptions::user>("user", "The SELinux user."),
  });
  static constexpr Type kType = object_type<SeLinuxOptions>(
      "SELinuxOptions", "The SELinux label of processes; what is unset is taken from the runtime's default.", kFields);
  return kType;
}

template <>
const Type& Describe<SeccompProfile>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&SeccompProfile::localhost_profile>(
          "localhostProfile",
          "For Localhost: the file, an OCI runtime-spec's linux.seccomp as JSON, relative to the folder seccomp below "
          "nodeagent's --root; else unset."),
      required<&SeccompProfile::type>(
          "type", "RuntimeDefault: nodeagent's own list. Localhost: a file of the node. Unconfined: all are allowed."),
  });
  static constexpr Type kType =
      object_type<SeccompProfile>("SeccompProfile", "Which system calls are allowed.", kFields);
  return kType;
}

template <>
const Type& Describe<AppArmorProfile>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&AppArmorProfile::localhost_profile>(
          "localhostProfile", "For Localhost: the name of a profile loaded in the kernel; else unset."),
      required<&AppArmorProfile::type>(
          "type", "RuntimeDefault: the runtime's own. Localhost: one loaded on the node. Unconfined: none."),
  });
  static constexpr Type kType =
      object_type<AppArmorProfile>("AppArmorProfile", "The AppArmor profile that confines processes.", kFields);
  return kType;
}

template <>
const Type& Describe<Capabilities>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&Capabilities::add>("add", "Capabilities to add, without CAP_, such as NET_ADMIN; ALL for every one."),
      optional<&Capabilities::drop>("drop", "Capabilities to take away, likewise; ALL first, then add counts."),
  });
  static constexpr Type kType = object_type<Capabilities>(
      "Capabilities", "Capabilities beside or without those that a container gets by default.", kFields);
  return kType;
}

template <>
const Type& Describe<WindowsSecurityContextOptions>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&WindowsSecurityContextOptions::gmsa_credential_spec>("gmsaCredentialSpec",
                                                                     "The text of the GMSA credential spec."),
      optional<&WindowsSecurityContextOptions::gmsa_credential_spec_name>("gmsaCredentialSpecName",
                                                                          "The name of the GMSA credential spec."),
      optional<&WindowsSecurityContextOptions::host_process>("hostProcess",
                                                             "Whether it runs as a process of the node."),
      optional<&WindowsSecurityContextOptions::run_as_user_name>("runAsUserName",
                                                                 "The Windows user; unset: the image's."),
  });
  static constexpr Type kType = object_type<WindowsSecurityContextOptions>(
      "WindowsSecurityContextOptions", "For Windows nodes; not to be set for Linux.", kFields);
  return kType;
}

template <>
const Type& Describe<SecurityContext>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&SecurityContext::allow_privilege_escalation>(
          "allowPrivilegeEscalation",
          "False sets no_new_privs: setuid and file capabilities give nothing. Unset: true. Always true when "
          "privileged or with SYS_ADMIN."),
      optional<&SecurityContext::app_armor_profile>("appArmorProfile",
                                                    "The AppArmor profile; unset: the pod's, else the runtime's own.")
          .later(),
      optional<&SecurityContext::capabilities>(
          "capabilities", "Capabilities to add and drop; unset: the default set. Privileged containers have all."),
      optional<&SecurityContext::privileged>(
          "privileged",
          "Whether its root is nearly the node's: all capabilities, devices and writable /sys and /proc."),
      optional<&SecurityContext::proc_mount>(
          "procMount",
          "Default: parts of /proc are hidden or read-only. Unmasked: they are not; needs hostUsers false.")
          .later("Default")
          .pointer(),
      optional<&SecurityContext::read_only_root_filesystem>("readOnlyRootFilesystem",
                                                            "Whether its root file system is mounted read-only."),
      optional<&SecurityContext::run_as_group>("runAsGroup", "The gid; unset: the pod's, else the image's."),
      optional<&SecurityContext::run_as_non_root>(
          "runAsNonRoot", "Whether starting is refused when the user would be uid 0; unset: as the pod says."),
      optional<&SecurityContext::run_as_user>("runAsUser", "The uid; unset: the pod's, else the image's."),
      optional<&SecurityContext::selinux_options>("seLinuxOptions",
                                                  "The SELinux label; unset: the pod's, else one chosen at random.")
          .later(),
      optional<&SecurityContext::seccomp_profile>(
          "seccompProfile",
          "Allowed system calls; unset: the pod's, else all, unless nodeagent runs with --seccomp-default."),
      optional<&SecurityContext::windows_options>("windowsOptions", "For Windows nodes; not to be set for Linux.")
          .later(),
  });
  static constexpr Type kType = object_type<SecurityContext>(
      "SecurityContext", "Who a container runs as and what it may do. What is set here wins over the pod's.", kFields);
  return kType;
}

template <>
const Type& Describe<Sysctl>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&Sysctl::name>("name", "Its name, such as net.core.somaxconn; only those that belong to a namespace."),
      required<&Sysctl::value>("value", "Its value."),
  });
  static constexpr Type kType = object_type<Sysctl>("Sysctl", "A kernel parameter of the pod's namespaces.", kFields);
  return kType;
}

template <>
const Type& Describe<PodSecurityContext>::type() {
  static constexpr auto kChangePolicies = std::to_array<std::string_view>({"Recursive"});
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PodSecurityContext::app_armor_profile>("appArmorProfile",
                                                       "The AppArmor profile; unset: the runtime's own.")
          .later(),
      optional<&PodSecurityContext::fs_group>("fsGroup",
                                              "A gid that containers get as a further group and that volumes' files "
                                              "are given to; unset: owners stay as they are.")
          .later(),
      optional<&PodSecurityContext::fs_group_change_policy>(
          "fsGroupChangePolicy",
          "OnRootMismatch: files are given to fsGroup only where the volume's top is not its own. Always: each time. "
          "Unset: Always.")
          .later()
          .pointer(),
      optional<&PodSecurityContext::run_as_group>("runAsGroup", "The gid; unset: the image's."),
      optional<&PodSecurityContext::run_as_non_root>(
          "runAsNonRoot", "Whether starting is refused when the user would be uid 0; unset: it is not."),
      optional<&PodSecurityContext::run_as_user>("runAsUser", "The uid; unset: the image's."),
      optional<&PodSecurityContext::selinux_change_policy>(
          "seLinuxChangePolicy",
          "How volumes get the label. MountOption: by mount -o context, at once. Recursive: file by file. Unset: "
          "MountOption for ReadWriteOncePod claims only.")
          .later()
          .pointer()
          .listed(kChangePolicies),
      optional<&PodSecurityContext::selinux_options>(
          "seLinuxOptions", "The SELinux label; unset: one chosen at random for each container.")
          .later(),
      optional<&PodSecurityContext::seccomp_profile>(
          "seccompProfile", "Allowed system calls; unset: all, unless nodeagent runs with --seccomp-default."),
      optional<&PodSecurityContext::supplemental_groups>("supplementalGroups",
                                                         "Further gids of every container's first process."),
      optional<&PodSecurityContext::supplemental_groups_policy>(
          "supplementalGroupsPolicy",
          "Merge: groups that the image's /etc/group gives the user count as well. Strict: only those named here. "
          "Unset: Merge.")
          .pointer(),
      optional<&PodSecurityContext::sysctls>(
          "sysctls",
          "Kernel parameters of the pod's namespaces. Others than the safe ones must be allowed by "
          "--allowed-unsafe-sysctls."),
      optional<&PodSecurityContext::windows_options>("windowsOptions", "For Windows nodes; not to be set for Linux.")
          .later(),
  });
  static constexpr Type kType = object_type<PodSecurityContext>(
      "PodSecurityContext", "Who the pod's containers run as. A container's own securityContext wins.", kFields);
  return kType;
}

}  // namespace api
