#include "agent/cli/stats_rates.h"

#include <chrono>

namespace agent::cli {

namespace {

std::optional<uint64_t> grown(const std::optional<uint64_t>& before, const std::optional<uint64_t>& now) {
  if (!before || !now || *now < *before) return std::nullopt;
  return *now - *before;
}

// Both have the time at which the stats were read.
template <typename Usage>
Rates between(const Usage& before, const Usage& now) {
  Rates rates;
  const double seconds = std::chrono::duration<double>(now.at - before.at).count();
  const std::optional<uint64_t> used = grown(before.stats.cpu_usage_ns, now.stats.cpu_usage_ns);
  if (used && seconds > 0) rates.nano_cores = static_cast<uint64_t>(static_cast<double>(*used) / seconds);
  const std::optional<uint64_t> periods = grown(before.stats.cpu_periods, now.stats.cpu_periods);
  const std::optional<uint64_t> throttled = grown(before.stats.cpu_throttled_periods, now.stats.cpu_throttled_periods);
  if (periods && throttled)
    rates.throttled_share = *periods == 0 ? 0 : static_cast<double>(*throttled) / static_cast<double>(*periods);
  return rates;
}

}  // namespace

Rates rates_of(const UsageSample& before, const cri::ContainerUsage& now) {
  for (const cri::PodUsage& pod : before.pods)
    for (const cri::ContainerUsage& container : pod.containers)
      if (container.id == now.id) return between(container, now);
  return {};
}

Rates rates_of(const UsageSample& before, const cri::PodUsage& now) {
  for (const cri::PodUsage& pod : before.pods)
    if (pod.sandbox_id == now.sandbox_id) return between(pod, now);
  return {};
}

}  // namespace agent::cli
