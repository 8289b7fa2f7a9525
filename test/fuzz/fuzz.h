// What the fuzz targets share: the input as text, and a promise that ends the run when it is broken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace fuzz {

inline std::string_view text_of(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// abort() and not assert(): it must hold in every build.
inline void require(bool holds) {
  if (!holds) std::abort();
}

// Cuts the text up to the separator off the front; all of it where there is none.
inline std::string_view take_until(std::string_view& text, std::string_view separator) {
  const size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + separator.size());
  return part;
}

}  // namespace fuzz
