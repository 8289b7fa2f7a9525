#include "agent/api/forms.h"
#include "agent/api/validate.h"
#include "base/concat.h"

namespace api {

namespace {

void validate_searches(const std::vector<std::string>& searches, const FieldPath& path, FaultList& faults) {
  constexpr size_t kMaxSearches = 32;
  constexpr size_t kMaxCharacters = 2048;
  if (searches.size() > kMaxSearches) faults.invalid(path, searches.front(), "must not have more than 32 search paths");
  size_t characters = searches.empty() ? 0 : searches.size() - 1;
  for (const std::string& search : searches) characters += search.size();
  if (characters > kMaxCharacters)
    faults.invalid(path, searches.front(),
                   "must not have more than 2048 characters (including spaces) in the search list");
  for (size_t i = 0; i < searches.size(); ++i) {
    std::string_view search = searches[i];
    if (search == ".") continue;
    if (search.ends_with('.')) search.remove_suffix(1);
    report(dns_search_faults(search), path[i], search, faults);
  }
}

void validate_dns_config(const PodDnsConfig& config, const FieldPath& path, FaultList& faults) {
  constexpr size_t kMaxNameservers = 3;
  if (config.nameservers.size() > kMaxNameservers)
    faults.invalid(path / "nameservers", config.nameservers.front(), "must not have more than 3 nameservers");
  for (size_t i = 0; i < config.nameservers.size(); ++i)
    report(ip_address_faults(config.nameservers[i]), (path / "nameservers")[i], config.nameservers[i], faults);
  validate_searches(config.searches, path / "searches", faults);
  for (size_t i = 0; i < config.options.size(); ++i)
    if (config.options[i].name.empty()) faults.required((path / "options")[i], "must not be empty");
}

void validate_dns(const PodSpec& spec, const FieldPath& path, FaultList& faults) {
  const FieldPath field = path / "dnsConfig";
  if (spec.dns_policy == DnsPolicy::kNone) {
    if (!spec.dns_config) return faults.required(field, "must provide `dnsConfig` when `dnsPolicy` is None");
    if (spec.dns_config->nameservers.empty())
      return faults.required(field / "nameservers",
                             "must provide at least one DNS nameserver when `dnsPolicy` is None");
  }
  if (spec.dns_config) validate_dns_config(*spec.dns_config, field, faults);
}

// What hostnameOverride decides, nothing else may.
void validate_hostname_override(const PodSpec& spec, const FieldPath& path, FaultList& faults) {
  constexpr size_t kMaxHostname = 64;
  if (!spec.hostname_override) return;
  const std::string& name = *spec.hostname_override;
  const FieldPath field = path / "hostnameOverride";
  if (spec.set_hostname_as_fqdn == true) faults.forbidden(field, "may not be specified when setHostnameAsFQDN is true");
  if (spec.host_network) faults.forbidden(field, "may not be specified when hostNetwork is true");
  if (name.size() > kMaxHostname) faults.too_long(field, kMaxHostname);
  check_dns_subdomain(name, field, faults);
}

void validate_host_alias(const HostAlias& alias, const FieldPath& path, FaultList& faults) {
  report(ip_address_faults(alias.ip), path / "ip", alias.ip, faults);
  for (size_t i = 0; i < alias.hostnames.size(); ++i)
    check_dns_subdomain(alias.hostnames[i], (path / "hostnames")[i], faults);
}

}  // namespace

void validate_pod_network(const PodSpec& spec, const FieldPath& path, FaultList& faults) {
  validate_dns(spec, path, faults);
  if (!spec.hostname.empty()) check_dns_label(spec.hostname, path / "hostname", faults);
  if (!spec.subdomain.empty()) check_dns_label(spec.subdomain, path / "subdomain", faults);
  validate_hostname_override(spec, path, faults);
  for (size_t i = 0; i < spec.host_aliases.size(); ++i)
    validate_host_alias(spec.host_aliases[i], (path / "hostAliases")[i], faults);
}

}  // namespace api
