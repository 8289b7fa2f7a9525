// The faults of manifests, for the tests of the rules: "path: message", one line each.
#pragma once

#include <string>
#include <string_view>

#include "agent/api/codec.h"

namespace api_test {

inline std::string manifest_faults(std::string_view text) {
  const auto decoded = api::decode_manifests(text);
  if (decoded.has_value()) return "";
  std::string lines;
  for (const api::Fault& fault : decoded.error()) {
    if (!lines.empty()) lines += '\n';
    lines += fault.path + ": " + fault.message;
  }
  return lines;
}

// Of a pod with one container; each argument is the inside of a map: "tty: true, stdin: true".
inline std::string pod_faults(const std::string& container, const std::string& spec = "") {
  const auto after_comma = [](const std::string& text) { return text.empty() ? text : ", " + text; };
  return manifest_faults(
      "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: main, image: busybox" +
      after_comma(container) + "}]" + after_comma(spec) + "}\n");
}

// Of a pod with one init container beside its regular one.
inline std::string init_faults(const std::string& container, const std::string& spec = "") {
  return pod_faults(
      "", "initContainers: [{name: first, image: busybox, " + container + "}]" + (spec.empty() ? spec : ", " + spec));
}

// A rule: what is written, and the beginning of the faults; no faults where it is accepted.
struct Row {
  const char* text;
  const char* fault;
};

// Whether the faults are as the rule says: none, or one that begins like this.
inline bool as_told(std::string_view faults, const std::string& path, const Row& row) {
  if (*row.fault == '\0') return faults.empty();
  const std::string beginning = path + row.fault;
  return faults.starts_with(beginning) || faults.find("\n" + beginning) != std::string_view::npos;
}

}  // namespace api_test
