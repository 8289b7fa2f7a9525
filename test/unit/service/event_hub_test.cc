#include "runtime/service/event_hub.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

using runtime::service::EventHub;

namespace {

cri::v1::ContainerEventResponse event(const std::string& id) {
  cri::v1::ContainerEventResponse out;
  out.set_container_id(id);
  return out;
}

}  // namespace

TEST_CASE("a follower hears every event in order until it has had enough") {
  EventHub hub;
  std::atomic<bool> done = false;
  std::string heard;
  std::thread follower([&] {
    const base::Status ended = hub.follow({}, [&](const cri::v1::ContainerEventResponse& seen) {
      heard += seen.container_id();
      return !heard.ends_with("z");
    });
    done = ended.has_value();
  });
  // The follower may not have subscribed yet, so the end is told until it has been heard.
  while (!done) hub.publish(event("z"));
  follower.join();
  CHECK(heard.find_first_not_of('z') == std::string::npos);
  CHECK(heard.size() == 1);
}

TEST_CASE("following ends with its context") {
  EventHub hub;
  std::stop_source stop;
  std::thread follower([&] { CHECK(hub.follow({.stop = stop.get_token()}, [](const auto&) { return true; })); });
  stop.request_stop();
  follower.join();
  const cri::CallContext soon{.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(2), .stop = {}};
  const base::Status late = hub.follow(soon, [](const auto&) { return true; });
  REQUIRE(!late);
  CHECK(late.error().code() == base::Code::kDeadlineExceeded);
}

TEST_CASE("a follower that falls too far behind is told so") {
  EventHub hub;
  base::Status ended;
  std::atomic<bool> first = false;
  std::atomic<bool> flooded = false;
  std::thread follower([&] {
    ended = hub.follow({}, [&](const cri::v1::ContainerEventResponse&) {
      first = true;
      while (!flooded) std::this_thread::yield();
      return true;
    });
  });
  while (!first) hub.publish(event("a"));
  for (int i = 0; i < 10'100; ++i) hub.publish(event("b"));
  flooded = true;
  follower.join();
  REQUIRE(!ended);
  CHECK(ended.error().code() == base::Code::kResourceExhausted);
}
