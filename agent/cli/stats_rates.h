// What containers and pods did between two looks at them. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agent/cli/stats_view.h"

namespace agent::cli {

struct Rates {
  std::optional<uint64_t> nano_cores;     // ns of processor time a second
  std::optional<double> throttled_share;  // of the periods of cpu.max that passed; 0 without such a limit
};

// Finds the same container, or pod, in the look before; nothing is known of one that was not there.
Rates rates_of(const UsageSample& before, const cri::ContainerUsage& now);
Rates rates_of(const UsageSample& before, const cri::PodUsage& now);

}  // namespace agent::cli
