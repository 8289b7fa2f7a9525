#include <algorithm>

#include "agent/api/container.h"
#include "agent/api/schema.h"

namespace api {

template <>
const Type& Describe<ConfigMapKeySelector>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ConfigMapKeySelector::name>("name", "@ConfigMapKeySelector.name@"),
      required<&ConfigMapKeySelector::key>("key", "@ConfigMapKeySelector.key@"),
      optional<&ConfigMapKeySelector::optional>("optional", "@ConfigMapKeySelector.optional@"),
  });
  static constexpr Type kType =
      object_type<ConfigMapKeySelector>("ConfigMapKeySelector", "@ConfigMapKeySelector@", kFields);
  return kType;
}

template <>
const Type& Describe<ObjectFieldSelector>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ObjectFieldSelector::api_version>("apiVersion", "@ObjectFieldSelector.apiVersion@"),
      required<&ObjectFieldSelector::field_path>("fieldPath", "@ObjectFieldSelector.fieldPath@"),
  });
  static constexpr Type kType =
      object_type<ObjectFieldSelector>("ObjectFieldSelector", "@ObjectFieldSelector@", kFields);
  return kType;
}

template <>
const Type& Describe<FileKeySelector>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&FileKeySelector::key>("key", "@FileKeySelector.key@"),
      optional<&FileKeySelector::optional>("optional", "@FileKeySelector.optional@"),
      required<&FileKeySelector::path>("path", "@FileKeySelector.path@"),
      required<&FileKeySelector::volume_name>("volumeName", "@FileKeySelector.volumeName@"),
  });
  static constexpr Type kType = object_type<FileKeySelector>("FileKeySelector", "@FileKeySelector@", kFields);
  return kType;
}

template <>
const Type& Describe<ResourceFieldSelector>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ResourceFieldSelector::container_name>("containerName", "@ResourceFieldSelector.containerName@"),
      optional<&ResourceFieldSelector::divisor>("divisor", "@ResourceFieldSelector.divisor@"),
      required<&ResourceFieldSelector::resource>("resource", "@ResourceFieldSelector.resource@"),
  });
  static constexpr Type kType =
      object_type<ResourceFieldSelector>("ResourceFieldSelector", "@ResourceFieldSelector@", kFields);
  return kType;
}

template <>
const Type& Describe<SecretKeySelector>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&SecretKeySelector::name>("name", "@SecretKeySelector.name@"),
      required<&SecretKeySelector::key>("key", "@SecretKeySelector.key@"),
      optional<&SecretKeySelector::optional>("optional", "@SecretKeySelector.optional@"),
  });
  static constexpr Type kType = object_type<SecretKeySelector>("SecretKeySelector", "@SecretKeySelector@", kFields);
  return kType;
}

template <>
const Type& Describe<EnvVarSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&EnvVarSource::config_map_key_ref>("configMapKeyRef", "@EnvVarSource.configMapKeyRef@"),
      optional<&EnvVarSource::field_ref>("fieldRef", "@EnvVarSource.fieldRef@"),
      optional<&EnvVarSource::file_key_ref>("fileKeyRef", "@EnvVarSource.fileKeyRef@"),
      optional<&EnvVarSource::resource_field_ref>("resourceFieldRef", "@EnvVarSource.resourceFieldRef@"),
      optional<&EnvVarSource::secret_key_ref>("secretKeyRef", "@EnvVarSource.secretKeyRef@"),
  });
  static constexpr Type kType = object_type<EnvVarSource>("EnvVarSource", "@EnvVarSource@", kFields);
  return kType;
}

template <>
const Type& Describe<EnvVar>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&EnvVar::name>("name", "@EnvVar.name@"),
      optional<&EnvVar::value>("value", "@EnvVar.value@"),
      optional<&EnvVar::value_from>("valueFrom", "@EnvVar.valueFrom@").later(),
  });
  static constexpr Type kType = object_type<EnvVar>("EnvVar", "@EnvVar@", kFields);
  return kType;
}

template <>
const Type& Describe<ConfigMapEnvSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ConfigMapEnvSource::name>("name", "@ConfigMapEnvSource.name@"),
      optional<&ConfigMapEnvSource::optional>("optional", "@ConfigMapEnvSource.optional@"),
  });
  static constexpr Type kType = object_type<ConfigMapEnvSource>("ConfigMapEnvSource", "@ConfigMapEnvSource@", kFields);
  return kType;
}

template <>
const Type& Describe<SecretEnvSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&SecretEnvSource::name>("name", "@SecretEnvSource.name@"),
      optional<&SecretEnvSource::optional>("optional", "@SecretEnvSource.optional@"),
  });
  static constexpr Type kType = object_type<SecretEnvSource>("SecretEnvSource", "@SecretEnvSource@", kFields);
  return kType;
}

template <>
const Type& Describe<EnvFromSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&EnvFromSource::config_map_ref>("configMapRef", "@EnvFromSource.configMapRef@"),
      optional<&EnvFromSource::prefix>("prefix", "@EnvFromSource.prefix@"),
      optional<&EnvFromSource::secret_ref>("secretRef", "@EnvFromSource.secretRef@"),
  });
  static constexpr Type kType = object_type<EnvFromSource>("EnvFromSource", "@EnvFromSource@", kFields);
  return kType;
}

template <>
const Type& Describe<ExecAction>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ExecAction::command>("command", "@ExecAction.command@"),
  });
  static constexpr Type kType = object_type<ExecAction>("ExecAction", "@ExecAction@", kFields);
  return kType;
}

template <>
const Type& Describe<HttpHeader>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&HttpHeader::name>("name", "@HTTPHeader.name@"),
      required<&HttpHeader::value>("value", "@HTTPHeader.value@"),
  });
  static constexpr Type kType = object_type<HttpHeader>("HTTPHeader", "@HTTPHeader@", kFields);
  return kType;
}

template <>
const Type& Describe<HttpGetAction>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&HttpGetAction::host>("host", "@HTTPGetAction.host@"),
      optional<&HttpGetAction::http_headers>("httpHeaders", "@HTTPGetAction.httpHeaders@"),
      optional<&HttpGetAction::path>("path", "@HTTPGetAction.path@"),
      required<&HttpGetAction::port>("port", "@HTTPGetAction.port@"),
      optional<&HttpGetAction::scheme>("scheme", "@HTTPGetAction.scheme@"),
  });
  static constexpr Type kType = object_type<HttpGetAction>("HTTPGetAction", "@HTTPGetAction@", kFields);
  return kType;
}

template <>
const Type& Describe<SleepAction>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&SleepAction::seconds>("seconds", "@SleepAction.seconds@"),
  });
  static constexpr Type kType = object_type<SleepAction>("SleepAction", "@SleepAction@", kFields);
  return kType;
}

template <>
const Type& Describe<TcpSocketAction>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&TcpSocketAction::host>("host", "@TCPSocketAction.host@"),
      required<&TcpSocketAction::port>("port", "@TCPSocketAction.port@"),
  });
  static constexpr Type kType = object_type<TcpSocketAction>("TCPSocketAction", "@TCPSocketAction@", kFields);
  return kType;
}

template <>
const Type& Describe<LifecycleHandler>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&LifecycleHandler::exec>("exec", "@LifecycleHandler.exec@"),
      optional<&LifecycleHandler::http_get>("httpGet", "@LifecycleHandler.httpGet@"),
      optional<&LifecycleHandler::sleep>("sleep", "@LifecycleHandler.sleep@"),
      optional<&LifecycleHandler::tcp_socket>("tcpSocket", "@LifecycleHandler.tcpSocket@"),
  });
  static constexpr Type kType = object_type<LifecycleHandler>("LifecycleHandler", "@LifecycleHandler@", kFields);
  return kType;
}

template <>
const Type& Describe<Lifecycle>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&Lifecycle::post_start>("postStart", "@Lifecycle.postStart@"),
      optional<&Lifecycle::pre_stop>("preStop", "@Lifecycle.preStop@"),
      optional<&Lifecycle::stop_signal>("stopSignal", "@Lifecycle.stopSignal@"),
  });
  static constexpr Type kType = object_type<Lifecycle>("Lifecycle", "@Lifecycle@", kFields);
  return kType;
}

template <>
const Type& Describe<GrpcAction>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&GrpcAction::port>("port", "@GRPCAction.port@"),
      optional<&GrpcAction::service>("service", "@GRPCAction.service@"),
  });
  static constexpr Type kType = object_type<GrpcAction>("GRPCAction", "@GRPCAction@", kFields);
  return kType;
}

template <>
const Type& Describe<Probe>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&Probe::exec>("exec", "@Probe.exec@"),
      optional<&Probe::failure_threshold>("failureThreshold", "@Probe.failureThreshold@"),
      optional<&Probe::grpc>("grpc", "@Probe.grpc@"),
      optional<&Probe::http_get>("httpGet", "@Probe.httpGet@"),
      optional<&Probe::initial_delay_seconds>("initialDelaySeconds", "@Probe.initialDelaySeconds@"),
      optional<&Probe::period_seconds>("periodSeconds", "@Probe.periodSeconds@"),
      optional<&Probe::success_threshold>("successThreshold", "@Probe.successThreshold@"),
      optional<&Probe::tcp_socket>("tcpSocket", "@Probe.tcpSocket@"),
      optional<&Probe::termination_grace_period_seconds>("terminationGracePeriodSeconds",
                                                         "@Probe.terminationGracePeriodSeconds@"),
      optional<&Probe::timeout_seconds>("timeoutSeconds", "@Probe.timeoutSeconds@"),
  });
  static constexpr Type kType = object_type<Probe>("Probe", "@Probe@", kFields);
  return kType;
}

template <>
const Type& Describe<ContainerPort>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ContainerPort::name>("name", "@ContainerPort.name@"),
      required<&ContainerPort::container_port>("containerPort", "@ContainerPort.containerPort@"),
      optional<&ContainerPort::host_ip>("hostIP", "@ContainerPort.hostIP@").later(),
      optional<&ContainerPort::host_port>("hostPort", "@ContainerPort.hostPort@"),
      optional<&ContainerPort::protocol>("protocol", "@ContainerPort.protocol@"),
  });
  static constexpr Type kType = object_type<ContainerPort>("ContainerPort", "@ContainerPort@", kFields);
  return kType;
}

template <>
const Type& Describe<ContainerResizePolicy>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&ContainerResizePolicy::resource_name>("resourceName", "@ContainerResizePolicy.resourceName@"),
      required<&ContainerResizePolicy::restart_policy>("restartPolicy", "@ContainerResizePolicy.restartPolicy@"),
  });
  static constexpr Type kType =
      object_type<ContainerResizePolicy>("ContainerResizePolicy", "@ContainerResizePolicy@", kFields);
  return kType;
}

template <>
const Type& Describe<ResourceClaim>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&ResourceClaim::name>("name", "@ResourceClaim.name@"),
      optional<&ResourceClaim::request>("request", "@ResourceClaim.request@"),
  });
  static constexpr Type kType = object_type<ResourceClaim>("ResourceClaim", "@ResourceClaim@", kFields);
  return kType;
}

template <>
const Type& Describe<ResourceRequirements>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ResourceRequirements::claims>("claims", "@ResourceRequirements.claims@"),
      optional<&ResourceRequirements::limits>("limits", "@ResourceRequirements.limits@"),
      optional<&ResourceRequirements::requests>("requests", "@ResourceRequirements.requests@"),
  });
  static constexpr Type kType =
      object_type<ResourceRequirements>("ResourceRequirements", "@ResourceRequirements@", kFields);
  return kType;
}

template <>
const Type& Describe<ContainerRestartRuleOnExitCodes>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&ContainerRestartRuleOnExitCodes::operator_>("operator", "@ContainerRestartRuleOnExitCodes.operator@"),
      optional<&ContainerRestartRuleOnExitCodes::values>("values", "@ContainerRestartRuleOnExitCodes.values@"),
  });
  static constexpr Type kType = object_type<ContainerRestartRuleOnExitCodes>(
      "ContainerRestartRuleOnExitCodes", "@ContainerRestartRuleOnExitCodes@", kFields);
  return kType;
}

template <>
const Type& Describe<ContainerRestartRule>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&ContainerRestartRule::action>("action", "@ContainerRestartRule.action@"),
      optional<&ContainerRestartRule::exit_codes>("exitCodes", "@ContainerRestartRule.exitCodes@"),
  });
  static constexpr Type kType =
      object_type<ContainerRestartRule>("ContainerRestartRule", "@ContainerRestartRule@", kFields);
  return kType;
}

template <>
const Type& Describe<VolumeDevice>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&VolumeDevice::name>("name", "@VolumeDevice.name@"),
      required<&VolumeDevice::device_path>("devicePath", "@VolumeDevice.devicePath@"),
  });
  static constexpr Type kType = object_type<VolumeDevice>("VolumeDevice", "@VolumeDevice@", kFields);
  return kType;
}

template <>
const Type& Describe<VolumeMount>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&VolumeMount::name>("name", "@VolumeMount.name@"),
      required<&VolumeMount::mount_path>("mountPath", "@VolumeMount.mountPath@"),
      optional<&VolumeMount::mount_propagation>("mountPropagation", "@VolumeMount.mountPropagation@").later("None"),
      optional<&VolumeMount::read_only>("readOnly", "@VolumeMount.readOnly@"),
      optional<&VolumeMount::recursive_read_only>("recursiveReadOnly", "@VolumeMount.recursiveReadOnly@")
          .later("Disabled"),
      optional<&VolumeMount::sub_path>("subPath", "@VolumeMount.subPath@").later(),
      optional<&VolumeMount::sub_path_expr>("subPathExpr", "@VolumeMount.subPathExpr@").later(),
  });
  static constexpr Type kType = object_type<VolumeMount>("VolumeMount", "@VolumeMount@", kFields);
  return kType;
}

namespace {

// The fields of a container, and of an ephemeral one.
template <typename C>
constexpr auto container_fields() {
  return std::to_array<Field>({
      required<&C::name, C>("name", "@Container.name@"),
      optional<&C::args, C>("args", "@Container.args@"),
      optional<&C::command, C>("command", "@Container.command@"),
      optional<&C::env, C>("env", "@Container.env@"),
      optional<&C::env_from, C>("envFrom", "@Container.envFrom@").later(),
      optional<&C::image, C>("image", "@Container.image@"),
      optional<&C::image_pull_policy, C>("imagePullPolicy", "@Container.imagePullPolicy@"),
      optional<&C::lifecycle, C>("lifecycle", "@Container.lifecycle@").later(),
      optional<&C::liveness_probe, C>("livenessProbe", "@Container.livenessProbe@").later(),
      optional<&C::ports, C>("ports", "@Container.ports@"),
      optional<&C::readiness_probe, C>("readinessProbe", "@Container.readinessProbe@").later(),
      optional<&C::resize_policy, C>("resizePolicy", "@Container.resizePolicy@").later(),
      optional<&C::resources, C>("resources", "@Container.resources@").later(),
      optional<&C::restart_policy, C>("restartPolicy", "@Container.restartPolicy@"),
      optional<&C::restart_policy_rules, C>("restartPolicyRules", "@Container.restartPolicyRules@").later(),
      optional<&C::security_context, C>("securityContext", "@Container.securityContext@"),
      optional<&C::startup_probe, C>("startupProbe", "@Container.startupProbe@").later(),
      optional<&C::stdin_open, C>("stdin", "@Container.stdin@"),
      optional<&C::stdin_once, C>("stdinOnce", "@Container.stdinOnce@"),
      optional<&C::termination_message_path, C>("terminationMessagePath", "@Container.terminationMessagePath@")
          .later("/dev/termination-log"),
      optional<&C::termination_message_policy, C>("terminationMessagePolicy", "@Container.terminationMessagePolicy@")
          .later("File"),
      optional<&C::tty, C>("tty", "@Container.tty@"),
      optional<&C::volume_devices, C>("volumeDevices", "@Container.volumeDevices@").later(),
      optional<&C::volume_mounts, C>("volumeMounts", "@Container.volumeMounts@"),
      optional<&C::working_dir, C>("workingDir", "@Container.workingDir@"),
  });
}

}  // namespace

template <>
const Type& Describe<Container>::type() {
  static constexpr auto kFields = container_fields<Container>();
  static constexpr Type kType = object_type<Container>("Container", "@Container@", kFields);
  return kType;
}
template <>
const Type& Describe<EphemeralContainer>::type() {
  static constexpr auto kFields = [] {
    constexpr auto kInherited = container_fields<EphemeralContainer>();
    std::array<Field, kInherited.size() + 1> all;
    std::copy(kInherited.begin(), kInherited.end(), all.begin());
    all.back() = optional<&EphemeralContainer::target_container_name>("targetContainerName",
                                                                      "@EphemeralContainer.targetContainerName@");
    return all;
  }();
  static constexpr Type kType = object_type<EphemeralContainer>("EphemeralContainer", "@EphemeralContainer@", kFields);
  return kType;
}

}  // namespace api
