// The forms that Kubernetes asks of names and values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace api {

// What keeps a text from having a form, each in the words of the apiserver; empty: it has it.
using FormFaults = std::vector<std::string>;
FormFaults dns_label_faults(std::string_view text);
FormFaults dns_subdomain_faults(std::string_view text);
// The same where "_" may stand as well: what a resolver searches.
FormFaults dns_search_faults(std::string_view text);
FormFaults qualified_name_faults(std::string_view text);
FormFaults label_value_faults(std::string_view text);

// RFC 1123: a-z, 0-9 and "-", beginning and ending with a letter or digit, at most 63 characters.
bool is_dns_label(std::string_view text);

// Labels joined by ".", at most 253 characters.
bool is_dns_subdomain(std::string_view text);

// "[prefix/]name", the key of a label or annotation.
bool is_qualified_name(std::string_view text);

// RFC 6335 service names: at most 15 of a-z, 0-9 and single "-", with a letter among them.
FormFaults port_name_faults(std::string_view text);

// Printable ASCII without "=".
bool is_env_name(std::string_view text);

// An IPv4 or IPv6 address in its text form. Not one whose IPv4 numbers begin with a zero, and no IPv4 address in IPv6's
// form: those mean different addresses to different programs.
FormFaults ip_address_faults(std::string_view text);

// "net.ipv4.tcp_syncookies" or "net/ipv4/tcp_syncookies".
bool is_sysctl_name(std::string_view text);
inline constexpr std::string_view kSysctlNameForm =
    "must have at most 253 characters and match regex "
    "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";

// "host:port", as Go's net.SplitHostPort takes it.
bool is_host_and_port(std::string_view text);
// The names of an iSCSI target or initiator: "iqn.2003-01.org.example:disk", "eui.…", "naa.…".
bool has_iscsi_prefix(std::string_view text);
bool is_iscsi_name(std::string_view text);

// What may stand in the path of a pod's folder: letters, digits, '-', '_' and '.', at most 128, not beginning with '.'.
bool is_uid(std::string_view text);

}  // namespace api
