// RFC 3339 times.
#include "agent/api/decode.h"

namespace api {

namespace {

bool read_digits(std::string_view& text, size_t count, int& value) {
  if (text.size() < count) return false;
  value = 0;
  for (size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return true;
}

bool skip(std::string_view& text, char wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(1);
  return true;
}

// "Z", "+02:00": minutes to take away from the time before it.
bool read_offset(std::string_view& text, int& minutes) {
  if (skip(text, 'Z')) {
    minutes = 0;
    return true;
  }
  const bool negative = text.starts_with('-');
  int hours = 0;
  if (!skip(text, '+') && !skip(text, '-')) return false;
  if (!read_digits(text, 2, hours) || !skip(text, ':') || !read_digits(text, 2, minutes)) return false;
  minutes += hours * 60;
  if (negative) minutes = -minutes;
  return true;
}

}  // namespace

std::optional<Time> parse_time(std::string_view text) {
  using std::chrono::nanoseconds;
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!read_digits(text, 4, year) || !skip(text, '-') || !read_digits(text, 2, month) || !skip(text, '-') ||
      !read_digits(text, 2, day) || !skip(text, 'T') || !read_digits(text, 2, hour) || !skip(text, ':') ||
      !read_digits(text, 2, minute) || !skip(text, ':') || !read_digits(text, 2, second))
    return std::nullopt;
  int64_t fraction = 0;
  if (skip(text, '.') || skip(text, ',')) {
    int64_t unit = 100'000'000;
    int digit = 0;
    if (!read_digits(text, 1, digit)) return std::nullopt;
    do {
      fraction += digit * unit;
      unit /= 10;
    } while (read_digits(text, 1, digit));
  }
  int offset = 0;
  if (!read_offset(text, offset) || !text.empty()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  // The whole years that 64 bits of nanoseconds hold.
  constexpr int kFirstYear = 1678;
  constexpr int kLastYear = 2261;
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  if (year < kFirstYear) return std::chrono::sys_days(std::chrono::year(kFirstYear) / 1 / 1);
  if (year > kLastYear) return std::chrono::sys_days(std::chrono::year(kLastYear) / 12 / 31);
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute - offset) +
         std::chrono::seconds(second) + nanoseconds(fraction);
}

}  // namespace api
