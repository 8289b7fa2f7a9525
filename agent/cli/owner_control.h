// OwnerControl: what signals and a vanished reader ask of the pod's owner, whenever they come.
#pragma once

#include <cstdint>
#include <string>

#include "base/synchronized.h"

namespace agent::pods {
class PodOwner;
}

namespace agent::cli {

// Thread-safe. A request that comes before there is an owner is passed on when it is set.
class OwnerControl {
 public:
  OwnerControl(std::string pod, int64_t grace_seconds) : pod_(std::move(pod)), grace_seconds_(grace_seconds) {}

  // nullptr: the owner is about to go; nothing is asked of it any more.
  void set(pods::PodOwner* owner);
  // The first one stops the pod gracefully, the next one kills it.
  void on_signal();
  void stop_quietly();

 private:
  struct State {
    pods::PodOwner* owner = nullptr;
    int asked = 0;  // 0: nothing, 1: stop, 2: kill
  };
  static void pass_on(const State& state);

  const std::string pod_;
  const int64_t grace_seconds_;
  base::Synchronized<State> state_;
};

}  // namespace agent::cli
