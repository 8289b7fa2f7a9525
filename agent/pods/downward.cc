#include "agent/pods/downward.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/concat.h"

namespace agent::pods {

namespace {

using base::Code;

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ",") + word;
  return out;
}

struct SubscriptedPath {
  std::string_view field;      // "metadata.labels"
  std::string_view subscript;  // "app"; empty: none
};

// "metadata.labels['app']" in its two parts.
SubscriptedPath split_path(std::string_view path) {
  const size_t open = path.find("['");
  if (open == std::string_view::npos || !path.ends_with("']")) return {path, {}};
  return {path.substr(0, open), path.substr(open + 2, path.size() - open - 4)};
}

std::string value_or_empty(const std::map<std::string, std::string>& values, std::string_view key) {
  const auto found = values.find(std::string(key));
  return found == values.end() ? std::string() : found->second;
}

const api::Container* find_container(const api::Pod& pod, const std::string& name) {
  for (const auto* list : {&pod.spec.containers, &pod.spec.init_containers}) {
    const auto found = std::ranges::find(*list, name, &api::Container::name);
    if (found != list->end()) return &*found;
  }
  return nullptr;
}

// Thousandths for processors, whole units for the rest.
int64_t amount_of(const std::map<std::string, api::Quantity>& amounts, const std::string& resource) {
  const auto found = amounts.find(resource);
  if (found == amounts.end()) return 0;
  return resource == "cpu" ? found->second.milli_value() : found->second.value();
}

int64_t capacity_of(const resources::NodeFacts& node, std::string_view resource) {
  if (resource == "cpu") return node.milli_cpu;
  if (resource == "memory") return node.memory;
  if (resource == "ephemeral-storage") return node.ephemeral_storage;
  return 0;
}

struct CodeRange {
  uint32_t first;
  uint32_t last;
};

// What Go does not print as it is: controls, spaces other than U+0020, format characters, private use, no characters.
constexpr auto kUnprinted = std::to_array<CodeRange>({{0x7f, 0xa0},
                                                      {0xad, 0xad},
                                                      {0x61c, 0x61c},
                                                      {0x1680, 0x1680},
                                                      {0x180e, 0x180e},
                                                      {0x2000, 0x200f},
                                                      {0x2028, 0x202f},
                                                      {0x205f, 0x206f},
                                                      {0x3000, 0x3000},
                                                      {0xd800, 0xf8ff},
                                                      {0xfeff, 0xfeff},
                                                      {0xfff0, 0xfffb},
                                                      {0xfffe, 0xffff},
                                                      {0xe0000, 0x10ffff}});

// One character of UTF-8 at the beginning of the text; size 0 where there is none.
struct Utf8 {
  uint32_t code = 0;
  size_t size = 0;
};
Utf8 first_character(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return {};
  uint32_t code = lead & (0xffU >> (size + 1));
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return {};
    code = (code << 6U) | (byte(i) & 0x3fU);
  }
  constexpr std::array<uint32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < kLeast.at(size) || code > 0x10ffff || is_surrogate) return {};
  return {code, size};
}

void append_quoted(std::string& out, std::string_view character, uint32_t code) {
  constexpr std::string_view kEscaped = "\a\b\f\n\r\t\v\\\"";
  constexpr std::string_view kLetters = "abfnrtv\\\"";
  if (const size_t at = code < 0x80 ? kEscaped.find(static_cast<char>(code)) : std::string_view::npos;
      at != std::string_view::npos) {
    out += {'\\', kLetters[at]};
  } else if (code < 0x20 || code == 0x7f) {
    out += fmt::format("\\x{:02x}", code);
  } else if (std::ranges::any_of(kUnprinted, [&](CodeRange r) { return code >= r.first && code <= r.last; })) {
    out += code > 0xffff ? fmt::format("\\U{:08x}", code) : fmt::format("\\u{:04x}", code);
  } else {
    out += character;
  }
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const Utf8 next = first_character(text);
    if (next.size == 0)
      out += fmt::format("\\x{:02x}", static_cast<uint8_t>(text.front()));
    else
      append_quoted(out, text.substr(0, next.size), next.code);
    text.remove_prefix(std::max<size_t>(next.size, 1));
  }
  return out + "\"";
}

}  // namespace

std::string quoted_lines(const std::map<std::string, std::string>& values) {
  std::string out;
  for (const auto& [key, value] : values) out += base::concat(out.empty() ? "" : "\n", key, "=", quoted(value));
  return out;
}

base::Result<std::string> field_value(const DownwardInput& input, std::string_view path) {
  const api::ObjectMeta& metadata = input.pod.metadata;
  const api::PodSpec& spec = input.pod.spec;
  const auto [field, subscript] = split_path(path);
  if (field == "metadata.labels")
    return subscript.empty() ? quoted_lines(metadata.labels) : value_or_empty(metadata.labels, subscript);
  if (field == "metadata.annotations")
    return subscript.empty() ? quoted_lines(metadata.annotations) : value_or_empty(metadata.annotations, subscript);
  if (path == "metadata.name") return metadata.name;
  if (path == "metadata.namespace") return metadata.namespace_;
  if (path == "metadata.uid") return metadata.uid;
  if (path == "spec.nodeName") return spec.node_name.empty() ? input.node.name : spec.node_name;
  if (path == "spec.serviceAccountName")
    return spec.service_account_name.empty() ? "default" : spec.service_account_name;
  if (path == "status.hostIP" || path == "status.hostIPs") return input.node.ip;
  if (path == "status.podIP") return input.pod_ips.empty() ? std::string() : input.pod_ips.front();
  if (path == "status.podIPs") return joined(input.pod_ips);
  return base::fail(Code::kInvalidArgument, "no value can be made from the field ", path, " of a pod");
}

base::Result<std::string> resource_value(const DownwardInput& input, const api::ResourceFieldSelector& reference,
                                         const api::Container* own) {
  const api::Container* container =
      reference.container_name.empty() ? own : find_container(input.pod, reference.container_name);
  if (container == nullptr)
    return base::fail(Code::kInvalidArgument, "container ", reference.container_name, " not found");
  const size_t dot = reference.resource.find('.');
  const std::string kind = reference.resource.substr(0, dot);
  if (dot == std::string::npos || (kind != "limits" && kind != "requests"))
    return base::fail(Code::kInvalidArgument, "no value can be made from the resource ", reference.resource);
  const std::string name = reference.resource.substr(dot + 1);
  const bool is_limit = kind == "limits";
  int64_t amount = amount_of(is_limit ? container->resources.limits : container->resources.requests, name);
  if (amount == 0 && is_limit) amount = capacity_of(input.node, name);
  const int64_t unit = name == "cpu" ? 1000 : 1;
  const int64_t given = name == "cpu" ? reference.divisor.milli_value() : reference.divisor.value();
  const int64_t divisor = given <= 0 ? unit : given;  // not said: 1
  return std::to_string(amount / divisor + (amount % divisor > 0 ? 1 : 0));
}

}  // namespace agent::pods
