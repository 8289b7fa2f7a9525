// What we ask systemd for: slices and scopes, by org.freedesktop.systemd1(5).
//
// Each call has a connection of its own: systemd tells all that happens to whoever listens on its socket, and keeps it
// in its memory for one who does not read; making one costs less than a tenth of what the job costs. A call whose
// connection breaks is made once more. Calls wait for half a minute at most.
#pragma once

#include <string>

#include "base/error.h"
#include "runtime/cgroup/unit_properties.h"

namespace runtime::cgroup::systemd {

// Whether systemd is process 1 (sd_booted(3)).
bool runs();
// kUnimplemented with what to do where it is not.
base::Status check_runs(const std::string& unit);

// kAlreadyExists when systemd has such a unit.
base::Status start(const std::string& unit, const UnitProperties& properties);
// kNotFound when systemd has no such unit.
base::Status set(const std::string& unit, const UnitProperties& properties);

enum class Stop {
  kWithAllInside,  // of a slice
  kAlone,          // what is started inside meanwhile is not ended
};
// No such unit: ok.
base::Status stop(const std::string& unit, Stop how);

base::Result<int> version();

}  // namespace runtime::cgroup::systemd
