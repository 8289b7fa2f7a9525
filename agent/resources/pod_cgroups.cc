#include "agent/resources/pod_cgroups.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <functional>
#include <ranges>
#include <utility>

#include "agent/api/pod_amounts.h"
#include "agent/api/tuning.h"
#include "agent/resources/container_resources.h"
#include "base/file.h"
#include "base/log.h"
#include "base/path.h"

namespace agent::resources {

namespace {

namespace cgroup = runtime::cgroup;

// On a pod's cgroup: the CPU shares that it requests. cpu.weight, which is made of them, is not exact enough to add up.
constexpr const char* kSharesAttribute = "cpu-shares";

constexpr std::chrono::seconds kLockWait{60};

uint64_t number_of(const std::string& text) {
  uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// 0 where the cgroup has gone, or has no such controller.
base::Result<uint64_t> amount_in(const cgroup::Cgroup& cgroup, const char* file) {
  base::Result<std::string> text = cgroup.read(file);
  if (!text && text.error().code() == base::Code::kNotFound) return 0;
  return number_of(TRY(std::move(text)));
}

// What a pod counts for in its class.
base::Result<uint64_t> shares_of(const cgroup::Cgroup& pod) {
  if (const base::Result<std::string> noted = pod.attribute(kSharesAttribute)) return number_of(*noted);
  // Neither every kernel nor every user namespace has the attribute. The least shares that make this weight, then.
  const uint64_t weight = TRY(amount_in(pod, "cpu.weight"));
  if (weight == 0) return 0;  // idle
  const auto all = std::views::iota(cgroup::shares_of_milli_cpu(0), cgroup::shares_of_milli_cpu(INT64_MAX));
  const auto least = std::ranges::lower_bound(all, weight, {}, cgroup::weight_of_shares);
  return least == all.end() ? cgroup::shares_of_milli_cpu(INT64_MAX) : *least;
}

int64_t milli(const api::Amounts& amounts, const char* resource) {
  const auto found = amounts.find(resource);
  return found == amounts.end() ? 0 : found->second.milli_value();
}

// Whether the pod is limited as a whole: by itself, or because every container is.
bool is_limited(const api::Pod& pod, const char* resource) {
  for (const auto* list : {&pod.spec.containers, &pod.spec.init_containers})
    for (const api::Container& container : *list)
      if (limit_of(pod, container, resource) == nullptr) return false;
  return true;
}

// The most that containers have of something at one time, as with what they request: all containers and sidecars, or
// one init container beside the sidecars before it (api::sum_of_requests).
int64_t most_at_once(const api::Pod& pod, const std::function<int64_t(const api::Tuning&)>& amount) {
  int64_t sum = 0;
  for (const api::Container& container : pod.spec.containers) sum += amount(api::tuning_of(pod, container.name));
  int64_t sidecars = 0;
  int64_t highest = 0;
  for (const api::Container& container : pod.spec.init_containers) {
    const int64_t during = sidecars + amount(api::tuning_of(pod, container.name));
    if (container.is_sidecar()) sidecars = during;
    highest = std::max(highest, during);
  }
  return std::max(sum + sidecars, highest);
}

bool any_container(const api::Pod& pod, bool api::Tuning::* is_so) {
  return most_at_once(pod, [&](const api::Tuning& tuning) { return tuning.*is_so ? 1 : 0; }) > 0;
}

void fill_cpu(const api::Pod& pod, const api::Tuning& tuning, const api::Amounts& limits, cgroup::Resources& out) {
  if (!is_limited(pod, "cpu")) return;
  if (tuning.no_cpu_quota || any_container(pod, &api::Tuning::no_cpu_quota)) return;
  int64_t burst = most_at_once(pod, [](const api::Tuning& own) { return own.cpu_burst.value_or(0); });
  const bool shared = pod.spec.resources && pod.spec.resources->limits.contains("cpu");
  if (shared && tuning.cpu_burst) burst = *tuning.cpu_burst;
  out.cpu_period = tuning.cpu_period ? static_cast<uint64_t>(*tuning.cpu_period) : cgroup::kDefaultCpuPeriod;
  out.cpu_quota = cgroup::quota_of_milli_cpu(milli(limits, "cpu"), *out.cpu_period);
  // What its containers have saved up must not be held back by the pod.
  out.cpu_burst = static_cast<uint64_t>(std::min(burst * static_cast<int64_t>(*out.cpu_period) / 1000, *out.cpu_quota));
}

// A cgroup competes with those beside it, so what is to count against other pods must be said of the pod's own.
void fill_precedence(const api::Pod& pod, const api::Tuning& tuning, cgroup::Resources& out) {
  bool all_idle = true;
  for (const auto* list : {&pod.spec.containers, &pod.spec.init_containers})
    for (const api::Container& container : *list) all_idle = all_idle && api::tuning_of(pod, container.name).cpu_idle;
  if (all_idle) out.cpu_idle = true;
  if (tuning.io_weight) out.unified["io.weight"] = std::to_string(*tuning.io_weight);
}

// What is protected from being taken away counts only as far as every cgroup above protects it, too.
void fill_protection(const api::Pod& pod, cgroup::Resources& out) {
  const auto say = [&](const char* file, std::optional<int64_t> api::Tuning::* kept) {
    out.unified[file] =
        std::to_string(most_at_once(pod, [&](const api::Tuning& tuning) { return (tuning.*kept).value_or(0); }));
  };
  say("memory.low", &api::Tuning::memory_low);
  say("memory.min", &api::Tuning::memory_min);
}

cgroup::Qos cgroup_class(api::QosClass qos) {
  switch (qos) {
    case api::QosClass::kGuaranteed:
      return cgroup::Qos::kGuaranteed;
    case api::QosClass::kBurstable:
      return cgroup::Qos::kBurstable;
    case api::QosClass::kBestEffort:
      return cgroup::Qos::kBestEffort;
  }
  return cgroup::Qos::kBestEffort;
}

}  // namespace

cgroup::Resources pod_resources(const api::Pod& pod, const NodeFacts& node) {
  cgroup::Resources out;
  const api::Amounts limits = api::pod_limits(pod.spec);
  const api::Tuning tuning = api::tuning_of(pod, {});
  out.cpu_shares = cgroup::shares_of_milli_cpu(milli(api::pod_requests(pod.spec), "cpu"));
  if (api::qos_class(pod.spec) != api::QosClass::kBestEffort) {
    fill_cpu(pod, tuning, limits, out);
    if (is_limited(pod, "memory")) out.memory_limit = limits.at("memory").value();
  }
  out.pids_limit = tuning.pids_limit.value_or(-1);
  for (const HugePagePool& pool : node.huge_pages) {
    const auto pages = limits.find(pool.resource);
    const int64_t bytes = pages == limits.end() ? 0 : pages->second.value();
    out.huge_pages.push_back({.page_size = pool.page_size, .limit = static_cast<uint64_t>(bytes)});
  }
  fill_precedence(pod, tuning, out);
  fill_protection(pod, out);
  return out;
}

std::string NodeCgroups::path_of(const api::Pod& pod) const {
  return names_.pod(cgroup_class(api::qos_class(pod.spec)), pod.metadata.uid);
}

base::Status NodeCgroups::prepare(const api::Pod& pod) {
  const cgroup::Resources wanted = pod_resources(pod, node_);
  const cgroup::Settings settings = TRY(cgroup::to_settings(wanted), "limit the pod");
  TRY(driver_.check(settings), "limit the pod");
  const std::string path = path_of(pod);
  const std::string parent = path.substr(0, path.rfind('/'));
  const base::FileLock lock = TRY(base::FileLock::acquire(lock_, base::FileLock::Mode::kExclusive, kLockWait));
  TRY(make_classes(parent));
  const cgroup::Cgroup own = TRY(driver_.make(path, settings), "limit the pod");
  // With a share in its class's weight a pod that is idle would go before pods of other classes.
  const uint64_t counted = wanted.cpu_idle.value_or(false) ? 0 : wanted.cpu_shares.value_or(0);
  // Where it cannot be set, shares_of() goes by the weight.
  (void)own.set_attribute(kSharesAttribute, std::to_string(counted));
  return refresh(parent);
}

void NodeCgroups::released(const api::Pod& pod) {
  const base::Status taken_back = take_back(pod);
  if (!taken_back && taken_back.error().code() != base::Code::kNotFound)
    base::log::warning({.pod = pod.metadata.name, .pod_namespace = pod.metadata.namespace_},
                       "take back what the pod's QoS class had for it: ", taken_back.error().to_string());
}

base::Status NodeCgroups::take_back(const api::Pod& pod) {
  const base::FileLock lock = TRY(base::FileLock::acquire(lock_, base::FileLock::Mode::kExclusive, kLockWait));
  const cgroup::Qos qos = cgroup_class(api::qos_class(pod.spec));
  // It may have run with the other driver.
  for (const auto driver : {cgroup::DriverKind::kCgroupfs, cgroup::DriverKind::kSystemd}) {
    const cgroup::Naming names{.driver = driver, .instance = names_.instance};
    driver_.remove_if_unused(names.pod(qos, pod.metadata.uid));
  }
  const std::string path = path_of(pod);
  return refresh(path.substr(0, path.rfind('/')));
}

// kubepods is held to what the node has, so that pods can never take all of it from the system beside them.
base::Status NodeCgroups::make_classes(const std::string& parent) {
  const bool is_class = parent != names_.kubepods();
  cgroup::Resources all;
  all.cpu_shares = cgroup::shares_of_milli_cpu(node_.milli_cpu);
  all.memory_limit = node_.memory;
  if (node_.max_pids > 0) all.pids_limit = node_.max_pids;
  TRY(driver_.make(names_.kubepods(), driver_.available(TRY(cgroup::to_settings(all)))), "limit all pods");
  if (!is_class) return {};
  cgroup::Resources of_class;
  if (parent == names_.qos(cgroup::Qos::kBestEffort)) of_class.cpu_shares = cgroup::shares_of_milli_cpu(0);
  TRY(driver_.make(parent, driver_.available(TRY(cgroup::to_settings(of_class)))), "make the pod's QoS class");
  return {};
}

// The burstable class has the weight of all its pods; what pods protect, the cgroups above protect.
base::Status NodeCgroups::refresh(const std::string& parent) {
  for (std::string above = parent;; above = above.substr(0, above.rfind('/'))) {
    const bool is_weighed = above == names_.qos(cgroup::Qos::kBurstable);
    uint64_t shares = 0;
    std::array<std::pair<const char*, uint64_t>, 2> kept{{{"memory.low", 0}, {"memory.min", 0}}};
    TRY(driver_.for_each_child(above,
                               [&](const cgroup::Cgroup& child) -> base::Status {
                                 if (is_weighed) shares += TRY(shares_of(child));
                                 for (auto& [file, sum] : kept) sum += TRY(amount_in(child, file));
                                 return {};
                               }),
        "add up what is in ", above);
    cgroup::Resources sum;
    if (is_weighed) sum.cpu_shares = std::max<uint64_t>(shares, cgroup::shares_of_milli_cpu(0));
    for (const auto& [file, amount] : kept) sum.unified[file] = std::to_string(amount);
    TRY(driver_.update(above, driver_.available(TRY(cgroup::to_settings(sum)))), "refresh the pod's QoS class");
    if (above == names_.kubepods()) return {};
  }
}

}  // namespace agent::resources
