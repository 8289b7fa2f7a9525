#include "agent/api/validate.h"

#include <algorithm>
#include <limits>
#include <set>

#include "agent/api/document.h"
#include "agent/api/names.h"
#include "base/concat.h"

namespace api {

namespace {

void validate_metadata(const ObjectMeta& meta, FaultList& faults) {
  if (meta.name.empty())
    faults.required(FieldPath("metadata.name"), "a pod needs a name");
  else if (!is_dns_subdomain(meta.name))
    faults.invalid(FieldPath("metadata.name"), meta.name, kDnsSubdomainForm);
  if (!is_dns_label(meta.namespace_)) faults.invalid(FieldPath("metadata.namespace"), meta.namespace_, kDnsLabelForm);
  if (!meta.uid.empty() && !is_uid(meta.uid))
    faults.invalid(FieldPath("metadata.uid"), meta.uid, "must be at most 128 letters, digits, '-', '_' and '.'");
  for (const auto& [key, value] : meta.labels) {
    if (!is_qualified_name(key)) faults.invalid(FieldPath("metadata.labels"), key, kQualifiedNameForm);
    if (!is_label_value(value)) faults.invalid(FieldPath("metadata.labels"), value, kLabelValueForm);
  }
  constexpr size_t kMaxAnnotations = 256UL << 10;
  size_t size = 0;
  for (const auto& [key, value] : meta.annotations) {
    if (!is_qualified_name(key)) faults.invalid(FieldPath("metadata.annotations"), key, kQualifiedNameForm);
    size += key.size() + value.size();
  }
  if (size > kMaxAnnotations)
    faults.add(FieldPath("metadata.annotations"), "Too long: may not be more than 262144 bytes");
}

void validate_host_path(const HostPath& source, const FieldPath& path, FaultList& faults) {
  const FieldPath field = path / "path";
  if (source.path.empty()) return faults.required(field);
  if (!source.path.starts_with('/')) faults.invalid(field, source.path, "must be an absolute path");
  if ((source.path + "/").find("/../") != std::string::npos)
    faults.invalid(field, source.path, "must not contain '..'");
}

void validate_volumes(const std::vector<Volume>& volumes, FaultList& faults) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < volumes.size(); ++i) {
    const Volume& volume = volumes[i];
    const FieldPath path = FieldPath("spec.volumes")[i];
    if (volume.name.empty())
      faults.required(path / "name");
    else if (!is_dns_label(volume.name))
      faults.invalid(path / "name", volume.name, kDnsLabelForm);
    else if (!names.insert(volume.name).second)
      faults.duplicate(path / "name", volume.name);

    if (volume.empty_dir && volume.host_path)
      faults.add(path / "hostPath", "Forbidden: may not specify more than 1 volume type");
    if (volume.host_path) validate_host_path(*volume.host_path, path / "hostPath", faults);
    if (volume.empty_dir && volume.empty_dir->size_limit && volume.empty_dir->size_limit->is_negative())
      faults.invalid(path / "emptyDir.sizeLimit", volume.empty_dir->size_limit->to_string(),
                     "must be greater than or equal to 0");
  }
}

void validate_dns(const PodSpec& spec, FaultList& faults) {
  constexpr size_t kMaxNameservers = 3;
  constexpr size_t kMaxSearches = 32;
  constexpr size_t kMaxSearchCharacters = 2048;
  const bool has_nameserver = spec.dns_config && !spec.dns_config->nameservers.empty();
  if (spec.dns_policy == DnsPolicy::kNone && !has_nameserver)
    faults.required(FieldPath("spec.dnsConfig.nameservers"),
                    "must provide at least one DNS nameserver when `dnsPolicy` is None");
  if (!spec.dns_config) return;
  const PodDnsConfig& config = *spec.dns_config;
  if (config.nameservers.size() > kMaxNameservers)
    faults.add(FieldPath("spec.dnsConfig.nameservers"), "Too many: must have at most 3 items");
  for (size_t i = 0; i < config.nameservers.size(); ++i)
    if (!is_ip_address(config.nameservers[i]))
      faults.invalid(FieldPath("spec.dnsConfig.nameservers")[i], config.nameservers[i], "must be a valid IP address");
  if (config.searches.size() > kMaxSearches)
    faults.add(FieldPath("spec.dnsConfig.searches"), "Too many: must have at most 32 items");
  size_t characters = 0;
  for (size_t i = 0; i < config.searches.size(); ++i) {
    std::string_view domain = config.searches[i];
    characters += domain.size() + 1;
    if (domain.ends_with('.')) domain.remove_suffix(1);
    if (!domain.empty() && !is_dns_subdomain(domain))
      faults.invalid(FieldPath("spec.dnsConfig.searches")[i], config.searches[i], kDnsSubdomainForm);
  }
  if (characters > kMaxSearchCharacters)
    faults.add(FieldPath("spec.dnsConfig.searches"), "Too long: may not be more than 2048 characters in all");
  for (size_t i = 0; i < config.options.size(); ++i)
    if (config.options[i].name.empty()) faults.required(FieldPath("spec.dnsConfig.options")[i] / "name");
}

void validate_host_names(const PodSpec& spec, FaultList& faults) {
  if (!spec.hostname.empty() && !is_dns_label(spec.hostname))
    faults.invalid(FieldPath("spec.hostname"), spec.hostname, kDnsLabelForm);
  for (size_t i = 0; i < spec.host_aliases.size(); ++i) {
    const HostAlias& alias = spec.host_aliases[i];
    const FieldPath path = FieldPath("spec.hostAliases")[i];
    if (!is_ip_address(alias.ip)) faults.invalid(path / "ip", alias.ip, "must be a valid IP address");
    for (size_t j = 0; j < alias.hostnames.size(); ++j)
      if (!is_dns_subdomain(alias.hostnames[j]))
        faults.invalid((path / "hostnames")[j], alias.hostnames[j], kDnsSubdomainForm);
  }
}

void validate_pod_security(const PodSecurityContext& context, FaultList& faults) {
  const FieldPath path = FieldPath("spec.securityContext");
  validate_identity(context.run_as_user, path / "runAsUser", faults);
  validate_identity(context.run_as_group, path / "runAsGroup", faults);
  for (size_t i = 0; i < context.supplemental_groups.size(); ++i)
    validate_identity(context.supplemental_groups[i], (path / "supplementalGroups")[i], faults);
}

}  // namespace

void validate_pod(const Pod& pod, FaultList& faults) {
  const PodSpec& spec = pod.spec;
  validate_metadata(pod.metadata, faults);
  validate_volumes(spec.volumes, faults);
  validate_containers(spec, FieldPath("spec"), PodForm::kPod, faults);
  if (spec.termination_grace_period_seconds && *spec.termination_grace_period_seconds < 0)
    faults.invalid(FieldPath("spec.terminationGracePeriodSeconds"), *spec.termination_grace_period_seconds,
                   "must be greater than or equal to 0");
  constexpr int64_t kMaxDeadline = std::numeric_limits<int32_t>::max();
  if (spec.active_deadline_seconds &&
      (*spec.active_deadline_seconds < 1 || *spec.active_deadline_seconds > kMaxDeadline))
    faults.invalid(FieldPath("spec.activeDeadlineSeconds"), *spec.active_deadline_seconds,
                   "must be between 1 and 2147483647, inclusive");
  validate_dns(spec, faults);
  validate_host_names(spec, faults);
  if (spec.security_context) validate_pod_security(*spec.security_context, faults);
}

}  // namespace api
