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

}  // namespace

Amounts sum_of_requests(const PodSpec& spec) { return sum_of(spec, &ResourceRequirements::requests); }
Amounts sum_of_limits(const PodSpec& spec) { return sum_of(spec, &ResourceRequirements::limits); }

bool is_huge_pages(std::string_view resource) { return resource.starts_with(kHugePagesPrefix); }

bool is_pod_level_resource(std::string_view resource) {
  return resource == "cpu" || resource == "memory" || is_huge_pages(resource);
}

}  // namespace api
