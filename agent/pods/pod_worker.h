// PodWorker: brings one pod from what is seen to what is wanted, one step at a time, to its end.
//
// sync() is level-triggered: it observes, decides (decide.h), carries the answer out and reports the status (status.h).
// The process may die between any two of its steps; the next worker goes on from what it finds. The phase of the
// worker's own life only moves forward: running, ending (nothing is started any more), done.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "agent/api/pod.h"
#include "agent/pods/back_off.h"
#include "agent/pods/convert.h"
#include "agent/pods/decide.h"
#include "agent/pods/dns.h"
#include "agent/pods/env.h"
#include "agent/pods/failure.h"
#include "agent/pods/inbox.h"
#include "agent/pods/observed.h"
#include "agent/pods/pod_owner.h"
#include "base/clock.h"
#include "base/error.h"

namespace runtime::v1 {
class PodSandboxConfig;
}
namespace volumes {
class VolumeManager;
}

namespace agent::pods {

class Configuration;
class ContainerStopper;

struct WorkerDeps {
  cri::RuntimeService* runtime = nullptr;
  cri::ImageService* images = nullptr;
  const base::Clock* clock = nullptr;
  volumes::VolumeManager* volumes = nullptr;
  const Configuration* configuration = &no_configuration();
  resources::PodCgroups* cgroups = nullptr;
};

// Everything but inbox() belongs to the one thread that works on the pod at a time.
class PodWorker {
 public:
  // pod.status: as last recorded, or empty. What deps and observer point to outlives the worker.
  PodWorker(const WorkerDeps& deps, const Options& options, api::Pod pod, const Observer* observer);
  ~PodWorker();
  PodWorker(const PodWorker&) = delete;
  PodWorker& operator=(const PodWorker&) = delete;

  struct Step {
    bool done = false;                                // the pod has ended and everything that shall go is gone
    bool again = false;                               // something was changed: look again at once
    std::optional<std::chrono::nanoseconds> wake_in;  // at the latest; none: when the inbox says so
  };
  // One step. An error means that the runtime or the disk failed; the same step is due again after a pause.
  base::Result<Step> sync();

  // All containers have ended and outcome() stands; what is left to do is to clear the pod away.
  bool has_outcome() const { return clean_up_until_.has_value(); }
  // Clearing away has had its time, or a kill was asked for meanwhile.
  bool clean_up_over() const;

  // Stops of containers are under way on other threads; each wakes the inbox when it is through.
  bool stopping_containers() const;

  Inbox& inbox() { return inbox_; }
  const api::Pod& pod() const { return pod_; }
  const Outcome& outcome() const { return outcome_; }  // where has_outcome()

 private:
  // Why a run is given up.
  struct GivenUp {
    std::string reason;
    std::string message;
    int exit_code = 1;
  };

  // --- while it runs (pod_worker.cc) ---
  base::Result<Step> run_step(const ObservedPod& observed);
  base::Status carry_out(const Actions& actions, const ObservedPod& observed, Step& step);
  base::Status clear_away(const Actions& actions, const ObservedPod& observed, Step& step);
  void remove_superseded_log(const Actions& actions, const ObservedPod& observed, const std::string& id) const;
  void tell_back_offs(const std::vector<BackingOff>& backing_off);
  void publish(const ObservedPod& observed, const std::vector<BackingOff>& backing_off);
  void note_start();
  void announce_logs(const ObservedPod& observed);
  void announce(const ObservedContainer& container, bool adopted);
  void tell_kills_for_memory(const ObservedPod& observed);

  // --- bringing things up (bring_up.cc) ---
  // False: the node cannot take the pod, which has ended for it.
  bool admit();
  bool bring_volumes_up();
  bool bring_cgroup_up();
  void fill_sandbox(unsigned attempt, bool tell_events, runtime::v1::PodSandboxConfig* config);
  bool create_sandbox(unsigned attempt);
  // False: containers after it have to wait.
  bool start_container(const ContainerToStart& start, const ObservedSandbox& sandbox, const ObservedPod& observed);
  base::Result<Variables> container_environment(const api::Container& container, const ObservedSandbox& sandbox) const;
  BringUp<std::string> create_container(const ContainerToStart& start, const ObservedSandbox& sandbox);
  BringUp<void> run_container(const ContainerToStart& start, const std::string& id);
  void start_failed(const ContainerToStart& start, const BringUpFailure& failure, bool ran_before);
  // A failed pull that was reported as such waits from then on; true when that is news.
  bool back_off_pulls();
  base::Result<std::vector<std::string>> bind_sub_paths(const ContainerInput& input) const;
  base::Status write_hosts_file(const ObservedSandbox& sandbox) const;
  ResolvConf dns_conf(bool tell_events);
  // After a failure of the pod as a whole: ends a foreground run, else tries again later.
  void hold_or_give_up(const char* reason, const base::Error& error);

  // --- ending (ending.cc) ---
  void begin_ending(std::chrono::seconds grace);
  base::Result<Step> end_step(const ObservedPod& observed, const Inbox::Requests& requests);
  void set_outcome();
  base::Status clean_up(const ObservedPod& observed);

  void tell(const Event& event) const;
  bool gives_up_on(const base::Error& error) const;
  base::Monotonic call_deadline() const;

  const WorkerDeps deps_;
  const Options options_;
  api::Pod pod_;
  const Observer* observer_;
  Inbox inbox_;
  std::unique_ptr<ContainerStopper> stopper_;

  BackOffTable back_off_;
  BackOffTable image_back_off_;
  std::map<std::string, StartFailure> start_failures_;   // by container
  std::map<std::string, base::WallTime> told_back_off_;  // by container: until when, as last told
  std::set<std::string> announced_;                      // container ids whose logs the observer knows
  std::set<std::string> told_kills_;                     // container ids of which a kill for lack of memory was told
  std::optional<base::WallTime> hold_until_;             // the sandbox or a volume failed: not tried again before
  bool first_look_ = true;
  bool volumes_up_ = false;
  bool started_ = false;  // every container has been seen to run, or to have run

  bool ending_ = false;
  base::Monotonic stop_deadline_{};  // end of the grace budget
  bool deadline_exceeded_ = false;
  std::optional<GivenUp> given_up_;
  bool told_removal_ = false;
  std::optional<base::Monotonic> clean_up_until_;  // a foreground run does not try for longer
  Outcome outcome_;
};

// How long removing a pod may take, and what ends it before.
struct RemovalLimit {
  std::chrono::nanoseconds time = std::chrono::minutes(2);
  std::stop_token stop;
};

// Removes all that is left of a pod that does not run: sandboxes, containers, volumes, folders, logs and log links.
// Repeatable.
base::Status remove_remains(const WorkerDeps& deps, const Options& options, const api::Pod& pod,
                            const RemovalLimit& limit = {});
// The flat log links that point to the file, or into the folder.
void remove_log_links(const Paths& paths, const std::string& target);

}  // namespace agent::pods
