#include "base/clock.h"

#include <array>
#include <cstdio>
#include <ctime>

#include "base/file.h"

namespace base {

namespace {

class SystemClock final : public Clock {
 public:
  Monotonic now() const override { return std::chrono::steady_clock::now(); }
  WallTime wall() const override { return std::chrono::system_clock::now(); }
};

std::string format_utc(WallTime time, bool nanoseconds) {
  const auto since_epoch = std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
  constexpr int64_t kSecond = 1'000'000'000;
  int64_t seconds = since_epoch / kSecond;
  int64_t rest = since_epoch % kSecond;
  if (rest < 0) {
    rest += kSecond;
    --seconds;
  }
  std::tm utc{};
  const std::time_t as_time_t = seconds;
  ::gmtime_r(&as_time_t, &utc);
  std::array<char, 64> text{};
  const size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  std::string out(text.data(), length);
  if (nanoseconds) {
    const int digits = std::snprintf(text.data(), text.size(), ".%09lld", static_cast<long long>(rest));
    out.append(text.data(), static_cast<size_t>(digits));
  }
  out += 'Z';
  return out;
}

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

Result<std::string> boot_id() {
  std::string id = TRY(read_file("/proc/sys/kernel/random/boot_id", 128));
  while (id.ends_with('\n')) id.pop_back();
  return id;
}

std::string rfc3339(WallTime time) { return format_utc(time, false); }
std::string rfc3339_nano(WallTime time) { return format_utc(time, true); }

}  // namespace base
