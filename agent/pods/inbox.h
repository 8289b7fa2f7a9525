// Inbox: how other threads reach a pod worker: wake-ups, and requests to stop the pod.
#pragma once

#include <chrono>
#include <condition_variable>
#include <optional>
#include <stop_token>

#include "base/synchronized.h"

namespace agent::pods {

// All of it is thread-safe.
class Inbox {
 public:
  struct Requests {
    bool stop = false;
    bool kill = false;
    std::optional<std::chrono::seconds> grace;  // the shortest that was asked for; none: the pod's own
  };

  // Something may have changed: look again.
  void poke();
  void request_stop(std::optional<std::chrono::seconds> grace);
  void request_kill();

  // What was asked for so far (it stays asked for); wake-ups up to now are taken as seen.
  Requests take();
  // Waits for the next wake-up; returns at once when one came since take(). limit: none waits for ever.
  void wait(std::optional<std::chrono::nanoseconds> limit, const std::stop_token& stop);

  // Ends bringing something up (pulls, creates, waits for volumes) when a stop is asked for.
  std::stop_token start_token() { return starting_.get_token(); }

  // From here on a request to kill ends clearing the pod away: there is nothing else left to kill.
  void clean_up_begins();
  std::stop_token clean_up_token() const { return cleaning_up_.get_token(); }

 private:
  struct State {
    Requests requests;
    bool poked = false;
    bool cleaning_up = false;
  };
  base::Synchronized<State> state_;
  std::condition_variable changed_;
  std::stop_source starting_;
  std::stop_source cleaning_up_;
};

}  // namespace agent::pods
