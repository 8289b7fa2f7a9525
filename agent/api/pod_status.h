// PodStatus: what is observed of a pod (core/v1, Kubernetes 1.36).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/api/meta.h"

namespace api {

enum class PodPhase : uint8_t { kPending, kRunning, kSucceeded, kFailed, kUnknown };
enum class ConditionStatus : uint8_t { kTrue, kFalse, kUnknown };

struct PodCondition {
  std::string type;  // "Ready", "Initialized" …
  ConditionStatus status = ConditionStatus::kUnknown;
  std::string reason;
  std::string message;
  std::optional<Time> last_transition_time;
  int64_t observed_generation = 0;
  bool operator==(const PodCondition&) const = default;
};

struct ContainerStateWaiting {
  std::string reason;  // "ContainerCreating", "CrashLoopBackOff" …
  std::string message;
  bool operator==(const ContainerStateWaiting&) const = default;
};

struct ContainerStateRunning {
  std::optional<Time> started_at;
  bool operator==(const ContainerStateRunning&) const = default;
};

struct ContainerStateTerminated {
  int32_t exit_code = 0;  // exit status, or 128 + signal
  int32_t signal = 0;
  std::string reason;  // "Completed", "Error", "StartError" …
  std::string message;
  std::optional<Time> started_at;
  std::optional<Time> finished_at;
  std::string container_id;  // "nodeagent://…"
  bool operator==(const ContainerStateTerminated&) const = default;
};

struct ContainerState {  // at most one is set; none: waiting
  std::optional<ContainerStateWaiting> waiting;
  std::optional<ContainerStateRunning> running;
  std::optional<ContainerStateTerminated> terminated;
  bool operator==(const ContainerState&) const = default;
};

struct ContainerStatus {
  std::string name;
  ContainerState state;
  ContainerState last_state;
  bool ready = false;
  std::optional<bool> started;
  int32_t restart_count = 0;
  std::string image;
  std::string image_id;
  std::string container_id;  // "nodeagent://…"
  bool operator==(const ContainerStatus&) const = default;
};

struct PodIp {
  std::string ip;
  bool operator==(const PodIp&) const = default;
};

struct PodStatus {
  PodPhase phase = PodPhase::kPending;
  std::vector<PodCondition> conditions;
  std::string reason;  // "DeadlineExceeded", "Evicted" …
  std::string message;
  std::string host_ip;
  std::vector<PodIp> host_ips;  // primary first
  std::string pod_ip;
  std::vector<PodIp> pod_ips;  // primary first
  std::optional<Time> start_time;
  std::vector<ContainerStatus> init_container_statuses;
  std::vector<ContainerStatus> container_statuses;
  int64_t observed_generation = 0;
  bool operator==(const PodStatus&) const = default;
};

std::string_view to_string(PodPhase value);
std::string_view to_string(ConditionStatus value);

}  // namespace api
