#include "runtime/service/stats.h"

#include "runtime/cgroup/stats.h"
#include "runtime/service/ids.h"
#include "runtime/service/sandbox_request.h"

namespace runtime::service {

using base::Code;
using base::Result;

namespace {

void set(v1::UInt64Value* (v1::MemoryUsage::*field)(), v1::MemoryUsage& usage, const std::optional<uint64_t>& value) {
  if (value) (usage.*field)()->set_value(*value);
}

void fill(const cgroup::Stats& stats, v1::CpuUsage& cpu, v1::MemoryUsage& memory) {
  const int64_t now = wall_ns();
  cpu.set_timestamp(now);
  if (stats.cpu_usage_ns) cpu.mutable_usage_core_nano_seconds()->set_value(*stats.cpu_usage_ns);
  memory.set_timestamp(now);
  set(&v1::MemoryUsage::mutable_usage_bytes, memory, stats.memory_usage);
  set(&v1::MemoryUsage::mutable_working_set_bytes, memory, stats.memory_working_set);
  set(&v1::MemoryUsage::mutable_rss_bytes, memory, stats.memory_rss);
  set(&v1::MemoryUsage::mutable_page_faults, memory, stats.page_faults);
  set(&v1::MemoryUsage::mutable_major_page_faults, memory, stats.major_page_faults);
}

}  // namespace

Result<v1::ContainerStats> StatsReader::read(const ContainerRecord& record) {
  v1::ContainerStats out;
  v1::ContainerAttributes& attributes = *out.mutable_attributes();
  attributes.set_id(record.id);
  *attributes.mutable_metadata() = record.config->metadata();
  *attributes.mutable_labels() = record.config->labels();
  *attributes.mutable_annotations() = record.config->annotations();
  if (record.state != ContainerRecord::State::kRunning) return out;
  const Result<cgroup::Cgroup> group = cgroup::Cgroup::open(hierarchy_, record.cgroup);
  if (!group) {
    // It has ended since.
    if (group.error().code() == Code::kNotFound) return out;
    return std::unexpected(group.error());
  }
  const cgroup::Stats stats = TRY(cgroup::read_stats(*group));
  fill(stats, *out.mutable_cpu(), *out.mutable_memory());
  if (stats.swap_usage) {
    out.mutable_swap()->set_timestamp(wall_ns());
    out.mutable_swap()->mutable_swap_usage_bytes()->set_value(*stats.swap_usage);
  }
  return out;
}

Result<v1::PodSandboxStats> StatsReader::read(const SandboxRecord& record) {
  v1::PodSandboxStats out;
  v1::PodSandboxAttributes& attributes = *out.mutable_attributes();
  attributes.set_id(record.id);
  *attributes.mutable_metadata() = record.config->metadata();
  *attributes.mutable_labels() = record.config->labels();
  *attributes.mutable_annotations() = record.config->annotations();
  const Result<cgroup::Cgroup> group = cgroup::Cgroup::open(hierarchy_, record.cgroup_parent);
  if (group) {
    const cgroup::Stats stats = TRY(cgroup::read_stats(*group));
    fill(stats, *out.mutable_linux()->mutable_cpu(), *out.mutable_linux()->mutable_memory());
    if (stats.processes) {
      out.mutable_linux()->mutable_process()->set_timestamp(wall_ns());
      out.mutable_linux()->mutable_process()->mutable_process_count()->set_value(*stats.processes);
    }
  }
  for (const ContainerRecord& container : registry_.containers_of(record.id)) {
    if (container.state == ContainerRecord::State::kRunning)
      *out.mutable_linux()->add_containers() = TRY(read(container));
  }
  return out;
}

Result<v1::ContainerStatsResponse> StatsReader::container(const std::string& id) {
  TRY(registry_.refresh());
  v1::ContainerStatsResponse response;
  *response.mutable_stats() = TRY(read(TRY(registry_.container(id))));
  return response;
}

Result<v1::ListContainerStatsResponse> StatsReader::containers(const v1::ContainerStatsFilter& filter) {
  TRY(registry_.refresh());
  v1::ListContainerStatsResponse response;
  for (const ContainerRecord& record : registry_.containers()) {
    if (record.state != ContainerRecord::State::kRunning) continue;
    if (!record.id.starts_with(filter.id()) || !record.sandbox_id.starts_with(filter.pod_sandbox_id())) continue;
    if (!matches_labels(record.config->labels(), filter.label_selector())) continue;
    *response.add_stats() = TRY(read(record));
  }
  return response;
}

Result<v1::PodSandboxStatsResponse> StatsReader::sandbox(const std::string& id) {
  TRY(registry_.refresh());
  v1::PodSandboxStatsResponse response;
  *response.mutable_stats() = TRY(read(TRY(registry_.sandbox(id))));
  return response;
}

Result<v1::ListPodSandboxStatsResponse> StatsReader::sandboxes(const v1::PodSandboxStatsFilter& filter) {
  TRY(registry_.refresh());
  v1::ListPodSandboxStatsResponse response;
  for (const SandboxRecord& record : registry_.sandboxes()) {
    if (!record.id.starts_with(filter.id())) continue;
    if (!matches_labels(record.config->labels(), filter.label_selector())) continue;
    *response.add_stats() = TRY(read(record));
  }
  return response;
}

}  // namespace runtime::service
