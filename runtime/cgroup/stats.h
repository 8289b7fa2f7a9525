// What the kernel counts for one cgroup.
#pragma once

#include <cstdint>
#include <optional>

#include "base/error.h"
#include "runtime/cgroup/cgroup.h"

namespace runtime::cgroup {

// Values that the cgroup's controllers do not give are nullopt.
struct Stats {
  std::optional<uint64_t> cpu_usage_ns;        // cpu.stat usage_usec
  std::optional<uint64_t> memory_usage;        // bytes, memory.current
  std::optional<uint64_t> memory_working_set;  // bytes, usage - inactive_file (behaviour: memory.available)
  std::optional<uint64_t> memory_rss;          // bytes, anon of memory.stat
  std::optional<uint64_t> page_faults;
  std::optional<uint64_t> major_page_faults;
  std::optional<uint64_t> swap_usage;  // bytes, memory.swap.current
  std::optional<uint64_t> processes;   // pids.current
};

base::Result<Stats> read_stats(const Cgroup& cgroup);

}  // namespace runtime::cgroup
