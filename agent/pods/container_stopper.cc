#include "agent/pods/container_stopper.h"

#include <pthread.h>

#include <algorithm>

#include "agent/pods/inbox.h"
#include "cri-proto/service.h"

namespace agent::pods {

namespace {

// What a call may take on top of its grace (kubelet's runtimeRequestTimeout).
constexpr std::chrono::minutes kCallTime(2);
// Graces are whole seconds: a call that ends this little earlier is not worth another stop signal.
constexpr std::chrono::seconds kWorthwhile(1);

}  // namespace

ContainerStopper::~ContainerStopper() {
  for (auto& [id, call] : calls_) call->thread.request_stop();
}

bool ContainerStopper::stop(const std::string& id, std::chrono::seconds grace) {
  const base::Monotonic kill_at = clock_->now() + grace;
  const auto [begin, end] = calls_.equal_range(id);
  if (std::any_of(begin, end, [&](const auto& each) { return each.second->kill_at <= kill_at + kWorthwhile; }))
    return false;
  auto call = std::make_unique<Call>();
  call->kill_at = kill_at;
  call->thread = std::jthread([this, id, grace, kill_at, raw = call.get()](const std::stop_token& cancel) {
    ::pthread_setname_np(::pthread_self(), "stop-container");
    cri::v1::StopContainerRequest request;
    request.set_container_id(id);
    request.set_timeout(grace.count());
    auto response = runtime_->stop_container({.deadline = kill_at + kCallTime, .stop = cancel}, request);
    raw->result.with([&](std::optional<base::Status>& result) {
      if (response)
        result = base::Status();
      else
        result = std::unexpected(std::move(response).error());
    });
    inbox_->poke();
  });
  calls_.emplace(id, std::move(call));
  return true;
}

std::map<std::string, base::Status> ContainerStopper::collect() {
  std::map<std::string, base::Status> ended;
  for (auto each = calls_.begin(); each != calls_.end();) {
    std::optional<base::Status> result = each->second->result.with([](const auto& value) { return value; });
    if (!result) {
      ++each;
      continue;
    }
    ended.insert_or_assign(each->first, std::move(*result));
    each = calls_.erase(each);
  }
  return ended;
}

}  // namespace agent::pods
