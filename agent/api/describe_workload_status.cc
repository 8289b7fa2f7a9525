#include "agent/api/schema.h"
#include "agent/api/workload_status.h"

namespace api {

template <>
const Type& Describe<WorkloadCondition>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&WorkloadCondition::last_transition_time>("lastTransitionTime", "When the status last changed."),
      optional<&WorkloadCondition::message>("message", "The same for people."),
      optional<&WorkloadCondition::reason>("reason", "Why, in one CamelCase word for programs."),
      optional<&WorkloadCondition::status>("status", "True, False or Unknown."),
      optional<&WorkloadCondition::type>("type", "What it is about."),
  });
  static constexpr Type kType =
      object_type<WorkloadCondition>("WorkloadCondition", "One thing that is the case, or is not.", kFields);
  return kType;
}

template <>
const Type& Describe<DeploymentCondition>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&WorkloadCondition::last_transition_time, DeploymentCondition>("lastTransitionTime",
                                                                              "When the status last changed."),
      optional<&DeploymentCondition::last_update_time>("lastUpdateTime", "When this was last written."),
      optional<&WorkloadCondition::message, DeploymentCondition>("message", "The same for people."),
      optional<&WorkloadCondition::reason, DeploymentCondition>("reason", "Why, in one CamelCase word for programs."),
      optional<&WorkloadCondition::status, DeploymentCondition>("status", "True, False or Unknown."),
      optional<&WorkloadCondition::type, DeploymentCondition>("type", "What it is about."),
  });
  static constexpr Type kType = object_type<DeploymentCondition>(
      "DeploymentCondition", "One thing that is the case with a deployment, or is not.", kFields);
  return kType;
}

template <>
const Type& Describe<JobCondition>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&WorkloadCondition::last_transition_time, JobCondition>("lastTransitionTime",
                                                                       "When the status last changed."),
      optional<&JobCondition::last_probe_time>("lastProbeTime", "When this was last looked at."),
      optional<&WorkloadCondition::message, JobCondition>("message", "The same for people."),
      optional<&WorkloadCondition::reason, JobCondition>("reason", "Why, in one CamelCase word for programs."),
      optional<&WorkloadCondition::status, JobCondition>("status", "True, False or Unknown."),
      optional<&WorkloadCondition::type, JobCondition>("type", "What it is about."),
  });
  static constexpr Type kType =
      object_type<JobCondition>("JobCondition", "One thing that is the case with a job, or is not.", kFields);
  return kType;
}

template <>
const Type& Describe<DeploymentStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ReplicaCounts::available_replicas, DeploymentStatus>("availableReplicas",
                                                                     "How many pods have been ready for long enough."),
      optional<&ReplicaCounts::collision_count, DeploymentStatus>("collisionCount",
                                                                  "How often a name that was made was taken already."),
      optional<&DeploymentStatus::conditions>("conditions", "What is the case now."),
      optional<&ReplicaCounts::observed_generation, DeploymentStatus>("observedGeneration",
                                                                      "The generation of the spec that this is about."),
      optional<&ReplicaCounts::ready_replicas, DeploymentStatus>("readyReplicas", "How many pods are ready."),
      optional<&ReplicaCounts::replicas, DeploymentStatus>("replicas", "How many pods there are."),
      optional<&ReplicaCounts::terminating_replicas, DeploymentStatus>("terminatingReplicas",
                                                                       "How many pods are ending."),
      optional<&DeploymentStatus::unavailable_replicas>("unavailableReplicas", "How many pods are still missing."),
      optional<&ReplicaCounts::updated_replicas, DeploymentStatus>("updatedReplicas",
                                                                   "How many pods have the newest template."),
  });
  static constexpr Type kType =
      object_type<DeploymentStatus>("DeploymentStatus", "What has become of a deployment.", kFields);
  return kType;
}

template <>
const Type& Describe<ReplicaSetStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ReplicaCounts::available_replicas, ReplicaSetStatus>("availableReplicas",
                                                                     "How many pods have been ready for long enough."),
      optional<&ReplicaSetStatus::conditions>("conditions", "What is the case now."),
      optional<&ReplicaSetStatus::fully_labeled_replicas>("fullyLabeledReplicas",
                                                          "How many pods have all labels of the template."),
      optional<&ReplicaCounts::observed_generation, ReplicaSetStatus>("observedGeneration",
                                                                      "The generation of the spec that this is about."),
      optional<&ReplicaCounts::ready_replicas, ReplicaSetStatus>("readyReplicas", "How many pods are ready."),
      optional<&ReplicaCounts::replicas, ReplicaSetStatus>("replicas", "How many pods there are."),
      optional<&ReplicaCounts::terminating_replicas, ReplicaSetStatus>("terminatingReplicas",
                                                                       "How many pods are ending."),
  });
  static constexpr Type kType =
      object_type<ReplicaSetStatus>("ReplicaSetStatus", "What has become of a set of equal pods.", kFields);
  return kType;
}

template <>
const Type& Describe<StatefulSetStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ReplicaCounts::available_replicas, StatefulSetStatus>("availableReplicas",
                                                                      "How many pods have been ready for long enough."),
      optional<&ReplicaCounts::collision_count, StatefulSetStatus>("collisionCount",
                                                                   "How often a name that was made was taken already."),
      optional<&StatefulSetStatus::conditions>("conditions", "What is the case now."),
      optional<&StatefulSetStatus::current_replicas>("currentReplicas", "How many pods have the current revision."),
      optional<&StatefulSetStatus::current_revision>("currentRevision", "The revision that pods are brought from."),
      optional<&ReplicaCounts::observed_generation, StatefulSetStatus>(
          "observedGeneration", "The generation of the spec that this is about."),
      optional<&ReplicaCounts::ready_replicas, StatefulSetStatus>("readyReplicas", "How many pods are ready."),
      optional<&ReplicaCounts::replicas, StatefulSetStatus>("replicas", "How many pods there are."),
      optional<&StatefulSetStatus::update_revision>("updateRevision", "The revision that pods are brought to."),
      optional<&ReplicaCounts::updated_replicas, StatefulSetStatus>("updatedReplicas",
                                                                    "How many pods have the newest template."),
  });
  static constexpr Type kType =
      object_type<StatefulSetStatus>("StatefulSetStatus", "What has become of a set of numbered pods.", kFields);
  return kType;
}

template <>
const Type& Describe<DaemonSetStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&DaemonSetStatus::collision_count>("collisionCount",
                                                  "How often a name that was made was taken already."),
      optional<&DaemonSetStatus::conditions>("conditions", "What is the case now."),
      optional<&DaemonSetStatus::current_number_scheduled>("currentNumberScheduled",
                                                           "How many nodes run the pod and should."),
      optional<&DaemonSetStatus::desired_number_scheduled>("desiredNumberScheduled",
                                                           "How many nodes should run the pod."),
      optional<&DaemonSetStatus::number_available>("numberAvailable",
                                                   "How many nodes have a pod that has been ready for long enough."),
      optional<&DaemonSetStatus::number_misscheduled>("numberMisscheduled",
                                                      "How many nodes run the pod and should not."),
      optional<&DaemonSetStatus::number_ready>("numberReady", "How many nodes have a pod that is ready."),
      optional<&DaemonSetStatus::number_unavailable>("numberUnavailable", "How many nodes still miss the pod."),
      optional<&DaemonSetStatus::observed_generation>("observedGeneration",
                                                      "The generation of the spec that this is about."),
      optional<&DaemonSetStatus::updated_number_scheduled>("updatedNumberScheduled",
                                                           "How many nodes run the pod of the newest template."),
  });
  static constexpr Type kType =
      object_type<DaemonSetStatus>("DaemonSetStatus", "What has become of the pods of the nodes.", kFields);
  return kType;
}

template <>
const Type& Describe<UncountedTerminatedPods>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&UncountedTerminatedPods::failed>("failed", "Those that failed."),
      optional<&UncountedTerminatedPods::succeeded>("succeeded", "Those that ended well."),
  });
  static constexpr Type kType = object_type<UncountedTerminatedPods>(
      "UncountedTerminatedPods", "Pods that have ended and are not yet in the counts, by uid.", kFields);
  return kType;
}

template <>
const Type& Describe<JobStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&JobStatus::active>("active", "How many pods run or are about to."),
      optional<&JobStatus::completed_indexes>("completedIndexes", "The indexes that ended well: 1,3-5."),
      optional<&JobStatus::completion_time>("completionTime", "When the job ended well."),
      optional<&JobStatus::conditions>("conditions", "What is the case now."),
      optional<&JobStatus::failed>("failed", "How many pods failed."),
      optional<&JobStatus::failed_indexes>("failedIndexes", "The indexes that failed: 1,3-5."),
      optional<&JobStatus::ready>("ready", "How many pods are ready."),
      optional<&JobStatus::start_time>("startTime", "When a controller took the job up."),
      optional<&JobStatus::succeeded>("succeeded", "How many pods ended well."),
      optional<&JobStatus::terminating>("terminating", "How many pods are ending."),
      optional<&JobStatus::uncounted_terminated_pods>("uncountedTerminatedPods",
                                                      "Pods that have ended and are not yet in the counts."),
  });
  static constexpr Type kType = object_type<JobStatus>("JobStatus", "What has become of a job.", kFields);
  return kType;
}

template <>
const Type& Describe<CronJobStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&CronJobStatus::active>("active", "The jobs that run."),
      optional<&CronJobStatus::last_schedule_time>("lastScheduleTime", "When a job was last due."),
      optional<&CronJobStatus::last_successful_time>("lastSuccessfulTime", "When a job last ended well."),
  });
  static constexpr Type kType =
      object_type<CronJobStatus>("CronJobStatus", "What has become of the jobs of a schedule.", kFields);
  return kType;
}

}  // namespace api
