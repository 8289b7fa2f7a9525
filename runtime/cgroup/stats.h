// What the kernel counts for one cgroup (https://docs.kernel.org/admin-guide/cgroup-v2.html,
// https://docs.kernel.org/accounting/psi.html).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/unique_fd.h"
#include "runtime/cgroup/cgroup.h"

namespace runtime::cgroup {

// The part of the time in which tasks waited for a resource: in percent over the last so many seconds, and in all.
struct Stall {
  double avg10 = 0;
  double avg60 = 0;
  double avg300 = 0;
  uint64_t total_us = 0;
};
struct Psi {
  Stall some;  // at least one task waited
  Stall full;  // all that were not idle waited
};

// Values that the cgroup's controllers do not give are nullopt.
struct Stats {
  // cpu.stat
  std::optional<uint64_t> cpu_usage_ns;
  std::optional<uint64_t> cpu_user_ns;
  std::optional<uint64_t> cpu_system_ns;
  std::optional<uint64_t> cpu_periods;  // of cpu.max, that have passed while something ran
  std::optional<uint64_t> cpu_throttled_periods;
  std::optional<uint64_t> cpu_throttled_ns;
  std::optional<uint64_t> cpu_bursts;  // periods in which more than the quota was used
  std::optional<uint64_t> cpu_burst_ns;
  // memory, in bytes
  std::optional<uint64_t> memory_usage;
  std::optional<uint64_t> memory_working_set;  // usage - inactive_file, as a kubelet counts it
  std::optional<uint64_t> memory_peak;         // since Linux 5.19
  std::optional<uint64_t> memory_limit;        // nullopt also where there is none ("max")
  std::optional<uint64_t> memory_rss;          // anonymous
  std::optional<uint64_t> memory_cache;        // of files, tmpfs included
  std::optional<uint64_t> page_faults;
  std::optional<uint64_t> major_page_faults;
  std::optional<uint64_t> oom_kills;
  std::optional<uint64_t> swap_usage;
  std::optional<uint64_t> swap_limit;  // nullopt also where there is none
  std::optional<uint64_t> processes;   // threads too: pids.current
  // io.stat, of all devices
  std::optional<uint64_t> io_read_bytes;
  std::optional<uint64_t> io_write_bytes;
  std::optional<uint64_t> io_reads;
  std::optional<uint64_t> io_writes;

  std::optional<Psi> cpu_pressure;
  std::optional<Psi> memory_pressure;
  std::optional<Psi> io_pressure;
};

// What may be used before memory_limit: nullopt where there is none.
std::optional<uint64_t> memory_available(const Stats& stats);
std::optional<uint64_t> swap_available(const Stats& stats);

// Reads the stats of one cgroup again and again. A read allocates nothing.
//
// Its files stay open, which costs a descriptor each (at most kFiles, and the folder's). Where descriptors are short,
// or with Files::kOpenedForEachRead, a file is opened for each read instead. Not thread-safe.
class Meter {
 public:
  static constexpr size_t kFiles = 13;
  enum class Files : uint8_t { kKeptOpen, kOpenedForEachRead };

  static Meter of(Cgroup cgroup, Files files = Files::kKeptOpen);

  // How many descriptors it holds.
  size_t descriptors() const;
  // Overwrites all of `stats`. kNotFound when the cgroup is gone. A controller that was taken from the cgroup meanwhile
  // gives nullopt, until it comes back.
  base::Status read(Stats& stats);

 private:
  struct File {
    base::UniqueFd fd;
    bool seen = false;
    bool missing = false;  // it never was there: not looked for any more
  };

  explicit Meter(Cgroup cgroup) : cgroup_(std::move(cgroup)) {}
  base::UniqueFd open_file(const char* name);
  base::Status read_file(size_t index, Stats& stats);
  bool gone() const;

  Cgroup cgroup_;
  std::array<File, kFiles> files_;
};

namespace internal {
// Takes what one file says into the stats: 0, or errno. What is not understood is passed over. For tests.
int read_stats_file(std::string_view name, int fd, Stats& stats);
}  // namespace internal

}  // namespace runtime::cgroup
