// Where a pod may run: what schedulers read (core/v1, Kubernetes 1.36). What a field means stands in
// describe_scheduling.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/api/boxed.h"
#include "agent/api/enums.h"
#include "agent/api/meta.h"

namespace api {

struct NodeSelectorRequirement {
  std::string key;
  std::string operator_;
  std::vector<std::string> values;
  bool operator==(const NodeSelectorRequirement&) const = default;
};

struct NodeSelectorTerm {
  std::vector<NodeSelectorRequirement> match_expressions;
  std::vector<NodeSelectorRequirement> match_fields;
  bool operator==(const NodeSelectorTerm&) const = default;
};

struct PreferredSchedulingTerm {
  NodeSelectorTerm preference;
  int32_t weight = 0;
  bool operator==(const PreferredSchedulingTerm&) const = default;
};

struct NodeSelector {
  std::vector<NodeSelectorTerm> node_selector_terms;
  bool operator==(const NodeSelector&) const = default;
};

struct NodeAffinity {
  std::vector<PreferredSchedulingTerm> preferred_during_scheduling_ignored_during_execution;
  Boxed<NodeSelector> required_during_scheduling_ignored_during_execution;
  bool operator==(const NodeAffinity&) const = default;
};

struct PodAffinityTerm {
  Boxed<LabelSelector> label_selector;
  std::vector<std::string> match_label_keys;
  std::vector<std::string> mismatch_label_keys;
  Boxed<LabelSelector> namespace_selector;
  std::vector<std::string> namespaces;
  std::string topology_key;
  bool operator==(const PodAffinityTerm&) const = default;
};

struct WeightedPodAffinityTerm {
  PodAffinityTerm pod_affinity_term;
  int32_t weight = 0;
  bool operator==(const WeightedPodAffinityTerm&) const = default;
};

struct PodAffinity {
  std::vector<WeightedPodAffinityTerm> preferred_during_scheduling_ignored_during_execution;
  std::vector<PodAffinityTerm> required_during_scheduling_ignored_during_execution;
  bool operator==(const PodAffinity&) const = default;
};

struct PodAntiAffinity {
  std::vector<WeightedPodAffinityTerm> preferred_during_scheduling_ignored_during_execution;
  std::vector<PodAffinityTerm> required_during_scheduling_ignored_during_execution;
  bool operator==(const PodAntiAffinity&) const = default;
};

struct Affinity {
  Boxed<NodeAffinity> node_affinity;
  Boxed<PodAffinity> pod_affinity;
  Boxed<PodAntiAffinity> pod_anti_affinity;
  bool operator==(const Affinity&) const = default;
};

struct Toleration {
  std::optional<TaintEffect> effect;
  std::string key;
  std::optional<TolerationOperator> operator_;
  std::optional<int64_t> toleration_seconds;
  std::string value;
  bool operator==(const Toleration&) const = default;
};

struct TopologySpreadConstraint {
  Boxed<LabelSelector> label_selector;
  std::vector<std::string> match_label_keys;
  int32_t max_skew = 0;
  std::optional<int32_t> min_domains;
  std::optional<NodeInclusionPolicy> node_affinity_policy;
  std::optional<NodeInclusionPolicy> node_taints_policy;
  std::string topology_key;
  std::optional<UnsatisfiableConstraintAction> when_unsatisfiable;
  bool operator==(const TopologySpreadConstraint&) const = default;
};

}  // namespace api
