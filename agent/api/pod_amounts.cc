#include "agent/api/pod_amounts.h"

#include <algorithm>

namespace api {

namespace {

void add(Amounts& sum, const Amounts& more) {
  for (const auto& [name, amount] : more) {
    const auto [entry, is_new] = sum.try_emplace(name, amount);
    if (!is_new) entry->second = entry->second + amount;
  }
}

void raise(Amounts& highest, const Amounts& other) {
  for (const auto& [name, amount] : other) {
    Quantity& entry = highest.try_emplace(name, amount).first->second;
    entry = std::max(entry, amount);
  }
}

Amounts sum_of(const PodSpec& spec, Amounts ResourceRequirements::* member) {
  Amounts sum;
  for (const Container& container : spec.containers) add(sum, container.resources.*member);
  Amounts sidecars;
  Amounts highest;
  for (const Container& container : spec.init_containers) {
    Amounts during = sidecars;
    add(during, container.resources.*member);
    if (container.is_sidecar()) {
      add(sum, container.resources.*member);
      sidecars = during;
    }
    raise(highest, during);
  }
  raise(sum, highest);
  return sum;
}

// What the class is made from; nothing of it counts that is zero.
Amounts cpu_and_memory(const Amounts& amounts) {
  Amounts out;
  for (const char* name : {"cpu", "memory"})
    if (const auto found = amounts.find(name); found != amounts.end() && !found->second.is_zero()) out.insert(*found);
  return out;
}

}  // namespace

QosClass qos_class(const PodSpec& spec) {
  Amounts requests;
  Amounts limits;
  bool all_limited = true;
  const auto count = [&](const ResourceRequirements& resources) {
    const Amounts limited = cpu_and_memory(resources.limits);
    all_limited = all_limited && limited.size() == 2;
    add(limits, limited);
    add(requests, cpu_and_memory(resources.requests));
  };
  if (spec.resources && (!spec.resources->requests.empty() || !spec.resources->limits.empty())) {
    count(*spec.resources);
  } else {
    for (const auto* list : {&spec.containers, &spec.init_containers})
      for (const Container& container : *list) count(container.resources);
  }
  if (requests.empty() && limits.empty()) return QosClass::kBestEffort;
  return all_limited && requests == limits ? QosClass::kGuaranteed : QosClass::kBurstable;
}

std::string_view to_string(QosClass qos) {
  switch (qos) {
    case QosClass::kGuaranteed:
      return "Guaranteed";
    case QosClass::kBurstable:
      return "Burstable";
    case QosClass::kBestEffort:
      return "BestEffort";
  }
  return {};
}

Amounts sum_of_requests(const PodSpec& spec) { return sum_of(spec, &ResourceRequirements::requests); }
Amounts sum_of_limits(const PodSpec& spec) { return sum_of(spec, &ResourceRequirements::limits); }

Amounts pod_requests(const PodSpec& spec) {
  Amounts sum = sum_of_requests(spec);
  if (spec.resources)
    for (const auto& [name, amount] : spec.resources->requests) sum.insert_or_assign(name, amount);
  add(sum, spec.overhead);
  return sum;
}

Amounts pod_limits(const PodSpec& spec) {
  Amounts sum = sum_of_limits(spec);
  if (spec.resources)
    for (const auto& [name, amount] : spec.resources->limits) sum.insert_or_assign(name, amount);
  for (const auto& [name, amount] : spec.overhead)
    if (const auto limit = sum.find(name); limit != sum.end() && !limit->second.is_zero())
      limit->second = limit->second + amount;
  return sum;
}

bool is_huge_pages(std::string_view resource) { return resource.starts_with(kHugePagesPrefix); }

bool is_pod_level_resource(std::string_view resource) {
  return resource == "cpu" || resource == "memory" || is_huge_pages(resource);
}

}  // namespace api
