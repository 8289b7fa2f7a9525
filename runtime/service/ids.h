// Ids, boot identity and signal names.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace runtime::service {

// 64 random hexadecimal digits, as containerd and CRI-O name sandboxes and containers.
base::Result<std::string> new_id();
// "SIGTERM", "TERM", "15", "SIGRTMIN+3" -> the number (signal(7)); kInvalidArgument names what it is not.
base::Result<int> signal_number(std::string_view name);
// CLOCK_REALTIME in ns since the epoch.
int64_t wall_ns();

}  // namespace runtime::service
