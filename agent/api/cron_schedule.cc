#include "agent/api/cron_schedule.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <vector>

#include "base/ascii.h"
#include "base/concat.h"

namespace api {

namespace {

// One of the five fields: its numbers, and names that stand for them from the first.
struct CronField {
  std::string_view name;
  int first;
  int last;
  std::span<const std::string_view> names;
};

constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                   "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kDays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr CronField kMinute{"minute", 0, 59, {}};
constexpr CronField kHour{"hour", 0, 23, {}};
constexpr CronField kDay{"day of the month", 1, 31, {}};
constexpr CronField kMonth{"month", 1, 12, kMonths};
constexpr CronField kWeekday{"day of the week", 0, 6, kDays};

// What a field, or a part of it between commas, matches.
struct Matches {
  uint64_t numbers = 0;
  bool is_any = false;  // "*"
};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> words(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n\v\f\r";
  std::vector<std::string_view> parts;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
    if (text.empty()) return parts;
    const size_t end = std::min(text.find_first_of(kSpace), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

std::optional<int> number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.starts_with('-')) return std::nullopt;
  return value;
}

std::optional<int> number_or_name(std::string_view text, const CronField& field) {
  const auto name = std::ranges::find(field.names, base::lower(text));
  if (name != field.names.end()) return static_cast<int>(name - field.names.begin()) + field.first;
  return number(text);
}

uint64_t bits(int first, int last, int64_t step) {
  uint64_t set = 0;
  for (int64_t i = first; i <= last; i += step) set |= uint64_t{1} << static_cast<unsigned>(i);
  return set;
}

Matches all_of(const CronField& field) { return {bits(field.first, field.last, 1), true}; }
Matches only(int one) { return {bits(one, one, 1), false}; }

// "5", "1-5", "*/15", "mon-fri".
std::optional<Matches> parse_range(std::string_view text, const CronField& field) {
  const std::vector<std::string_view> step = split(text, '/');
  const std::vector<std::string_view> ends = split(step[0], '-');
  std::optional<int> first = field.first;
  std::optional<int> last = field.last;
  bool is_any = true;
  if (ends[0] != "*" && ends[0] != "?") {
    if (ends.size() > 2) return std::nullopt;
    first = number_or_name(ends[0], field);
    last = ends.size() == 2 ? number_or_name(ends[1], field) : first;
    is_any = false;
  }
  if (step.size() > 2) return std::nullopt;
  int by = 1;
  if (step.size() == 2) {
    by = number(step[1]).value_or(0);
    if (by == 0) return std::nullopt;
    if (ends.size() == 1) last = field.last;  // "5/10": from 5 on
    if (by > 1) is_any = false;
  }
  if (!first || !last || *first < field.first || *last > field.last || *first > *last) return std::nullopt;
  return Matches{bits(*first, *last, by), is_any};
}

std::expected<Matches, std::string> parse_field(std::string_view text, const CronField& field) {
  Matches all;
  for (const std::string_view part : split(text, ',')) {
    if (part.empty()) continue;
    const std::optional<Matches> matches = parse_range(part, field);
    if (!matches)
      return std::unexpected(base::concat("\"", part, "\" is no ", field.name, ": expected ", field.first, "-",
                                          field.last, ", *, a range or a step as in */5"));
    all.numbers |= matches->numbers;
    all.is_any = all.is_any || matches->is_any;
  }
  return all;
}

std::expected<CronSchedule, std::string> parse_fields(std::string_view text) {
  constexpr std::array<const CronField*, 5> kFields{&kMinute, &kHour, &kDay, &kMonth, &kWeekday};
  const std::vector<std::string_view> parts = words(text);
  if (parts.size() != kFields.size())
    return std::unexpected(base::concat("expected exactly 5 fields, found ", parts.size(),
                                        ": minute, hour, day of the month, month, day of the week"));
  std::array<Matches, kFields.size()> matches;
  for (size_t i = 0; i < parts.size(); ++i) {
    const std::expected<Matches, std::string> parsed = parse_field(parts[i], *kFields[i]);
    if (!parsed) return std::unexpected(parsed.error());
    matches[i] = *parsed;
  }
  return CronFields{.minutes = matches[0].numbers,
                    .hours = matches[1].numbers,
                    .days = matches[2].numbers,
                    .months = matches[3].numbers,
                    .weekdays = matches[4].numbers,
                    .both_days = matches[2].is_any || matches[4].is_any};
}

struct DurationUnit {
  std::string_view name;
  double seconds;
};
constexpr std::array<DurationUnit, 8> kUnits{{{"ns", 1e-9},
                                              {"us", 1e-6},
                                              {"\xC2\xB5s", 1e-6},  // both of Unicode's micro signs
                                              {"\xCE\xBCs", 1e-6},
                                              {"ms", 1e-3},
                                              {"s", 1},
                                              {"m", 60},
                                              {"h", 3600}}};

// Go's durations: "1h30m", "-1.5h"; in seconds.
std::optional<double> parse_duration(std::string_view text) {
  constexpr double kMax = 9223372036.854775807;  // what fits 64 bits as nanoseconds
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    const std::string_view digits = text.substr(0, static_cast<size_t>(end - text.data()));
    if (error != std::errc() || digits.find_first_not_of(".0123456789") != std::string_view::npos) return std::nullopt;
    text.remove_prefix(digits.size());
    const std::string_view name = text.substr(0, text.find_first_of(".0123456789"));
    const auto unit = std::ranges::find(kUnits, name, &DurationUnit::name);
    if (unit == kUnits.end()) return std::nullopt;
    total += value * unit->seconds;
    if (total >= kMax) return std::nullopt;
    text.remove_prefix(name.size());
  }
  return is_negative ? -total : total;
}

std::expected<CronSchedule, std::string> parse_descriptor(std::string_view text) {
  constexpr std::string_view kEvery = "@every ";
  if (text.starts_with(kEvery)) {
    const std::optional<double> seconds = parse_duration(text.substr(kEvery.size()));
    if (!seconds)
      return std::unexpected(base::concat("\"", text.substr(kEvery.size()), "\" is no duration as in 1h30m"));
    return std::chrono::seconds(std::max(int64_t{1}, static_cast<int64_t>(*seconds)));
  }
  CronFields fields{.minutes = only(0).numbers,
                    .hours = only(0).numbers,
                    .days = all_of(kDay).numbers,
                    .months = all_of(kMonth).numbers,
                    .weekdays = all_of(kWeekday).numbers,
                    .both_days = true};
  if (text == "@daily" || text == "@midnight") return fields;
  if (text == "@hourly") {
    fields.hours = all_of(kHour).numbers;
    return fields;
  }
  if (text == "@weekly") {
    fields.weekdays = only(0).numbers;
    return fields;
  }
  fields.days = only(1).numbers;
  if (text == "@monthly") return fields;
  fields.months = only(1).numbers;
  if (text == "@yearly" || text == "@annually") return fields;
  return std::unexpected("expected @yearly, @monthly, @weekly, @daily, @hourly or \"@every 1h30m\"");
}

}  // namespace

std::expected<CronSchedule, std::string> parse_cron_schedule(std::string_view text) {
  return text.starts_with('@') ? parse_descriptor(text) : parse_fields(text);
}

}  // namespace api
