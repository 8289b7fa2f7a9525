// The forms that Kubernetes asks of names and values.
#pragma once

#include <string_view>

namespace api {

// RFC 1123: a-z, 0-9 and "-", beginning and ending with a letter or digit, at most 63 characters.
bool is_dns_label(std::string_view text);
inline constexpr std::string_view kDnsLabelForm =
    "must be a lowercase RFC 1123 label: a-z, 0-9 and '-', beginning and ending with a letter or digit, at most 63 "
    "characters";

// Labels joined by ".", at most 253 characters.
bool is_dns_subdomain(std::string_view text);
inline constexpr std::string_view kDnsSubdomainForm =
    "must be a lowercase RFC 1123 subdomain: a-z, 0-9, '-' and '.', every part beginning and ending with a letter or "
    "digit, at most 253 characters";

// "[prefix/]name", the key of a label or annotation.
bool is_qualified_name(std::string_view text);
inline constexpr std::string_view kQualifiedNameForm =
    "must be a name of at most 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or digit, "
    "after "
    "an optional DNS subdomain and '/'";

bool is_label_value(std::string_view text);
inline constexpr std::string_view kLabelValueForm =
    "must be empty, or at most 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or digit";

// RFC 6335 service names: at most 15 of a-z, 0-9 and single "-", with a letter among them.
bool is_port_name(std::string_view text);
inline constexpr std::string_view kPortNameForm =
    "must be at most 15 of a-z, 0-9 and '-', with at least one letter, no '--', and no '-' at either end";

// Printable ASCII without "=".
bool is_env_name(std::string_view text);

// An IPv4 or IPv6 address in its text form.
bool is_ip_address(std::string_view text);

// What may stand in the path of a pod's folder: letters, digits, '-', '_' and '.', at most 128, not beginning with '.'.
bool is_uid(std::string_view text);

}  // namespace api
