// decide: what to do next for one pod, from what is wanted and what is seen. Pure; the worker carries it out and asks
// again. The shape is that of kubelet's computePodActions: everything is compared anew at every step, nothing is
// remembered about how the pod came here, so the process may die between any two steps.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/api/pod.h"
#include "agent/pods/back_off.h"
#include "agent/pods/observed.h"
#include "base/clock.h"

namespace agent::pods {

// Why a container could not be brought up the last time; kept until it could.
struct StartFailure {
  std::string reason;  // waiting reason: "ErrImagePull", "CreateContainerError" …
  std::string message;
  base::WallTime retry_at;  // not tried again before
};

struct DecideInput {
  const api::Pod& pod;
  const ObservedPod& observed;
  base::WallTime now;
  std::optional<base::WallTime> start_time;                   // status.startTime: the active deadline counts from it
  const BackOffTable& back_off;                               // keys: back_off_key()
  const std::map<std::string, StartFailure>& start_failures;  // by container name
};

struct ContainerToStart {
  const api::Container* container = nullptr;  // points into the pod
  bool init = false;                          // init container or sidecar
  unsigned attempt = 0;                       // how often it ran before: status.restartCount
};

struct ContainerToKill {
  std::string id;
  std::string name;
  std::string why;
};

// A container that waits in its crash loop.
struct BackingOff {
  std::string container;
  std::chrono::seconds period;  // of the back-off as a whole
  base::WallTime until;
};

struct Actions {
  // The pod has come to its end: whatever still runs (sidecars) is stopped, then the sandbox.
  bool end_pod = false;
  bool deadline_exceeded = false;  // that is why
  bool create_sandbox = false;
  unsigned sandbox_attempt = 0;
  std::vector<std::string> stop_sandboxes;    // before anything else: no longer fit for use
  std::vector<std::string> remove_sandboxes;  // stopped, and nothing of them is of use any more
  std::vector<ContainerToKill> kill;
  std::vector<std::string> remove;      // containers: superseded dead ones, and those that were never started
  std::vector<ContainerToStart> start;  // in this order
  std::vector<BackingOff> backing_off;
  std::optional<base::WallTime> wake_at;  // when time alone changes the answer
};

Actions decide(const DecideInput& input);

// The sandbox that containers are started in: the newest one if it alone is ready and has what the pod needs; nullptr
// when another one has to be made.
const ObservedSandbox* usable_sandbox(const api::Pod& pod, const ObservedPod& observed);

// The container is not running and the rules say that it runs again.
bool should_run_again(const api::Pod& pod, const api::Container& container, bool init, const ObservedContainer* latest);

// All init containers are behind the pod: an app container of this sandbox exists.
bool is_initialized(const api::Pod& pod, const ObservedPod& observed, const ObservedSandbox& sandbox);

// Another image makes another key, and so a new back-off.
std::string back_off_key(const api::Pod& pod, const api::Container& container);

// --- ending a pod ---

struct StopInput {
  const api::Pod& pod;
  const ObservedPod& observed;
  std::chrono::nanoseconds remaining;  // of the one grace budget; negative: used up
  bool kill = false;                   // do not wait any longer
};

struct ContainerToStop {
  std::string id;
  std::string name;
  std::chrono::seconds grace;  // between the stop signal and SIGKILL
};

// Who has to be stopped now: all app containers at once; when they are gone, the sidecars one by one in the reverse
// order of their start; the rest at once when the budget is used up. Never less than 2 s each, but for `kill`.
// Empty: nothing runs any more.
std::vector<ContainerToStop> decide_stop(const StopInput& input);

}  // namespace agent::pods
