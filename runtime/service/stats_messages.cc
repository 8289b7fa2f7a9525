#include "runtime/service/stats_messages.h"

#include <chrono>

namespace runtime::service {

namespace v1 = cri::v1;

namespace {

constexpr const char* kDefaultInterface = "eth0";

template <typename Message>
void set(v1::UInt64Value* (Message::*field)(), Message& message, const std::optional<uint64_t>& value) {
  if (value) (message.*field)()->set_value(*value);
}

void fill_stall(const cgroup::Stall& stall, v1::PsiData& out) {
  out.set_total(stall.total_us);
  out.set_avg10(stall.avg10);
  out.set_avg60(stall.avg60);
  out.set_avg300(stall.avg300);
}

template <typename Message>
void fill_pressure(const std::optional<cgroup::Psi>& pressure, Message& out) {
  if (!pressure) return;
  fill_stall(pressure->full, *out.mutable_psi()->mutable_full());
  fill_stall(pressure->some, *out.mutable_psi()->mutable_some());
}

void fill_cpu(const Reading& reading, int64_t now, v1::CpuUsage& cpu) {
  cpu.set_timestamp(now);
  set(&v1::CpuUsage::mutable_usage_core_nano_seconds, cpu, reading.stats.cpu_usage_ns);
  set(&v1::CpuUsage::mutable_usage_nano_cores, cpu, reading.nano_cores);
  fill_pressure(reading.stats.cpu_pressure, cpu);
}

void fill_memory(const cgroup::Stats& stats, int64_t now, v1::MemoryUsage& memory) {
  memory.set_timestamp(now);
  set(&v1::MemoryUsage::mutable_working_set_bytes, memory, stats.memory_working_set);
  set(&v1::MemoryUsage::mutable_available_bytes, memory, memory_available(stats));
  set(&v1::MemoryUsage::mutable_usage_bytes, memory, stats.memory_usage);
  set(&v1::MemoryUsage::mutable_rss_bytes, memory, stats.memory_rss);
  set(&v1::MemoryUsage::mutable_page_faults, memory, stats.page_faults);
  set(&v1::MemoryUsage::mutable_major_page_faults, memory, stats.major_page_faults);
  fill_pressure(stats.memory_pressure, memory);
}

// IoUsage has nothing but the pressure.
template <typename Message>
void fill_io(const cgroup::Stats& stats, int64_t now, Message& out) {
  if (!stats.io_pressure) return;
  out.mutable_io()->set_timestamp(now);
  fill_pressure(stats.io_pressure, *out.mutable_io());
}

void fill_interface(const cri::InterfaceUsage& interface, v1::NetworkInterfaceUsage& out) {
  out.set_name(interface.name);
  out.mutable_rx_bytes()->set_value(interface.rx_bytes);
  out.mutable_rx_errors()->set_value(interface.rx_errors);
  out.mutable_tx_bytes()->set_value(interface.tx_bytes);
  out.mutable_tx_errors()->set_value(interface.tx_errors);
}

}  // namespace

void fill(const Reading& reading, int64_t now, v1::ContainerStats& out) {
  const cgroup::Stats& stats = reading.stats;
  fill_cpu(reading, now, *out.mutable_cpu());
  fill_memory(stats, now, *out.mutable_memory());
  fill_io(stats, now, out);
  if (!stats.swap_usage) return;
  out.mutable_swap()->set_timestamp(now);
  set(&v1::SwapUsage::mutable_swap_usage_bytes, *out.mutable_swap(), stats.swap_usage);
  set(&v1::SwapUsage::mutable_swap_available_bytes, *out.mutable_swap(), swap_available(stats));
}

void fill(const Reading& reading, int64_t now, v1::LinuxPodSandboxStats& out) {
  fill_cpu(reading, now, *out.mutable_cpu());
  fill_memory(reading.stats, now, *out.mutable_memory());
  fill_io(reading.stats, now, out);
  if (!reading.stats.processes) return;
  out.mutable_process()->set_timestamp(now);
  out.mutable_process()->mutable_process_count()->set_value(*reading.stats.processes);
}

void fill(const std::vector<cri::InterfaceUsage>& interfaces, int64_t now, v1::LinuxPodSandboxStats& out) {
  if (interfaces.empty()) return;
  out.mutable_network()->set_timestamp(now);
  for (const cri::InterfaceUsage& interface : interfaces) {
    const bool is_default = interface.name == kDefaultInterface;
    fill_interface(interface, is_default ? *out.mutable_network()->mutable_default_interface()
                                         : *out.mutable_network()->add_interfaces());
  }
}

void fill(const LayerUsage& usage, const std::string& mount_point, v1::FilesystemUsage& out) {
  out.set_timestamp(std::chrono::duration_cast<std::chrono::nanoseconds>(usage.at.time_since_epoch()).count());
  out.mutable_fs_id()->set_mountpoint(mount_point);
  out.mutable_used_bytes()->set_value(usage.bytes);
  out.mutable_inodes_used()->set_value(usage.inodes);
}

}  // namespace runtime::service
