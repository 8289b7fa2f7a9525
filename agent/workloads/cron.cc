#include "agent/workloads/cron.h"

namespace agent::workloads {

CronActions decide_cron(const api::CronJobSpec& spec, const Schedule& schedule, const CronProgress& progress,
                        bool job_runs, base::WallTime now) {
  const base::WallTime from = progress.last_schedule.value_or(progress.created);
  const std::optional<base::WallTime> due = schedule.latest(from, now);
  CronActions actions;
  actions.wake_at = schedule.next(due.value_or(from));
  if (!due) return actions;
  // In whole seconds: the deadline may be too long for the clock's own unit.
  const int64_t late = std::chrono::ceil<std::chrono::seconds>(now - *due).count();
  if (spec.starting_deadline_seconds && late > *spec.starting_deadline_seconds)
    actions.missed = due;
  else if (job_runs && spec.concurrency_policy == api::ConcurrencyPolicy::kForbid)
    actions.forbidden = due;
  else
    actions.start = due;
  return actions;
}

}  // namespace agent::workloads
