#include "agent/pods/env.h"

#include <algorithm>

namespace agent::pods {

std::string expand(std::string_view text, const std::map<std::string, std::string>& values) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t dollar = text.find('$');
    out += text.substr(0, dollar);
    if (dollar == std::string_view::npos) break;
    text.remove_prefix(dollar + 1);
    if (text.starts_with('$')) {
      out += '$';
      text.remove_prefix(1);
      continue;
    }
    const size_t end = text.starts_with('(') ? text.find(')') : std::string_view::npos;
    const auto value = end == std::string_view::npos ? values.end() : values.find(std::string(text.substr(1, end - 1)));
    if (value == values.end()) {
      out += '$';  // what follows it is copied on as plain text
      if (end != std::string_view::npos) {
        out += text.substr(0, end + 1);
        text.remove_prefix(end + 1);
      }
      continue;
    }
    out += value->second;
    text.remove_prefix(end + 1);
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> expand_env(const std::vector<api::EnvVar>& env) {
  std::vector<std::pair<std::string, std::string>> out;
  std::map<std::string, std::string> values;
  for (const api::EnvVar& variable : env) {
    std::string value = expand(variable.value, values);
    values[variable.name] = value;
    const auto same = std::ranges::find(out, variable.name, &std::pair<std::string, std::string>::first);
    if (same == out.end())
      out.emplace_back(variable.name, std::move(value));
    else
      same->second = std::move(value);
  }
  return out;
}

}  // namespace agent::pods
