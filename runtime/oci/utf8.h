// Whether a text can stand in a JSON string and reach a system call unchanged: valid UTF-8 (RFC 3629: no overlong
// forms, no surrogates, nothing past U+10FFFF) without a NUL.
#pragma once

#include <string_view>

namespace runtime::oci {

inline bool is_json_text(std::string_view text) {
  size_t i = 0;
  const auto byte = [&](size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U; };
  const auto follows = [&](size_t at, unsigned low = 0x80, unsigned high = 0xbf) {
    return byte(at) >= low && byte(at) <= high;
  };
  while (i < text.size()) {
    const unsigned lead = byte(i);
    if (lead == 0) return false;
    if (lead < 0x80) {
      i += 1;
    } else if (lead >= 0xc2 && lead <= 0xdf) {
      if (!follows(i + 1)) return false;
      i += 2;
    } else if (lead >= 0xe0 && lead <= 0xef) {
      const unsigned low = lead == 0xe0 ? 0xa0 : 0x80;
      const unsigned high = lead == 0xed ? 0x9f : 0xbf;
      if (!follows(i + 1, low, high) || !follows(i + 2)) return false;
      i += 3;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
      const unsigned low = lead == 0xf0 ? 0x90 : 0x80;
      const unsigned high = lead == 0xf4 ? 0x8f : 0xbf;
      if (!follows(i + 1, low, high) || !follows(i + 2) || !follows(i + 3)) return false;
      i += 4;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace runtime::oci
