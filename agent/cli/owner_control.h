// OwnerControl: what signals and a vanished reader ask of a run, whenever they come.
#pragma once

#include <cstdint>
#include <string>

#include "base/synchronized.h"

namespace agent::workloads {
class Run;
}

namespace agent::cli {

// Thread-safe. A request that comes before there is a run is passed on when it is set.
class OwnerControl {
 public:
  // what: "pod default/web", for messages; grace_seconds: what it is given to end in.
  OwnerControl(std::string what, int64_t grace_seconds) : what_(std::move(what)), grace_seconds_(grace_seconds) {}

  // nullptr: the run is about to go; nothing is asked of it any more.
  void set(workloads::Run* run);
  // The first one stops it gracefully, the next one kills it.
  void on_signal();
  void stop_quietly();
  // The user has detached from it: it goes on without us.
  void leave();

 private:
  struct State {
    workloads::Run* run = nullptr;
    int asked = 0;  // 0: nothing, 1: stop, 2: kill
    bool left = false;
  };
  static void pass_on(const State& state);

  const std::string what_;
  const int64_t grace_seconds_;
  base::Synchronized<State> state_;
};

}  // namespace agent::cli
