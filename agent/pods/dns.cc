#include "agent/pods/dns.h"

#include <algorithm>

#include "base/concat.h"

namespace agent::pods {

namespace {

constexpr size_t kMaxNameservers = 3;
constexpr size_t kMaxSearches = 32;
constexpr size_t kMaxSearchLength = 253;
constexpr size_t kMaxSearchLine = 2048;

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  constexpr std::string_view kBlanks = " \t\r";
  for (size_t begin = line.find_first_not_of(kBlanks); begin != std::string_view::npos;
       begin = line.find_first_not_of(kBlanks, begin)) {
    const size_t end = std::min(line.find_first_of(kBlanks, begin), line.size());
    words.emplace_back(line.substr(begin, end - begin));
    begin = end;
  }
  return words;
}

std::string join(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + word;
  return line;
}

void add_new(std::vector<std::string>& list, const std::vector<std::string>& more) {
  for (const std::string& each : more)
    if (std::ranges::find(list, each) == list.end()) list.push_back(each);
}

void set_options(std::vector<std::string>& options, const std::vector<api::PodDnsConfigOption>& wanted) {
  for (const api::PodDnsConfigOption& option : wanted) {
    const std::string text = option.value ? base::concat(option.name, ":", *option.value) : option.name;
    const auto same = std::ranges::find_if(
        options, [&](const std::string& each) { return each.substr(0, each.find(':')) == option.name; });
    if (same == options.end())
      options.push_back(text);
    else
      *same = text;
  }
}

void apply_limits(DnsResult& result) {
  const auto omitted = [&](const char* what, const char* line, const std::vector<std::string>& kept) {
    result.events.push_back(
        {.warning = true,
         .reason = "DNSConfigForming",
         .message = base::concat(what, " limits were exceeded, some have been omitted, the applied ", line,
                                 " line is: ", join(kept)),
         .container = ""});
  };
  std::vector<std::string>& servers = result.conf.nameservers;
  if (servers.size() > kMaxNameservers) {
    servers.resize(kMaxNameservers);
    omitted("Nameserver", "nameserver", servers);
  }
  std::vector<std::string> fitting;
  size_t length = 0;
  for (const std::string& search : result.conf.searches) {
    const size_t longer = length + search.size() + (fitting.empty() ? 0 : 1);
    if (search.size() > kMaxSearchLength || fitting.size() == kMaxSearches || longer > kMaxSearchLine) continue;
    fitting.push_back(search);
    length = longer;
  }
  if (fitting.size() < result.conf.searches.size()) {
    result.conf.searches = std::move(fitting);
    omitted("Search Line", "search", result.conf.searches);
  }
}

}  // namespace

ResolvConf parse_resolv_conf(std::string_view text) {
  ResolvConf conf;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::vector<std::string> words = words_of(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (words.size() < 2 || words[0].starts_with('#') || words[0].starts_with(';')) continue;
    const std::string keyword = words[0];
    words.erase(words.begin());
    if (keyword == "nameserver") {
      conf.nameservers.push_back(words[0]);
    } else if (keyword == "search") {
      conf.searches.clear();
      for (std::string& word : words) {
        if (word.size() > 1 && word.ends_with('.')) word.pop_back();
        if (word != ".") conf.searches.push_back(std::move(word));
      }
    } else if (keyword == "options") {
      add_new(conf.options, words);
    }
  }
  return conf;
}

DnsResult pod_dns(const DnsInput& input) {
  const api::PodSpec& spec = input.pod.spec;
  DnsResult result;
  bool cluster = spec.dns_policy == api::DnsPolicy::kClusterFirstWithHostNet ||
                 (spec.dns_policy == api::DnsPolicy::kClusterFirst && !spec.host_network);
  if (cluster && input.cluster_dns.empty()) {
    cluster = false;
    result.events.push_back(
        {.warning = true,
         .reason = "MissingClusterDNS",
         .message = base::concat("pod: \"", api::full_name(input.pod),
                                 "\". No cluster DNS address is configured, so the pod "
                                 "cannot use the \"",
                                 api::to_string(spec.dns_policy), "\" policy. Falling back to \"Default\" policy."),
         .container = ""});
  }
  if (cluster) {
    result.conf.nameservers = input.cluster_dns;
    if (!input.cluster_domain.empty())
      result.conf.searches = {base::concat(input.pod.metadata.namespace_, ".svc.", input.cluster_domain),
                              base::concat("svc.", input.cluster_domain), input.cluster_domain};
    add_new(result.conf.searches, input.host.searches);
    result.conf.options = {"ndots:5"};
  } else if (spec.dns_policy != api::DnsPolicy::kNone) {
    result.conf = input.host;
  }
  if (spec.dns_config) {
    add_new(result.conf.nameservers, spec.dns_config->nameservers);
    add_new(result.conf.searches, spec.dns_config->searches);
    set_options(result.conf.options, spec.dns_config->options);
  }
  apply_limits(result);
  return result;
}

}  // namespace agent::pods
