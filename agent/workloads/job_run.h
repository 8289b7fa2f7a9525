// JobRun: one Job, from what its record says to its end. What belongs to it but to none of its pods is in a folder of
// its own, pods::pod_folder() of its uid.
//
// The order of things makes it safe to die between any two of them: a pod's number is taken in the record before the
// pod is made; an ended pod stays listed until the record has counted it.
#pragma once

#include <memory>
#include <vector>

#include "agent/workloads/controller.h"
#include "agent/workloads/job_record.h"
#include "agent/workloads/ownership.h"

namespace agent::workloads {

class JobRun : public Controller {
 public:
  // Takes the job's lock and record, and its pods that run. kUnavailable: another living process owns the job.
  // kFailedPrecondition: the job is there with another specification.
  static base::Result<std::unique_ptr<JobRun>> take(const Surroundings& around, const api::Job& job);
  // Of a job that was never looked at, nothing stays.
  ~JobRun() override;

  base::Status look(base::WallTime now) override;
  bool hear(const PodNews& news, base::WallTime now) override;
  void stop(const pods::StopRequest& request) override;
  std::optional<base::WallTime> wake_at() const override { return wake_at_; }
  bool started() const override;
  bool over() const override { return over_; }
  // It has completed or failed, or was stopped: what was told of that. It may be over only later.
  const std::optional<Ending>& ending() const { return ending_; }
  const JobRecord& record() const { return record_; }

 private:
  struct Member {
    api::Pod pod;                       // with the status as last told
    std::optional<base::WallTime> due;  // it is to be started then; nothing: it has been
    bool has_started = false;           // every container
    bool has_ended = false;             // it waits for being counted
    bool remains = false;               // not all of it could be removed
    int exit_code = 0;
  };

  JobRun(const Surroundings& around, std::unique_ptr<Ownership> ownership, JobRecord record);
  pods::Options pod_options() const;
  base::Status adopt_pods();
  base::Status start_due(base::WallTime now);
  base::Status count_ended(base::WallTime now);
  void remove_counted(const std::vector<Member>& counted);
  base::Status decide(base::WallTime now);
  base::Status make_pods(const std::vector<std::optional<int32_t>>& indexes, base::WallTime now);
  api::Pod next_pod(const std::optional<int32_t>& index);
  base::Status finish(base::WallTime now);
  void pod_ended(Member& member, const PodEnded& end, base::WallTime now);
  void remove_all();
  void tell_end();
  std::vector<ActivePod> active() const;
  std::string what() const;

  const Surroundings& around_;
  std::unique_ptr<Ownership> ownership_;  // until the job is over
  JobRecord record_;
  std::vector<Member> members_;
  bool is_new_ = false;       // nothing was there of the job before
  bool ever_started_ = true;  // some pod of it; only until then one that cannot be started ends the job
  bool stopping_ = false;
  bool looked_ = false;
  bool decided_ = false;  // what runs first
  bool remains_ = false;  // some pod could not be removed
  std::optional<Ending> ending_;
  bool over_ = false;
  std::optional<base::WallTime> remove_at_;  // ttlSecondsAfterFinished
  std::optional<base::WallTime> wake_at_;
};

// "Job default/pi", as messages name it.
std::string describe(const api::Job& job);
// The records of a CronJob's jobs, the oldest first.
base::Result<std::vector<JobRecord>> jobs_of_cron_job(const pods::Paths& paths, const std::string& uid);

// Stops a job and waits for it: asks its owner, which is another process, or acts itself where there is none. Where the
// job was run in the foreground, it is removed by that.
base::Status stop_job(const pods::Deps& deps, const pods::Options& options, const std::string& uid,
                      const pods::StopRequest& request, const std::stop_token& cancel = {});
// Removes a job that nobody owns, in the process that minds jobs itself. kUnavailable: somebody does.
base::Status remove_ownerless_job(const pods::Deps& deps, const pods::Options& options, const std::string& uid);
// Removes the job with its pods; from another process than its owner's. kFailedPrecondition when it has not ended and
// force is false.
base::Status remove_job(const pods::Deps& deps, const pods::Options& options, const std::string& uid, bool force,
                        const std::stop_token& cancel = {});

}  // namespace agent::workloads
