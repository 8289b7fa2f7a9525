// Tuning: what annotations of nodeagent's own say about a pod's resources, where the pod API has no field for it
// (docs/resources.md). "nodeagent.io/TOPIC" speaks of the pod and each of its containers, "TOPIC.nodeagent.io/NAME" of
// one container, and goes before it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/api/faults.h"
#include "agent/api/pod.h"

namespace api {

struct Tuning {
  std::optional<bool> oom_group;       // false: of a container without memory one process is killed, not all
  std::optional<int64_t> cpu_burst;    // milli-CPU of a period that may be saved up
  std::optional<int64_t> cpu_period;   // microseconds
  bool no_cpu_quota = false;           // the limit of cpu is not enforced
  bool cpu_idle = false;               // runs only when nobody else wants the processor
  std::string cpus;                    // "0-2,7"
  std::string mems;                    // memory nodes
  std::optional<int64_t> memory_high;  // bytes, likewise the next three
  std::optional<int64_t> memory_low;
  std::optional<int64_t> memory_min;
  std::optional<int64_t> memory_swap;  // of swap alone
  std::optional<int64_t> pids_limit;
  std::optional<int64_t> io_weight;  // 1..10000
  std::string io_max;                // lines "DEVICE KEY=VALUE …", DEVICE as "8:0" or "/dev/sda"
  bool operator==(const Tuning&) const = default;
};

// Of a pod without faults (check_tuning). container: a name; empty for what is said of the pod as a whole.
Tuning tuning_of(const Pod& pod, std::string_view container);

// Annotations of ours that are unknown, name no container, or hold what cannot be meant.
void check_tuning(const Pod& pod, FaultList& faults);

}  // namespace api
