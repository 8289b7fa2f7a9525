#include "agent/api/schema.h"
#include "agent/api/workload.h"

namespace api {

template <>
const Type& Describe<PodTemplateSpec>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PodTemplateSpec::metadata>("metadata", "Labels and annotations of the pods."),
      optional<&PodTemplateSpec::spec>("spec", "What the pods run."),
  });
  static constexpr Type kType = object_type<PodTemplateSpec>("PodTemplateSpec", "What pods are made from.", kFields);
  return kType;
}

template <>
const Type& Describe<RollingUpdateDeployment>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&RollingUpdateDeployment::max_surge>(
          "maxSurge", "How many pods more than wanted there may be: a number, or a percentage rounded up."),
      optional<&RollingUpdateDeployment::max_unavailable>(
          "maxUnavailable", "How many of the wanted pods may be missing: a number, or a percentage rounded down."),
  });
  static constexpr Type kType =
      object_type<RollingUpdateDeployment>("RollingUpdateDeployment", "The pace of a rolling update.", kFields);
  return kType;
}

template <>
const Type& Describe<DeploymentStrategy>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&DeploymentStrategy::rolling_update>("rollingUpdate", "The pace; for type RollingUpdate only."),
      optional<&DeploymentStrategy::type>("type", "RollingUpdate goes step by step, Recreate ends all old pods first.")
          .told_at(FaultPlace::kParent),
  });
  static constexpr Type kType = object_type<DeploymentStrategy>(
      "DeploymentStrategy", "How pods of an old template give way to new ones.", kFields);
  return kType;
}

template <>
const Type& Describe<DeploymentSpec>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&DeploymentSpec::min_ready_seconds>("minReadySeconds",
                                                   "Seconds a new pod has to be ready before it counts as available.")
          .with(Support::kCluster),
      optional<&DeploymentSpec::paused>("paused", "Changes of the template wait until this is false.").but_not("true"),
      optional<&DeploymentSpec::progress_deadline_seconds>(
          "progressDeadlineSeconds", "Seconds without progress after which an update counts as failed.")
          .with(Support::kCluster),
      optional<&DeploymentSpec::replicas>("replicas", "How many pods should run."),
      optional<&DeploymentSpec::revision_history_limit>("revisionHistoryLimit",
                                                        "How many old revisions are kept to go back to.")
          .with(Support::kCluster),
      required<&DeploymentSpec::selector>("selector",
                                          "Which pods are its own; it has to match the labels of the template."),
      optional<&DeploymentSpec::strategy>("strategy", "How pods of an old template give way to new ones.")
          .with(Support::kCluster),
      required<&DeploymentSpec::pod_template>("template", "What its pods are made from."),
  });
  static constexpr Type kType =
      object_type<DeploymentSpec>("DeploymentSpec", "Which pods should run, and how they are replaced.", kFields);
  return kType;
}

template <>
const Type& Describe<Deployment>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&Deployment::metadata>("metadata", "Its name, namespace and labels."),
      optional<&Deployment::spec>("spec", "What should run."),
      optional<&Deployment::status>("status", "What has become of it; ignored in files.").omitted_when_empty(),
  });
  static constexpr Type kType = object_type<Deployment>(
      "Deployment", "A number of equal pods that are replaced step by step when their template changes.", kFields,
      "apps/v1");
  return kType;
}

template <>
const Type& Describe<ReplicaSetSpec>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ReplicaSetSpec::min_ready_seconds>("minReadySeconds",
                                                   "Seconds a new pod has to be ready before it counts as available.")
          .with(Support::kCluster),
      optional<&ReplicaSetSpec::replicas>("replicas", "How many pods should run."),
      required<&ReplicaSetSpec::selector>("selector",
                                          "Which pods are its own; it has to match the labels of the template."),
      optional<&ReplicaSetSpec::pod_template>("template", "What its pods are made from."),
  });
  static constexpr Type kType =
      object_type<ReplicaSetSpec>("ReplicaSetSpec", "How many pods of one template should run.", kFields);
  return kType;
}

template <>
const Type& Describe<ReplicaSet>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ReplicaSet::metadata>("metadata", "Its name, namespace and labels."),
      optional<&ReplicaSet::spec>("spec", "What should run."),
      optional<&ReplicaSet::status>("status", "What has become of it; ignored in files.").omitted_when_empty(),
  });
  static constexpr Type kType =
      object_type<ReplicaSet>("ReplicaSet", "A number of equal pods; mostly made by a Deployment.", kFields, "apps/v1");
  return kType;
}

template <>
const Type& Describe<RollingUpdateDaemonSet>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&RollingUpdateDaemonSet::max_surge>(
          "maxSurge", "On how many nodes a new pod may run beside the old one: a number or a percentage."),
      optional<&RollingUpdateDaemonSet::max_unavailable>(
          "maxUnavailable", "On how many nodes the pod may be missing: a number or a percentage."),
  });
  static constexpr Type kType = object_type<RollingUpdateDaemonSet>(
      "RollingUpdateDaemonSet", "The pace of a rolling update over nodes.", kFields);
  return kType;
}

template <>
const Type& Describe<DaemonSetUpdateStrategy>::type() {
  static constexpr auto kTypes = std::to_array<std::string_view>({"RollingUpdate", "OnDelete"});
  static constexpr auto kFields = std::to_array<Field>({
      optional<&DaemonSetUpdateStrategy::rolling_update>("rollingUpdate", "The pace; for type RollingUpdate only."),
      optional<&DaemonSetUpdateStrategy::type>(
          "type", "RollingUpdate, or OnDelete: a pod is replaced once somebody deletes it.")
          .told_at(FaultPlace::kParent)
          .listed(kTypes),
  });
  static constexpr Type kType = object_type<DaemonSetUpdateStrategy>(
      "DaemonSetUpdateStrategy", "How pods of an old template give way to new ones.", kFields);
  return kType;
}

template <>
const Type& Describe<DaemonSetSpec>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&DaemonSetSpec::min_ready_seconds>("minReadySeconds",
                                                  "Seconds a new pod has to be ready before it counts as available.")
          .with(Support::kCluster),
      optional<&DaemonSetSpec::revision_history_limit>("revisionHistoryLimit",
                                                       "How many old revisions are kept to go back to.")
          .with(Support::kCluster),
      required<&DaemonSetSpec::selector>("selector",
                                         "Which pods are its own; it has to match the labels of the template."),
      required<&DaemonSetSpec::pod_template>("template", "What its pods are made from."),
      optional<&DaemonSetSpec::update_strategy>("updateStrategy", "How pods of an old template give way to new ones.")
          .with(Support::kCluster),
  });
  static constexpr Type kType =
      object_type<DaemonSetSpec>("DaemonSetSpec", "The pod that each node should run.", kFields);
  return kType;
}

template <>
const Type& Describe<DaemonSet>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&DaemonSet::metadata>("metadata", "Its name, namespace and labels."),
      optional<&DaemonSet::spec>("spec", "What should run."),
      optional<&DaemonSet::status>("status", "What has become of it; ignored in files.").omitted_when_empty(),
  });
  static constexpr Type kType =
      object_type<DaemonSet>("DaemonSet", "One pod on every node that fits.", kFields, "apps/v1");
  return kType;
}

template <>
const Type& Describe<RollingUpdateStatefulSetStrategy>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&RollingUpdateStatefulSetStrategy::max_unavailable>(
          "maxUnavailable", "How many pods may be missing at once: a number or a percentage."),
      optional<&RollingUpdateStatefulSetStrategy::partition>("partition", "Pods of a lower number stay as they are."),
  });
  static constexpr Type kType = object_type<RollingUpdateStatefulSetStrategy>(
      "RollingUpdateStatefulSetStrategy", "The pace of a rolling update in order.", kFields);
  return kType;
}

template <>
const Type& Describe<StatefulSetUpdateStrategy>::type() {
  static constexpr auto kTypes = std::to_array<std::string_view>({"RollingUpdate", "OnDelete"});
  static constexpr auto kFields = std::to_array<Field>({
      optional<&StatefulSetUpdateStrategy::rolling_update>("rollingUpdate", "The pace; for type RollingUpdate only."),
      optional<&StatefulSetUpdateStrategy::type>("type", "RollingUpdate from the highest number down, or OnDelete.")
          .told_at(FaultPlace::kParent)
          .told_as(FaultKind::kInvalid)
          .listed(kTypes),
  });
  static constexpr Type kType = object_type<StatefulSetUpdateStrategy>(
      "StatefulSetUpdateStrategy", "How pods of an old template give way to new ones.", kFields);
  return kType;
}

template <>
const Type& Describe<StatefulSetOrdinals>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&StatefulSetOrdinals::start>("start", "The number of the first pod."),
  });
  static constexpr Type kType =
      object_type<StatefulSetOrdinals>("StatefulSetOrdinals", "How the pods are numbered.", kFields);
  return kType;
}

template <>
const Type& Describe<StatefulSetClaimRetentionPolicy>::type() {
  static constexpr auto kPolicies = std::to_array<std::string_view>({"Retain", "Delete"});
  static constexpr auto kFields = std::to_array<Field>({
      optional<&StatefulSetClaimRetentionPolicy::when_deleted>("whenDeleted",
                                                               "Retain or Delete them when the set is deleted.")
          .listed(kPolicies),
      optional<&StatefulSetClaimRetentionPolicy::when_scaled>(
          "whenScaled", "Retain or Delete those of pods that are no longer wanted.")
          .listed(kPolicies),
  });
  static constexpr Type kType = object_type<StatefulSetClaimRetentionPolicy>(
      "StatefulSetPersistentVolumeClaimRetentionPolicy", "What becomes of the claims made for the pods.", kFields);
  return kType;
}

template <>
const Type& Describe<StatefulSetSpec>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&StatefulSetSpec::min_ready_seconds>("minReadySeconds",
                                                    "Seconds a new pod has to be ready before it counts as available."),
      optional<&StatefulSetSpec::ordinals>("ordinals", "How the pods are numbered; from 0 when left out."),
      optional<&StatefulSetSpec::claim_retention_policy>("persistentVolumeClaimRetentionPolicy",
                                                         "What becomes of the claims made for the pods.")
          .with(Support::kCluster),
      optional<&StatefulSetSpec::pod_management_policy>("podManagementPolicy",
                                                        "OrderedReady: one after the other; Parallel: all at once.")
          .told_as(FaultKind::kInvalid),
      optional<&StatefulSetSpec::replicas>("replicas", "How many pods should run."),
      optional<&StatefulSetSpec::revision_history_limit>("revisionHistoryLimit",
                                                         "How many old revisions are kept to go back to.")
          .with(Support::kCluster),
      required<&StatefulSetSpec::selector>("selector",
                                           "Which pods are its own; it has to match the labels of the template."),
      optional<&StatefulSetSpec::service_name>("serviceName",
                                               "The Service under which the pods have their names in DNS."),
      required<&StatefulSetSpec::pod_template>("template", "What its pods are made from."),
      optional<&StatefulSetSpec::update_strategy>("updateStrategy", "How pods of an old template give way to new ones.")
          .with(Support::kCluster),
      optional<&StatefulSetSpec::volume_claim_templates>(
          "volumeClaimTemplates", "A claim of each is made for every pod, as a volume of that name.")
          .later(),
  });
  static constexpr Type kType =
      object_type<StatefulSetSpec>("StatefulSetSpec", "Numbered pods with a name and storage of their own.", kFields);
  return kType;
}

template <>
const Type& Describe<StatefulSet>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&StatefulSet::metadata>("metadata", "Its name, namespace and labels."),
      optional<&StatefulSet::spec>("spec", "What should run."),
      optional<&StatefulSet::status>("status", "What has become of it; ignored in files.").omitted_when_empty(),
  });
  static constexpr Type kType =
      object_type<StatefulSet>("StatefulSet", "Numbered pods that keep their name and storage.", kFields, "apps/v1");
  return kType;
}

}  // namespace api
