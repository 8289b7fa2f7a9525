#include "agent/pods/back_off.h"

#include <algorithm>

namespace agent::pods {

std::chrono::seconds BackOffTable::period(const std::string& key, base::WallTime ended) const {
  const auto entry = entries_.find(key);
  if (entry == entries_.end() || ran_well(entry->second, ended)) return std::chrono::seconds(0);
  return entry->second.period;
}

void BackOffTable::next(const std::string& key, base::WallTime ended, base::WallTime now) {
  const auto entry = entries_.find(key);
  const bool first = entry == entries_.end() || ran_well(entry->second, ended);
  const std::chrono::seconds period = first ? std::min(initial_, cap_) : std::min(entry->second.period * 2, cap_);
  entries_[key] = Entry{period, now};
}

}  // namespace agent::pods
