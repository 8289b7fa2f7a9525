// PodSet: pods that are all known from the beginning, and run once: a Pod, or the replicas of a workload.
#pragma once

#include <memory>
#include <vector>

#include "agent/api/objects.h"
#include "agent/workloads/controller.h"

namespace agent::workloads {

class PodSet : public Controller {
 public:
  // Takes the locks of all pods, but of those that wait for their turn; where one cannot be taken, none is. object:
  // anything but a Job or CronJob.
  static base::Result<std::unique_ptr<PodSet>> take(const Surroundings& around, const api::Object& object);

  base::Status look(base::WallTime now) override;
  bool hear(const PodNews& news, base::WallTime now) override;
  void stop(const pods::StopRequest& request) override;
  std::optional<base::WallTime> wake_at() const override { return wake_at_; }
  bool started() const override;
  bool over() const override;

 private:
  struct Member {
    api::Pod pod;
    bool running = false;  // its thread
    bool has_started = false;
    bool has_ended = false;
    std::optional<base::WallTime> ready_since;

    std::string what() const { return "pod " + api::full_name(pod); }
  };
  explicit PodSet(const Surroundings& around) : around_(around) {}
  base::Status take_members(std::vector<api::Pod> pods);
  base::Status start(Member& member);
  bool may_follow(const Member& before, base::WallTime now);
  void hear(Member& member, const PodEnded& end) const;

  const Surroundings& around_;
  std::vector<Member> members_;
  bool in_order_ = false;              // each when the one before it is available
  std::chrono::seconds min_ready_{0};  // so long a pod has to be ready before it is
  bool stopping_ = false;
  std::optional<base::WallTime> wake_at_;
};

}  // namespace agent::workloads
