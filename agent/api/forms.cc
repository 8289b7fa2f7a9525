#include "agent/api/forms.h"

#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "base/concat.h"

namespace api {

namespace {

FormFaults config_key_faults(std::string_view text) {
  constexpr size_t kMax = 253;
  FormFaults faults;
  const auto fits = [](char c) { return base::is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; };
  if (text.size() > kMax) faults.push_back(base::concat("must be no more than ", kMax, " bytes"));
  if (text.empty() || !std::ranges::all_of(text, fits))
    faults.emplace_back(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME', "
        " or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')");
  if (text == "." || text == "..")
    faults.push_back(base::concat("must not be '", text, "'"));
  else if (text.starts_with(".."))
    faults.emplace_back("must not start with '..'");
  return faults;
}

}  // namespace

void report(const FormFaults& wrong, const FieldPath& path, std::string_view value, FaultList& faults) {
  for (const std::string& detail : wrong) faults.invalid(path, value, detail);
}

void check_dns_label(std::string_view text, const FieldPath& path, FaultList& faults) {
  report(dns_label_faults(text), path, text, faults);
}

void check_dns_subdomain(std::string_view text, const FieldPath& path, FaultList& faults) {
  report(dns_subdomain_faults(text), path, text, faults);
}

void check_qualified_name(std::string_view text, const FieldPath& path, FaultList& faults) {
  report(qualified_name_faults(text), path, text, faults);
}

void check_label_value(std::string_view text, const FieldPath& path, FaultList& faults) {
  report(label_value_faults(text), path, text, faults);
}

void check_dns_subdomain_prefix(std::string_view text, const FieldPath& path, FaultList& faults) {
  const bool is_open = text.size() > 1 && text.ends_with('-');
  report(dns_subdomain_faults(is_open ? base::concat(text.substr(0, text.size() - 2), "a") : std::string(text)), path,
         text, faults);
}

void check_env_name(std::string_view text, const FieldPath& path, FaultList& faults) {
  if (!is_env_name(text))
    faults.invalid(path, text,
                   "a valid environment variable name must consist only of printable ASCII characters other than '='");
}

void check_config_key(std::string_view text, const FieldPath& path, FaultList& faults) {
  report(config_key_faults(text), path, text, faults);
}

void check_http_header_name(std::string_view text, const FieldPath& path, FaultList& faults) {
  const bool fits =
      !text.empty() && std::ranges::all_of(text, [](char c) { return base::is_alphanumeric(c) || c == '-'; });
  if (!fits)
    faults.invalid(
        path, text,
        "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for "
        "validation is '[-A-Za-z0-9]+')");
}

void check_port(int32_t port, const FieldPath& path, FaultList& faults) {
  constexpr int32_t kMaxPort = 65535;
  if (port < 1 || port > kMaxPort) faults.invalid(path, port, "must be between 1 and 65535, inclusive");
}

bool has_back_step(std::string_view text) {
  for (;;) {
    const size_t slash = text.find('/');
    if (text.substr(0, slash) == "..") return true;
    if (slash == std::string_view::npos) return false;
    text.remove_prefix(slash + 1);
  }
}

void check_no_back_step(std::string_view text, const FieldPath& path, FaultList& faults) {
  if (has_back_step(text)) faults.invalid(path, text, "must not contain '..'");
}

void check_non_negative(int64_t value, const FieldPath& path, FaultList& faults) {
  if (value < 0) faults.invalid(path, value, "must be greater than or equal to 0");
}

std::optional<int64_t> read_whole(std::string_view text) {
  if (text.starts_with("+")) text.remove_prefix(text.starts_with("+-") ? 0 : 1);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

bool is_one_of(std::string_view text, std::span<const std::string_view> texts) {
  return std::ranges::find(texts, text) != texts.end();
}

}  // namespace api
