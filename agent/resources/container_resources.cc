#include "agent/resources/container_resources.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>

#include "agent/api/pod_amounts.h"
#include "agent/api/tuning.h"
#include "base/sys.h"
#include "cri-proto/messages.h"
#include "runtime/cgroup/settings.h"

namespace agent::resources {

namespace {

namespace cgroup = runtime::cgroup;
using Unified = google::protobuf::Map<std::string, std::string>;

constexpr int kGuaranteedScore = -997;
constexpr int kBestEffortScore = 1000;
constexpr int64_t kSystemCritical = 2'000'000'000;

const api::Quantity* find(const std::map<std::string, api::Quantity>& amounts, const char* resource) {
  const auto found = amounts.find(resource);
  return found == amounts.end() || found->second.is_zero() ? nullptr : &found->second;
}

int64_t memory_request(const api::Container& container) {
  const api::Quantity* request = find(container.resources.requests, "memory");
  return request == nullptr ? 0 : request->value();
}

bool is_node_critical(const api::Pod& pod) {
  return pod.spec.priority.value_or(0) >= kSystemCritical && pod.spec.priority_class_name == "system-node-critical";
}

// What the pod requests beyond its containers, shared among all of them.
int64_t share_of_rest(const api::Pod& pod) {
  const api::Quantity* of_pod = pod.spec.resources ? find(pod.spec.resources->requests, "memory") : nullptr;
  if (of_pod == nullptr) return 0;
  const api::Amounts sum = api::sum_of_requests(pod.spec);
  const api::Quantity* of_containers = find(sum, "memory");
  const int64_t rest = of_pod->value() - (of_containers == nullptr ? 0 : of_containers->value());
  return rest / static_cast<int64_t>(pod.spec.containers.size() + pod.spec.init_containers.size());
}

int score(int64_t request, int64_t node_memory) {
  __extension__ using Wide = __int128;
  return node_memory <= 0 ? kBestEffortScore : static_cast<int>(1000 - static_cast<Wide>(1000) * request / node_memory);
}

void fill_cpu(const api::Pod& pod, const api::Container& container, const api::Tuning& tuning,
              runtime::v1::LinuxContainerResources* out) {
  const api::Quantity* request = find(container.resources.requests, "cpu");
  const api::Quantity* limit = limit_of(pod, container, "cpu");
  const bool said = container.resources.requests.contains("cpu");
  const int64_t weighed = request != nullptr          ? request->milli_value()
                          : !said && limit != nullptr ? limit->milli_value()
                                                      : 0;
  out->set_cpu_shares(static_cast<int64_t>(cgroup::shares_of_milli_cpu(weighed)));
  const auto period = tuning.cpu_period ? static_cast<uint64_t>(*tuning.cpu_period) : cgroup::kDefaultCpuPeriod;
  out->set_cpu_period(static_cast<int64_t>(period));
  if (limit != nullptr && !tuning.no_cpu_quota)
    out->set_cpu_quota(cgroup::quota_of_milli_cpu(limit->milli_value(), period));
}

// As major:minor, which io.max takes.
base::Result<std::string> device_number(const std::string& device) {
  if (!device.starts_with('/')) return device;
  const struct stat found = TRY(base::sys::fstatat(AT_FDCWD, device, 0), "annotation io-max");
  if (!S_ISBLK(found.st_mode))
    return base::fail(base::Code::kInvalidArgument, "annotation io-max: ", device, " is no block device");
  return base::concat(major(found.st_rdev), ":", minor(found.st_rdev));
}

base::Result<std::string> io_max(const std::string& lines) {
  std::string out;
  std::string_view rest = lines;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const size_t space = line.find(' ');
    out += base::concat(out.empty() ? "" : "\n", TRY(device_number(std::string(line.substr(0, space)))),
                        line.substr(space));
  }
  return out;
}

base::Status fill_tuning(const api::Tuning& tuning, runtime::v1::LinuxContainerResources* out) {
  Unified& unified = *out->mutable_unified();
  const auto set = [&](const char* file, const std::optional<int64_t>& value) {
    if (value) unified[file] = std::to_string(*value);
  };
  // No swap (NoSwap) and all of a container's processes together, as the kubelet has it.
  unified["memory.swap.max"] = std::to_string(tuning.memory_swap.value_or(0));
  unified["memory.oom.group"] = tuning.oom_group.value_or(true) ? "1" : "0";
  set("memory.high", tuning.memory_high);
  set("memory.low", tuning.memory_low);
  set("memory.min", tuning.memory_min);
  set("pids.max", tuning.pids_limit);
  set("io.weight", tuning.io_weight);
  if (!tuning.io_max.empty()) unified["io.max"] = TRY(io_max(tuning.io_max));
  if (tuning.cpu_idle) unified["cpu.idle"] = "1";
  if (tuning.cpu_burst && out->cpu_quota() > 0) {
    // As it was asked for: it is cut to the quota where that is set (cgroup::to_settings).
    const int64_t burst = *tuning.cpu_burst * out->cpu_period() / 1000;
    unified["cpu.max.burst"] = std::to_string(burst);
  }
  out->set_cpuset_cpus(tuning.cpus);
  out->set_cpuset_mems(tuning.mems);
  return {};
}

}  // namespace

const api::Quantity* limit_of(const api::Pod& pod, const api::Container& container, const char* resource) {
  const api::Quantity* own = find(container.resources.limits, resource);
  return own != nullptr || !pod.spec.resources ? own : find(pod.spec.resources->limits, resource);
}

void fill_sandbox_resources(const api::Pod& pod, runtime::v1::LinuxPodSandboxConfig* out) {
  const auto fill = [](const api::Amounts& requests, const api::Amounts& limits,
                       runtime::v1::LinuxContainerResources* resources) {
    const api::Quantity* request = find(requests, "cpu");
    const api::Quantity* limit = find(limits, "cpu");
    const api::Quantity* weighed = request != nullptr ? request : limit;
    resources->set_cpu_shares(
        static_cast<int64_t>(cgroup::shares_of_milli_cpu(weighed == nullptr ? 0 : weighed->milli_value())));
    if (limit != nullptr) {
      resources->set_cpu_period(static_cast<int64_t>(cgroup::kDefaultCpuPeriod));
      resources->set_cpu_quota(cgroup::quota_of_milli_cpu(limit->milli_value(), cgroup::kDefaultCpuPeriod));
    }
    if (const api::Quantity* memory = find(limits, "memory"); memory != nullptr)
      resources->set_memory_limit_in_bytes(memory->value());
  };
  fill(api::sum_of_requests(pod.spec), api::sum_of_limits(pod.spec), out->mutable_resources());
  if (!pod.spec.overhead.empty()) fill(pod.spec.overhead, pod.spec.overhead, out->mutable_overhead());
}

int oom_score_adj(const api::Pod& pod, const api::Container& container, int64_t node_memory) {
  const api::QosClass qos = api::qos_class(pod.spec);
  if (qos == api::QosClass::kGuaranteed || is_node_critical(pod)) return kGuaranteedScore;
  if (qos == api::QosClass::kBestEffort) return kBestEffortScore;
  const int64_t rest = share_of_rest(pod);
  int adjust = score(memory_request(container) + rest, node_memory);
  if (container.is_sidecar()) {
    // A sidecar outlives the regular container that is killed first.
    const auto smallest = std::ranges::min_element(pod.spec.containers, {}, memory_request);
    if (smallest != pod.spec.containers.end())
      adjust = std::min(adjust, score(memory_request(*smallest) + rest, node_memory));
  }
  return std::clamp(adjust, 1000 + kGuaranteedScore, kBestEffortScore - 1);
}

base::Status fill_container_resources(const api::Pod& pod, const api::Container& container, const NodeFacts& node,
                                      runtime::v1::LinuxContainerResources* out) {
  const api::Tuning tuning = api::tuning_of(pod, container.name);
  out->set_oom_score_adj(oom_score_adj(pod, container, node.memory));
  fill_cpu(pod, container, tuning, out);
  if (const api::Quantity* memory = limit_of(pod, container, "memory"); memory != nullptr)
    out->set_memory_limit_in_bytes(memory->value());
  for (const HugePagePool& pool : node.huge_pages) {
    runtime::v1::HugepageLimit& limit = *out->add_hugepage_limits();
    limit.set_page_size(pool.page_size);
    // Unlike with cpu and memory a limit of 0 is one, and goes before the pod's (kubelet since 1.34, PR 131089).
    if (const auto own = container.resources.limits.find(pool.resource);
        own != container.resources.limits.end() && own->second.is_zero())
      continue;
    const api::Quantity* pages = limit_of(pod, container, pool.resource.c_str());
    if (pages != nullptr) limit.set_limit(static_cast<uint64_t>(pages->value()));
  }
  return fill_tuning(tuning, out);
}

}  // namespace agent::resources
