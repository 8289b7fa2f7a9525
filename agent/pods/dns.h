// What a pod's /etc/resolv.conf says (dnsPolicy, dnsConfig). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/api/pod.h"
#include "agent/pods/pod_owner.h"

namespace agent::pods {

struct ResolvConf {
  std::vector<std::string> nameservers;
  std::vector<std::string> searches;
  std::vector<std::string> options;  // "ndots:5"
  bool operator==(const ResolvConf&) const = default;
};

// resolv.conf(5): nameserver, search (the last one counts) and options lines; the rest is ignored, and so is the search
// domain ".".
ResolvConf parse_resolv_conf(std::string_view text);

struct DnsInput {
  const api::Pod& pod;
  ResolvConf host;  // what dnsPolicy Default takes
  std::vector<std::string> cluster_dns;
  std::string cluster_domain;
};

struct DnsResult {
  ResolvConf conf;
  std::vector<Event> events;  // MissingClusterDNS, DNSConfigForming
};

// ClusterFirst with hostNetwork counts as Default. At most 3 nameservers, 32 search domains of at most 253 characters
// and 2048 characters of them together; what is over is left out with an event.
DnsResult pod_dns(const DnsInput& input);

}  // namespace agent::pods
