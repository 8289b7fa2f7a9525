// What stands in control files. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace runtime::cgroup {

inline constexpr uint64_t kNoLimit = UINT64_MAX;

// The first word: "max" (kNoLimit), "4096", "16M" as the kernel's memparse() has it.
std::optional<uint64_t> amount_in(std::string_view text);

// "0-2,7": byte 0 has the numbers 0 to 7, the lowest bit first; the last byte is not 0, so that equal sets have equal
// masks.
std::optional<std::vector<uint8_t>> mask_in(std::string_view list);

}  // namespace runtime::cgroup
