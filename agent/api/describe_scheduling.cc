#include "agent/api/scheduling.h"
#include "agent/api/schema.h"

namespace api {

template <>
const Type& Describe<NodeSelectorRequirement>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&NodeSelectorRequirement::key>("key", "@NodeSelectorRequirement.key@"),
      required<&NodeSelectorRequirement::operator_>("operator", "@NodeSelectorRequirement.operator@"),
      optional<&NodeSelectorRequirement::values>("values", "@NodeSelectorRequirement.values@"),
  });
  static constexpr Type kType =
      object_type<NodeSelectorRequirement>("NodeSelectorRequirement", "@NodeSelectorRequirement@", kFields);
  return kType;
}

template <>
const Type& Describe<NodeSelectorTerm>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&NodeSelectorTerm::match_expressions>("matchExpressions", "@NodeSelectorTerm.matchExpressions@"),
      optional<&NodeSelectorTerm::match_fields>("matchFields", "@NodeSelectorTerm.matchFields@"),
  });
  static constexpr Type kType = object_type<NodeSelectorTerm>("NodeSelectorTerm", "@NodeSelectorTerm@", kFields);
  return kType;
}

template <>
const Type& Describe<PreferredSchedulingTerm>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&PreferredSchedulingTerm::preference>("preference", "@PreferredSchedulingTerm.preference@"),
      required<&PreferredSchedulingTerm::weight>("weight", "@PreferredSchedulingTerm.weight@"),
  });
  static constexpr Type kType =
      object_type<PreferredSchedulingTerm>("PreferredSchedulingTerm", "@PreferredSchedulingTerm@", kFields);
  return kType;
}

template <>
const Type& Describe<NodeSelector>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&NodeSelector::node_selector_terms>("nodeSelectorTerms", "@NodeSelector.nodeSelectorTerms@"),
  });
  static constexpr Type kType = object_type<NodeSelector>("NodeSelector", "@NodeSelector@", kFields);
  return kType;
}

template <>
const Type& Describe<NodeAffinity>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&NodeAffinity::preferred_during_scheduling_ignored_during_execution>(
          "preferredDuringSchedulingIgnoredDuringExecution",
          "@NodeAffinity.preferredDuringSchedulingIgnoredDuringExecution@"),
      optional<&NodeAffinity::required_during_scheduling_ignored_during_execution>(
          "requiredDuringSchedulingIgnoredDuringExecution",
          "@NodeAffinity.requiredDuringSchedulingIgnoredDuringExecution@"),
  });
  static constexpr Type kType = object_type<NodeAffinity>("NodeAffinity", "@NodeAffinity@", kFields);
  return kType;
}

template <>
const Type& Describe<PodAffinityTerm>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PodAffinityTerm::label_selector>("labelSelector", "@PodAffinityTerm.labelSelector@"),
      optional<&PodAffinityTerm::match_label_keys>("matchLabelKeys", "@PodAffinityTerm.matchLabelKeys@"),
      optional<&PodAffinityTerm::mismatch_label_keys>("mismatchLabelKeys", "@PodAffinityTerm.mismatchLabelKeys@"),
      optional<&PodAffinityTerm::namespace_selector>("namespaceSelector", "@PodAffinityTerm.namespaceSelector@"),
      optional<&PodAffinityTerm::namespaces>("namespaces", "@PodAffinityTerm.namespaces@"),
      required<&PodAffinityTerm::topology_key>("topologyKey", "@PodAffinityTerm.topologyKey@"),
  });
  static constexpr Type kType = object_type<PodAffinityTerm>("PodAffinityTerm", "@PodAffinityTerm@", kFields);
  return kType;
}

template <>
const Type& Describe<WeightedPodAffinityTerm>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&WeightedPodAffinityTerm::pod_affinity_term>("podAffinityTerm",
                                                            "@WeightedPodAffinityTerm.podAffinityTerm@"),
      required<&WeightedPodAffinityTerm::weight>("weight", "@WeightedPodAffinityTerm.weight@"),
  });
  static constexpr Type kType =
      object_type<WeightedPodAffinityTerm>("WeightedPodAffinityTerm", "@WeightedPodAffinityTerm@", kFields);
  return kType;
}

template <>
const Type& Describe<PodAffinity>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PodAffinity::preferred_during_scheduling_ignored_during_execution>(
          "preferredDuringSchedulingIgnoredDuringExecution",
          "@PodAffinity.preferredDuringSchedulingIgnoredDuringExecution@"),
      optional<&PodAffinity::required_during_scheduling_ignored_during_execution>(
          "requiredDuringSchedulingIgnoredDuringExecution",
          "@PodAffinity.requiredDuringSchedulingIgnoredDuringExecution@"),
  });
  static constexpr Type kType = object_type<PodAffinity>("PodAffinity", "@PodAffinity@", kFields);
  return kType;
}

template <>
const Type& Describe<PodAntiAffinity>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PodAntiAffinity::preferred_during_scheduling_ignored_during_execution>(
          "preferredDuringSchedulingIgnoredDuringExecution",
          "@PodAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution@"),
      optional<&PodAntiAffinity::required_during_scheduling_ignored_during_execution>(
          "requiredDuringSchedulingIgnoredDuringExecution",
          "@PodAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution@"),
  });
  static constexpr Type kType = object_type<PodAntiAffinity>("PodAntiAffinity", "@PodAntiAffinity@", kFields);
  return kType;
}

template <>
const Type& Describe<Affinity>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&Affinity::node_affinity>("nodeAffinity", "@Affinity.nodeAffinity@"),
      optional<&Affinity::pod_affinity>("podAffinity", "@Affinity.podAffinity@"),
      optional<&Affinity::pod_anti_affinity>("podAntiAffinity", "@Affinity.podAntiAffinity@"),
  });
  static constexpr Type kType = object_type<Affinity>("Affinity", "@Affinity@", kFields);
  return kType;
}

template <>
const Type& Describe<Toleration>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&Toleration::effect>("effect", "@Toleration.effect@"),
      optional<&Toleration::key>("key", "@Toleration.key@"),
      optional<&Toleration::operator_>("operator", "@Toleration.operator@"),
      optional<&Toleration::toleration_seconds>("tolerationSeconds", "@Toleration.tolerationSeconds@"),
      optional<&Toleration::value>("value", "@Toleration.value@"),
  });
  static constexpr Type kType = object_type<Toleration>("Toleration", "@Toleration@", kFields);
  return kType;
}

template <>
const Type& Describe<TopologySpreadConstraint>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&TopologySpreadConstraint::label_selector>("labelSelector", "@TopologySpreadConstraint.labelSelector@"),
      optional<&TopologySpreadConstraint::match_label_keys>("matchLabelKeys",
                                                            "@TopologySpreadConstraint.matchLabelKeys@"),
      required<&TopologySpreadConstraint::max_skew>("maxSkew", "@TopologySpreadConstraint.maxSkew@"),
      optional<&TopologySpreadConstraint::min_domains>("minDomains", "@TopologySpreadConstraint.minDomains@"),
      optional<&TopologySpreadConstraint::node_affinity_policy>("nodeAffinityPolicy",
                                                                "@TopologySpreadConstraint.nodeAffinityPolicy@"),
      optional<&TopologySpreadConstraint::node_taints_policy>("nodeTaintsPolicy",
                                                              "@TopologySpreadConstraint.nodeTaintsPolicy@"),
      required<&TopologySpreadConstraint::topology_key>("topologyKey", "@TopologySpreadConstraint.topologyKey@"),
      required<&TopologySpreadConstraint::when_unsatisfiable>("whenUnsatisfiable",
                                                              "@TopologySpreadConstraint.whenUnsatisfiable@"),
  });
  static constexpr Type kType =
      object_type<TopologySpreadConstraint>("TopologySpreadConstraint", "@TopologySpreadConstraint@", kFields);
  return kType;
}

}  // namespace api
