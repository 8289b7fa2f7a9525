// A CronJob's schedule, read as the standard parser of robfig/cron does, which Kubernetes uses: five fields ("*/5 *
// * * mon-fri"), "@hourly" and the like, or "@every 1h30m".
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>

namespace api {

// Numbers that match; bit n stands for n.
struct CronFields {
  uint64_t minutes = 0;
  uint64_t hours = 0;
  uint64_t days = 0;      // of the month, from 1
  uint64_t months = 0;    // from 1
  uint64_t weekdays = 0;  // from 0: Sunday
  // A day has to match days and weekdays, not just one of them. That is so when either is written as "*".
  bool both_days = false;
  bool operator==(const CronFields&) const = default;
};

// Fields, or the time from one start to the next: whole seconds, at least one.
using CronSchedule = std::variant<CronFields, std::chrono::seconds>;

// Or why it is none.
std::expected<CronSchedule, std::string> parse_cron_schedule(std::string_view text);

}  // namespace api
