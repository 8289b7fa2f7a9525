// Meters: the stats of running containers and pods, read again and again, and the processor time that they use.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/synchronized.h"
#include "runtime/cgroup/hierarchy.h"
#include "runtime/cgroup/stats.h"

namespace runtime::service {

// What is used of a processor, in ns a second, between two readings that are at least a second apart. Until there are
// two it is not known; then what was found last stands until the next.
class CpuRate {
 public:
  std::optional<uint64_t> update(uint64_t usage_ns, base::Monotonic now);

 private:
  struct Sample {
    uint64_t usage_ns;
    base::Monotonic at;
  };
  std::optional<Sample> last_;
  std::optional<uint64_t> rate_;
};

struct Reading {
  base::Monotonic at;
  cgroup::Stats stats;
  std::optional<uint64_t> nano_cores;
};

// Thread-safe. Keeps the cgroups' files open, with at most half of the descriptors that this process may have
// (RLIMIT_NOFILE when it is made), and none where descriptors are short.
class Meters {
 public:
  Meters(const cgroup::Hierarchy& hierarchy, const base::Clock& clock);

  // id: of the container or sandbox; cgroup: "/kubepods/…". nullopt when the cgroup is gone.
  base::Result<std::optional<Reading>> read(const std::string& id, const std::string& cgroup);

  // Whether many have come since keep_only() was called.
  bool is_crowded();
  // Forgets all others.
  void keep_only(const std::set<std::string>& ids);

 private:
  struct Entry {
    std::shared_ptr<base::Synchronized<cgroup::Meter>> meter;  // empty: opened for each reading
    size_t descriptors = 0;                                    // that it was made with
    CpuRate rate;
  };
  struct State {
    std::map<std::string, Entry> entries;
    size_t descriptors = 0;  // of all of them
    size_t settled = 0;
  };

  // The meter that is kept for the id; made if there is room for another.
  base::Result<std::shared_ptr<base::Synchronized<cgroup::Meter>>> meter(const std::string& id,
                                                                         const std::string& cgroup);
  static void close(State& state, Entry& entry);
  void forget_meter(const std::string& id);
  void forget_all_meters();

  const cgroup::Hierarchy& hierarchy_;
  const base::Clock& clock_;
  const size_t most_descriptors_;
  base::Synchronized<State> state_;
};

}  // namespace runtime::service
