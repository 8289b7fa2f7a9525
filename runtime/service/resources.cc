#include "runtime/service/resources.h"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>

#include "agent/api/quantity.h"
#include "base/log.h"
#include "runtime/oci/ulimits.h"

namespace runtime::service {

using base::Code;
using base::Result;
using base::Status;

namespace {

constexpr int64_t kDefaultShmSize = 64LL << 20;

}  // namespace

Result<cgroup::Settings> settings_of(const oci::Resources& resources) {
  cgroup::Resources out;
  if (resources.cpu) {
    const oci::Cpu& cpu = *resources.cpu;
    out.cpu_shares = cpu.shares;
    out.cpu_quota = cpu.quota;
    out.cpu_period = cpu.period;
    out.cpu_burst = cpu.burst;
    if (cpu.idle) out.cpu_idle = *cpu.idle != 0;
    out.cpus = cpu.cpus;
    out.mems = cpu.mems;
  }
  if (resources.memory) {
    out.memory_limit = resources.memory->limit;
    out.memory_swap = resources.memory->swap;
    out.memory_low = resources.memory->reservation;
  }
  if (resources.pids) out.pids_limit = resources.pids->limit;
  for (const oci::HugepageLimit& pages : resources.hugepage_limits) {
    out.huge_pages.push_back({.page_size = pages.page_size, .limit = pages.limit});
  }
  out.unified = resources.unified;
  return cgroup::to_settings(out);
}

void merge(v1::LinuxContainerResources& present, const v1::LinuxContainerResources& asked) {
  // What is said of a size of pages replaces what was said of it; the rest of the list stays.
  google::protobuf::RepeatedPtrField<v1::HugepageLimit> pages;
  for (const v1::HugepageLimit& limit : present.hugepage_limits()) {
    const bool said_anew = std::ranges::any_of(asked.hugepage_limits(),
                                               [&](const auto& each) { return each.page_size() == limit.page_size(); });
    if (!said_anew) *pages.Add() = limit;
  }
  present.mutable_hugepage_limits()->Swap(&pages);
  present.MergeFrom(asked);
}

void clamp_rlimits(oci::Process& process, const std::string& container) {
  for (oci::Rlimit& limit : process.rlimits) {
    const int number = oci::rlimit_number(limit.type);
    struct rlimit own{};
    if (number < 0 || ::getrlimit(static_cast<__rlimit_resource>(number), &own) != 0 || limit.hard <= own.rlim_max) {
      continue;
    }
    static std::atomic<uint64_t> said = 0;
    const uint64_t bit = uint64_t{1} << static_cast<unsigned>(number);
    if ((said.fetch_or(bit) & bit) == 0) {
      base::log::warning({.container = container}, limit.type, " is limited to ", own.rlim_max, " instead of ",
                         limit.hard == oci::kUnlimited ? "unlimited" : std::to_string(limit.hard),
                         ", by nodeagent's own hard limit (Limit", limit.type.substr(limit.type.find('_') + 1),
                         "= in its unit, or ulimit -H); said once");
    }
    limit.hard = own.rlim_max;
    limit.soft = std::min(limit.soft, limit.hard);
  }
}

Result<int64_t> shm_size(const v1::PodSandboxConfig& config) {
  for (const char* key : {"nodeagent.io/shm-size", "io.kubernetes.cri-o.ShmSize"}) {
    const auto found = config.annotations().find(key);
    if (found == config.annotations().end()) continue;
    const api::Quantity size = TRY(api::Quantity::parse(found->second), "annotation ", key);
    if (size.value() > 0) return size.value();
    return base::fail(Code::kInvalidArgument, "annotation ", key, " is ", found->second, ": /dev/shm needs a size");
  }
  return kDefaultShmSize;
}

}  // namespace runtime::service
