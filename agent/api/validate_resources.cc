#include <algorithm>
#include <array>
#include <set>

#include "agent/api/forms.h"
#include "agent/api/names.h"
#include "agent/api/pod_amounts.h"
#include "agent/api/validate.h"

namespace api {

namespace {

// Kubernetes' own: without a prefix, or of kubernetes.io.
bool is_native(std::string_view name) {
  return name.find('/') == std::string_view::npos || name.find("kubernetes.io/") != std::string_view::npos;
}

// A device plugin's or an administrator's: "example.com/gpu".
bool is_extended(std::string_view name) {
  constexpr std::string_view kRequests = "requests.";
  return !is_native(name) && !name.starts_with(kRequests) && is_qualified_name(base::concat(kRequests, name));
}

// Whether there can be more of it asked for than there is.
bool allows_overcommit(std::string_view name) { return is_native(name) && !is_huge_pages(name); }

bool is_compute(std::string_view name) { return name == "cpu" || name == "memory"; }

// What quotas or claims know by these names; a container cannot ask for the ones it does not know itself.
bool is_standard(std::string_view name) {
  constexpr std::array<std::string_view, 20> kNames{"cpu",
                                                    "memory",
                                                    "ephemeral-storage",
                                                    "requests.cpu",
                                                    "requests.memory",
                                                    "requests.ephemeral-storage",
                                                    "limits.cpu",
                                                    "limits.memory",
                                                    "limits.ephemeral-storage",
                                                    "pods",
                                                    "resourcequotas",
                                                    "services",
                                                    "replicationcontrollers",
                                                    "secrets",
                                                    "configmaps",
                                                    "persistentvolumeclaims",
                                                    "storage",
                                                    "requests.storage",
                                                    "services.nodeports",
                                                    "services.loadbalancers"};
  return is_one_of(name, kNames) || is_huge_pages(name) || name.starts_with("requests.hugepages-");
}

// Counted in whole numbers.
bool is_counted(std::string_view name) {
  constexpr std::array<std::string_view, 9> kNames{
      "pods",       "resourcequotas",         "services",           "replicationcontrollers", "secrets",
      "configmaps", "persistentvolumeclaims", "services.nodeports", "services.loadbalancers"};
  return is_one_of(name, kNames) || is_extended(name);
}

void validate_name_for_container(const std::string& name, const FieldPath& path, FaultList& faults) {
  if (name.find('/') == std::string::npos) {
    if (!is_compute(name) && name != "ephemeral-storage" && !is_huge_pages(name))
      faults.invalid(path, name, "must be a standard resource for containers");
  } else if (!is_native(name) && !is_extended(name)) {
    faults.invalid(path, name, "doesn't follow extended resource name standard");
  }
}

void validate_resource_name(const std::string& name, ResourcesOf whose, const FieldPath& path, FaultList& faults) {
  const bool is_standard_or_prefixed = is_standard(name) || name.find('/') != std::string::npos;
  check_qualified_name(name, path, faults);
  if (is_qualified_name(name) && !is_standard_or_prefixed)
    faults.invalid(path, name, "must be a standard resource type or fully qualified");
  if (whose == ResourcesOf::kContainer)
    validate_name_for_container(name, path, faults);
  else if (is_qualified_name(name) && is_standard_or_prefixed && !is_pod_level_resource(name))
    faults.unsupported(path, name, {"cpu", "hugepages-", "memory"});
}

// Huge pages come whole.
void validate_huge_pages(const std::string& name, const Quantity& amount, const FieldPath& path, FaultList& faults) {
  if (!is_huge_pages(name)) return;
  const base::Result<Quantity> page = Quantity::parse(std::string_view(name).substr(kHugePagesPrefix.size()));
  const bool has_size = page.has_value() && page->value() > 0 && page->milli_value() % 1000 == 0;
  if (!has_size || amount.value() % page->value() != 0)
    faults.invalid(path, amount.to_string(),
                   base::concat(amount.to_string(), " is not positive integer multiple of ", name));
}

void validate_amounts(const Amounts& amounts, ResourcesOf whose, const FieldPath& path, FaultList& faults) {
  for (const auto& [name, amount] : amounts) {
    validate_resource_name(name, whose, path.key(name), faults);
    validate_resource_amounts(name, amount, path.key(name), faults);
    validate_huge_pages(name, amount, path.key(name), faults);
  }
}

void validate_request(const std::string& name, const Quantity& request, const ResourceRequirements& resources,
                      const FieldPath& path, FaultList& faults) {
  const auto limit = resources.limits.find(name);
  if (limit == resources.limits.end()) {
    if (!allows_overcommit(name))
      faults.required(path / "limits", "Limit must be set for non overcommitable resources");
    return;
  }
  const auto compared = [&](std::string_view rule) {
    faults.invalid(path / "requests", request.to_string(),
                   base::concat("must be ", rule, " ", name, " limit of ", limit->second.to_string()));
  };
  if (!allows_overcommit(name)) {
    if (request != limit->second) compared("equal to");
  } else if (request > limit->second) {
    compared("less than or equal to");
  }
}

void validate_claim_name(const ResourceClaim& claim, const PodSpec& spec, const FieldPath& path, FaultList& faults) {
  if (std::ranges::find(spec.resource_claims, claim.name, &PodResourceClaim::name) != spec.resource_claims.end())
    return;
  std::set<std::string_view> names;
  for (const PodResourceClaim& known : spec.resource_claims)
    if (!known.name.empty()) names.insert(known.name);
  std::string list;
  for (const std::string_view name : names) list += base::concat(list.empty() ? ": " : ", ", name);
  faults.add(path, base::concat("Not found: \"", claim.name, "\": must be one of the names in pod.spec.resourceClaims",
                                list.empty() ? " which is empty" : list));
}

// A claim is named once as a whole, or once for each of its requests.
void validate_claims(const ResourceRequirements& resources, const PodSpec& spec, const FieldPath& path,
                     FaultList& faults) {
  std::set<std::string> whole;
  std::set<std::pair<std::string, std::string>> parts;
  for (size_t i = 0; i < resources.claims.size(); ++i) {
    const ResourceClaim& claim = resources.claims[i];
    if (claim.name.empty()) {
      faults.required(path[i]);
      continue;
    }
    if (!claim.request.empty()) check_dns_label(claim.request, path[i] / "request", faults);
    if (claim.request.empty()) {
      const auto part = parts.lower_bound({claim.name, ""});
      const bool has_part = part != parts.end() && part->first == claim.name;
      if (!whole.insert(claim.name).second || has_part) faults.duplicate(path[i], claim.name);
    } else if (whole.contains(claim.name)) {
      faults.duplicate(path[i], claim.name);
    } else if (!parts.emplace(claim.name, claim.request).second) {
      faults.duplicate(path[i], base::concat(claim.name, "/", claim.request));
    }
    validate_claim_name(claim, spec, path[i], faults);
  }
}

}  // namespace

void validate_resource_amounts(const std::string& name, const Quantity& amount, const FieldPath& path,
                               FaultList& faults) {
  if (amount.is_negative()) faults.invalid(path, amount.to_string(), "must be greater than or equal to 0");
  if (is_counted(name) && amount.milli_value() % 1000 != 0)
    faults.invalid(path, amount.to_string(), "must be an integer");
}

void validate_resources(const ResourceRequirements& resources, ResourcesOf whose, const PodSpec& spec,
                        const FieldPath& path, FaultList& faults) {
  validate_amounts(resources.limits, whose, path / "limits", faults);
  validate_amounts(resources.requests, whose, path / "requests", faults);
  for (const auto& [name, request] : resources.requests) validate_request(name, request, resources, path, faults);
  const auto asks_for = [&](bool (*is)(std::string_view)) {
    const auto has = [&](const auto& entry) { return is(entry.first); };
    return std::ranges::any_of(resources.limits, has) || std::ranges::any_of(resources.requests, has);
  };
  if (asks_for(is_huge_pages) && !asks_for(is_compute)) faults.forbidden(path, "HugePages require cpu or memory");
  validate_claims(resources, spec, path / "claims", faults);
}

}  // namespace api
