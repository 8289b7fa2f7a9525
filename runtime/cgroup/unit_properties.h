// What a cgroup is held to, in the words of systemd (org.freedesktop.systemd1(5), systemd.resource-control(5)). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "runtime/cgroup/settings.h"

namespace runtime::cgroup {

using UnitValue = std::variant<bool, uint64_t, std::string, std::vector<uint8_t>, std::vector<uint32_t>>;

struct UnitProperty {
  std::string name;
  UnitValue value;
  bool operator==(const UnitProperty&) const = default;
};
using UnitProperties = std::vector<UnitProperty>;

// Since this version CPUWeight=0 is "idle"; to older ones it is an error.
inline constexpr int kIdleSince = 252;

// As far as systemd has a property for it; what it has none for, it leaves alone. version: systemd's, asked for only if
// needs_version().
//
// systemd holds a CPU quota as whole percents of one processor: it is rounded up, so that it stays above what is asked
// for.
UnitProperties to_properties(const Settings& settings, int version);
bool needs_version(const Settings& settings);

// With a quota as systemd would write it, for a cgroup that it writes to whenever it reads its units anew.
Settings as_systemd_has_it(Settings settings);

// What every slice and every scope of ours is started with, before what it is held to.
UnitProperties slice_properties();
UnitProperties scope_properties(const std::string& scope, const std::string& slice, uint32_t pid);

}  // namespace runtime::cgroup
