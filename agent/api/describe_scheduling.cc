#include "agent/api/scheduling.h"
#include "agent/api/schema.h"

namespace api {

template <>
const Type& Describe<NodeSelectorRequirement>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&NodeSelectorRequirement::key>("key", "The label, or the field."),
      required<&NodeSelectorRequirement::operator_>("operator", "In, NotIn, Exists, DoesNotExist, Gt or Lt."),
      optional<&NodeSelectorRequirement::values>(
          "values", "The values for In and NotIn, one whole number for Gt and Lt; none for the others."),
  });
  static constexpr Type kType = object_type<NodeSelectorRequirement>(
      "NodeSelectorRequirement", "One condition on a label or field of a node.", kFields);
  return kType;
}

template <>
const Type& Describe<NodeSelectorTerm>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&NodeSelectorTerm::match_expressions>("matchExpressions", "Conditions on the node's labels."),
      optional<&NodeSelectorTerm::match_fields>("matchFields",
                                                "Conditions on the node's fields; only metadata.name is known."),
  });
  static constexpr Type kType = object_type<NodeSelectorTerm>(
      "NodeSelectorTerm", "Conditions that must all hold; one without any matches no node.", kFields);
  return kType;
}

template <>
const Type& Describe<PreferredSchedulingTerm>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&PreferredSchedulingTerm::preference>("preference", "Which nodes; an empty one matches every node."),
      required<&PreferredSchedulingTerm::weight>("weight", "What a matching node gains, from 1 to 100."),
  });
  static constexpr Type kType =
      object_type<PreferredSchedulingTerm>("PreferredSchedulingTerm", "Nodes that are liked, and how much.", kFields);
  return kType;
}

template <>
const Type& Describe<NodeSelector>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&NodeSelector::node_selector_terms>("nodeSelectorTerms", "The terms; at least one."),
  });
  static constexpr Type kType =
      object_type<NodeSelector>("NodeSelector", "Chooses nodes: those that match any of its terms.", kFields);
  return kType;
}

template <>
const Type& Describe<NodeAffinity>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&NodeAffinity::preferred_during_scheduling_ignored_during_execution>(
          "preferredDuringSchedulingIgnoredDuringExecution", "Nodes that are liked: the greatest sum of weights wins."),
      optional<&NodeAffinity::required_during_scheduling_ignored_during_execution>(
          "requiredDuringSchedulingIgnoredDuringExecution",
          "What the node must fulfil. A later change of its labels does not remove the pod."),
  });
  static constexpr Type kType = object_type<NodeAffinity>("NodeAffinity", "Which nodes the pod wants.", kFields);
  return kType;
}

template <>
const Type& Describe<PodAffinityTerm>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PodAffinityTerm::label_selector>("labelSelector",
                                                 "The labels of the pods that are meant; unset: no pods."),
      optional<&PodAffinityTerm::match_label_keys>(
          "matchLabelKeys", "Labels for which those pods must have the value that this pod has."),
      optional<&PodAffinityTerm::mismatch_label_keys>(
          "mismatchLabelKeys", "Labels for which those pods must not have the value that this pod has."),
      optional<&PodAffinityTerm::namespace_selector>(
          "namespaceSelector", "Labels of their namespaces, beside namespaces; {}: every namespace."),
      optional<&PodAffinityTerm::namespaces>("namespaces",
                                             "Their namespaces; without these and namespaceSelector: this pod's."),
      required<&PodAffinityTerm::topology_key>(
          "topologyKey", "Nodes of one value of this label are one place, such as kubernetes.io/hostname."),
  });
  static constexpr Type kType = object_type<PodAffinityTerm>(
      "PodAffinityTerm", "Some pods, and what counts as the same place as theirs.", kFields);
  return kType;
}

template <>
const Type& Describe<WeightedPodAffinityTerm>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&WeightedPodAffinityTerm::pod_affinity_term>("podAffinityTerm", "Which pods and which place."),
      required<&WeightedPodAffinityTerm::weight>("weight", "How much it counts, from 1 to 100."),
  });
  static constexpr Type kType = object_type<WeightedPodAffinityTerm>(
      "WeightedPodAffinityTerm", "Neighbours that are liked or disliked, and how much.", kFields);
  return kType;
}

template <>
const Type& Describe<PodAffinity>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PodAffinity::preferred_during_scheduling_ignored_during_execution>(
          "preferredDuringSchedulingIgnoredDuringExecution",
          "Pods that it is liked near: the greatest sum of weights wins."),
      optional<&PodAffinity::required_during_scheduling_ignored_during_execution>(
          "requiredDuringSchedulingIgnoredDuringExecution",
          "Pods that it must be near, all of them. Later changes of labels do not remove the pod."),
  });
  static constexpr Type kType =
      object_type<PodAffinity>("PodAffinity", "Which pods the pod wants to be near.", kFields);
  return kType;
}

template <>
const Type& Describe<PodAntiAffinity>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PodAntiAffinity::preferred_during_scheduling_ignored_during_execution>(
          "preferredDuringSchedulingIgnoredDuringExecution",
          "Pods that it is disliked near: the smallest sum of weights wins."),
      optional<&PodAntiAffinity::required_during_scheduling_ignored_during_execution>(
          "requiredDuringSchedulingIgnoredDuringExecution",
          "Pods that it must not be near. Later changes of labels do not remove the pod."),
  });
  static constexpr Type kType =
      object_type<PodAntiAffinity>("PodAntiAffinity", "Which pods the pod wants to be far from.", kFields);
  return kType;
}

template <>
const Type& Describe<Affinity>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&Affinity::node_affinity>("nodeAffinity", "Which nodes it wants."),
      optional<&Affinity::pod_affinity>("podAffinity", "Which pods it wants to be near."),
      optional<&Affinity::pod_anti_affinity>("podAntiAffinity", "Which pods it wants to be far from."),
  });
  static constexpr Type kType =
      object_type<Affinity>("Affinity", "Which nodes and neighbours a pod wants or avoids.", kFields);
  return kType;
}

template <>
const Type& Describe<Toleration>::type() {
  static constexpr auto kOperators = std::to_array<std::string_view>({"Equal", "Exists"});
  static constexpr auto kEffects = std::to_array<std::string_view>({"NoSchedule", "PreferNoSchedule", "NoExecute"});
  static constexpr auto kFields = std::to_array<Field>({
      optional<&Toleration::effect>("effect", "NoSchedule, PreferNoSchedule or NoExecute; unset: every effect.")
          .listed(kEffects),
      optional<&Toleration::key>("key", "The taint's key; unset with operator Exists: every taint."),
      optional<&Toleration::operator_>("operator",
                                       "Equal: key and value. Exists: key alone. Lt, Gt: the taint's value is a number "
                                       "below or above. Unset: Equal.")
          .listed(kOperators),
      optional<&Toleration::toleration_seconds>(
          "tolerationSeconds",
          "For NoExecute: how long the pod may stay once the taint is there; unset: for ever, 0 or less: not at all."),
      optional<&Toleration::value>("value", "The value that operator compares with; empty for Exists."),
  });
  static constexpr Type kType =
      object_type<Toleration>("Toleration", "Taints of a node that do not keep the pod away.", kFields);
  return kType;
}

template <>
const Type& Describe<TopologySpreadConstraint>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&TopologySpreadConstraint::label_selector>("labelSelector",
                                                          "The labels of the pods that are counted; unset: none."),
      optional<&TopologySpreadConstraint::match_label_keys>(
          "matchLabelKeys", "Labels for which counted pods must have the value that this pod has."),
      required<&TopologySpreadConstraint::max_skew>(
          "maxSkew", "How many more pods a place may have than the emptiest one; at least 1."),
      optional<&TopologySpreadConstraint::min_domains>(
          "minDomains",
          "With fewer places than this the emptiest counts as having 0; only with DoNotSchedule. Unset: 1."),
      optional<&TopologySpreadConstraint::node_affinity_policy>(
          "nodeAffinityPolicy",
          "Honor: only nodes that the pod's affinity and nodeSelector allow count. Ignore: all do. Unset: Honor.")
          .pointer(),
      optional<&TopologySpreadConstraint::node_taints_policy>(
          "nodeTaintsPolicy",
          "Honor: nodes whose taints keep the pod away do not count. Ignore: they do. Unset: Ignore.")
          .pointer(),
      required<&TopologySpreadConstraint::topology_key>(
          "topologyKey", "Nodes of one value of this label are one place, such as topology.kubernetes.io/zone."),
      required<&TopologySpreadConstraint::when_unsatisfiable>(
          "whenUnsatisfiable", "DoNotSchedule: the pod waits. ScheduleAnyway: it goes where the skew is least."),
  });
  static constexpr Type kType = object_type<TopologySpreadConstraint>(
      "TopologySpreadConstraint", "How evenly pods like this one are spread over zones, nodes or other places.",
      kFields);
  return kType;
}

}  // namespace api
