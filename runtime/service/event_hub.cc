#include "runtime/service/event_hub.h"

#include <stop_token>
#include <utility>

namespace runtime::service {

using base::Status;

void EventHub::publish(const cri::v1::ContainerEventResponse& event) {
  {
    auto state = state_.lock();
    for (auto& [id, subscriber] : state->subscribers) {
      if (subscriber.queue.size() >= kCapacity)
        subscriber.overrun = true;
      else
        subscriber.queue.push_back(event);
    }
  }
  published_.notify_all();
}

Status EventHub::follow(const cri::CallContext& context, const cri::Sink<cri::v1::ContainerEventResponse>& sink) {
  const uint64_t id = state_.with([](State& state) {
    const uint64_t taken = state.next++;
    state.subscribers.try_emplace(taken);
    return taken;
  });
  // The lock is taken so that a wake-up cannot fall between a waiter's check and its sleep.
  const std::stop_callback wake(context.stop, [this] {
    (void)state_.lock();
    published_.notify_all();
  });
  Status ended;
  while (true) {
    std::deque<cri::v1::ContainerEventResponse> batch;
    bool overrun = false;
    {
      auto state = state_.lock();
      Subscriber& mine = state->subscribers.at(id);
      const auto ready = [&] { return !mine.queue.empty() || mine.overrun || context.stop.stop_requested(); };
      if (context.deadline == base::Monotonic::max()) {
        state.wait(published_, ready);
      } else if (!state.wait_until(published_, context.deadline, ready)) {
        ended = base::fail(base::Code::kDeadlineExceeded, "the event stream's deadline has passed");
        break;
      }
      if (context.stop.stop_requested()) break;
      batch = std::exchange(mine.queue, {});
      overrun = mine.overrun && batch.empty();
    }
    if (overrun) {
      ended = base::fail(base::Code::kResourceExhausted, "the event stream's reader fell ", kCapacity,
                         " events behind; list again and follow anew");
      break;
    }
    bool more = true;
    for (auto event = batch.begin(); more && event != batch.end(); ++event) more = sink(*event);
    if (!more) break;
  }
  state_.lock()->subscribers.erase(id);
  return ended;
}

}  // namespace runtime::service
