// The kinds that make pods: Deployment, ReplicaSet, DaemonSet, StatefulSet (apps/v1), Job, CronJob (batch/v1,
// Kubernetes 1.36). Their status is a controller's: workload_status.h. What a field means stands in
// describe_workload.cc and describe_batch.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/api/claim.h"
#include "agent/api/pod.h"
#include "agent/api/workload_status.h"

namespace api {

enum class DeploymentStrategyType : uint8_t { kRecreate, kRollingUpdate };
template <>
struct EnumNames<DeploymentStrategyType> {
  static constexpr std::string_view kName = "DeploymentStrategyType";
  static constexpr auto kValues = enum_names({"Recreate", "RollingUpdate"});
};

enum class UpdateStrategyType : uint8_t { kRollingUpdate, kOnDelete };
template <>
struct EnumNames<UpdateStrategyType> {
  static constexpr std::string_view kName = "UpdateStrategyType";
  static constexpr auto kValues = enum_names({"RollingUpdate", "OnDelete"});
};

enum class PodManagementPolicy : uint8_t { kOrderedReady, kParallel };
template <>
struct EnumNames<PodManagementPolicy> {
  static constexpr std::string_view kName = "PodManagementPolicyType";
  static constexpr auto kValues = enum_names({"OrderedReady", "Parallel"});
};

enum class ClaimRetention : uint8_t { kRetain, kDelete };
template <>
struct EnumNames<ClaimRetention> {
  static constexpr std::string_view kName = "PersistentVolumeClaimRetentionPolicyType";
  static constexpr auto kValues = enum_names({"Retain", "Delete"});
};

enum class CompletionMode : uint8_t { kNonIndexed, kIndexed };
template <>
struct EnumNames<CompletionMode> {
  static constexpr std::string_view kName = "CompletionMode";
  static constexpr auto kValues = enum_names({"NonIndexed", "Indexed"});
};

enum class PodReplacementPolicy : uint8_t { kTerminatingOrFailed, kFailed };
template <>
struct EnumNames<PodReplacementPolicy> {
  static constexpr std::string_view kName = "PodReplacementPolicy";
  static constexpr auto kValues = enum_names({"TerminatingOrFailed", "Failed"});
};

enum class PodFailureAction : uint8_t { kFailJob, kFailIndex, kIgnore, kCount };
template <>
struct EnumNames<PodFailureAction> {
  static constexpr std::string_view kName = "PodFailurePolicyAction";
  static constexpr auto kValues = enum_names({"FailJob", "FailIndex", "Ignore", "Count"});
};

enum class ConcurrencyPolicy : uint8_t { kAllow, kForbid, kReplace };
template <>
struct EnumNames<ConcurrencyPolicy> {
  static constexpr std::string_view kName = "ConcurrencyPolicy";
  static constexpr auto kValues = enum_names({"Allow", "Forbid", "Replace"});
};

struct PodTemplateSpec {
  ObjectMeta metadata;
  PodSpec spec;
  bool operator==(const PodTemplateSpec&) const = default;
};

struct RollingUpdateDeployment {
  std::optional<IntOrString> max_surge;
  std::optional<IntOrString> max_unavailable;
  bool operator==(const RollingUpdateDeployment&) const = default;
};

struct DeploymentStrategy {
  Boxed<RollingUpdateDeployment> rolling_update;
  DeploymentStrategyType type = DeploymentStrategyType::kRollingUpdate;
  bool operator==(const DeploymentStrategy&) const = default;
};

struct DeploymentSpec {
  int32_t min_ready_seconds = 0;
  bool paused = false;
  std::optional<int32_t> progress_deadline_seconds = 600;
  std::optional<int32_t> replicas = 1;
  std::optional<int32_t> revision_history_limit = 10;
  Boxed<LabelSelector> selector;
  DeploymentStrategy strategy;
  PodTemplateSpec pod_template;
  bool operator==(const DeploymentSpec&) const = default;
};

struct Deployment {
  ObjectMeta metadata;
  DeploymentSpec spec;
  DeploymentStatus status;
  bool operator==(const Deployment&) const = default;
};

struct ReplicaSetSpec {
  int32_t min_ready_seconds = 0;
  std::optional<int32_t> replicas = 1;
  Boxed<LabelSelector> selector;
  PodTemplateSpec pod_template;
  bool operator==(const ReplicaSetSpec&) const = default;
};

struct ReplicaSet {
  ObjectMeta metadata;
  ReplicaSetSpec spec;
  ReplicaSetStatus status;
  bool operator==(const ReplicaSet&) const = default;
};

struct RollingUpdateDaemonSet {
  std::optional<IntOrString> max_surge;
  std::optional<IntOrString> max_unavailable;
  bool operator==(const RollingUpdateDaemonSet&) const = default;
};

struct DaemonSetUpdateStrategy {
  Boxed<RollingUpdateDaemonSet> rolling_update;
  UpdateStrategyType type = UpdateStrategyType::kRollingUpdate;
  bool operator==(const DaemonSetUpdateStrategy&) const = default;
};

struct DaemonSetSpec {
  int32_t min_ready_seconds = 0;
  std::optional<int32_t> revision_history_limit = 10;
  Boxed<LabelSelector> selector;
  PodTemplateSpec pod_template;
  DaemonSetUpdateStrategy update_strategy;
  bool operator==(const DaemonSetSpec&) const = default;
};

struct DaemonSet {
  ObjectMeta metadata;
  DaemonSetSpec spec;
  DaemonSetStatus status;
  bool operator==(const DaemonSet&) const = default;
};

struct RollingUpdateStatefulSetStrategy {
  std::optional<IntOrString> max_unavailable;
  std::optional<int32_t> partition = 0;
  bool operator==(const RollingUpdateStatefulSetStrategy&) const = default;
};

struct StatefulSetUpdateStrategy {
  Boxed<RollingUpdateStatefulSetStrategy> rolling_update;
  std::optional<UpdateStrategyType> type;
  bool operator==(const StatefulSetUpdateStrategy&) const = default;
};

struct StatefulSetOrdinals {
  int32_t start = 0;
  bool operator==(const StatefulSetOrdinals&) const = default;
};

struct StatefulSetClaimRetentionPolicy {
  ClaimRetention when_deleted = ClaimRetention::kRetain;
  ClaimRetention when_scaled = ClaimRetention::kRetain;
  bool operator==(const StatefulSetClaimRetentionPolicy&) const = default;
};

struct StatefulSetSpec {
  int32_t min_ready_seconds = 0;
  Boxed<StatefulSetOrdinals> ordinals;
  Boxed<StatefulSetClaimRetentionPolicy> claim_retention_policy;
  PodManagementPolicy pod_management_policy = PodManagementPolicy::kOrderedReady;
  std::optional<int32_t> replicas = 1;
  std::optional<int32_t> revision_history_limit = 10;
  Boxed<LabelSelector> selector;
  std::string service_name;
  PodTemplateSpec pod_template;
  StatefulSetUpdateStrategy update_strategy;
  std::vector<PersistentVolumeClaim> volume_claim_templates;
  bool operator==(const StatefulSetSpec&) const = default;
};

struct StatefulSet {
  ObjectMeta metadata;
  StatefulSetSpec spec;
  StatefulSetStatus status;
  bool operator==(const StatefulSet&) const = default;
};

struct PodFailureOnExitCodes {
  std::optional<std::string> container_name;
  std::optional<ExitCodesOperator> operator_;
  std::vector<int32_t> values;
  bool operator==(const PodFailureOnExitCodes&) const = default;
};

struct PodFailureOnCondition {
  ConditionStatus status = ConditionStatus::kTrue;
  std::string type;
  bool operator==(const PodFailureOnCondition&) const = default;
};

struct PodFailureRule {
  std::optional<PodFailureAction> action;
  Boxed<PodFailureOnExitCodes> on_exit_codes;
  std::vector<PodFailureOnCondition> on_pod_conditions;
  bool operator==(const PodFailureRule&) const = default;
};

struct PodFailurePolicy {
  std::vector<PodFailureRule> rules;
  bool operator==(const PodFailurePolicy&) const = default;
};

struct SuccessPolicyRule {
  std::optional<int32_t> succeeded_count;
  std::optional<std::string> succeeded_indexes;
  bool operator==(const SuccessPolicyRule&) const = default;
};

struct SuccessPolicy {
  std::vector<SuccessPolicyRule> rules;
  bool operator==(const SuccessPolicy&) const = default;
};

struct JobSpec {
  std::optional<int64_t> active_deadline_seconds;
  std::optional<int32_t> backoff_limit;
  std::optional<int32_t> backoff_limit_per_index;
  std::optional<CompletionMode> completion_mode;
  std::optional<int32_t> completions;
  std::optional<std::string> managed_by;
  std::optional<bool> manual_selector;
  std::optional<int32_t> max_failed_indexes;
  std::optional<int32_t> parallelism;
  Boxed<PodFailurePolicy> pod_failure_policy;
  std::optional<PodReplacementPolicy> pod_replacement_policy;
  Boxed<LabelSelector> selector;
  Boxed<SuccessPolicy> success_policy;
  std::optional<bool> suspend;
  PodTemplateSpec pod_template;
  std::optional<int32_t> ttl_seconds_after_finished;

  bool is_indexed() const { return completion_mode == CompletionMode::kIndexed; }
  bool operator==(const JobSpec&) const = default;
};

struct Job {
  ObjectMeta metadata;
  JobSpec spec;
  JobStatus status;
  bool operator==(const Job&) const = default;
};

struct JobTemplateSpec {
  ObjectMeta metadata;
  JobSpec spec;
  bool operator==(const JobTemplateSpec&) const = default;
};

struct CronJobSpec {
  ConcurrencyPolicy concurrency_policy = ConcurrencyPolicy::kAllow;
  std::optional<int32_t> failed_jobs_history_limit = 1;
  JobTemplateSpec job_template;
  std::string schedule;
  std::optional<int64_t> starting_deadline_seconds;
  std::optional<int32_t> successful_jobs_history_limit = 3;
  std::optional<bool> suspend = false;
  std::optional<std::string> time_zone;
  bool operator==(const CronJobSpec&) const = default;
};

struct CronJob {
  ObjectMeta metadata;
  CronJobSpec spec;
  CronJobStatus status;
  bool operator==(const CronJob&) const = default;
};

}  // namespace api
