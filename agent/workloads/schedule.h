// Schedule: the times of a CronJob.
#pragma once

#include <absl/time/time.h>

#include <optional>
#include <string>

#include "agent/api/cron_schedule.h"
#include "base/clock.h"
#include "base/error.h"

namespace agent::workloads {

// Times are those of robfig/cron: one that the change to summer time skips does not come that day, one that the change
// back repeats comes twice.
class Schedule {
 public:
  // zone: a name of the IANA database, "Europe/Berlin"; empty: the node's own. kNotFound: the node does not know it.
  static base::Result<Schedule> make(const std::string& text, const std::string& zone);

  // The first time after `after`; nothing when there is none within five years.
  std::optional<base::WallTime> next(base::WallTime after) const;
  // The last time after `after` and not after `until`. Of an "@every" they are counted from `after`.
  std::optional<base::WallTime> latest(base::WallTime after, base::WallTime until) const;
  // "2026-11-23T10:15:00+01:00": RFC 3339 in the schedule's zone; in UTC where that is the node's own.
  std::string stamp(base::WallTime time) const;

 private:
  Schedule(api::CronSchedule times, absl::TimeZone zone, absl::TimeZone stamp_zone)
      : times_(times), zone_(zone), stamp_zone_(stamp_zone) {}
  absl::Time start_of(absl::CivilSecond begin, absl::Time after) const;

  api::CronSchedule times_;
  absl::TimeZone zone_;
  absl::TimeZone stamp_zone_;
};

}  // namespace agent::workloads
