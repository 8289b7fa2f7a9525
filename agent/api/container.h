// A container: its command, environment, ports, probes, resources, mounts (core/v1, Kubernetes 1.36). What a field
// means stands in describe_container.cc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/api/quantity.h"
#include "agent/api/security.h"

namespace api {

struct ConfigMapKeySelector {
  std::string name;
  std::string key;
  std::optional<bool> optional;
  bool operator==(const ConfigMapKeySelector&) const = default;
};

struct ObjectFieldSelector {
  std::string api_version = "v1";
  std::string field_path;
  bool operator==(const ObjectFieldSelector&) const = default;
};

struct FileKeySelector {
  std::string key;
  std::optional<bool> optional;
  std::string path;
  std::string volume_name;
  bool operator==(const FileKeySelector&) const = default;
};

struct ResourceFieldSelector {
  std::string container_name;
  Quantity divisor;
  std::string resource;
  bool operator==(const ResourceFieldSelector&) const = default;
};

struct SecretKeySelector {
  std::string name;
  std::string key;
  std::optional<bool> optional;
  bool operator==(const SecretKeySelector&) const = default;
};

struct EnvVarSource {
  Boxed<ConfigMapKeySelector> config_map_key_ref;
  Boxed<ObjectFieldSelector> field_ref;
  Boxed<FileKeySelector> file_key_ref;
  Boxed<ResourceFieldSelector> resource_field_ref;
  Boxed<SecretKeySelector> secret_key_ref;
  bool operator==(const EnvVarSource&) const = default;
};

struct EnvVar {
  std::string name;
  std::string value;
  Boxed<EnvVarSource> value_from;
  bool operator==(const EnvVar&) const = default;
};

struct ConfigMapEnvSource {
  std::string name;
  std::optional<bool> optional;
  bool operator==(const ConfigMapEnvSource&) const = default;
};

struct SecretEnvSource {
  std::string name;
  std::optional<bool> optional;
  bool operator==(const SecretEnvSource&) const = default;
};

struct EnvFromSource {
  Boxed<ConfigMapEnvSource> config_map_ref;
  std::string prefix;
  Boxed<SecretEnvSource> secret_ref;
  bool operator==(const EnvFromSource&) const = default;
};

struct ExecAction {
  std::vector<std::string> command;
  bool operator==(const ExecAction&) const = default;
};

struct HttpHeader {
  std::string name;
  std::string value;
  bool operator==(const HttpHeader&) const = default;
};

struct HttpGetAction {
  std::string host;
  std::vector<HttpHeader> http_headers;
  std::string path = "/";
  IntOrString port;
  UriScheme scheme = UriScheme::kHttp;
  bool operator==(const HttpGetAction&) const = default;
};

struct SleepAction {
  int64_t seconds = 0;
  bool operator==(const SleepAction&) const = default;
};

struct TcpSocketAction {
  std::string host;
  IntOrString port;
  bool operator==(const TcpSocketAction&) const = default;
};

struct LifecycleHandler {
  Boxed<ExecAction> exec;
  Boxed<HttpGetAction> http_get;
  Boxed<SleepAction> sleep;
  Boxed<TcpSocketAction> tcp_socket;
  bool operator==(const LifecycleHandler&) const = default;
};

struct Lifecycle {
  Boxed<LifecycleHandler> post_start;
  Boxed<LifecycleHandler> pre_stop;
  std::optional<std::string> stop_signal;
  bool operator==(const Lifecycle&) const = default;
};

struct GrpcAction {
  int32_t port = 0;
  std::optional<std::string> service = "";
  bool operator==(const GrpcAction&) const = default;
};

struct Probe {
  Boxed<ExecAction> exec;
  int32_t failure_threshold = 3;
  Boxed<GrpcAction> grpc;
  Boxed<HttpGetAction> http_get;
  int32_t initial_delay_seconds = 0;
  int32_t period_seconds = 10;
  int32_t success_threshold = 1;
  Boxed<TcpSocketAction> tcp_socket;
  std::optional<int64_t> termination_grace_period_seconds;
  int32_t timeout_seconds = 1;
  bool operator==(const Probe&) const = default;
};

struct ContainerPort {
  std::string name;
  int32_t container_port = 0;
  std::string host_ip;
  int32_t host_port = 0;
  Protocol protocol = Protocol::kTcp;
  bool operator==(const ContainerPort&) const = default;
};

struct ContainerResizePolicy {
  std::string resource_name;
  std::optional<ResizeRestartPolicy> restart_policy;
  bool operator==(const ContainerResizePolicy&) const = default;
};

struct ResourceClaim {
  std::string name;
  std::string request;
  bool operator==(const ResourceClaim&) const = default;
};

struct ResourceRequirements {
  SaidList<ResourceClaim> claims;
  std::map<std::string, Quantity> limits;
  std::map<std::string, Quantity> requests;
  bool operator==(const ResourceRequirements&) const = default;
};

struct ContainerRestartRuleOnExitCodes {
  std::optional<ExitCodesOperator> operator_;
  std::vector<int32_t> values;
  bool operator==(const ContainerRestartRuleOnExitCodes&) const = default;
};

struct ContainerRestartRule {
  std::optional<RestartRuleAction> action;
  Boxed<ContainerRestartRuleOnExitCodes> exit_codes;
  bool operator==(const ContainerRestartRule&) const = default;
};

struct VolumeDevice {
  std::string name;
  std::string device_path;
  bool operator==(const VolumeDevice&) const = default;
};

struct VolumeMount {
  std::string name;
  std::string mount_path;
  std::optional<MountPropagation> mount_propagation;
  bool read_only = false;
  std::optional<RecursiveReadOnly> recursive_read_only;
  std::string sub_path;
  std::string sub_path_expr;
  bool operator==(const VolumeMount&) const = default;
};

struct Container {
  std::string name;
  std::vector<std::string> args;
  std::vector<std::string> command;
  std::vector<EnvVar> env;
  std::vector<EnvFromSource> env_from;
  std::string image;
  std::optional<PullPolicy> image_pull_policy;
  Boxed<Lifecycle> lifecycle;
  Boxed<Probe> liveness_probe;
  std::vector<ContainerPort> ports;
  Boxed<Probe> readiness_probe;
  std::vector<ContainerResizePolicy> resize_policy;
  ResourceRequirements resources;
  std::optional<RestartPolicy> restart_policy;
  std::vector<ContainerRestartRule> restart_policy_rules;
  Boxed<SecurityContext> security_context;
  Boxed<Probe> startup_probe;
  bool stdin_open = false;
  bool stdin_once = false;
  std::string termination_message_path = "/dev/termination-log";
  TerminationMessagePolicy termination_message_policy = TerminationMessagePolicy::kFile;
  bool tty = false;
  std::vector<VolumeDevice> volume_devices;
  std::vector<VolumeMount> volume_mounts;
  std::string working_dir;

  bool is_sidecar() const { return restart_policy == RestartPolicy::kAlways; }  // meaningful for init containers
  bool operator==(const Container&) const = default;
};

// A container that is added to a running pod, for debugging.
struct EphemeralContainer : Container {
  std::string target_container_name;
  bool operator==(const EphemeralContainer&) const = default;
};

}  // namespace api
