// Run: the pods and workloads of one file in one process, from their start to their end; what `nodeagent run` is made
// of.
//
// Each pod is driven by a thread of its own (PodThreads); one more, that of run(), minds what is to be started and what
// has ended. A Run may die at any moment: its pods run on, and the next Run of the same file adopts them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/api/objects.h"
#include "agent/workloads/controller.h"
#include "base/synchronized.h"

namespace agent::workloads {

struct RunObserver {
  PodThreads::ObserverOf of_pod;                    // asked once for each pod, before it starts
  std::function<void(const Ending&)> ended;         // a pod or a job has ended; not for the pods of jobs
  std::function<void(const std::string&)> trouble;  // what has failed and is tried again
  std::function<void()> started;                    // once: all that is to run first has been started, or has ended
};

class Run {
 public:
  // Takes the locks of everything that the objects run; where one cannot be taken, nothing stays of the others.
  // As pods::PodOwner::adopt_or_create(). objects: pods and workloads.
  static base::Result<std::unique_ptr<Run>> take(const pods::Deps& deps, const pods::Options& options,
                                                 const std::vector<api::Object>& objects, RunObserver observer);
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  // Returns when all has ended; or false when it has been left.
  bool run();
  // From any thread: stops everything.
  void request(const pods::StopRequest& request);
  // From any thread: run() returns, and what runs goes on without an owner.
  void leave();

 private:
  Run(const pods::Deps& deps, pods::Options options, RunObserver observer);
  base::Status add(const api::Object& object);
  // When to look again at the latest.
  std::optional<base::WallTime> look(base::WallTime now);
  void pass_on_request();
  void tell_started();

  struct Asked {
    std::optional<pods::StopRequest> stop;
    bool leave = false;
  };
  const pods::Options options_;
  const RunObserver observer_;
  PodThreads threads_;
  const Surroundings around_;
  std::vector<std::unique_ptr<Controller>> controllers_;
  base::Synchronized<Asked> asked_;
  bool told_started_ = false;
  std::map<const Controller*, std::string> trouble_;  // as last told
};

}  // namespace agent::workloads
