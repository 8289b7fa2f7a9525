#include "agent/api/names.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

namespace api {

namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower_or_digit(char c) { return is_lower(c) || is_digit(c); }
bool is_alphanumeric(char c) { return is_lower_or_digit(c) || is_upper(c); }

// The name part of a qualified name, and the form of a label's value.
bool is_plain_name(std::string_view text) {
  constexpr size_t kMax = 63;
  if (text.empty() || text.size() > kMax || !is_alphanumeric(text.front()) || !is_alphanumeric(text.back()))
    return false;
  return std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_label_of_any_length(std::string_view text) {
  if (text.empty() || !is_lower_or_digit(text.front()) || !is_lower_or_digit(text.back())) return false;
  return std::ranges::all_of(text, [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

}  // namespace

bool is_dns_label(std::string_view text) {
  constexpr size_t kMax = 63;
  return text.size() <= kMax && is_label_of_any_length(text);
}

bool is_dns_subdomain(std::string_view text) {
  constexpr size_t kMax = 253;
  if (text.empty() || text.size() > kMax) return false;
  for (;;) {
    const size_t dot = text.find('.');
    if (!is_label_of_any_length(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_qualified_name(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return is_plain_name(text);
  return is_dns_subdomain(text.substr(0, slash)) && is_plain_name(text.substr(slash + 1));
}

bool is_label_value(std::string_view text) { return text.empty() || is_plain_name(text); }

bool is_port_name(std::string_view text) {
  constexpr size_t kMax = 15;
  return text.size() <= kMax && is_label_of_any_length(text) && text.find("--") == std::string_view::npos &&
         std::ranges::any_of(text, is_lower);
}

bool is_env_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~' && c != '='; });
}

bool is_ip_address(std::string_view text) {
  const std::string terminated(text);
  in6_addr address{};
  return ::inet_pton(AF_INET, terminated.c_str(), &address) == 1 ||
         ::inet_pton(AF_INET6, terminated.c_str(), &address) == 1;
}

bool is_uid(std::string_view text) {
  constexpr size_t kMax = 128;
  if (text.empty() || text.size() > kMax || text.front() == '.') return false;
  return std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

}  // namespace api
