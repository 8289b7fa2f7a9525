#include "agent/api/pod_spec.h"
#include "agent/api/schema.h"

namespace api {

template <>
const Type& Describe<PodDnsConfigOption>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PodDnsConfigOption::name>("name", "@PodDNSConfigOption.name@"),
      optional<&PodDnsConfigOption::value>("value", "@PodDNSConfigOption.value@"),
  });
  static constexpr Type kType = object_type<PodDnsConfigOption>("PodDNSConfigOption", "@PodDNSConfigOption@", kFields);
  return kType;
}

template <>
const Type& Describe<PodDnsConfig>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PodDnsConfig::nameservers>("nameservers", "@PodDNSConfig.nameservers@"),
      optional<&PodDnsConfig::options>("options", "@PodDNSConfig.options@"),
      optional<&PodDnsConfig::searches>("searches", "@PodDNSConfig.searches@"),
  });
  static constexpr Type kType = object_type<PodDnsConfig>("PodDNSConfig", "@PodDNSConfig@", kFields);
  return kType;
}

template <>
const Type& Describe<HostAlias>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&HostAlias::hostnames>("hostnames", "@HostAlias.hostnames@"),
      required<&HostAlias::ip>("ip", "@HostAlias.ip@"),
  });
  static constexpr Type kType = object_type<HostAlias>("HostAlias", "@HostAlias@", kFields);
  return kType;
}

template <>
const Type& Describe<PodOs>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&PodOs::name>("name", "@PodOS.name@"),
  });
  static constexpr Type kType = object_type<PodOs>("PodOS", "@PodOS@", kFields);
  return kType;
}

template <>
const Type& Describe<PodReadinessGate>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&PodReadinessGate::condition_type>("conditionType", "@PodReadinessGate.conditionType@"),
  });
  static constexpr Type kType = object_type<PodReadinessGate>("PodReadinessGate", "@PodReadinessGate@", kFields);
  return kType;
}

template <>
const Type& Describe<PodResourceClaim>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&PodResourceClaim::name>("name", "@PodResourceClaim.name@"),
      optional<&PodResourceClaim::resource_claim_name>("resourceClaimName", "@PodResourceClaim.resourceClaimName@"),
      optional<&PodResourceClaim::resource_claim_template_name>("resourceClaimTemplateName",
                                                                "@PodResourceClaim.resourceClaimTemplateName@"),
  });
  static constexpr Type kType = object_type<PodResourceClaim>("PodResourceClaim", "@PodResourceClaim@", kFields);
  return kType;
}

template <>
const Type& Describe<PodSchedulingGate>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&PodSchedulingGate::name>("name", "@PodSchedulingGate.name@"),
  });
  static constexpr Type kType = object_type<PodSchedulingGate>("PodSchedulingGate", "@PodSchedulingGate@", kFields);
  return kType;
}

template <>
const Type& Describe<PodSchedulingGroup>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PodSchedulingGroup::pod_group_name>("podGroupName", "@PodSchedulingGroup.podGroupName@"),
  });
  static constexpr Type kType = object_type<PodSchedulingGroup>("PodSchedulingGroup", "@PodSchedulingGroup@", kFields);
  return kType;
}

template <>
const Type& Describe<PodSpec>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PodSpec::active_deadline_seconds>("activeDeadlineSeconds", "@PodSpec.activeDeadlineSeconds@"),
      optional<&PodSpec::affinity>("affinity", "@PodSpec.affinity@").with(Support::kScheduler),
      optional<&PodSpec::automount_service_account_token>("automountServiceAccountToken",
                                                          "@PodSpec.automountServiceAccountToken@"),
      required<&PodSpec::containers>("containers", "@PodSpec.containers@"),
      optional<&PodSpec::dns_config>("dnsConfig", "@PodSpec.dnsConfig@"),
      optional<&PodSpec::dns_policy>("dnsPolicy", "@PodSpec.dnsPolicy@"),
      optional<&PodSpec::enable_service_links>("enableServiceLinks", "@PodSpec.enableServiceLinks@"),
      optional<&PodSpec::ephemeral_containers>("ephemeralContainers", "@PodSpec.ephemeralContainers@").later(),
      optional<&PodSpec::host_aliases>("hostAliases", "@PodSpec.hostAliases@"),
      optional<&PodSpec::host_ipc>("hostIPC", "@PodSpec.hostIPC@").later("false"),
      optional<&PodSpec::host_network>("hostNetwork", "@PodSpec.hostNetwork@"),
      optional<&PodSpec::host_pid>("hostPID", "@PodSpec.hostPID@").later("false"),
      optional<&PodSpec::host_users>("hostUsers", "@PodSpec.hostUsers@").later("true"),
      optional<&PodSpec::hostname>("hostname", "@PodSpec.hostname@"),
      optional<&PodSpec::hostname_override>("hostnameOverride", "@PodSpec.hostnameOverride@").later(),
      optional<&PodSpec::image_pull_secrets>("imagePullSecrets", "@PodSpec.imagePullSecrets@").later(),
      optional<&PodSpec::init_containers>("initContainers", "@PodSpec.initContainers@"),
      optional<&PodSpec::node_name>("nodeName", "@PodSpec.nodeName@").later(),
      optional<&PodSpec::node_selector>("nodeSelector", "@PodSpec.nodeSelector@").with(Support::kScheduler),
      optional<&PodSpec::os>("os", "@PodSpec.os@").later(),
      optional<&PodSpec::overhead>("overhead", "@PodSpec.overhead@").later(),
      optional<&PodSpec::preemption_policy>("preemptionPolicy", "@PodSpec.preemptionPolicy@").with(Support::kScheduler),
      optional<&PodSpec::priority>("priority", "@PodSpec.priority@").with(Support::kScheduler),
      optional<&PodSpec::priority_class_name>("priorityClassName", "@PodSpec.priorityClassName@")
          .with(Support::kScheduler),
      optional<&PodSpec::readiness_gates>("readinessGates", "@PodSpec.readinessGates@").later(),
      optional<&PodSpec::resource_claims>("resourceClaims", "@PodSpec.resourceClaims@").later(),
      optional<&PodSpec::resources>("resources", "@PodSpec.resources@").later(),
      optional<&PodSpec::restart_policy>("restartPolicy", "@PodSpec.restartPolicy@"),
      optional<&PodSpec::runtime_class_name>("runtimeClassName", "@PodSpec.runtimeClassName@").later(),
      optional<&PodSpec::scheduler_name>("schedulerName", "@PodSpec.schedulerName@").with(Support::kScheduler),
      optional<&PodSpec::scheduling_gates>("schedulingGates", "@PodSpec.schedulingGates@").with(Support::kScheduler),
      optional<&PodSpec::scheduling_group>("schedulingGroup", "@PodSpec.schedulingGroup@").with(Support::kScheduler),
      optional<&PodSpec::security_context>("securityContext", "@PodSpec.securityContext@"),
      optional<&PodSpec::service_account>("serviceAccount", "@PodSpec.serviceAccount@"),
      optional<&PodSpec::service_account_name>("serviceAccountName", "@PodSpec.serviceAccountName@"),
      optional<&PodSpec::set_hostname_as_fqdn>("setHostnameAsFQDN", "@PodSpec.setHostnameAsFQDN@").later("false"),
      optional<&PodSpec::share_process_namespace>("shareProcessNamespace", "@PodSpec.shareProcessNamespace@")
          .later("false"),
      optional<&PodSpec::subdomain>("subdomain", "@PodSpec.subdomain@").later(),
      optional<&PodSpec::termination_grace_period_seconds>("terminationGracePeriodSeconds",
                                                           "@PodSpec.terminationGracePeriodSeconds@"),
      optional<&PodSpec::tolerations>("tolerations", "@PodSpec.tolerations@").with(Support::kScheduler),
      optional<&PodSpec::topology_spread_constraints>("topologySpreadConstraints",
                                                      "@PodSpec.topologySpreadConstraints@")
          .with(Support::kScheduler),
      optional<&PodSpec::volumes>("volumes", "@PodSpec.volumes@"),
  });
  static constexpr Type kType = object_type<PodSpec>("PodSpec", "@PodSpec@", kFields);
  return kType;
}

}  // namespace api
