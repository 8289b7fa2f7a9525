#include "runtime/service/ids.h"

#include <signal.h>
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>

#include "base/file.h"

namespace runtime::service {

using base::Code;
using base::Result;

Result<std::string> new_id() {
  std::array<unsigned char, 32> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return base::fail_errno(errno, "get random bytes for an id");
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string id;
  for (const unsigned char byte : bytes) {
    id += kDigits[byte >> 4];
    id += kDigits[byte & 15];
  }
  return id;
}

Result<int> signal_number(std::string_view name) {
  const auto not_a_signal = [&] { return base::fail(Code::kInvalidArgument, "\"", name, "\" is not a signal"); };
  int number = 0;
  const auto as_number = std::from_chars(name.data(), name.data() + name.size(), number);
  if (as_number.ec == std::errc() && as_number.ptr == name.data() + name.size()) {
    if (number < 1 || number > SIGRTMAX) return not_a_signal();
    return number;
  }
  std::string_view shortened = name;
  if (shortened.starts_with("SIG")) shortened.remove_prefix(3);
  // As programs in containers count them: RTMIN is 34 and RTMAX 64 for every C library that matters.
  const bool from_min = shortened.starts_with("RTMIN");
  const bool from_max = shortened.starts_with("RTMAX");
  if (from_min || from_max) {
    shortened.remove_prefix(5);
    int offset = 0;
    if (!shortened.empty()) {
      if (shortened[0] != (from_min ? '+' : '-')) return not_a_signal();
      const auto parsed = std::from_chars(shortened.data() + 1, shortened.data() + shortened.size(), offset);
      if (parsed.ec != std::errc() || parsed.ptr != shortened.data() + shortened.size()) return not_a_signal();
    }
    number = from_min ? 34 + offset : 64 - offset;
    if (number < 34 || number > 64) return not_a_signal();
    return number;
  }
  for (int candidate = 1; candidate < 32; ++candidate) {
    const char* abbreviation = ::sigabbrev_np(candidate);
    if (abbreviation != nullptr && shortened == abbreviation) return candidate;
  }
  return not_a_signal();
}

int64_t wall_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace runtime::service
