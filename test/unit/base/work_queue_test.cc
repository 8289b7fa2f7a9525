#include "base/work_queue.h"

#include <pthread.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <map>
#include <vector>

#include "base/concat.h"
#include "base/synchronized.h"

using base::KeyedQueue;
using namespace std::chrono_literals;

TEST_CASE("work of one key is done in order and never by two threads at once") {
  KeyedQueue queue("pods", 4);
  std::map<std::string, std::vector<int>> done{{"a", {}}, {"b", {}}, {"c", {}}};
  std::map<std::string, std::atomic<int>> inside;
  std::atomic<bool> overlapped = false;
  for (const auto& [key, unused] : done) inside[key] = 0;
  for (int i = 0; i < 300; ++i) {
    for (auto& [key, order] : done) {
      // `order` is touched without a lock: what TSan watches here is the queue's promise.
      queue.add(key, [&overlapped, &order = order, &count = inside.at(key), i] {
        if (++count != 1) overlapped = true;
        order.push_back(i);
        --count;
      });
    }
  }
  queue.drain();
  CHECK_FALSE(overlapped);
  std::vector<int> expected;
  for (int i = 0; i < 300; ++i) expected.push_back(i);
  for (const auto& [key, order] : done) CHECK(order == expected);
}

TEST_CASE("a key that is stuck holds back no other key") {
  KeyedQueue queue("pods", 2);
  std::promise<void> release;
  std::promise<void> other_done;
  queue.add("stuck", [blocked = release.get_future().share()] { blocked.wait(); });
  queue.add("stuck", [] {});
  queue.add("other", [&] { other_done.set_value(); });
  CHECK(other_done.get_future().wait_for(10s) == std::future_status::ready);
  release.set_value();
  queue.drain();
}

TEST_CASE("keys with a lot of work take turns with the others") {
  KeyedQueue queue("pods", 1);
  std::promise<void> begin;
  std::vector<std::string> order;
  queue.add("first", [blocked = begin.get_future().share()] { blocked.wait(); });
  for (int i = 0; i < 3; ++i) queue.add("busy", [&] { order.emplace_back("busy"); });
  queue.add("small", [&] { order.emplace_back("small"); });
  begin.set_value();
  queue.drain();
  CHECK(order == std::vector<std::string>{"busy", "small", "busy", "busy"});
}

TEST_CASE("drain waits for all that was added") {
  KeyedQueue queue("pods", 2);
  queue.drain();
  std::atomic<int> done = 0;
  for (int i = 0; i < 100; ++i) queue.add(base::concat(i % 7), [&] { ++done; });
  queue.drain();
  CHECK(done == 100);
}

TEST_CASE("the end drops what was not begun and waits for what was") {
  std::promise<void> begun;
  std::promise<void> release;
  std::atomic<int> done = 0;
  {
    auto queue = std::make_unique<KeyedQueue>("pods", 1);
    queue->add("a", [&] {
      begun.set_value();
      release.get_future().wait();
      ++done;
    });
    queue->add("a", [&] { done += 10; });
    begun.get_future().wait();
    std::thread destroyer([&] { queue.reset(); });
    release.set_value();
    destroyer.join();
  }
  // 11 when the second one was begun before the queue was told to end; never anything else.
  CHECK((done == 1 || done == 11));
}

TEST_CASE("threads carry the queue's name, cut to what the kernel keeps") {
  base::Synchronized<std::string> seen;
  const auto name_in = [&](const std::string& queue_name) {
    std::promise<std::string> name;
    KeyedQueue queue(queue_name, 1);
    // The thread is named by its maker, so the first work could come before; the second add is after the constructor.
    queue.add("a", [&] {
      std::array<char, 16> text{};
      ::pthread_getname_np(::pthread_self(), text.data(), text.size());
      name.set_value(text.data());
    });
    return name.get_future().get();
  };
  CHECK(name_in("pods") == "pods-0");
  CHECK(name_in("a-very-long-queue-name") == "a-very-long-q-0");
}
