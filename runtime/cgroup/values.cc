#include "runtime/cgroup/values.h"

#include <charconv>

namespace runtime::cgroup {

namespace {

constexpr uint64_t kMostNumbers = 1U << 16U;  // so that no list can make a mask larger than 8 KiB

// Takes digits off the front.
std::optional<uint64_t> take_number(std::string_view& text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

}  // namespace

std::optional<uint64_t> amount_in(std::string_view text) {
  text = text.substr(0, text.find_first_of(" \n"));
  if (text == "max") return kNoLimit;
  const std::optional<uint64_t> number = take_number(text);
  if (!number || text.size() > 1) return std::nullopt;
  if (text.empty()) return number;
  constexpr std::string_view kUnits = "KMGTPE";
  const size_t unit = kUnits.find(static_cast<char>(text[0] & ~0x20));
  if (unit == std::string_view::npos) return std::nullopt;
  const size_t shift = 10 * (unit + 1);
  return *number > (kNoLimit >> shift) ? kNoLimit : *number << shift;
}

std::optional<std::vector<uint8_t>> mask_in(std::string_view list) {
  list = list.substr(0, list.find_last_not_of(" \n") + 1);
  std::vector<uint8_t> mask;
  while (!list.empty()) {
    const std::optional<uint64_t> first = take_number(list);
    std::optional<uint64_t> last = first;
    if (list.starts_with('-')) {
      list.remove_prefix(1);
      last = take_number(list);
    }
    if (!first || !last || *last < *first || *last >= kMostNumbers) return std::nullopt;
    if (!list.empty() && list.front() != ',') return std::nullopt;
    list.remove_prefix(list.empty() ? 0 : 1);
    if (mask.size() <= *last / 8) mask.resize(*last / 8 + 1);
    for (uint64_t number = *first; number <= *last; ++number) {
      mask[number / 8] = static_cast<uint8_t>(mask[number / 8] | 1U << (number % 8));
    }
  }
  return mask;
}

}  // namespace runtime::cgroup
