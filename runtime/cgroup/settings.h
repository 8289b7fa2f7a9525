// What a cgroup is held to: from the amounts of CRI and the OCI runtime-spec to the control files of cgroup v2
// (https://docs.kernel.org/admin-guide/cgroup-v2.html). Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace runtime::cgroup {

struct HugePages {
  std::string page_size;  // "2MB", as the kernel names its file
  uint64_t limit = 0;     // bytes
};

// Unset: left as it is, which for a new cgroup is the kernel's default.
struct Resources {
  std::optional<uint64_t> cpu_shares;   // 1024 for each processor that is asked for; 0 is unset
  std::optional<int64_t> cpu_quota;     // microseconds a period; negative: unlimited, 0 is unset
  std::optional<uint64_t> cpu_period;   // microseconds; 100,000 where only a quota is given
  std::optional<uint64_t> cpu_burst;    // microseconds that may be saved up
  std::optional<bool> cpu_idle;         // runs only when nobody else wants the processor
  std::string cpus;                     // "0-2,7"; empty is unset
  std::string mems;                     // memory nodes, likewise
  std::optional<int64_t> memory_limit;  // bytes; negative: unlimited, 0 is unset
  std::optional<int64_t> memory_swap;   // bytes of memory and swap together; negative: unlimited, 0 is unset
  std::optional<int64_t> memory_low;    // bytes that are taken away last (OCI: reservation)
  std::optional<int64_t> pids_limit;    // negative: unlimited, 0 is unset
  std::vector<HugePages> huge_pages;
  std::map<std::string, std::string> unified;  // control file -> value; goes before what the other members say
};

// A control file and what is written to it.
struct Setting {
  std::string file;
  std::string value;
  bool operator==(const Setting&) const = default;
};
using Settings = std::vector<Setting>;

// In an order in which they can be written. kInvalidArgument names the amount, and what the kernel takes.
base::Result<Settings> to_settings(const Resources& resources);

// cpu.weight for the shares of cgroup v1 (2..262144): 1024, one processor, is the kernel's default of 100, at every
// level of the hierarchy. 0 stays 0: unset. Source: opencontainers/cgroups since 0.0.6, crun since 1.23.
uint64_t weight_of_shares(uint64_t shares);
// The shares for an amount of processors: 1024 for 1000, at least 2, at most 262144 (kubelet's MilliCPUToShares).
uint64_t shares_of_milli_cpu(int64_t milli_cpu);
// Microseconds in a period for a limit of processors; at least 1,000 (kubelet's MilliCPUToQuota).
int64_t quota_of_milli_cpu(int64_t milli_cpu, uint64_t period);
inline constexpr uint64_t kDefaultCpuPeriod = 100'000;  // microseconds

// "cpu.max" -> "cpu"
std::string_view controller_of(std::string_view file);

// Whether anything is lost where the file does not exist: not for what a cgroup without the controller has anyway
// ("max"), for what only makes a limit stricter that is not there either (no swap, who is killed), and the smallest
// weight, which is all that nobody has asked for.
bool asks_for_something(const Setting& setting);

}  // namespace runtime::cgroup
