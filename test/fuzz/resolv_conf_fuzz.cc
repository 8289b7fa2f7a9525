// The host's resolv.conf: its values are words, and what a pod gets of them keeps to the limits.
#include <algorithm>

#include "agent/pods/dns.h"
#include "test/fuzz/fuzz.h"

namespace {

bool are_words(const std::vector<std::string>& all) {
  return std::ranges::all_of(
      all, [](const std::string& each) { return !each.empty() && each.find_first_of(" \t\r\n") == std::string::npos; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace agent::pods;
  const ResolvConf host = parse_resolv_conf(fuzz::text_of(data, size));
  fuzz::require(are_words(host.nameservers) && are_words(host.searches) && are_words(host.options));

  api::Pod pod;
  pod.metadata.name = "p";
  const DnsResult result = pod_dns({.pod = pod, .host = host, .cluster_dns = {"10.0.0.10"}, .cluster_domain = "c.l"});
  size_t length = 0;
  for (const std::string& search : result.conf.searches) length += search.size() + 1;
  fuzz::require(result.conf.nameservers == std::vector<std::string>{"10.0.0.10"});
  fuzz::require(result.conf.searches.size() <= 32 && length <= 2048 + 1);

  pod.spec.dns_policy = api::DnsPolicy::kDefault;
  const DnsResult plain = pod_dns({.pod = pod, .host = host, .cluster_dns = {}, .cluster_domain = ""});
  fuzz::require(plain.conf.nameservers.size() <= 3 && plain.conf.options == host.options);
  fuzz::require(plain.events.empty() == (plain.conf == host));
  return 0;
}
