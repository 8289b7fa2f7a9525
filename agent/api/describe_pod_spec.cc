#include "agent/api/pod_spec.h"
#include "agent/api/schema.h"

namespace api {

template <>
const Type& Describe<PodDnsConfigOption>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PodDnsConfigOption::name>("name", "The option's name; must be set."),
      optional<&PodDnsConfigOption::value>("value", "What stands after its \":\"; unset: an option without a value."),
  });
  static constexpr Type kType =
      object_type<PodDnsConfigOption>("PodDNSConfigOption", "An option of resolv.conf, such as ndots:2.", kFields);
  return kType;
}

template <>
const Type& Describe<PodDnsConfig>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PodDnsConfig::nameservers>(
          "nameservers", "Addresses of DNS servers, after those of dnsPolicy without doubles; 3 at most in all."),
      optional<&PodDnsConfig::options>("options", "Options; of equal names these win over those of dnsPolicy."),
      optional<&PodDnsConfig::searches>(
          "searches",
          "Search domains, after those of dnsPolicy without doubles; 32 and 2048 characters at most in all."),
  });
  static constexpr Type kType = object_type<PodDnsConfig>(
      "PodDNSConfig", "Lines of the containers' /etc/resolv.conf, added to what dnsPolicy gives.", kFields);
  return kType;
}

template <>
const Type& Describe<HostAlias>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&HostAlias::hostnames>("hostnames", "The names for the address."),
      required<&HostAlias::ip>("ip", "The IPv4 or IPv6 address."),
  });
  static constexpr Type kType = object_type<HostAlias>("HostAlias", "A line of the containers' /etc/hosts.", kFields);
  return kType;
}

template <>
const Type& Describe<PodOs>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&PodOs::name>("name", "linux or windows."),
  });
  static constexpr Type kType = object_type<PodOs>("PodOS", "The operating system that the pod is for.", kFields);
  return kType;
}

template <>
const Type& Describe<PodReadinessGate>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&PodReadinessGate::condition_type>(
          "conditionType", "The type of a condition in status.conditions, which somebody else sets."),
  });
  static constexpr Type kType =
      object_type<PodReadinessGate>("PodReadinessGate", "A condition that must hold for the pod to be ready.", kFields);
  return kType;
}

template <>
const Type& Describe<PodResourceClaim>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&PodResourceClaim::name>("name", "A name, unique in the pod, that containers' resources.claims use."),
      optional<&PodResourceClaim::resource_claim_name>(
          "resourceClaimName", "A ResourceClaim of the pod's namespace, possibly shared with other pods."),
      optional<&PodResourceClaim::resource_claim_template_name>(
          "resourceClaimTemplateName",
          "A ResourceClaimTemplate from which the pod gets a claim of its own, deleted with it."),
  });
  static constexpr Type kType = object_type<PodResourceClaim>(
      "PodResourceClaim",
      "Devices for the pod, given by dynamic resource allocation. Exactly one of the two sources must be set.",
      kFields);
  return kType;
}

template <>
const Type& Describe<PodSchedulingGate>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&PodSchedulingGate::name>("name", "The gate's name; whoever set it removes it."),
  });
  static constexpr Type kType =
      object_type<PodSchedulingGate>("PodSchedulingGate", "A reason for the scheduler to wait.", kFields);
  return kType;
}

template <>
const Type& Describe<PodSchedulingGroup>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PodSchedulingGroup::pod_group_name>("podGroupName",
                                                    "The PodGroup, in the pod's namespace; unset: none."),
  });
  static constexpr Type kType =
      object_type<PodSchedulingGroup>("PodSchedulingGroup", "The group of pods that are placed together.", kFields);
  return kType;
}

template <>
const Type& Describe<PodSpec>::type() {
  static constexpr auto kRestart = std::to_array<std::string_view>({"Always", "OnFailure", "Never"});
  static constexpr auto kDns =
      std::to_array<std::string_view>({"ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"});
  static constexpr auto kPreemption = std::to_array<std::string_view>({"PreemptLowerPriority", "Never"});
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PodSpec::active_deadline_seconds>(
          "activeDeadlineSeconds",
          "Seconds from its start after which the pod is stopped and has failed (DeadlineExceeded); unset: no limit."),
      optional<&PodSpec::affinity>("affinity", "Which nodes and neighbours the pod wants or avoids.")
          .with(Support::kScheduler),
      optional<&PodSpec::automount_service_account_token>(
          "automountServiceAccountToken",
          "Whether containers get the service account's token as files; unset: what the account says, else yes.")
          .but_not("true"),
      required<&PodSpec::containers>(
          "containers", "The pod's programs, started after the init containers, all at once; at least one."),
      optional<&PodSpec::dns_config>(
          "dnsConfig", "More for /etc/resolv.conf. With dnsPolicy None it is all there is, and must name a server."),
      optional<&PodSpec::dns_policy>("dnsPolicy",
                                     "Where /etc/resolv.conf comes from. ClusterFirst, ClusterFirstWithHostNet: the "
                                     "cluster's DNS. Default: the node's. None: dnsConfig alone.")
          .listed(kDns),
      optional<&PodSpec::enable_service_links>(
          "enableServiceLinks",
          "Whether environment variables tell of the services of the namespace, as old docker links did."),
      optional<&PodSpec::ephemeral_containers>(
          "ephemeralContainers", "Containers added to the running pod, for debugging; through the API only.")
          .later(),
      optional<&PodSpec::host_aliases>("hostAliases",
                                       "Lines for the containers' /etc/hosts, after those that the node writes."),
      optional<&PodSpec::host_ipc>("hostIPC", "Whether the containers share the node's IPC namespace."),
      optional<&PodSpec::host_network>(
          "hostNetwork",
          "Whether the pod uses the node's own network in place of a namespace with an address of its own."),
      optional<&PodSpec::host_pid>("hostPID",
                                   "Whether the containers see the node's processes. Not with shareProcessNamespace."),
      optional<&PodSpec::host_users>("hostUsers",
                                     "False: the pod gets a user namespace, so that root in it is nobody on the node. "
                                     "Unset or true: the node's users.")
          .later("true"),
      optional<&PodSpec::hostname>(
          "hostname", "The host name that containers see; unset: the pod's name, or the node's with hostNetwork."),
      optional<&PodSpec::hostname_override>("hostnameOverride",
                                            "The host name that containers see, as it is, whatever hostname and "
                                            "subdomain say; 64 characters at most. Not with hostNetwork."),
      optional<&PodSpec::image_pull_secrets>("imagePullSecrets",
                                             "Secrets of the pod's namespace with the credentials of registries.")
          .later(),
      optional<&PodSpec::init_containers>("initContainers",
                                          "Run one after the other to success before the containers start; one with "
                                          "restartPolicy Always stays beside them (a sidecar)."),
      optional<&PodSpec::node_name>("nodeName", "The node that the pod is to run on; set by the scheduler.").later(),
      optional<&PodSpec::node_selector>("nodeSelector", "Labels that the node must have.").with(Support::kScheduler),
      optional<&PodSpec::os>("os", "The operating system; unset: not said. Fields that are not for it must not be set.")
          .later(),
      optional<&PodSpec::overhead>(
          "overhead",
          "What the pod itself costs beyond its containers; comes from the RuntimeClass and is added to its cgroup."),
      optional<&PodSpec::preemption_policy>("preemptionPolicy",
                                            "PreemptLowerPriority: lesser pods may be removed to make room. Never: it "
                                            "waits. Unset: what the PriorityClass says.")
          .with(Support::kScheduler)
          .pointer_or_missing()
          .listed(kPreemption),
      optional<&PodSpec::priority>("priority", "The pod's rank, higher first; comes from the PriorityClass.")
          .with(Support::kScheduler),
      optional<&PodSpec::priority_class_name>("priorityClassName",
                                              "The PriorityClass; unset: the cluster's default one, else priority 0.")
          .with(Support::kScheduler),
      optional<&PodSpec::readiness_gates>(
          "readinessGates",
          "Conditions, set by others, that must hold beside the containers' readiness for the pod to be ready.")
          .later(),
      optional<&PodSpec::resource_claims>(
          "resourceClaims",
          "Devices that must be at hand before the pod starts, for containers to name in resources.claims.")
          .later(),
      optional<&PodSpec::resources>("resources",
                                    "Requests and limits of the whole pod, for its cgroup: cpu, memory and huge pages. "
                                    "Unset: the sum of the containers'."),
      optional<&PodSpec::restart_policy>("restartPolicy",
                                         "Always, OnFailure (exit status not 0), or Never: whether containers that "
                                         "ended start again. Waits double from 10 s to 5 min.")
          .listed(kRestart),
      optional<&PodSpec::runtime_class_name>(
          "runtimeClassName", "The RuntimeClass, which chooses how containers are run; unset: the node's default.")
          .later(),
      optional<&PodSpec::scheduler_name>("schedulerName", "The scheduler that places the pod.")
          .with(Support::kScheduler),
      optional<&PodSpec::scheduling_gates>(
          "schedulingGates", "While there is any, the pod is not placed. Only removed later, never added.")
          .with(Support::kScheduler),
      optional<&PodSpec::scheduling_group>("schedulingGroup", "The group of pods that it is placed with; unset: none.")
          .with(Support::kScheduler),
      optional<&PodSpec::security_context>("securityContext",
                                           "Who the containers run as; each may say otherwise for itself."),
      optional<&PodSpec::service_account>("serviceAccount", "The old name of serviceAccountName.")
          .but_not("an account other than default"),
      optional<&PodSpec::service_account_name>("serviceAccountName",
                                               "The ServiceAccount that the pod runs as; unset: default.")
          .but_not("an account other than default"),
      optional<&PodSpec::set_hostname_as_fqdn>("setHostnameAsFQDN",
                                               "Whether the host name that containers see is the whole "
                                               "hostname.subdomain.namespace.svc.domain, 64 characters at most."),
      optional<&PodSpec::share_process_namespace>(
          "shareProcessNamespace",
          "Whether the containers see each other's processes; the first process is then not theirs. Not with hostPID."),
      optional<&PodSpec::subdomain>(
          "subdomain", "Makes the pod's full name hostname.subdomain.namespace.svc.domain; unset: it has none."),
      optional<&PodSpec::termination_grace_period_seconds>(
          "terminationGracePeriodSeconds",
          "Seconds between the stop signal and the kill, preStop included; 0: killed at once."),
      optional<&PodSpec::tolerations>("tolerations", "Taints of nodes that do not keep the pod away.")
          .with(Support::kScheduler),
      optional<&PodSpec::topology_spread_constraints>(
          "topologySpreadConstraints", "How pods like this one are spread over zones or nodes; all of them must hold.")
          .with(Support::kScheduler),
      optional<&PodSpec::volumes>("volumes", "Folders and files that containers can mount."),
  });
  static constexpr Type kType = object_type<PodSpec>("PodSpec", "What should run, and how.", kFields);
  return kType;
}

}  // namespace api
