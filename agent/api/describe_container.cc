#include <algorithm>

#include "agent/api/container.h"
#include "agent/api/schema.h"

namespace api {

template <>
const Type& Describe<ConfigMapKeySelector>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ConfigMapKeySelector::name>("name", "The ConfigMap, in the pod's namespace."),
      required<&ConfigMapKeySelector::key>("key", "The key whose value is taken."),
      optional<&ConfigMapKeySelector::optional>("optional",
                                                "True: the variable is left out where the ConfigMap or key does not "
                                                "exist; else the container does not start."),
  });
  static constexpr Type kType =
      object_type<ConfigMapKeySelector>("ConfigMapKeySelector", "One key of a ConfigMap.", kFields);
  return kType;
}

template <>
const Type& Describe<ObjectFieldSelector>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ObjectFieldSelector::api_version>("apiVersion",
                                                  "The version of the API that fieldPath is written for."),
      required<&ObjectFieldSelector::field_path>(
          "fieldPath", "The field, such as metadata.name, metadata.labels['app'], spec.nodeName or status.podIP."),
  });
  static constexpr Type kType =
      object_type<ObjectFieldSelector>("ObjectFieldSelector", "One field of the pod itself.", kFields);
  return kType;
}

template <>
const Type& Describe<FileKeySelector>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&FileKeySelector::key>("key", "The variable's name in the file; the lines of the file are NAME=VALUE."),
      optional<&FileKeySelector::optional>(
          "optional",
          "True: the variable is left out where the file or key does not exist; else the container does not start."),
      required<&FileKeySelector::path>("path", "The file, relative to the top of the volume and without \"..\"."),
      required<&FileKeySelector::volume_name>("volumeName",
                                              "The pod's volume that holds the file; the container need not mount it."),
  });
  static constexpr Type kType = object_type<FileKeySelector>(
      "FileKeySelector", "One variable of a file that an earlier container wrote into an emptyDir volume.", kFields);
  return kType;
}

template <>
const Type& Describe<ResourceFieldSelector>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ResourceFieldSelector::container_name>(
          "containerName", "The container. Must be set in a volume; in env unset means the container itself."),
      optional<&ResourceFieldSelector::divisor>(
          "divisor",
          "The unit: the amount is divided by it and rounded up. Unset or 0: 1, which is whole CPUs or bytes."),
      required<&ResourceFieldSelector::resource>("resource",
                                                 "Which: limits.cpu, limits.memory, limits.ephemeral-storage, or the "
                                                 "same of requests. No limit: what the node has."),
  });
  static constexpr Type kType =
      object_type<ResourceFieldSelector>("ResourceFieldSelector", "One request or limit of a container.", kFields);
  return kType;
}

template <>
const Type& Describe<SecretKeySelector>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&SecretKeySelector::name>("name", "The Secret, in the pod's namespace."),
      required<&SecretKeySelector::key>("key", "The key whose value is taken."),
      optional<&SecretKeySelector::optional>(
          "optional",
          "True: the variable is left out where the Secret or key does not exist; else the container does not start."),
  });
  static constexpr Type kType = object_type<SecretKeySelector>("SecretKeySelector", "One key of a Secret.", kFields);
  return kType;
}

template <>
const Type& Describe<EnvVarSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&EnvVarSource::config_map_key_ref>("configMapKeyRef", "A key of a ConfigMap."),
      optional<&EnvVarSource::field_ref>("fieldRef", "A field of the pod, such as its name or address."),
      optional<&EnvVarSource::file_key_ref>("fileKeyRef", "A variable of a file in an emptyDir volume."),
      optional<&EnvVarSource::resource_field_ref>("resourceFieldRef", "A request or limit of a container."),
      optional<&EnvVarSource::secret_key_ref>("secretKeyRef", "A key of a Secret."),
  });
  static constexpr Type kType = object_type<EnvVarSource>(
      "EnvVarSource", "Where the value of an environment variable comes from. Exactly one source must be set.",
      kFields);
  return kType;
}

template <>
const Type& Describe<EnvVar>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&EnvVar::name>("name", "The variable's name: printable ASCII without \"=\"."),
      optional<&EnvVar::value>("value",
                               "Its value. $(NAME) stands for a variable defined earlier, $$ for a dollar sign; an "
                               "unknown $(NAME) stays as it is."),
      optional<&EnvVar::value_from>("valueFrom", "Where its value comes from, in place of value."),
  });
  static constexpr Type kType = object_type<EnvVar>("EnvVar", "An environment variable of a container.", kFields);
  return kType;
}

template <>
const Type& Describe<ConfigMapEnvSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ConfigMapEnvSource::name>("name", "The ConfigMap, in the pod's namespace."),
      optional<&ConfigMapEnvSource::optional>(
          "optional", "True: nothing is set where the ConfigMap does not exist; else the container does not start."),
  });
  static constexpr Type kType = object_type<ConfigMapEnvSource>(
      "ConfigMapEnvSource", "All keys of a ConfigMap as environment variables.", kFields);
  return kType;
}

template <>
const Type& Describe<SecretEnvSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&SecretEnvSource::name>("name", "The Secret, in the pod's namespace."),
      optional<&SecretEnvSource::optional>(
          "optional", "True: nothing is set where the Secret does not exist; else the container does not start."),
  });
  static constexpr Type kType =
      object_type<SecretEnvSource>("SecretEnvSource", "All keys of a Secret as environment variables.", kFields);
  return kType;
}

template <>
const Type& Describe<EnvFromSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&EnvFromSource::config_map_ref>("configMapRef", "The ConfigMap. Either it or secretRef is set."),
      optional<&EnvFromSource::prefix>("prefix", "Put before every key to make the variable's name."),
      optional<&EnvFromSource::secret_ref>("secretRef", "The Secret. Either it or configMapRef is set."),
  });
  static constexpr Type kType = object_type<EnvFromSource>(
      "EnvFromSource", "All keys of one ConfigMap or Secret as environment variables.", kFields);
  return kType;
}

template <>
const Type& Describe<ExecAction>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ExecAction::command>(
          "command", "The program and its arguments. No shell is involved unless it is named: sh, -c, ..."),
  });
  static constexpr Type kType =
      object_type<ExecAction>("ExecAction", "Runs a command in the container; exit status 0 is success.", kFields);
  return kType;
}

template <>
const Type& Describe<HttpHeader>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&HttpHeader::name>("name", "The header's name, such as Accept. May stand several times."),
      required<&HttpHeader::value>("value", "The header's value."),
  });
  static constexpr Type kType = object_type<HttpHeader>("HTTPHeader", "A header of a request.", kFields);
  return kType;
}

template <>
const Type& Describe<HttpGetAction>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&HttpGetAction::host>(
          "host", "The host to connect to; unset: the pod's address. For a virtual host set the header Host instead."),
      optional<&HttpGetAction::http_headers>("httpHeaders", "Headers to send."),
      optional<&HttpGetAction::path>("path", "The path, with the query if any."),
      required<&HttpGetAction::port>("port", "The port, from 1 to 65535, or the name of a port of the container."),
      optional<&HttpGetAction::scheme>("scheme", "HTTP or HTTPS; the certificate is not verified."),
  });
  static constexpr Type kType =
      object_type<HttpGetAction>("HTTPGetAction", "Sends an HTTP GET; a status from 200 to 399 is success.", kFields);
  return kType;
}

template <>
const Type& Describe<SleepAction>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&SleepAction::seconds>("seconds", "How many seconds."),
  });
  static constexpr Type kType = object_type<SleepAction>("SleepAction", "Waits.", kFields);
  return kType;
}

template <>
const Type& Describe<TcpSocketAction>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&TcpSocketAction::host>("host", "The host to connect to; unset: the pod's address."),
      required<&TcpSocketAction::port>("port", "The port, from 1 to 65535, or the name of a port of the container."),
  });
  static constexpr Type kType =
      object_type<TcpSocketAction>("TCPSocketAction", "Opens a TCP connection; that it opens is success.", kFields);
  return kType;
}

template <>
const Type& Describe<LifecycleHandler>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&LifecycleHandler::exec>("exec", "Runs a command in the container."),
      optional<&LifecycleHandler::http_get>("httpGet", "Sends an HTTP GET."),
      optional<&LifecycleHandler::sleep>("sleep", "Waits a number of seconds."),
      optional<&LifecycleHandler::tcp_socket>("tcpSocket", "No longer used; nothing can be done with it."),
  });
  static constexpr Type kType = object_type<LifecycleHandler>(
      "LifecycleHandler", "What to do at a point of a container's life. Exactly one action must be set.", kFields);
  return kType;
}

template <>
const Type& Describe<Lifecycle>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&Lifecycle::post_start>("postStart",
                                       "Done right after the start, beside the container's command; until it is done "
                                       "the container is not running. Its failure kills the container."),
      optional<&Lifecycle::pre_stop>("preStop",
                                     "Done before the stop signal, within the time that the pod has to end; not done "
                                     "when the container ends by itself."),
      optional<&Lifecycle::stop_signal>("stopSignal",
                                        "The signal that asks the container to end, such as SIGINT; needs "
                                        "spec.os.name. Unset: the image's, else SIGTERM."),
  });
  static constexpr Type kType = object_type<Lifecycle>(
      "Lifecycle", "What to do after a container has started and before it is stopped.", kFields);
  return kType;
}

template <>
const Type& Describe<GrpcAction>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&GrpcAction::port>("port", "The port, from 1 to 65535."),
      optional<&GrpcAction::service>("service",
                                     "The service whose health is asked for; empty: that of the whole server."),
  });
  static constexpr Type kType = object_type<GrpcAction>(
      "GRPCAction", "Calls the gRPC health service (grpc.health.v1); SERVING is success.", kFields);
  return kType;
}

template <>
const Type& Describe<Probe>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&Probe::exec>("exec", "Runs a command in the container; exit status 0 is success."),
      optional<&Probe::failure_threshold>("failureThreshold", "How many failures in a row make the probe failed."),
      optional<&Probe::grpc>("grpc", "Calls the gRPC health service."),
      optional<&Probe::http_get>("httpGet", "Sends an HTTP GET; a status from 200 to 399 is success."),
      optional<&Probe::initial_delay_seconds>("initialDelaySeconds",
                                              "Seconds from the container's start to the first try."),
      optional<&Probe::period_seconds>("periodSeconds", "Seconds from one try to the next."),
      optional<&Probe::success_threshold>(
          "successThreshold",
          "How many successes in a row make a failed probe good again. Must be 1 for liveness and startup."),
      optional<&Probe::tcp_socket>("tcpSocket", "Opens a TCP connection; that it opens is success."),
      optional<&Probe::termination_grace_period_seconds>(
          "terminationGracePeriodSeconds",
          "Seconds the container has to end when this probe failed; at least 1, not for readiness. Unset: the pod's."),
      optional<&Probe::timeout_seconds>("timeoutSeconds", "Seconds after which a try counts as failed."),
  });
  static constexpr Type kType = object_type<Probe>("Probe",
                                                   "How and how often a container's health is looked at. Exactly one "
                                                   "of exec, grpc, httpGet and tcpSocket must be set.",
                                                   kFields);
  return kType;
}

template <>
const Type& Describe<ContainerPort>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ContainerPort::name>(
          "name", "A name, unique in the pod, that probes and services can use: at most 15 of a-z, 0-9 and \"-\"."),
      required<&ContainerPort::container_port>("containerPort", "The port, from 1 to 65535."),
      optional<&ContainerPort::host_ip>("hostIP", "The node's address that hostPort is bound to; unset: all of them.")
          .later(),
      optional<&ContainerPort::host_port>("hostPort",
                                          "A port of the node that leads to it. With hostNetwork it is containerPort.")
          .but_not("a port without hostNetwork"),
      optional<&ContainerPort::protocol>("protocol", "TCP, UDP or SCTP."),
  });
  static constexpr Type kType = object_type<ContainerPort>(
      "ContainerPort", "A port that the container listens on. Others can connect also to ports that are not listed.",
      kFields);
  return kType;
}

template <>
const Type& Describe<ContainerResizePolicy>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&ContainerResizePolicy::resource_name>("resourceName", "The resource: cpu or memory."),
      required<&ContainerResizePolicy::restart_policy>(
          "restartPolicy", "NotRequired: changed in place. RestartContainer: the container is started anew.")
          .told_at(FaultPlace::kList),
  });
  static constexpr Type kType = object_type<ContainerResizePolicy>(
      "ContainerResizePolicy", "Whether a container is restarted when one of its resources is changed while it runs.",
      kFields);
  return kType;
}

template <>
const Type& Describe<ResourceClaim>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&ResourceClaim::name>("name", "The name of an entry in spec.resourceClaims."),
      optional<&ResourceClaim::request>("request",
                                        "The request in that claim whose devices are given; unset: all of them."),
  });
  static constexpr Type kType = object_type<ResourceClaim>(
      "ResourceClaim", "Gives the container the devices of one of the pod's resourceClaims.", kFields);
  return kType;
}

template <>
const Type& Describe<ResourceRequirements>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ResourceRequirements::claims>("claims",
                                              "Devices (dynamic resource allocation) that the container gets."),
      optional<&ResourceRequirements::limits>("limits",
                                              "The most it may use: cpu (cores, 500m is half of one) is throttled, "
                                              "above memory (bytes) a process is killed."),
      optional<&ResourceRequirements::requests>("requests",
                                                "What is kept free for it: cpu becomes the cgroup's weight. Where only "
                                                "a limit is set, the request equals it."),
  });
  static constexpr Type kType = object_type<ResourceRequirements>(
      "ResourceRequirements", "What a container or pod needs and what it may use, by resource name.", kFields);
  return kType;
}

template <>
const Type& Describe<ContainerRestartRuleOnExitCodes>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&ContainerRestartRuleOnExitCodes::operator_>("operator", "In: one of the values. NotIn: none of them."),
      optional<&ContainerRestartRuleOnExitCodes::values>("values",
                                                         "The exit statuses, from 0 to 255; 255 of them at most."),
  });
  static constexpr Type kType = object_type<ContainerRestartRuleOnExitCodes>(
      "ContainerRestartRuleOnExitCodes", "A condition on a container's exit status.", kFields);
  return kType;
}

template <>
const Type& Describe<ContainerRestartRule>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&ContainerRestartRule::action>(
          "action",
          "Restart: start the container again. RestartAllContainers: start the whole pod's containers again."),
      optional<&ContainerRestartRule::exit_codes>("exitCodes", "The exit statuses that the rule is for."),
  });
  static constexpr Type kType = object_type<ContainerRestartRule>(
      "ContainerRestartRule", "What to do when a container ends in a certain way.", kFields);
  return kType;
}

template <>
const Type& Describe<VolumeDevice>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&VolumeDevice::name>("name", "The pod's volume: a persistentVolumeClaim of volumeMode Block."),
      required<&VolumeDevice::device_path>("devicePath", "The absolute path of the device in the container."),
  });
  static constexpr Type kType = object_type<VolumeDevice>(
      "VolumeDevice", "A volume that the container gets as a block device, without a file system.", kFields);
  return kType;
}

template <>
const Type& Describe<VolumeMount>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&VolumeMount::name>("name", "The pod's volume."),
      required<&VolumeMount::mount_path>("mountPath",
                                         "The path in the container, without \":\"; made where it is missing."),
      optional<&VolumeMount::mount_propagation>("mountPropagation",
                                                "None: later mounts are not shared. HostToContainer: the container "
                                                "sees the node's. Bidirectional: also the reverse; privileged only.")
          .pointer(FaultPlace::kFieldOfList),
      optional<&VolumeMount::read_only>(
          "readOnly",
          "Whether the container can only read it. Mounts below it stay writable unless recursiveReadOnly is set."),
      optional<&VolumeMount::recursive_read_only>("recursiveReadOnly",
                                                  "Whether mounts below it are read-only as well: Disabled, "
                                                  "IfPossible, or Enabled (else an error). Needs readOnly.")
          .pointer(FaultPlace::kFieldOfList),
      optional<&VolumeMount::sub_path>("subPath",
                                       "A path in the volume that is mounted in place of its top; relative, without "
                                       "\"..\". Made where it is missing."),
      optional<&VolumeMount::sub_path_expr>(
          "subPathExpr",
          "As subPath, with $(NAME) standing for the container's environment variables. Not with subPath."),
  });
  static constexpr Type kType =
      object_type<VolumeMount>("VolumeMount", "Where a volume appears in the container.", kFields);
  return kType;
}

namespace {

// The fields of a container, and of an ephemeral one.
constexpr auto kMessagePolicies = std::to_array<std::string_view>({"File", "FallbackToLogsOnError"});

template <typename C>
constexpr auto container_fields() {
  return std::to_array<Field>({
      required<&C::name, C>("name", "Its name, unique in the pod: at most 63 of a-z, 0-9 and \"-\"."),
      optional<&C::args, C>("args",
                            "Arguments of the command; unset: the image's CMD, unless command is set. $(NAME) stands "
                            "for an environment variable."),
      optional<&C::command, C>("command",
                               "The program and its first arguments; unset: the image's ENTRYPOINT. $(NAME) stands for "
                               "an environment variable; no shell is involved."),
      optional<&C::env, C>("env", "Environment variables; they win over those of envFrom and of the image."),
      optional<&C::env_from, C>(
          "envFrom",
          "ConfigMaps and Secrets whose keys become environment variables; of equal names the last one counts."),
      optional<&C::image, C>("image",
                             "The image's reference, such as registry.example/app:1.2, or with a digest; a bare name "
                             "means docker.io/library."),
      optional<&C::image_pull_policy, C>("imagePullPolicy",
                                         "Always, IfNotPresent (only when the node has it not), or Never. Unset: "
                                         "Always for the tag latest or none, else IfNotPresent."),
      optional<&C::lifecycle, C>("lifecycle",
                                 "What is done after the start and before the stop. Not for plain init containers.")
          .later(),
      optional<&C::liveness_probe, C>("livenessProbe",
                                      "When it fails the container is killed and restarted as restartPolicy says; "
                                      "unset: taken as alive while it runs.")
          .later(),
      optional<&C::ports, C>("ports", "The ports it listens on; for information, except for hostPort and names."),
      optional<&C::readiness_probe, C>(
          "readinessProbe",
          "While it fails the container is not ready and gets no traffic from services; unset: ready once started.")
          .later(),
      optional<&C::resize_policy, C>("resizePolicy",
                                     "Whether changes of cpu or memory restart the container; unset: they do not."),
      optional<&C::resources, C>("resources",
                                 "What it needs and what it may use. No limits: all that the node and the pod have.")
          .but_not("claims, limits of ephemeral-storage, and extended resources"),
      optional<&C::restart_policy, C>("restartPolicy",
                                      "For this container in place of the pod's. Always for an init container makes it "
                                      "a sidecar: started in turn, then kept running.")
          .but_not("anything but Always for an init container")
          .pointer(),
      optional<&C::restart_policy_rules, C>("restartPolicyRules",
                                            "Rules for its ends, tried in order before restartPolicy; the first that "
                                            "matches decides. Needs restartPolicy.")
          .later(),
      optional<&C::security_context, C>("securityContext", "Who it runs as and what it may do; wins over the pod's."),
      optional<&C::startup_probe, C>(
          "startupProbe",
          "Until it succeeds no other probe runs; when it fails the container is killed. Unset: started at once.")
          .later(),
      optional<&C::stdin_open, C>(
          "stdin", "Whether standard input is kept open for whoever attaches; else reading it gives end of file."),
      optional<&C::stdin_once, C>("stdinOnce",
                                  "Whether standard input is closed for good when the first one who attached leaves."),
      optional<&C::termination_message_path, C>(
          "terminationMessagePath",
          "A file in the container from which, at its end, up to 4096 bytes become the message of its state."),
      optional<&C::termination_message_policy, C>("terminationMessagePolicy",
                                                  "File: the message is that file. FallbackToLogsOnError: if it is "
                                                  "empty and the container failed, the end of its log.")
          .listed(kMessagePolicies),
      optional<&C::tty, C>("tty", "Whether it gets a terminal as standard input and output; wants stdin as well."),
      optional<&C::volume_devices, C>("volumeDevices", "Volumes that it gets as block devices.").later(),
      optional<&C::volume_mounts, C>("volumeMounts", "Volumes that it sees, and where."),
      optional<&C::working_dir, C>("workingDir", "The folder that the command starts in; unset: the image's, else /."),
  });
}

}  // namespace

template <>
const Type& Describe<Container>::type() {
  static constexpr auto kFields = container_fields<Container>();
  static constexpr Type kType = object_type<Container>(
      "Container", "A program of the pod, from an image, in its own file system, PID namespace and cgroup.", kFields);
  return kType;
}
template <>
const Type& Describe<EphemeralContainer>::type() {
  static constexpr auto kFields = [] {
    constexpr auto kInherited = container_fields<EphemeralContainer>();
    std::array<Field, kInherited.size() + 1> all;
    std::copy(kInherited.begin(), kInherited.end(), all.begin());
    all.back() = optional<&EphemeralContainer::target_container_name>(
        "targetContainerName", "The container whose PID namespace it joins; unset: its own or the pod's.");
    return all;
  }();
  static constexpr Type kType =
      object_type<EphemeralContainer>("EphemeralContainer",
                                      "A container that is added to a running pod, for debugging; never restarted, "
                                      "without ports, probes and resources.",
                                      kFields);
  return kType;
}

}  // namespace api
