#include "agent/workloads/schedule.h"

#include <algorithm>

namespace agent::workloads {

namespace {

constexpr int kYears = 5;

bool has(uint64_t set, int number) { return ((set >> static_cast<unsigned>(number)) & 1U) != 0; }

bool is_day(const api::CronFields& fields, const absl::CivilSecond& time) {
  // absl::Weekday begins with Monday.
  const int weekday = (static_cast<int>(absl::GetWeekday(time)) + 1) % 7;
  const bool day = has(fields.days, time.day());
  const bool of_week = has(fields.weekdays, weekday);
  return fields.both_days ? day && of_week : day || of_week;
}

base::WallTime whole_seconds(base::WallTime time) { return std::chrono::floor<std::chrono::seconds>(time); }

}  // namespace

base::Result<Schedule> Schedule::make(const std::string& text, const std::string& zone) {
  const std::expected<api::CronSchedule, std::string> times = api::parse_cron_schedule(text);
  if (!times) return base::fail(base::Code::kInvalidArgument, "schedule \"", text, "\": ", times.error());
  if (zone.empty()) return Schedule(*times, absl::LocalTimeZone(), absl::UTCTimeZone());
  absl::TimeZone found;
  if (!absl::LoadTimeZone(zone, &found))
    return base::fail(base::Code::kNotFound, "the node does not know the time zone ", zone,
                      "; its zones are those of /usr/share/zoneinfo (package tzdata)");
  return Schedule(*times, found, found);
}

// The first moment after `after` at which the clock shows `begin`, or is set forward over it.
absl::Time Schedule::start_of(absl::CivilSecond begin, absl::Time after) const {
  const absl::TimeZone::TimeInfo info = zone_.At(begin);
  if (info.kind == absl::TimeZone::TimeInfo::SKIPPED) return info.trans;
  return info.pre > after ? info.pre : info.post;
}

std::optional<base::WallTime> Schedule::next(base::WallTime after) const {
  if (const auto* every = std::get_if<std::chrono::seconds>(&times_)) {
    if (*every > std::chrono::years(kYears)) return std::nullopt;
    return whole_seconds(after) + *every;
  }
  const auto& fields = std::get<api::CronFields>(times_);
  absl::Time time = absl::FromChrono(whole_seconds(after)) + absl::Seconds(1);
  time += absl::Seconds((60 - zone_.At(time).cs.second()) % 60);
  for (const auto last_year = zone_.At(time).cs.year() + kYears;;) {
    const absl::CivilSecond shown = zone_.At(time).cs;
    if (shown.year() > last_year) return std::nullopt;
    if (!has(fields.months, shown.month()))
      time = start_of(absl::CivilMonth(shown) + 1, time);
    else if (!is_day(fields, shown))
      time = start_of(absl::CivilDay(shown) + 1, time);
    else if (!has(fields.hours, shown.hour()))
      time += absl::Minutes(60 - shown.minute());
    else if (!has(fields.minutes, shown.minute()))
      time += absl::Minutes(1);
    else
      return absl::ToChronoTime(time);
  }
}

std::optional<base::WallTime> Schedule::latest(base::WallTime after, base::WallTime until) const {
  if (const auto* every = std::get_if<std::chrono::seconds>(&times_)) {
    const base::WallTime begin = whole_seconds(after);
    if (until - begin < *every) return std::nullopt;
    return begin + (until - begin) / *every * *every;
  }
  // Back from `until` in steps that double, until there is one in between: few times are between two steps.
  std::optional<base::WallTime> latest;
  for (std::chrono::minutes back(1); !latest; back *= 2) {
    const base::WallTime from = std::max(after, until - back);
    for (auto time = next(from); time && *time <= until; time = next(*time)) latest = time;
    if (from == after) break;
  }
  return latest;
}

std::string Schedule::stamp(base::WallTime time) const {
  const std::string text = absl::FormatTime("%Y-%m-%dT%H:%M:%S%Ez", absl::FromChrono(time), stamp_zone_);
  constexpr std::string_view kUtc = "+00:00";
  return text.ends_with(kUtc) ? text.substr(0, text.size() - kUtc.size()) + "Z" : text;
}

}  // namespace agent::workloads
