#include "runtime/service/gate.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "base/path.h"
#include "test/unit/temp_dir.h"

using runtime::service::Gates;
using test::TempDir;

TEST_CASE("a gate lets one in at a time") {
  const TempDir folder;
  const std::string lock = base::join_path(folder.path(), "s1");
  Gates gates;
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        const auto held = gates.enter({}, "s1", lock);
        if (!held) continue;
        const int now = ++inside;
        if (now > most) most = now;
        --inside;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(most == 1);
}

TEST_CASE("waiting for a gate ends at the deadline, and other gates are open") {
  const TempDir folder;
  Gates gates;
  const auto held = gates.enter({}, "s1", base::join_path(folder.path(), "s1"));
  REQUIRE(held);
  const cri::CallContext soon{.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(5), .stop = {}};
  const auto late = gates.enter(soon, "s1", base::join_path(folder.path(), "s1"));
  REQUIRE(!late);
  CHECK(late.error().code() == base::Code::kDeadlineExceeded);
  CHECK(gates.enter(soon, "s2", base::join_path(folder.path(), "s2")));
}

TEST_CASE("another process's gate is seen, and open again when it is left") {
  const TempDir folder;
  const std::string lock = base::join_path(folder.path(), "s1");
  Gates ours;
  Gates theirs;  // what another process has: only the lock file is shared
  {
    const auto held = theirs.enter({}, "s1", lock);
    REQUIRE(held);
    const auto refused = ours.try_enter("s1", lock);
    REQUIRE(!refused);
    CHECK(refused.error().code() == base::Code::kUnavailable);
  }
  CHECK(ours.try_enter("s1", lock));
}
