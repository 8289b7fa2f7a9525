// Controller: what makes and minds the pods of one object of a file.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "agent/pods/pod_owner.h"
#include "agent/workloads/pod_threads.h"
#include "base/clock.h"
#include "base/error.h"

namespace agent::workloads {

// What failed is tried again after this.
inline constexpr std::chrono::seconds kErrorPause(5);

// How a pod or a job of a run has ended.
struct Ending {
  std::string what;          // "pod default/web", "Job default/pi"
  int exit_code = 0;         // what the process would end with for it alone
  std::string phase;         // "Succeeded", "Failed"; of a job "Complete", "Failed"
  std::string message;       // why it failed; empty when it did not
  bool not_started = false;  // it could not be started, or was stopped before
};

// What is asked later never takes back a kill, nor gives more time.
inline void merge(std::optional<pods::StopRequest>& asked, const pods::StopRequest& request) {
  if (!asked) asked = request;
  asked->kill = asked->kill || request.kill;
  if (request.grace) asked->grace = std::min(asked->grace.value_or(*request.grace), *request.grace);
}

// All calls are made on one thread.
class Controller {
 public:
  virtual ~Controller() = default;
  // Does what is due. An error means that the disk or the runtime failed it; the same is due again after a pause.
  virtual base::Status look(base::WallTime now) = 0;
  // False: the pod is not one of its own.
  virtual bool hear(const PodNews& news, base::WallTime now) = 0;
  // Nothing is started any more; what runs is asked to end.
  virtual void stop(const pods::StopRequest& request) = 0;

  // When time alone changes what is due.
  virtual std::optional<base::WallTime> wake_at() const = 0;
  // What was to run first has been started, or has ended.
  virtual bool started() const = 0;
  // Nothing runs, and nothing will.
  virtual bool over() const = 0;
};

// What controllers are given; it outlives them.
struct Surroundings {
  PodThreads& threads;
  const pods::Options& options;
  std::function<void(const Ending&)> ended;
};

}  // namespace agent::workloads
