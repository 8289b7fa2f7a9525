#include "agent/cli/owner_control.h"

#include <algorithm>

#include "agent/cli/output.h"
#include "agent/pods/pod_owner.h"
#include "base/concat.h"

namespace agent::cli {

void OwnerControl::pass_on(const State& state) {
  if (state.owner == nullptr) return;
  if (state.asked == 1) state.owner->request_stop();
  if (state.asked >= 2) state.owner->request_kill();
}

void OwnerControl::set(pods::PodOwner* owner) {
  state_.with([owner](State& state) {
    state.owner = owner;
    pass_on(state);
  });
}

void OwnerControl::on_signal() {
  const int asked = state_.with([](State& state) {
    state.asked = std::min(state.asked + 1, 2);
    pass_on(state);
    return state.asked;
  });
  if (asked == 1)
    print_error(
        base::concat("nodeagent: stopping pod ", pod_, " (it has ", grace_seconds_, " s); once more kills it\n"));
  else
    print_error(base::concat("nodeagent: killing pod ", pod_, "\n"));
}

void OwnerControl::stop_quietly() {
  state_.with([](State& state) {
    if (state.asked > 0) return;
    state.asked = 1;
    pass_on(state);
  });
}

}  // namespace agent::cli
