#include "agent/api/schema.h"
#include "agent/api/workload.h"

namespace api {

template <>
const Type& Describe<PodFailureOnExitCodes>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PodFailureOnExitCodes::container_name>("containerName",
                                                       "The container it is about; all when left out."),
      required<&PodFailureOnExitCodes::operator_>("operator", "In: one of the values; NotIn: none of them."),
      required<&PodFailureOnExitCodes::values>("values", "Exit codes in rising order; 0 not with In."),
  });
  static constexpr Type kType = object_type<PodFailureOnExitCodes>("PodFailurePolicyOnExitCodesRequirement",
                                                                   "Exit codes that a rule is about.", kFields);
  return kType;
}

template <>
const Type& Describe<PodFailureOnCondition>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PodFailureOnCondition::status>("status", "The status it has to have."),
      required<&PodFailureOnCondition::type>("type", "The condition."),
  });
  static constexpr Type kType = object_type<PodFailureOnCondition>(
      "PodFailurePolicyOnPodConditionsPattern", "A condition of the pod that a rule is about.", kFields);
  return kType;
}

template <>
const Type& Describe<PodFailureRule>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&PodFailureRule::action>("action", "FailJob, FailIndex, Ignore or Count."),
      optional<&PodFailureRule::on_exit_codes>("onExitCodes", "Holds for these exit codes."),
      optional<&PodFailureRule::on_pod_conditions>("onPodConditions", "Holds for one of these conditions."),
  });
  static constexpr Type kType =
      object_type<PodFailureRule>("PodFailurePolicyRule", "What a failed pod means for the job.", kFields);
  return kType;
}

template <>
const Type& Describe<PodFailurePolicy>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&PodFailurePolicy::rules>("rules", "The rules in order, at most 20."),
  });
  static constexpr Type kType = object_type<PodFailurePolicy>(
      "PodFailurePolicy", "What failed pods mean for the job; the first rule that fits counts.", kFields);
  return kType;
}

template <>
const Type& Describe<SuccessPolicyRule>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&SuccessPolicyRule::succeeded_count>("succeededCount", "So many indexes have to succeed."),
      optional<&SuccessPolicyRule::succeeded_indexes>("succeededIndexes", "These indexes have to succeed: 1,3-5,7."),
  });
  static constexpr Type kType = object_type<SuccessPolicyRule>(
      "SuccessPolicyRule", "When the job counts as done although not all indexes are.", kFields);
  return kType;
}

template <>
const Type& Describe<SuccessPolicy>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&SuccessPolicy::rules>("rules", "The rules, at most 20."),
  });
  static constexpr Type kType = object_type<SuccessPolicy>(
      "SuccessPolicy", "When an indexed job counts as done; one rule that holds is enough.", kFields);
  return kType;
}

template <>
const Type& Describe<JobSpec>::type() {
  static constexpr auto kModes = std::to_array<std::string_view>({"NonIndexed", "Indexed"});
  static constexpr auto kFields = std::to_array<Field>({
      optional<&JobSpec::active_deadline_seconds>("activeDeadlineSeconds",
                                                  "Seconds after its start at which the job is ended."),
      optional<&JobSpec::backoff_limit>("backoffLimit", "How many failures end the job."),
      optional<&JobSpec::backoff_limit_per_index>("backoffLimitPerIndex",
                                                  "How many failures end one index; for Indexed only."),
      optional<&JobSpec::completion_mode>("completionMode",
                                          "NonIndexed: any pods; Indexed: one for each number from 0.")
          .pointer()
          .listed(kModes),
      optional<&JobSpec::completions>("completions", "How many pods have to end well."),
      optional<&JobSpec::managed_by>("managedBy", "The controller that carries the job out.")
          .later("kubernetes.io/job-controller"),
      optional<&JobSpec::manual_selector>("manualSelector", "Whether selector and labels are written by hand."),
      optional<&JobSpec::max_failed_indexes>("maxFailedIndexes",
                                             "How many failed indexes end the job; for Indexed only."),
      optional<&JobSpec::parallelism>("parallelism", "How many pods run at once.").but_not("0"),
      optional<&JobSpec::pod_failure_policy>("podFailurePolicy", "What failed pods mean for the job."),
      optional<&JobSpec::pod_replacement_policy>(
          "podReplacementPolicy",
          "When a pod is replaced: while it ends, or once it has Failed; nodeagent always waits for its end.")
          .pointer(),
      optional<&JobSpec::selector>("selector",
                                   "Which pods are its own; made by Kubernetes unless manualSelector is true."),
      optional<&JobSpec::success_policy>("successPolicy", "When the job counts as done although not all indexes are."),
      optional<&JobSpec::suspend>("suspend", "No pods run while this is true.").but_not("true"),
      required<&JobSpec::pod_template>("template", "What its pods are made from."),
      optional<&JobSpec::ttl_seconds_after_finished>("ttlSecondsAfterFinished",
                                                     "Seconds after its end at which the job is deleted."),
  });
  static constexpr Type kType =
      object_type<JobSpec>("JobSpec", "Pods that run until so many have ended well.", kFields);
  return kType;
}

template <>
const Type& Describe<Job>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&Job::metadata>("metadata", "Its name, namespace and labels."),
      optional<&Job::spec>("spec", "What should run."),
      optional<&Job::status>("status", "What has become of it; ignored in files.").omitted_when_empty(),
  });
  static constexpr Type kType = object_type<Job>("Job", "Pods that run to their end.", kFields, "batch/v1");
  return kType;
}

template <>
const Type& Describe<JobTemplateSpec>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&JobTemplateSpec::metadata>("metadata", "Labels and annotations of the jobs."),
      optional<&JobTemplateSpec::spec>("spec", "What the jobs run."),
  });
  static constexpr Type kType = object_type<JobTemplateSpec>("JobTemplateSpec", "What jobs are made from.", kFields);
  return kType;
}

template <>
const Type& Describe<CronJobSpec>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&CronJobSpec::concurrency_policy>(
          "concurrencyPolicy", "Whether a job starts while the one before runs: Allow, Forbid, or Replace it."),
      optional<&CronJobSpec::failed_jobs_history_limit>("failedJobsHistoryLimit", "How many failed jobs are kept."),
      required<&CronJobSpec::job_template>("jobTemplate", "What jobs are made from."),
      required<&CronJobSpec::schedule>(
          "schedule", "Minute, hour, day of the month, month, day of the week; or @hourly and the like."),
      optional<&CronJobSpec::starting_deadline_seconds>("startingDeadlineSeconds",
                                                        "Seconds by which a job may start late."),
      optional<&CronJobSpec::successful_jobs_history_limit>("successfulJobsHistoryLimit",
                                                            "How many jobs that ended well are kept."),
      optional<&CronJobSpec::suspend>("suspend", "No jobs are made while this is true."),
      optional<&CronJobSpec::time_zone>("timeZone", "Where the clock of the schedule is: Europe/Berlin."),
  });
  static constexpr Type kType = object_type<CronJobSpec>("CronJobSpec", "When jobs are made, and from what.", kFields);
  return kType;
}

template <>
const Type& Describe<CronJob>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&CronJob::metadata>("metadata", "Its name, namespace and labels."),
      optional<&CronJob::spec>("spec", "What should run, and when."),
      optional<&CronJob::status>("status", "What has become of it; ignored in files.").omitted_when_empty(),
  });
  static constexpr Type kType =
      object_type<CronJob>("CronJob", "Jobs at the times of a schedule.", kFields, "batch/v1");
  return kType;
}

}  // namespace api
