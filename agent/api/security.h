// Who a container runs as and what it may do (core/v1, Kubernetes 1.36). What a field means stands in
// describe_security.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/api/boxed.h"
#include "agent/api/enums.h"
#include "agent/api/meta.h"

namespace api {

struct SeLinuxOptions {
  std::string level;
  std::string role;
  std::string type;
  std::string user;
  bool operator==(const SeLinuxOptions&) const = default;
};

struct SeccompProfile {
  std::optional<std::string> localhost_profile;
  SeccompProfileType type = SeccompProfileType::kUnset;
  bool operator==(const SeccompProfile&) const = default;
};

struct AppArmorProfile {
  std::optional<std::string> localhost_profile;
  AppArmorProfileType type = AppArmorProfileType::kUnset;
  bool operator==(const AppArmorProfile&) const = default;
};

struct Capabilities {
  std::vector<std::string> add;
  std::vector<std::string> drop;
  bool operator==(const Capabilities&) const = default;
};

struct WindowsSecurityContextOptions {
  std::optional<std::string> gmsa_credential_spec;
  std::optional<std::string> gmsa_credential_spec_name;
  std::optional<bool> host_process;
  std::optional<std::string> run_as_user_name;
  bool operator==(const WindowsSecurityContextOptions&) const = default;
};

struct SecurityContext {
  std::optional<bool> allow_privilege_escalation;
  Boxed<AppArmorProfile> app_armor_profile;
  Boxed<Capabilities> capabilities;
  std::optional<bool> privileged;
  std::optional<ProcMount> proc_mount;
  std::optional<bool> read_only_root_filesystem;
  std::optional<int64_t> run_as_group;
  std::optional<bool> run_as_non_root;
  std::optional<int64_t> run_as_user;
  Boxed<SeLinuxOptions> selinux_options;
  Boxed<SeccompProfile> seccomp_profile;
  Boxed<WindowsSecurityContextOptions> windows_options;
  bool operator==(const SecurityContext&) const = default;
};

struct Sysctl {
  std::string name;
  std::string value;
  bool operator==(const Sysctl&) const = default;
};

struct PodSecurityContext {
  Boxed<AppArmorProfile> app_armor_profile;
  std::optional<int64_t> fs_group;
  std::optional<FsGroupChangePolicy> fs_group_change_policy;
  std::optional<int64_t> run_as_group;
  std::optional<bool> run_as_non_root;
  std::optional<int64_t> run_as_user;
  std::optional<SeLinuxChangePolicy> selinux_change_policy;
  Boxed<SeLinuxOptions> selinux_options;
  Boxed<SeccompProfile> seccomp_profile;
  SaidList<int64_t> supplemental_groups;
  std::optional<SupplementalGroupsPolicy> supplemental_groups_policy;
  std::vector<Sysctl> sysctls;
  Boxed<WindowsSecurityContextOptions> windows_options;
  bool operator==(const PodSecurityContext&) const = default;
};

}  // namespace api
