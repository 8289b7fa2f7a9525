#include <nlohmann/json.hpp>

#include "agent/cli/stats_rates.h"
#include "agent/cli/stats_view.h"

namespace agent::cli {

namespace {

using Json = nlohmann::ordered_json;
using runtime::cgroup::Psi;
using runtime::cgroup::Stall;
using runtime::cgroup::Stats;

void set(Json& object, const char* name, const std::optional<uint64_t>& value) {
  if (value) object[name] = *value;
}

std::string time_of(int64_t ns_since_epoch) {
  return base::rfc3339(
      base::WallTime(std::chrono::duration_cast<base::WallTime::duration>(std::chrono::nanoseconds(ns_since_epoch))));
}

Json stall_json(const Stall& stall) {
  return {{"total", stall.total_us}, {"avg10", stall.avg10}, {"avg60", stall.avg60}, {"avg300", stall.avg300}};
}

void set_pressure(Json& object, const std::optional<Psi>& pressure) {
  if (pressure) object["psi"] = {{"full", stall_json(pressure->full)}, {"some", stall_json(pressure->some)}};
}

Json cpu_json(const Stats& stats, const Rates& rates) {
  Json cpu;
  set(cpu, "usageNanoCores", rates.nano_cores);
  set(cpu, "usageCoreNanoSeconds", stats.cpu_usage_ns);
  set_pressure(cpu, stats.cpu_pressure);
  if (!stats.cpu_throttled_periods) return cpu;
  Json throttling;
  set(throttling, "periods", stats.cpu_periods);
  set(throttling, "throttledPeriods", stats.cpu_throttled_periods);
  set(throttling, "throttledNanoSeconds", stats.cpu_throttled_ns);
  if (rates.throttled_share) throttling["throttledShare"] = *rates.throttled_share;
  set(throttling, "bursts", stats.cpu_bursts);
  set(throttling, "burstNanoSeconds", stats.cpu_burst_ns);
  cpu["throttling"] = std::move(throttling);
  return cpu;
}

Json memory_json(const Stats& stats) {
  Json memory;
  set(memory, "availableBytes", memory_available(stats));
  set(memory, "usageBytes", stats.memory_usage);
  set(memory, "workingSetBytes", stats.memory_working_set);
  set(memory, "rssBytes", stats.memory_rss);
  set(memory, "pageFaults", stats.page_faults);
  set(memory, "majorPageFaults", stats.major_page_faults);
  set_pressure(memory, stats.memory_pressure);
  set(memory, "limitBytes", stats.memory_limit);
  set(memory, "peakBytes", stats.memory_peak);
  set(memory, "cacheBytes", stats.memory_cache);
  set(memory, "oomKills", stats.oom_kills);
  return memory;
}

Json io_json(const Stats& stats) {
  Json io;
  set_pressure(io, stats.io_pressure);
  set(io, "readBytes", stats.io_read_bytes);
  set(io, "writeBytes", stats.io_write_bytes);
  set(io, "readOperations", stats.io_reads);
  set(io, "writeOperations", stats.io_writes);
  return io;
}

Json swap_json(const Stats& stats) {
  Json swap;
  set(swap, "swapAvailableBytes", swap_available(stats));
  set(swap, "swapUsageBytes", stats.swap_usage);
  return swap;
}

// What the Summary API tells of a container and of a pod alike.
void set_resources(Json& object, const std::string& time, const Stats& stats, const Rates& rates) {
  const auto add = [&](const char* name, const Json& values) {
    if (values.empty()) return;
    Json timed{{"time", time}};
    timed.update(values);
    object[name] = std::move(timed);
  };
  add("cpu", cpu_json(stats, rates));
  add("memory", memory_json(stats));
  add("io", io_json(stats));
  add("swap", swap_json(stats));
  // Spelled so in the API.
  if (stats.processes) object["process_stats"] = {{"process_count", *stats.processes}};
}

Json interface_json(const cri::InterfaceUsage& interface) {
  return {{"name", interface.name},
          {"rxBytes", interface.rx_bytes},
          {"rxErrors", interface.rx_errors},
          {"txBytes", interface.tx_bytes},
          {"txErrors", interface.tx_errors}};
}

// The default interface's values, and all interfaces.
Json network_json(const std::string& time, const std::vector<cri::InterfaceUsage>& interfaces) {
  Json network{{"time", time}};
  Json all = Json::array();
  for (const cri::InterfaceUsage& interface : interfaces) {
    if (interface.name == "eth0") network.update(interface_json(interface));
    all.push_back(interface_json(interface));
  }
  network["interfaces"] = std::move(all);
  return network;
}

Json pod_json(const UsageSample& before, const std::string& time, const cri::PodUsage& pod) {
  Json out{{"podRef", {{"name", pod.name}, {"namespace", pod.pod_namespace}, {"uid", pod.uid}}},
           {"startTime", time_of(pod.created_at)},
           {"containers", Json::array()}};
  for (const cri::ContainerUsage& container : pod.containers) {
    Json entry{{"name", container.name}, {"startTime", time_of(container.started_at)}};
    set_resources(entry, time, container.stats, rates_of(before, container));
    out["containers"].push_back(std::move(entry));
  }
  set_resources(out, time, pod.stats, rates_of(before, pod));
  if (!pod.interfaces.empty()) out["network"] = network_json(time, pod.interfaces);
  return out;
}

}  // namespace

std::string stats_json(const UsageSample& before, const UsageSample& now) {
  Json out{{"pods", Json::array()}};
  for (const cri::PodUsage& pod : now.pods) out["pods"].push_back(pod_json(before, base::rfc3339(now.at), pod));
  return out.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace agent::cli
