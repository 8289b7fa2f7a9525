// The status of the kinds that make pods (Kubernetes 1.36). A controller writes it; an apiserver drops it from what is
// created, but refuses a file whose status it cannot read, and so it is described here: describe_workload_status.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/api/boxed.h"
#include "agent/api/event.h"
#include "agent/api/meta.h"

namespace api {

struct WorkloadCondition {
  std::optional<Time> last_transition_time;
  std::string message;
  std::string reason;
  std::string status;
  std::string type;
  bool operator==(const WorkloadCondition&) const = default;
};

struct DeploymentCondition : WorkloadCondition {
  std::optional<Time> last_update_time;
  bool operator==(const DeploymentCondition&) const = default;
};

struct JobCondition : WorkloadCondition {
  std::optional<Time> last_probe_time;
  bool operator==(const JobCondition&) const = default;
};

// What most of them count.
struct ReplicaCounts {
  int32_t available_replicas = 0;
  std::optional<int32_t> collision_count;
  int64_t observed_generation = 0;
  int32_t ready_replicas = 0;
  int32_t replicas = 0;
  std::optional<int32_t> terminating_replicas;
  int32_t updated_replicas = 0;
  bool operator==(const ReplicaCounts&) const = default;
};

struct DeploymentStatus : ReplicaCounts {
  std::vector<DeploymentCondition> conditions;
  int32_t unavailable_replicas = 0;
  bool operator==(const DeploymentStatus&) const = default;
};

struct ReplicaSetStatus : ReplicaCounts {
  std::vector<WorkloadCondition> conditions;
  int32_t fully_labeled_replicas = 0;
  bool operator==(const ReplicaSetStatus&) const = default;
};

struct StatefulSetStatus : ReplicaCounts {
  std::vector<WorkloadCondition> conditions;
  int32_t current_replicas = 0;
  std::string current_revision;
  std::string update_revision;
  bool operator==(const StatefulSetStatus&) const = default;
};

struct DaemonSetStatus {
  std::optional<int32_t> collision_count;
  std::vector<WorkloadCondition> conditions;
  int32_t current_number_scheduled = 0;
  int32_t desired_number_scheduled = 0;
  int32_t number_available = 0;
  int32_t number_misscheduled = 0;
  int32_t number_ready = 0;
  int32_t number_unavailable = 0;
  int64_t observed_generation = 0;
  int32_t updated_number_scheduled = 0;
  bool operator==(const DaemonSetStatus&) const = default;
};

struct UncountedTerminatedPods {
  std::vector<std::string> failed;
  std::vector<std::string> succeeded;
  bool operator==(const UncountedTerminatedPods&) const = default;
};

struct JobStatus {
  int32_t active = 0;
  std::string completed_indexes;
  std::optional<Time> completion_time;
  std::vector<JobCondition> conditions;
  int32_t failed = 0;
  std::optional<std::string> failed_indexes;
  std::optional<int32_t> ready;
  std::optional<Time> start_time;
  int32_t succeeded = 0;
  std::optional<int32_t> terminating;
  Boxed<UncountedTerminatedPods> uncounted_terminated_pods;
  bool operator==(const JobStatus&) const = default;
};

struct CronJobStatus {
  std::vector<ObjectReference> active;
  std::optional<Time> last_schedule_time;
  std::optional<Time> last_successful_time;
  bool operator==(const CronJobStatus&) const = default;
};

}  // namespace api
