// What pods and their containers have used, as LocalRuntime::usage() tells it: more than CRI's stats have words for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "runtime/cgroup/stats.h"

namespace cri {

// One network interface of a pod, since it was made.
struct InterfaceUsage {
  std::string name;
  uint64_t rx_bytes = 0;
  uint64_t rx_errors = 0;
  uint64_t tx_bytes = 0;
  uint64_t tx_errors = 0;
};

// A running container since its start.
struct ContainerUsage {
  std::string id;
  std::string name;
  int64_t started_at = 0;  // ns since the epoch
  base::Monotonic at;      // when the stats were read
  runtime::cgroup::Stats stats;
};

// A ready pod with all that is in it.
struct PodUsage {
  std::string sandbox_id;
  std::string pod_namespace;
  std::string name;
  std::string uid;
  int64_t created_at = 0;  // ns since the epoch
  base::Monotonic at;
  runtime::cgroup::Stats stats;
  std::vector<InterfaceUsage> interfaces;  // but lo; none of a pod on the host's network
  std::vector<ContainerUsage> containers;
};

}  // namespace cri
