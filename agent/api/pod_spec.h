// PodSpec and what it is made of (core/v1, Kubernetes 1.36): the fields that this version carries out. Names are
// Kubernetes' own in snake_case; agent/api/describe.h ties each member to its field.
//
// An optional member without a value means that the file did not say; other members hold the default until the file
// says something else.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/api/quantity.h"

namespace api {

enum class RestartPolicy : uint8_t { kAlways, kOnFailure, kNever };
enum class PullPolicy : uint8_t { kAlways, kIfNotPresent, kNever };
enum class DnsPolicy : uint8_t { kClusterFirst, kClusterFirstWithHostNet, kDefault, kNone };
enum class SeccompProfileType : uint8_t { kRuntimeDefault, kUnconfined };
enum class SupplementalGroupsPolicy : uint8_t { kMerge, kStrict };
enum class Protocol : uint8_t { kTcp, kUdp, kSctp };
enum class StorageMedium : uint8_t { kDefault, kMemory };
// kUnset: no check before mounting.
enum class HostPathType : uint8_t {
  kUnset,
  kDirectoryOrCreate,
  kDirectory,
  kFileOrCreate,
  kFile,
  kSocket,
  kCharDevice,
  kBlockDevice
};

struct SeccompProfile {
  SeccompProfileType type = SeccompProfileType::kRuntimeDefault;
  bool operator==(const SeccompProfile&) const = default;
};

struct Capabilities {
  std::vector<std::string> add;  // as written: "NET_ADMIN", or "ALL"
  std::vector<std::string> drop;
  bool operator==(const Capabilities&) const = default;
};

struct SecurityContext {  // of a container; what it sets wins over the pod's
  std::optional<int64_t> run_as_user;
  std::optional<int64_t> run_as_group;
  std::optional<bool> run_as_non_root;
  std::optional<bool> read_only_root_filesystem;
  std::optional<bool> allow_privilege_escalation;
  std::optional<Capabilities> capabilities;
  std::optional<SeccompProfile> seccomp_profile;
  bool operator==(const SecurityContext&) const = default;
};

struct PodSecurityContext {
  std::optional<int64_t> run_as_user;
  std::optional<int64_t> run_as_group;
  std::optional<bool> run_as_non_root;
  std::vector<int64_t> supplemental_groups;
  std::optional<SupplementalGroupsPolicy> supplemental_groups_policy;  // unset: Merge
  std::optional<SeccompProfile> seccomp_profile;
  bool operator==(const PodSecurityContext&) const = default;
};

struct EnvVar {
  std::string name;
  std::string value;  // may hold $(OTHER) references, not yet expanded
  bool operator==(const EnvVar&) const = default;
};

struct ContainerPort {
  int32_t container_port = 0;
  int32_t host_port = 0;  // 0, or with hostNetwork the same as container_port
  std::string name;
  Protocol protocol = Protocol::kTcp;
  bool operator==(const ContainerPort&) const = default;
};

struct VolumeMount {
  std::string name;
  std::string mount_path;
  bool read_only = false;
  bool operator==(const VolumeMount&) const = default;
};

struct Container {
  std::string name;
  std::string image;
  std::optional<PullPolicy> image_pull_policy;  // decode_pod() fills it in
  std::vector<std::string> command;             // replaces the image's entrypoint
  std::vector<std::string> args;                // replaces the image's command
  std::string working_dir;
  std::vector<EnvVar> env;
  std::vector<ContainerPort> ports;
  std::vector<VolumeMount> volume_mounts;
  bool stdin_open = false;  // the field "stdin"
  bool stdin_once = false;
  bool tty = false;
  std::optional<SecurityContext> security_context;
  std::optional<RestartPolicy> restart_policy;  // only for init containers, only Always: a sidecar

  bool is_sidecar() const { return restart_policy == RestartPolicy::kAlways; }  // meaningful for init containers
  bool operator==(const Container&) const = default;
};

struct EmptyDir {
  StorageMedium medium = StorageMedium::kDefault;
  std::optional<Quantity> size_limit;  // bytes
  bool operator==(const EmptyDir&) const = default;
};

struct HostPath {
  std::string path;
  HostPathType type = HostPathType::kUnset;
  bool operator==(const HostPath&) const = default;
};

struct Volume {  // exactly one source is set
  std::string name;
  std::optional<EmptyDir> empty_dir;
  std::optional<HostPath> host_path;
  bool operator==(const Volume&) const = default;
};

struct HostAlias {
  std::string ip;
  std::vector<std::string> hostnames;
  bool operator==(const HostAlias&) const = default;
};

struct PodDnsConfigOption {
  std::string name;
  std::optional<std::string> value;
  bool operator==(const PodDnsConfigOption&) const = default;
};

struct PodDnsConfig {
  std::vector<std::string> nameservers;
  std::vector<std::string> searches;
  std::vector<PodDnsConfigOption> options;
  bool operator==(const PodDnsConfig&) const = default;
};

struct PodSpec {
  std::vector<Volume> volumes;
  std::vector<Container> init_containers;
  std::vector<Container> containers;
  RestartPolicy restart_policy = RestartPolicy::kAlways;
  int64_t termination_grace_period_seconds = 30;
  std::optional<int64_t> active_deadline_seconds;
  DnsPolicy dns_policy = DnsPolicy::kClusterFirst;
  std::optional<PodDnsConfig> dns_config;
  bool host_network = false;
  std::string hostname;  // empty: the pod's name
  std::vector<HostAlias> host_aliases;
  std::optional<PodSecurityContext> security_context;
  // Accepted where they ask for nothing: there are no service accounts and no services without an apiserver.
  std::string service_account_name;
  std::optional<bool> automount_service_account_token;
  std::optional<bool> enable_service_links;
  bool operator==(const PodSpec&) const = default;
};

// The values as files and messages spell them ("Always").
std::string_view to_string(RestartPolicy value);
std::string_view to_string(PullPolicy value);
std::string_view to_string(DnsPolicy value);
std::string_view to_string(SeccompProfileType value);
std::string_view to_string(SupplementalGroupsPolicy value);
std::string_view to_string(Protocol value);
std::string_view to_string(StorageMedium value);  // "" and "Memory"
std::string_view to_string(HostPathType value);   // "" for kUnset

}  // namespace api
