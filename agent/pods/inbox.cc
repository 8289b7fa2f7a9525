#include "agent/pods/inbox.h"

#include <algorithm>

namespace agent::pods {

void Inbox::poke() {
  state_.with([](State& state) { state.poked = true; });
  changed_.notify_all();
}

void Inbox::request_stop(std::optional<std::chrono::seconds> grace) {
  state_.with([&](State& state) {
    state.requests.stop = true;
    if (grace) state.requests.grace = state.requests.grace ? std::min(*state.requests.grace, *grace) : *grace;
  });
  starting_.request_stop();
  poke();
}

void Inbox::request_kill() {
  const bool cleaning_up = state_.with([](State& state) {
    state.requests.stop = state.requests.kill = true;
    return state.cleaning_up;
  });
  starting_.request_stop();
  if (cleaning_up) cleaning_up_.request_stop();
  poke();
}

void Inbox::clean_up_begins() {
  state_.with([](State& state) { state.cleaning_up = true; });
}

Inbox::Requests Inbox::take() {
  return state_.with([](State& state) {
    state.poked = false;
    return state.requests;
  });
}

void Inbox::wait(std::optional<std::chrono::nanoseconds> limit, const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] { poke(); });
  auto state = state_.lock();
  const auto poked = [&] { return state->poked; };
  if (limit)
    state.wait_until(changed_, std::chrono::steady_clock::now() + *limit, poked);
  else
    state.wait(changed_, poked);
}

}  // namespace agent::pods
