// The one description of each type: which member holds which field, and whether it must be there. The decoder, the
// encoder (and later `explain`) are visitors of it.
//
// A visitor has:
//   required(name, member)   the file must hold it; always written
//   optional(name, member)   left out of what is written while the member is empty, false, 0 or without a value
//   defaulted(name, member)  the member's initial value is Kubernetes' default; always written
//   type_meta(version, kind)  the document's apiVersion and kind, for top-level types
//   later(fields)            fields of the type in Kubernetes 1.36 that this version does not carry out
#pragma once

#include <concepts>
#include <initializer_list>
#include <string_view>
#include <type_traits>

#include "agent/api/event.h"
#include "agent/api/pod.h"

namespace api {

// A field that is refused by name, unless it holds nothing (null, "", [], {}) or the value that changes nothing.
struct LaterField {
  constexpr LaterField(const char* field) : name(field) {}  // NOLINT(google-explicit-constructor)
  constexpr LaterField(const char* field, const char* value) : name(field), harmless(value) {}
  std::string_view name;
  std::string_view harmless;
};
using LaterFields = std::initializer_list<LaterField>;

// The type or its const form: one description serves reading and writing.
template <typename T, typename Type>
concept Of = std::same_as<std::remove_const_t<T>, Type>;

void describe(auto& visitor, Of<ObjectMeta> auto& meta) {
  visitor.required("name", meta.name);
  visitor.defaulted("namespace", meta.namespace_);
  visitor.optional("uid", meta.uid);
  visitor.optional("labels", meta.labels);
  visitor.optional("annotations", meta.annotations);
  visitor.optional("generation", meta.generation);
  visitor.optional("creationTimestamp", meta.creation_timestamp);
  visitor.optional("deletionTimestamp", meta.deletion_timestamp);
  visitor.optional("deletionGracePeriodSeconds", meta.deletion_grace_period_seconds);
  visitor.later({"finalizers", "generateName", "managedFields", "ownerReferences", "resourceVersion", "selfLink"});
}

void describe(auto& visitor, Of<SeccompProfile> auto& profile) {
  visitor.required("type", profile.type);
  visitor.later({"localhostProfile"});
}

void describe(auto& visitor, Of<Capabilities> auto& capabilities) {
  visitor.optional("add", capabilities.add);
  visitor.optional("drop", capabilities.drop);
}

void describe(auto& visitor, Of<SecurityContext> auto& context) {
  visitor.optional("runAsUser", context.run_as_user);
  visitor.optional("runAsGroup", context.run_as_group);
  visitor.optional("runAsNonRoot", context.run_as_non_root);
  visitor.optional("readOnlyRootFilesystem", context.read_only_root_filesystem);
  visitor.optional("allowPrivilegeEscalation", context.allow_privilege_escalation);
  visitor.optional("capabilities", context.capabilities);
  visitor.optional("seccompProfile", context.seccomp_profile);
  visitor.later(
      {"appArmorProfile", {"privileged", "false"}, {"procMount", "Default"}, "seLinuxOptions", "windowsOptions"});
}

void describe(auto& visitor, Of<PodSecurityContext> auto& context) {
  visitor.optional("runAsUser", context.run_as_user);
  visitor.optional("runAsGroup", context.run_as_group);
  visitor.optional("runAsNonRoot", context.run_as_non_root);
  visitor.optional("supplementalGroups", context.supplemental_groups);
  visitor.optional("supplementalGroupsPolicy", context.supplemental_groups_policy);
  visitor.optional("seccompProfile", context.seccomp_profile);
  visitor.later({"appArmorProfile", "fsGroup", "fsGroupChangePolicy", "seLinuxChangePolicy", "seLinuxOptions",
                 "sysctls", "windowsOptions"});
}

void describe(auto& visitor, Of<EnvVar> auto& variable) {
  visitor.required("name", variable.name);
  visitor.optional("value", variable.value);
  visitor.later({"valueFrom"});
}

void describe(auto& visitor, Of<ContainerPort> auto& port) {
  visitor.optional("name", port.name);
  visitor.required("containerPort", port.container_port);
  visitor.optional("hostPort", port.host_port);
  visitor.defaulted("protocol", port.protocol);
  visitor.later({"hostIP"});
}

void describe(auto& visitor, Of<VolumeMount> auto& mount) {
  visitor.required("name", mount.name);
  visitor.required("mountPath", mount.mount_path);
  visitor.optional("readOnly", mount.read_only);
  visitor.later({{"mountPropagation", "None"}, {"recursiveReadOnly", "Disabled"}, "subPath", "subPathExpr"});
}

void describe(auto& visitor, Of<Container> auto& container) {
  visitor.required("name", container.name);
  visitor.required("image", container.image);
  visitor.optional("imagePullPolicy", container.image_pull_policy);
  visitor.optional("command", container.command);
  visitor.optional("args", container.args);
  visitor.optional("workingDir", container.working_dir);
  visitor.optional("env", container.env);
  visitor.optional("ports", container.ports);
  visitor.optional("volumeMounts", container.volume_mounts);
  visitor.optional("stdin", container.stdin_open);
  visitor.optional("stdinOnce", container.stdin_once);
  visitor.optional("tty", container.tty);
  visitor.optional("securityContext", container.security_context);
  visitor.optional("restartPolicy", container.restart_policy);
  visitor.later({"envFrom", "lifecycle", "livenessProbe", "readinessProbe", "resizePolicy", "resources",
                 "restartPolicyRules", "startupProbe", "terminationMessagePath", "terminationMessagePolicy",
                 "volumeDevices"});
}

void describe(auto& visitor, Of<EmptyDir> auto& source) {
  visitor.optional("medium", source.medium);
  visitor.optional("sizeLimit", source.size_limit);
}

void describe(auto& visitor, Of<HostPath> auto& source) {
  visitor.required("path", source.path);
  visitor.optional("type", source.type);
}

void describe(auto& visitor, Of<Volume> auto& volume) {
  visitor.required("name", volume.name);
  visitor.optional("emptyDir", volume.empty_dir);
  visitor.optional("hostPath", volume.host_path);
  visitor.later({"awsElasticBlockStore",
                 "azureDisk",
                 "azureFile",
                 "cephfs",
                 "cinder",
                 "configMap",
                 "csi",
                 "downwardAPI",
                 "ephemeral",
                 "fc",
                 "flexVolume",
                 "flocker",
                 "gcePersistentDisk",
                 "gitRepo",
                 "glusterfs",
                 "image",
                 "iscsi",
                 "nfs",
                 "persistentVolumeClaim",
                 "photonPersistentDisk",
                 "portworxVolume",
                 "projected",
                 "quobyte",
                 "rbd",
                 "scaleIO",
                 "secret",
                 "storageos",
                 "vsphereVolume"});
}

void describe(auto& visitor, Of<HostAlias> auto& alias) {
  visitor.required("ip", alias.ip);
  visitor.optional("hostnames", alias.hostnames);
}

void describe(auto& visitor, Of<PodDnsConfigOption> auto& option) {
  visitor.required("name", option.name);
  visitor.optional("value", option.value);
}

void describe(auto& visitor, Of<PodDnsConfig> auto& config) {
  visitor.optional("nameservers", config.nameservers);
  visitor.optional("searches", config.searches);
  visitor.optional("options", config.options);
}

void describe(auto& visitor, Of<PodSpec> auto& spec) {
  visitor.optional("volumes", spec.volumes);
  visitor.optional("initContainers", spec.init_containers);
  visitor.required("containers", spec.containers);
  visitor.defaulted("restartPolicy", spec.restart_policy);
  visitor.defaulted("terminationGracePeriodSeconds", spec.termination_grace_period_seconds);
  visitor.optional("activeDeadlineSeconds", spec.active_deadline_seconds);
  visitor.defaulted("dnsPolicy", spec.dns_policy);
  visitor.optional("dnsConfig", spec.dns_config);
  visitor.optional("hostNetwork", spec.host_network);
  visitor.optional("hostname", spec.hostname);
  visitor.optional("hostAliases", spec.host_aliases);
  visitor.optional("securityContext", spec.security_context);
  visitor.optional("serviceAccountName", spec.service_account_name);
  visitor.optional("automountServiceAccountToken", spec.automount_service_account_token);
  visitor.optional("enableServiceLinks", spec.enable_service_links);
  visitor.later({"affinity",
                 "ephemeralContainers",
                 {"hostIPC", "false"},
                 {"hostPID", "false"},
                 {"hostUsers", "true"},
                 "hostnameOverride",
                 "imagePullSecrets",
                 "nodeName",
                 "nodeSelector",
                 "os",
                 "overhead",
                 {"preemptionPolicy", "PreemptLowerPriority"},
                 {"priority", "0"},
                 "priorityClassName",
                 "readinessGates",
                 "resourceClaims",
                 "resources",
                 "runtimeClassName",
                 {"schedulerName", "default-scheduler"},
                 "schedulingGates",
                 "schedulingGroup",
                 {"serviceAccount", "default"},
                 {"setHostnameAsFQDN", "false"},
                 {"shareProcessNamespace", "false"},
                 "subdomain",
                 "tolerations",
                 "topologySpreadConstraints"});
}

void describe(auto& visitor, Of<PodCondition> auto& condition) {
  visitor.required("type", condition.type);
  visitor.required("status", condition.status);
  visitor.optional("reason", condition.reason);
  visitor.optional("message", condition.message);
  visitor.optional("lastTransitionTime", condition.last_transition_time);
  visitor.optional("observedGeneration", condition.observed_generation);
  visitor.later({"lastProbeTime"});
}

void describe(auto& visitor, Of<ContainerStateWaiting> auto& waiting) {
  visitor.optional("reason", waiting.reason);
  visitor.optional("message", waiting.message);
}

void describe(auto& visitor, Of<ContainerStateRunning> auto& running) {
  visitor.optional("startedAt", running.started_at);
}

void describe(auto& visitor, Of<ContainerStateTerminated> auto& terminated) {
  visitor.required("exitCode", terminated.exit_code);
  visitor.optional("signal", terminated.signal);
  visitor.optional("reason", terminated.reason);
  visitor.optional("message", terminated.message);
  visitor.optional("startedAt", terminated.started_at);
  visitor.optional("finishedAt", terminated.finished_at);
  visitor.optional("containerID", terminated.container_id);
}

void describe(auto& visitor, Of<ContainerState> auto& state) {
  visitor.optional("waiting", state.waiting);
  visitor.optional("running", state.running);
  visitor.optional("terminated", state.terminated);
}

void describe(auto& visitor, Of<ContainerStatus> auto& status) {
  visitor.required("name", status.name);
  visitor.optional("state", status.state);
  visitor.optional("lastState", status.last_state);
  visitor.required("ready", status.ready);
  visitor.optional("started", status.started);
  visitor.required("restartCount", status.restart_count);
  visitor.required("image", status.image);
  visitor.required("imageID", status.image_id);
  visitor.optional("containerID", status.container_id);
  visitor.later({"allocatedResources", "allocatedResourcesStatus", "resources", "stopSignal", "user", "volumeMounts"});
}

void describe(auto& visitor, Of<PodIp> auto& address) { visitor.required("ip", address.ip); }

void describe(auto& visitor, Of<PodStatus> auto& status) {
  visitor.defaulted("phase", status.phase);
  visitor.optional("conditions", status.conditions);
  visitor.optional("reason", status.reason);
  visitor.optional("message", status.message);
  visitor.optional("hostIP", status.host_ip);
  visitor.optional("hostIPs", status.host_ips);
  visitor.optional("podIP", status.pod_ip);
  visitor.optional("podIPs", status.pod_ips);
  visitor.optional("startTime", status.start_time);
  visitor.optional("initContainerStatuses", status.init_container_statuses);
  visitor.optional("containerStatuses", status.container_statuses);
  visitor.optional("observedGeneration", status.observed_generation);
  visitor.later({"allocatedResources", "ephemeralContainerStatuses", "extendedResourceClaimStatus",
                 "nodeAllocatableResourceClaimStatuses", "nominatedNodeName", "qosClass", "resize",
                 "resourceClaimStatuses", "resources"});
}

void describe(auto& visitor, Of<Pod> auto& pod) {
  visitor.type_meta("v1", "Pod");
  visitor.required("metadata", pod.metadata);
  visitor.required("spec", pod.spec);
  visitor.optional("status", pod.status);
}

void describe(auto& visitor, Of<ObjectReference> auto& reference) {
  visitor.optional("kind", reference.kind);
  visitor.optional("namespace", reference.namespace_);
  visitor.optional("name", reference.name);
  visitor.optional("uid", reference.uid);
  visitor.optional("fieldPath", reference.field_path);
  visitor.later({"apiVersion", "resourceVersion"});
}

void describe(auto& visitor, Of<Event> auto& event) {
  visitor.type_meta("v1", "Event");
  visitor.required("involvedObject", event.involved_object);
  visitor.optional("reason", event.reason);
  visitor.optional("message", event.message);
  visitor.defaulted("type", event.type);
  visitor.defaulted("count", event.count);
  visitor.optional("firstTimestamp", event.first_timestamp);
  visitor.optional("lastTimestamp", event.last_timestamp);
  visitor.later(
      {"action", "eventTime", "metadata", "related", "reportingComponent", "reportingInstance", "series", "source"});
}

}  // namespace api
