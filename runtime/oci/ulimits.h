// Limits of processes (setrlimit(2)); needs base-core only, as the shim uses it. Written as docker and podman write
// them: "nofile=1024:4096,core=0,memlock=unlimited".
#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"
#include "runtime/oci/spec.h"

namespace runtime::oci {

inline constexpr uint64_t kUnlimited = ~uint64_t{0};  // RLIM_INFINITY

// The number of "RLIMIT_NOFILE" …; -1 for another name.
int rlimit_number(std::string_view name);

// "name=soft[:hard]", separated by commas; without a hard limit it is the soft one; "unlimited" or "-1" for none; an
// empty text has none. kInvalidArgument names what is wrong with which limit.
base::Result<std::vector<Rlimit>> parse_ulimits(std::string_view text);

}  // namespace runtime::oci
