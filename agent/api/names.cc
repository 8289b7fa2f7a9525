#include "agent/api/names.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "base/ascii.h"
#include "base/concat.h"

namespace api {

namespace {

bool is_name_character(char c) { return base::is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; }

// The name part of a qualified name, and a label's value that is not empty; of any length.
bool is_plain_name(std::string_view text) {
  return !text.empty() && base::is_alphanumeric(text.front()) && base::is_alphanumeric(text.back()) &&
         std::ranges::all_of(text, is_name_character);
}

bool is_label_of_any_length(std::string_view text) {
  if (text.empty() || !base::is_lower_or_digit(text.front()) || !base::is_lower_or_digit(text.back())) return false;
  return std::ranges::all_of(text, [](char c) { return base::is_lower_or_digit(c) || c == '-'; });
}

// A part of a search domain: "_" may stand at its beginning and inside.
bool is_search_label(std::string_view text) {
  if (text.starts_with('_')) text.remove_prefix(1);
  if (text.empty() || !base::is_lower_or_digit(text.front()) || !base::is_lower_or_digit(text.back())) return false;
  return std::ranges::all_of(text, [](char c) { return base::is_lower_or_digit(c) || c == '-' || c == '_'; });
}

bool all_parts(std::string_view text, std::string_view separators, bool (*is_part)(std::string_view)) {
  for (;;) {
    const size_t end = text.find_first_of(separators);
    if (!is_part(text.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

constexpr size_t kMaxLabel = 63;
constexpr size_t kMaxSubdomain = 253;

constexpr std::string_view kLabelRule =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
constexpr std::string_view kSubdomainRule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr std::string_view kSearchRule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')";
constexpr std::string_view kNameRule =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
constexpr std::string_view kLabelValueRule =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

std::string too_long(size_t max) { return base::concat("must be no more than ", max, " bytes"); }

FormFaults length_faults(std::string_view text, size_t max) {
  return text.size() > max ? FormFaults{too_long(max)} : FormFaults{};
}

}  // namespace

FormFaults dns_label_faults(std::string_view text) {
  FormFaults faults = length_faults(text, kMaxLabel);
  if (!is_label_of_any_length(text))
    faults.emplace_back(all_parts(text, ".", is_label_of_any_length) ? "must not contain dots" : kLabelRule);
  return faults;
}

FormFaults dns_subdomain_faults(std::string_view text) {
  FormFaults faults = length_faults(text, kMaxSubdomain);
  if (!all_parts(text, ".", is_label_of_any_length)) faults.emplace_back(kSubdomainRule);
  return faults;
}

FormFaults dns_search_faults(std::string_view text) {
  FormFaults faults = length_faults(text, kMaxSubdomain);
  if (!all_parts(text, ".", is_search_label)) faults.emplace_back(kSearchRule);
  return faults;
}

FormFaults qualified_name_faults(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash != std::string_view::npos && text.find('/', slash + 1) != std::string_view::npos)
    return {base::concat("a valid label key ", kNameRule,
                         " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')")};
  FormFaults faults;
  if (slash == 0) faults.emplace_back("prefix part must be non-empty");
  if (slash != 0 && slash != std::string_view::npos)
    for (const std::string& fault : dns_subdomain_faults(text.substr(0, slash)))
      faults.push_back("prefix part " + fault);
  const std::string_view name = slash == std::string_view::npos ? text : text.substr(slash + 1);
  if (name.empty()) faults.emplace_back("name part must be non-empty");
  if (name.size() > kMaxLabel) faults.push_back("name part " + too_long(kMaxLabel));
  if (!is_plain_name(name)) faults.push_back(base::concat("name part ", kNameRule));
  return faults;
}

FormFaults label_value_faults(std::string_view text) {
  FormFaults faults = length_faults(text, kMaxLabel);
  if (!text.empty() && !is_plain_name(text)) faults.emplace_back(kLabelValueRule);
  return faults;
}

bool is_dns_label(std::string_view text) { return dns_label_faults(text).empty(); }
bool is_dns_subdomain(std::string_view text) { return dns_subdomain_faults(text).empty(); }
bool is_qualified_name(std::string_view text) { return qualified_name_faults(text).empty(); }

FormFaults port_name_faults(std::string_view text) {
  constexpr size_t kMax = 15;
  FormFaults faults = length_faults(text, kMax);
  if (text.empty() || !std::ranges::all_of(text, [](char c) { return base::is_lower_or_digit(c) || c == '-'; }))
    faults.emplace_back("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (!std::ranges::any_of(text, base::is_lower)) faults.emplace_back("must contain at least one letter (a-z)");
  if (text.find("--") != std::string_view::npos) faults.emplace_back("must not contain consecutive hyphens");
  if (text.starts_with('-') || text.ends_with('-')) faults.emplace_back("must not begin or end with a hyphen");
  return faults;
}

bool is_env_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~' && c != '='; });
}

namespace {

bool is_ipv4(std::string_view text) {
  return std::ranges::count(text, '.') == 3 && all_parts(text, ".", [](std::string_view part) {
           if (part.empty() || !std::ranges::all_of(part, base::is_digit)) return false;
           part.remove_prefix(std::min(part.find_first_not_of('0'), part.size() - 1));
           return part.size() < 3 || (part.size() == 3 && part <= "255");
         });
}

}  // namespace

FormFaults ip_address_faults(std::string_view text) {
  if (is_ipv4(text)) {
    const bool is_plain = all_parts(text, ".", [](std::string_view part) { return part == "0" || part[0] != '0'; });
    return is_plain ? FormFaults{} : FormFaults{"must not have leading 0s"};
  }
  const std::string terminated(text);
  in6_addr address{};
  const bool is_ipv6 =
      terminated.size() == std::strlen(terminated.c_str()) && ::inet_pton(AF_INET6, terminated.c_str(), &address) == 1;
  if (!is_ipv6) return {"must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"};
  if (IN6_IS_ADDR_V4MAPPED(&address)) return {"must not be an IPv4-mapped IPv6 address"};
  return {};
}

bool is_sysctl_name(std::string_view text) {
  return text.size() <= kMaxSubdomain && all_parts(text, "./", [](std::string_view part) {
           if (part.empty() || !base::is_lower_or_digit(part.front()) || !base::is_lower_or_digit(part.back()))
             return false;
           return std::ranges::all_of(part, [](char c) { return base::is_lower_or_digit(c) || c == '-' || c == '_'; });
         });
}

bool is_host_and_port(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[')) {
    if (host.find(']') != host.size() - 1) return false;
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return false;
  }
  const auto has_bracket = [](std::string_view part) { return part.find_first_of("[]") != std::string_view::npos; };
  return !has_bracket(host) && !has_bracket(text.substr(colon + 1));
}

bool has_iscsi_prefix(std::string_view text) {
  return text.starts_with("iqn") || text.starts_with("eui") || text.starts_with("naa");
}

namespace {

// "iqn.2003-01.org.example:disk" from its beginning.
bool is_iqn(std::string_view text) {
  constexpr std::string_view kForm = "iqn.0000-00.";  // 0: a digit
  if (text.size() < kForm.size()) return false;
  for (size_t i = 0; i < kForm.size(); ++i)
    if (kForm[i] == '0' ? !base::is_digit(text[i]) : text[i] != kForm[i]) return false;
  text.remove_prefix(kForm.size());
  const size_t colon = text.find(':');
  if (colon == 0 || colon == std::string_view::npos || colon + 1 == text.size()) return false;
  const auto is_authority = [](char c) { return base::is_alphanumeric(c) || c == '-' || c == '.'; };
  return std::ranges::all_of(text.substr(0, colon), is_authority) &&
         text.substr(colon + 1).find_first_of(",;*&$| \t\n\f\r") == std::string_view::npos;
}

}  // namespace

bool is_iscsi_name(std::string_view text) {
  if (text.starts_with("iqn")) {
    for (size_t at = 0; at != std::string_view::npos; at = text.find("iqn", at + 1))
      if (is_iqn(text.substr(at))) return true;
    return false;
  }
  const size_t digits = text.starts_with("eui") ? 16 : 32;
  return text.size() == 4 + digits && text[3] != '\n' && std::ranges::all_of(text.substr(4), base::is_alphanumeric);
}

bool is_uid(std::string_view text) {
  constexpr size_t kMax = 128;
  if (text.empty() || text.size() > kMax || text.front() == '.') return false;
  return std::ranges::all_of(text, [](char c) { return base::is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

}  // namespace api
