#include "agent/pods/hosts.h"

#include "base/concat.h"

namespace agent::pods {

namespace {

constexpr size_t kMaxHostname = 63;
constexpr size_t kMaxKernelHostname = 64;

std::string aliases(const api::Pod& pod) {
  if (pod.spec.host_aliases.empty()) return "";
  std::string text = "\n# Entries added by HostAliases.\n";
  for (const api::HostAlias& alias : pod.spec.host_aliases) {
    text += alias.ip;
    for (const std::string& name : alias.hostnames) text += "\t" + name;
    text += '\n';
  }
  return text;
}

}  // namespace

std::string pod_hostname(const api::Pod& pod) {
  if (pod.spec.host_network) return "";
  if (pod.spec.hostname_override) return *pod.spec.hostname_override;
  std::string name = pod.spec.hostname.empty() ? pod.metadata.name : pod.spec.hostname;
  if (name.size() > kMaxHostname) {
    name.resize(kMaxHostname);
    name.resize(name.find_last_not_of("-.") + 1);
  }
  return name;
}

std::string pod_domain(const api::Pod& pod, std::string_view cluster_domain) {
  if (pod.spec.host_network || pod.spec.hostname_override || pod.spec.subdomain.empty()) return "";
  return base::concat(pod.spec.subdomain, ".", pod.metadata.namespace_, ".svc.", cluster_domain);
}

base::Result<std::string> kernel_hostname(const api::Pod& pod, std::string_view cluster_domain) {
  const std::string domain = pod_domain(pod, cluster_domain);
  if (domain.empty() || pod.spec.set_hostname_as_fqdn != true) return pod_hostname(pod);
  std::string full = base::concat(pod_hostname(pod), ".", domain);
  if (full.size() <= kMaxKernelHostname) return full;
  return base::fail(base::Code::kInvalidArgument,
                    "failed to construct FQDN from pod hostname and cluster domain, FQDN ", full, " is too long (",
                    kMaxKernelHostname, " characters is the max, ", full.size(), " characters requested)");
}

std::string pod_hosts(const api::Pod& pod, const std::vector<std::string>& ips, std::string_view cluster_domain) {
  const std::string name = pod_hostname(pod);
  const std::string domain = pod_domain(pod, cluster_domain);
  const std::string names = domain.empty() ? name : base::concat(name, ".", domain, "\t", name);
  std::string text =
      "# Kubernetes-managed hosts file.\n"
      "127.0.0.1\tlocalhost\n"
      "::1\tlocalhost ip6-localhost ip6-loopback\n"
      "fe00::0\tip6-localnet\n"
      "fe00::0\tip6-mcastprefix\n"
      "fe00::1\tip6-allnodes\n"
      "fe00::2\tip6-allrouters\n";
  for (const std::string& ip : ips) text += base::concat(ip, "\t", names, "\n");
  return text + aliases(pod);
}

std::string host_network_hosts(const api::Pod& pod, std::string_view host_file) {
  return base::concat("# Kubernetes-managed hosts file (host network).\n", host_file, aliases(pod));
}

}  // namespace agent::pods
