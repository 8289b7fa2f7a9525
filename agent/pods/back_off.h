// BackOffTable: how long something that keeps failing has to wait, per key; the rules of client-go's
// flowcontrol.Backoff that a kubelet uses for crash loops and image pulls.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "base/clock.h"

namespace agent::pods {

// Owned and used by one thread. Not kept over a restart of the process (as with a kubelet).
class BackOffTable {
 public:
  explicit BackOffTable(std::chrono::seconds initial = std::chrono::seconds(10),
                        std::chrono::seconds cap = std::chrono::seconds(300))
      : initial_(initial), cap_(cap) {}

  // How long after an end at `ended` the next start may come; 0 where it may come at once (the first time, or when the
  // last start is at least twice the cap before the end: it ran well).
  std::chrono::seconds period(const std::string& key, base::WallTime ended) const;
  // A start now, after an end at `ended`: the next one waits the initial period, or twice as long as the last time.
  void next(const std::string& key, base::WallTime ended, base::WallTime now);
  void forget(const std::string& key) { entries_.erase(key); }

 private:
  struct Entry {
    std::chrono::seconds period;
    base::WallTime last_start;
  };
  bool ran_well(const Entry& entry, base::WallTime ended) const { return ended - entry.last_start >= 2 * cap_; }

  std::chrono::seconds initial_;
  std::chrono::seconds cap_;
  std::map<std::string, Entry> entries_;
};

}  // namespace agent::pods
