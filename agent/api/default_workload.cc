#include <limits>

#include "agent/api/default.h"

namespace api {

void set_defaults(Deployment& deployment) {
  DeploymentSpec& spec = deployment.spec;
  set_template_defaults(spec.pod_template.spec);
  if (spec.strategy.type != DeploymentStrategyType::kRollingUpdate) return;
  if (!spec.strategy.rolling_update) spec.strategy.rolling_update.emplace();
  RollingUpdateDeployment& update = *spec.strategy.rolling_update;
  if (!update.max_unavailable) update.max_unavailable = IntOrString::of("25%");
  if (!update.max_surge) update.max_surge = IntOrString::of("25%");
}

void set_defaults(DaemonSet& daemon_set) {
  DaemonSetSpec& spec = daemon_set.spec;
  set_template_defaults(spec.pod_template.spec);
  if (spec.update_strategy.type != UpdateStrategyType::kRollingUpdate) return;
  if (!spec.update_strategy.rolling_update) spec.update_strategy.rolling_update.emplace();
  RollingUpdateDaemonSet& update = *spec.update_strategy.rolling_update;
  if (!update.max_unavailable) update.max_unavailable = IntOrString::of(1);
  if (!update.max_surge) update.max_surge = IntOrString::of(0);
}

void set_defaults(StatefulSet& stateful_set) {
  StatefulSetSpec& spec = stateful_set.spec;
  set_template_defaults(spec.pod_template.spec);
  if (!spec.update_strategy.type) {
    spec.update_strategy.type = UpdateStrategyType::kRollingUpdate;
    if (!spec.update_strategy.rolling_update) spec.update_strategy.rolling_update.emplace();
  }
  if (!spec.claim_retention_policy) spec.claim_retention_policy.emplace();
}

void set_defaults(Job& job) {
  JobSpec& spec = job.spec;
  set_template_defaults(spec.pod_template.spec);
  if (!spec.completions && !spec.parallelism) spec.completions = 1;
  if (!spec.parallelism) spec.parallelism = 1;
  // With a limit for each index the whole has none.
  constexpr int32_t kBackoffLimit = 6;
  if (!spec.backoff_limit)
    spec.backoff_limit = spec.backoff_limit_per_index ? std::numeric_limits<int32_t>::max() : kBackoffLimit;
  if (!spec.completion_mode) spec.completion_mode = CompletionMode::kNonIndexed;
  if (!spec.suspend) spec.suspend = false;
  if (!spec.pod_replacement_policy)
    spec.pod_replacement_policy =
        spec.pod_failure_policy ? PodReplacementPolicy::kFailed : PodReplacementPolicy::kTerminatingOrFailed;
  if (!spec.manual_selector) spec.manual_selector = false;
  if (job.metadata.labels.empty()) job.metadata.labels = spec.pod_template.metadata.labels;
}

}  // namespace api
