#include "agent/cli/owner_control.h"

#include <algorithm>

#include "agent/cli/output.h"
#include "agent/workloads/run.h"
#include "base/concat.h"

namespace agent::cli {

void OwnerControl::pass_on(const State& state) {
  if (state.run == nullptr) return;
  if (state.left) state.run->leave();
  if (state.asked > 0) state.run->request({.kill = state.asked > 1, .grace = std::nullopt});
}

void OwnerControl::set(workloads::Run* run) {
  state_.with([run](State& state) {
    state.run = run;
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
    print_error(base::concat("nodeagent: stopping ", what_, " (it has ", grace_seconds_, " s); once more kills it\n"));
  else
    print_error(base::concat("nodeagent: killing ", what_, "\n"));
}

void OwnerControl::stop_quietly() {
  state_.with([](State& state) {
    if (state.asked > 0) return;
    state.asked = 1;
    pass_on(state);
  });
}

void OwnerControl::leave() {
  state_.with([](State& state) {
    state.left = true;
    pass_on(state);
  });
}

}  // namespace agent::cli
