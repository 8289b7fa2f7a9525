// What a runtime has of one pod, as plain facts: the input of decide() and make_status().
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace cri {
class RuntimeService;
struct CallContext;
}  // namespace cri
namespace api {
struct Pod;
}

namespace agent::pods {

struct Paths;

struct ObservedSandbox {
  std::string id;
  unsigned attempt = 0;
  bool ready = false;
  bool host_network = false;
  std::vector<std::string> ips;  // primary first; none for the host's network
  base::WallTime created_at;
};

enum class RunState { kCreated, kRunning, kExited, kUnknown };

struct ObservedContainer {
  std::string id;
  std::string sandbox_id;
  std::string name;
  unsigned attempt = 0;
  RunState state = RunState::kUnknown;
  base::WallTime started_at;
  base::WallTime finished_at;
  int exit_code = 0;
  std::string reason;
  std::string message;              // the runtime's
  std::string termination_message;  // the container's own, where it has ended
  std::string hash;                 // kContainerHashAnnotation
  std::string image;
  std::string image_id;
};

struct ObservedPod {
  std::vector<ObservedSandbox> sandboxes;      // newest first
  std::vector<ObservedContainer> containers;   // newest first within a name
  std::map<std::string, unsigned> log_counts;  // container name -> highest N of its N.log, plus one

  // The newest run of the container, whatever sandbox it was in; nullptr where there is none.
  const ObservedContainer* latest(const std::string& name) const;
  const ObservedContainer* latest_in(const std::string& sandbox_id, const std::string& name) const;
  // The newest ended run older than the latest one.
  const ObservedContainer* previous_end(const std::string& name) const;
};

// Asks the runtime for everything with the pod's uid, and the log folders for restart counts that the runtime has
// forgotten.
base::Result<ObservedPod> observe(cri::RuntimeService& runtime, const cri::CallContext& context, const api::Pod& pod,
                                  const Paths& paths);

}  // namespace agent::pods
