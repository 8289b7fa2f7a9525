// What a CronJob does next, from what it has done. Pure: cron_run.cc carries it out and keeps the progress on disk. The
// rules are those of Kubernetes' cronjob controller.
#pragma once

#include <optional>

#include "agent/api/workload.h"
#include "agent/workloads/schedule.h"
#include "base/clock.h"

namespace agent::workloads {

struct CronProgress {
  base::WallTime created;                       // whole seconds
  std::optional<base::WallTime> last_schedule;  // the time for which a job was started last
  bool operator==(const CronProgress&) const = default;
};

struct CronActions {
  // At most one of these three. Of several times that have passed only the last counts.
  std::optional<base::WallTime> start;      // a job is to be started for this time
  std::optional<base::WallTime> missed;     // it is too late for the job of this time
  std::optional<base::WallTime> forbidden;  // its time has come, but it has to wait for the job that runs
  std::optional<base::WallTime> wake_at;    // the next time
};

// job_runs: some job of it has not ended.
CronActions decide_cron(const api::CronJobSpec& spec, const Schedule& schedule, const CronProgress& progress,
                        bool job_runs, base::WallTime now);

}  // namespace agent::workloads
