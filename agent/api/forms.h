// More forms of texts than names.h has, and the faults of those that lack a form. Internal to agent/api.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "agent/api/faults.h"
#include "agent/api/names.h"

namespace api {

// One fault of the value at `path` for each of them.
void report(const FormFaults& wrong, const FieldPath& path, std::string_view value, FaultList& faults);

void check_dns_label(std::string_view text, const FieldPath& path, FaultList& faults);
void check_dns_subdomain(std::string_view text, const FieldPath& path, FaultList& faults);
void check_qualified_name(std::string_view text, const FieldPath& path, FaultList& faults);
void check_label_value(std::string_view text, const FieldPath& path, FaultList& faults);
// The beginning of a DNS subdomain, to which more is added: it may end in "-".
void check_dns_subdomain_prefix(std::string_view text, const FieldPath& path, FaultList& faults);

void check_env_name(std::string_view text, const FieldPath& path, FaultList& faults);

// A key of a ConfigMap's or Secret's data, which can be a file's name: at most 253 letters, digits, "-", "_" and ".".
void check_config_key(std::string_view text, const FieldPath& path, FaultList& faults);

// A header field as far as Kubernetes takes them: letters, digits and "-".
void check_http_header_name(std::string_view text, const FieldPath& path, FaultList& faults);

// 1 … 65535.
void check_port(int32_t port, const FieldPath& path, FaultList& faults);

// A path none of whose parts is "..".
bool has_back_step(std::string_view text);
void check_no_back_step(std::string_view text, const FieldPath& path, FaultList& faults);

void check_non_negative(int64_t value, const FieldPath& path, FaultList& faults);

// A decimal number of 64 bits with or without a sign, as Go reads it.
std::optional<int64_t> read_whole(std::string_view text);

bool is_one_of(std::string_view text, std::span<const std::string_view> texts);

}  // namespace api
