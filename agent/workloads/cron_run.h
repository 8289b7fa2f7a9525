// CronRun: one CronJob, until it is stopped: a JobRun for each time of its schedule.
//
// A job is recorded before the CronJob's own record says that it was started. Where the owner dies in between, the next
// one finds the job among the records, and does not start it again.
#pragma once

#include <memory>
#include <vector>

#include "agent/workloads/controller.h"
#include "agent/workloads/cron_record.h"
#include "agent/workloads/job_run.h"
#include "agent/workloads/ownership.h"

namespace agent::workloads {

class CronRun : public Controller {
 public:
  // Takes the CronJob's lock and record, and its jobs that have not ended. kUnavailable: another living process owns it
  // or one of them. kFailedPrecondition: it is there with another specification. kInvalidArgument: its time never
  // comes.
  static base::Result<std::unique_ptr<CronRun>> take(const Surroundings& around, const api::CronJob& cron_job);
  // Of a CronJob that was never looked at, nothing stays.
  ~CronRun() override;

  base::Status look(base::WallTime now) override;
  bool hear(const PodNews& news, base::WallTime now) override;
  void stop(const pods::StopRequest& request) override;
  std::optional<base::WallTime> wake_at() const override { return wake_at_; }
  bool started() const override { return looked_; }
  bool over() const override { return over_; }

 private:
  struct Member {
    std::unique_ptr<JobRun> job;
    bool replaced = false;  // by a later one: it goes with its end
    bool told = false;      // of its end
  };

  CronRun(const Surroundings& around, const Schedule& schedule, std::unique_ptr<Ownership> ownership,
          CronRecord record);
  base::Status adopt_jobs();
  base::Status look_at_jobs(base::WallTime now);
  void tell_end(Member& member);
  base::Status start_due(base::WallTime now);
  base::Status start_job(base::WallTime scheduled, base::WallTime now);
  void replace_jobs();
  base::Status keep_history(base::WallTime now);
  base::Status remove(const std::string& job_uid);
  void finish();
  bool some_job_runs() const;
  void wake_by(std::optional<base::WallTime> time);
  std::string what() const;

  const Surroundings& around_;
  const pods::Options job_options_;
  const Surroundings job_around_;
  const Schedule schedule_;
  std::unique_ptr<Ownership> ownership_;  // until it is over
  CronRecord record_;
  std::vector<Member> members_;
  bool is_new_ = false;  // nothing was there of it before
  bool looked_ = false;
  bool stopping_ = false;
  bool is_unwritten_ = false;  // the record
  bool history_changed_ = true;
  bool over_ = false;
  std::optional<base::WallTime> told_;       // of a time that was missed, or has to wait
  std::optional<base::WallTime> remove_at_;  // the next of the jobs that have ended (ttlSecondsAfterFinished)
  std::optional<base::WallTime> wake_at_;
};

// "CronJob default/tick", as messages name it.
std::string describe(const api::CronJob& cron_job);

// As stop_job() and remove_job(), for a CronJob with all its jobs.
base::Status stop_cron_job(const pods::Deps& deps, const pods::Options& options, const std::string& uid,
                           const pods::StopRequest& request, const std::stop_token& cancel = {});
base::Status remove_cron_job(const pods::Deps& deps, const pods::Options& options, const std::string& uid, bool force,
                             const std::stop_token& cancel = {});

}  // namespace agent::workloads
