// ContainerStopper: StopContainer calls, each on a thread of its own, since each may take its whole grace period.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/error.h"
#include "base/synchronized.h"

namespace cri {
class RuntimeService;
}

namespace agent::pods {

class Inbox;

// Used by the worker's thread; the stopping threads only write the result and poke the inbox.
class ContainerStopper {
 public:
  ContainerStopper(cri::RuntimeService* runtime, const base::Clock* clock, Inbox* inbox)
      : runtime_(runtime), clock_(clock), inbox_(inbox) {}
  // Cancels and waits for what is under way.
  ~ContainerStopper();
  ContainerStopper(const ContainerStopper&) = delete;
  ContainerStopper& operator=(const ContainerStopper&) = delete;

  // Stops the container unless that is already under way with no more grace than this. True when a call was started.
  bool stop(const std::string& id, std::chrono::seconds grace);
  bool busy() const { return !calls_.empty(); }
  // The calls that have come back since the last time, with how they ended.
  std::map<std::string, base::Status> collect();

 private:
  struct Call {
    base::Monotonic kill_at;
    base::Synchronized<std::optional<base::Status>> result;
    std::jthread thread;
  };
  cri::RuntimeService* runtime_;
  const base::Clock* clock_;
  Inbox* inbox_;
  std::multimap<std::string, std::unique_ptr<Call>> calls_;  // by container id
};

}  // namespace agent::pods
