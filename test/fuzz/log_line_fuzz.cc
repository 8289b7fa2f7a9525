// Whatever a pod makes us log, a JSON line stays one line of valid JSON, and a text line holds no control character.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/log_format.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const base::log::Fields fields{.pod = std::string(input), .container = "c"};
  const std::string json = base::log::json_line(base::log::Level::kInfo, fields, input, {});
  if (json.find('\n') != std::string::npos) std::abort();
  const auto parsed = nlohmann::json::parse(json);  // throws, and so ends the run, when it is none
  if (parsed["level"] != "info" || parsed.size() != (input.empty() ? 4 : 5)) std::abort();

  const std::string text = base::log::text_line(base::log::Level::kInfo, fields, input, {});
  const auto is_control = [](char character) {
    return static_cast<unsigned char>(character) < 0x20 || character == 0x7F;
  };
  if (std::ranges::any_of(text, is_control)) std::abort();
  return 0;
}
