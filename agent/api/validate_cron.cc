// When a CronJob starts: the grammar of its schedule, as robfig/cron's standard parser reads it, and time zones.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>

#include "agent/api/forms.h"
#include "agent/api/validate.h"

namespace api {

namespace {

// One of the five fields: its numbers, and names that stand for them from the first.
struct Field5 {
  std::string_view name;
  int first;
  int last;
  std::span<const std::string_view> names;
};

constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                   "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kDays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr std::array<Field5, 5> kScheduleFields{{{"minute", 0, 59, {}},
                                                 {"hour", 0, 23, {}},
                                                 {"day of the month", 1, 31, {}},
                                                 {"month", 1, 12, kMonths},
                                                 {"day of the week", 0, 6, kDays}}};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<int> number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.starts_with('-')) return std::nullopt;
  return value;
}

std::optional<int> number_or_name(std::string_view text, const Field5& field) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  const auto name = std::ranges::find(field.names, lower);
  if (name != field.names.end()) return static_cast<int>(name - field.names.begin()) + field.first;
  return number(text);
}

// "5", "1-5", "*/15", "mon-fri": whether the field takes it.
bool is_range(std::string_view text, const Field5& field) {
  const std::vector<std::string_view> step = split(text, '/');
  const std::vector<std::string_view> ends = split(step[0], '-');
  std::optional<int> first = field.first;
  std::optional<int> last = field.last;
  if (ends[0] != "*" && ends[0] != "?") {
    if (ends.size() > 2) return false;
    first = number_or_name(ends[0], field);
    last = ends.size() == 2 ? number_or_name(ends[1], field) : first;
  }
  if (step.size() > 2) return false;
  if (step.size() == 2) {
    if (number(step[1]).value_or(0) == 0) return false;
    if (ends.size() == 1) last = field.last;  // "5/10": from 5 on
  }
  return first && last && *first >= field.first && *last <= field.last && *first <= *last;
}

// Go's durations: "1h30m", "-1.5h".
bool is_duration(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return true;
  if (text.empty()) return false;
  while (!text.empty()) {
    const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    std::string_view rest = text.substr(digits);
    size_t fraction = 0;
    if (rest.starts_with('.')) {
      fraction = std::min(rest.find_first_not_of("0123456789", 1), rest.size()) - 1;
      rest.remove_prefix(fraction + 1);
    }
    if (digits + fraction == 0) return false;
    const size_t unit = std::min(rest.find_first_of(".0123456789"), rest.size());
    constexpr std::array<std::string_view, 8> kUnits{"ns", "us", "\xC2\xB5s", "\xCE\xBCs", "ms", "s", "m", "h"};
    if (!is_one_of(rest.substr(0, unit), kUnits)) return false;
    text = rest.substr(unit);
  }
  return true;
}

bool is_descriptor(std::string_view text) {
  constexpr std::array<std::string_view, 7> kNames{"@yearly", "@annually", "@monthly", "@weekly",
                                                   "@daily",  "@midnight", "@hourly"};
  constexpr std::string_view kEvery = "@every ";
  return is_one_of(text, kNames) || (text.starts_with(kEvery) && is_duration(text.substr(kEvery.size())));
}

bool is_zone_part(std::string_view part) {
  constexpr size_t kMax = 14;
  if (part.empty() || part.size() > kMax || part == "." || part == ".." || part.starts_with('-')) return false;
  return std::ranges::all_of(part, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_' || c == '+';
  });
}

// Where the node has no database of zones, every name of the right form is taken. Beside the zones it has other files,
// and all of them again under two more names.
bool is_known_zone(const std::string& zone) {
  constexpr const char* kDatabase = "/usr/share/zoneinfo";
  if (zone == "UTC" || ::access(kDatabase, F_OK) != 0) return true;
  if (zone.starts_with("posix/") || zone.starts_with("right/")) return false;
  std::array<char, 4> magic{};
  std::ifstream file(base::concat(kDatabase, "/", zone), std::ios::binary);
  return file.read(magic.data(), magic.size()) && std::string_view(magic.data(), magic.size()) == "TZif";
}

}  // namespace

void validate_schedule(const std::string& schedule, const FieldPath& path, FaultList& faults) {
  if (schedule.empty()) return faults.required(path);
  if (schedule.find("TZ") != std::string::npos)
    faults.invalid(path, schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
  if (schedule.starts_with('@')) {
    if (!is_descriptor(schedule))
      faults.invalid(path, schedule, "must be @yearly, @monthly, @weekly, @daily, @hourly or \"@every 1h30m\"");
    return;
  }
  std::vector<std::string_view> parts;
  for (std::string_view rest = schedule; !rest.empty();) {
    const size_t begin = std::min(rest.find_first_not_of(" \t\n\v\f\r"), rest.size());
    rest.remove_prefix(begin);
    const size_t end = std::min(rest.find_first_of(" \t\n\v\f\r"), rest.size());
    if (end > 0) parts.push_back(rest.substr(0, end));
    rest.remove_prefix(end);
  }
  if (parts.size() != kScheduleFields.size())
    return faults.invalid(path, schedule,
                          base::concat("expected exactly 5 fields, found ", parts.size(),
                                       ": minute, hour, day of the month, month, day of the week"));
  for (size_t i = 0; i < parts.size(); ++i)
    for (const std::string_view range : split(parts[i], ','))
      if (!range.empty() && !is_range(range, kScheduleFields[i]))
        faults.invalid(
            path, schedule,
            base::concat("\"", range, "\" is no ", kScheduleFields[i].name, ": expected ", kScheduleFields[i].first,
                         "-", kScheduleFields[i].last, ", *, a range or a step as in */5"));
}

void validate_time_zone(const std::string& zone, const FieldPath& path, FaultList& faults) {
  if (zone.empty()) return faults.invalid(path, zone, "timeZone must be nil or non-empty string");
  std::string lower(zone);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (lower == "local")
    faults.invalid(path, zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
  else if (!std::ranges::all_of(split(zone, '/'), is_zone_part) || !is_known_zone(zone))
    faults.invalid(path, zone, base::concat("unknown time zone ", zone));
}

}  // namespace api
