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
#include "base/file.h"
#include "base/synchronized.h"

namespace agent::pods {
class ControlServer;
}

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

 private:
  struct Member {
    std::string uid;
    std::string name;
    std::optional<int32_t> index;
    int64_t restarts = 0;
    bool has_started = false;
    api::PodStatus last;                  // as last told
    std::optional<api::PodStatus> ended;  // waits for being counted
    int exit_code = 0;
  };

  JobRun(const Surroundings& around, base::FileLock lock, JobRecord record);
  base::Status adopt_pods();
  base::Status count_ended(base::WallTime now);
  base::Status start_pods(const std::vector<std::optional<int32_t>>& indexes);
  base::Status finish(base::WallTime now);
  void tell_end();
  void stop_as_asked();
  std::vector<ActivePod> active() const;
  std::string what() const;

  const Surroundings& around_;
  const pods::Options pod_options_;
  base::FileLock lock_;
  JobRecord record_;
  std::vector<Member> members_;
  base::Synchronized<std::optional<pods::StopRequest>> asked_;  // by `nodeagent stop`
  std::unique_ptr<pods::ControlServer> control_;
  bool is_new_ = false;  // nothing was there of the job before
  bool stopping_ = false;
  bool looked_ = false;
  bool told_ = false;
  bool over_ = false;
  std::optional<base::WallTime> remove_at_;  // ttlSecondsAfterFinished
  std::optional<base::WallTime> wake_at_;
};

// "Job default/pi", as messages name it.
std::string describe(const api::Job& job);

// Stops a job and waits for it: asks its owner, or acts itself where there is none. Where the job was run in the
// foreground, it is removed by that.
base::Status stop_job(const pods::Deps& deps, const pods::Options& options, const std::string& uid,
                      const pods::StopRequest& request, const std::stop_token& cancel = {});
// Removes the job with its pods. kFailedPrecondition when it has not ended and force is false.
base::Status remove_job(const pods::Deps& deps, const pods::Options& options, const std::string& uid, bool force,
                        const std::stop_token& cancel = {});

}  // namespace agent::workloads
