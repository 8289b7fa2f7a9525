#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "agent/cli/stats_rates.h"
#include "agent/cli/stats_view.h"
#include "base/concat.h"

namespace agent::cli {

namespace {

using runtime::cgroup::Stats;

constexpr const char* kUnknown = "-";

std::string one_decimal(double value, const char* unit) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f%s", value, unit);
  return text.data();
}

std::string size_or_unknown(const std::optional<uint64_t>& bytes) { return bytes ? binary_size(*bytes) : kUnknown; }

// "12.3%" of one processor.
std::string cpu_cell(const Rates& rates) {
  return rates.nano_cores ? one_decimal(static_cast<double>(*rates.nano_cores) / 1e7, "%") : kUnknown;
}

std::string memory_cell(const Stats& stats) {
  if (!stats.memory_working_set) return kUnknown;
  const std::string limit = stats.memory_limit ? binary_size(*stats.memory_limit) : "none";
  return base::concat(binary_size(*stats.memory_working_set), "/", limit);
}

// How much of the time just now, and for how long since the start.
std::string throttled_cell(const Stats& stats, const Rates& rates) {
  if (!stats.cpu_throttled_ns) return kUnknown;
  const std::string share = rates.throttled_share ? one_decimal(*rates.throttled_share * 100, "%") : kUnknown;
  return base::concat(share, "/", one_decimal(static_cast<double>(*stats.cpu_throttled_ns) / 1e9, "s"));
}

std::string io_cell(const Stats& stats) {
  if (!stats.io_read_bytes || !stats.io_write_bytes) return kUnknown;
  return base::concat(binary_size(*stats.io_read_bytes), "/", binary_size(*stats.io_write_bytes));
}

std::string network_cell(const cri::PodUsage& pod) {
  if (pod.interfaces.empty()) return kUnknown;
  uint64_t received = 0;
  uint64_t sent = 0;
  for (const cri::InterfaceUsage& interface : pod.interfaces) {
    received += interface.rx_bytes;
    sent += interface.tx_bytes;
  }
  return base::concat(binary_size(received), "/", binary_size(sent));
}

std::vector<std::string> row_of(const cri::PodUsage& pod, const std::string& container, const Stats& stats,
                                const Rates& rates) {
  return {pod.pod_namespace,
          pod.name,
          container,
          cpu_cell(rates),
          memory_cell(stats),
          size_or_unknown(stats.memory_peak),
          size_or_unknown(stats.swap_usage),
          stats.processes ? base::concat(*stats.processes) : kUnknown,
          throttled_cell(stats, rates),
          io_cell(stats)};
}

}  // namespace

std::string binary_size(uint64_t bytes) {
  constexpr std::array<const char*, 6> kUnits{"", "Ki", "Mi", "Gi", "Ti", "Pi"};
  constexpr double kStep = 1024;
  auto value = static_cast<double>(bytes);
  size_t unit = 0;
  // What would be shown as 1024.0 is 1 of the next.
  for (; value >= kStep - 0.05 && unit + 1 < kUnits.size(); ++unit) value /= kStep;
  if (unit == 0) return base::concat(bytes);
  std::string text = one_decimal(value, kUnits[unit]);
  const size_t zero = text.find(".0");
  return zero == std::string::npos ? text : text.erase(zero, 2);
}

std::vector<std::vector<std::string>> stats_table(const UsageSample& before, const UsageSample& now) {
  std::vector<std::vector<std::string>> rows{{"NAMESPACE", "POD", "CONTAINER", "CPU", "MEMORY/LIMIT", "PEAK", "SWAP",
                                              "PIDS", "THROTTLED", "IO R/W", "NET RX/TX"}};
  for (const cri::PodUsage& pod : now.pods) {
    const size_t first = rows.size();
    for (const cri::ContainerUsage& container : pod.containers)
      rows.push_back(row_of(pod, container.name, container.stats, rates_of(before, container)));
    // Between two runs of its container the pod is still there.
    if (pod.containers.empty()) rows.push_back(row_of(pod, kUnknown, pod.stats, rates_of(before, pod)));
    // The containers share the network: it is told once.
    rows[first].push_back(network_cell(pod));
  }
  return rows;
}

}  // namespace agent::cli
