#include "base/synchronized.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

TEST_CASE("no increment under the lock is lost") {
  base::Synchronized<int> count(0);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 1000; ++j) {
        if (j % 2 == 0) {
          count.with([](int& value) { ++value; });
        } else {
          ++*count.lock();
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(count.with([](int value) { return value; }) == 4000);
}

TEST_CASE("a wait under the lock ends when the predicate holds, or at the deadline") {
  base::Synchronized<bool> ready(false);
  std::condition_variable changed;
  {
    auto locked = ready.lock();
    CHECK_FALSE(locked.wait_until(changed, std::chrono::steady_clock::now(), [&] { return *locked; }));
  }
  std::thread setter([&] {
    ready.with([](bool& value) { value = true; });
    changed.notify_one();
  });
  auto locked = ready.lock();
  CHECK(locked.wait_until(changed, std::chrono::steady_clock::now() + 10s, [&] { return *locked; }));
  locked.unlock();
  setter.join();
}
