#include <set>

#include "agent/api/forms.h"
#include "agent/api/pod_amounts.h"
#include "agent/api/validate.h"
#include "base/concat.h"

namespace api {

namespace {

// What all containers ask for together, against what is said for the pod.
void validate_sum(const Amounts& sum, const Amounts& said, std::string_view what, const FieldPath& path,
                  FaultList& faults) {
  for (const auto& [name, amount] : said) {
    const auto entry = sum.find(name);
    if (entry != sum.end() && entry->second > amount)
      faults.invalid(path.key(name), amount.to_string(),
                     base::concat("must be greater than or equal to aggregate container ", what, " of ",
                                  entry->second.to_string()));
  }
}

void validate_limits_of_containers(const PodSpec& spec, const FieldPath& path, FaultList& faults) {
  for (size_t i = 0; i < spec.containers.size(); ++i) {
    for (const auto& [name, limit] : spec.containers[i].resources.limits) {
      const auto entry = spec.resources->limits.find(name);
      if (entry != spec.resources->limits.end() && limit > entry->second)
        faults.invalid((path / "containers")[i].key(name) / "limits", limit.to_string(),
                       base::concat("must be less than or equal to pod limits of ", entry->second.to_string()));
    }
  }
}

void validate_huge_pages(const PodSpec& spec, const FieldPath& path, FaultList& faults) {
  Amounts said;
  for (const auto& [name, amount] : spec.resources->limits)
    if (is_huge_pages(name)) said.try_emplace(name, amount);
  validate_sum(sum_of_limits(spec), said, "limits", path / "limits", faults);
}

}  // namespace

void validate_pod_resources(const PodSpec& spec, const FieldPath& path, FaultList& faults) {
  if (!spec.resources) return;
  if (spec.os && spec.os->name == "windows") return faults.forbidden(path, "may not be set for a windows pod");
  if (spec.resources->claims.is_said)
    faults.forbidden(path / "claims", "claims may not be set for Resources at pod-level");
  validate_resources(*spec.resources, ResourcesOf::kPod, spec, path, faults);
  validate_sum(sum_of_requests(spec), spec.resources->requests, "requests", path / "requests", faults);
  validate_limits_of_containers(spec, path, faults);
  validate_huge_pages(spec, path, faults);
}

void validate_resource_claims(const PodSpec& spec, const ObjectMeta& metadata, const FieldPath& path,
                              FaultList& faults) {
  const std::vector<PodResourceClaim>& claims = spec.resource_claims;
  // A mirror pod stands for a static one. The apiserver names no field.
  if (!claims.empty() && metadata.annotations.contains("kubernetes.io/config.mirror"))
    return faults.forbidden(FieldPath(), "static pods do not support resource claims");
  std::set<std::string_view> names;
  for (size_t i = 0; i < claims.size(); ++i) {
    const PodResourceClaim& claim = claims[i];
    const FieldPath item = path[i];
    if (claim.name.empty())
      faults.required(item / "name");
    else if (!names.insert(claim.name).second)
      faults.duplicate(item / "name", claim.name);
    else
      check_dns_label(claim.name, item / "name", faults);
    if (claim.resource_claim_name && claim.resource_claim_template_name)
      faults.invalid(item, claim.name,
                     "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified");
    if (!claim.resource_claim_name && !claim.resource_claim_template_name)
      faults.invalid(item, claim.name, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`");
    if (claim.resource_claim_name) check_dns_subdomain(*claim.resource_claim_name, item / "resourceClaimName", faults);
    if (claim.resource_claim_template_name)
      check_dns_subdomain(*claim.resource_claim_template_name, item / "resourceClaimTemplateName", faults);
  }
}

}  // namespace api
