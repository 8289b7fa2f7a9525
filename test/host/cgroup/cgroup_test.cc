// Cgroups as the runtime makes, stops, reads and removes them.
#include "runtime/cgroup/cgroup.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <iterator>
#include <set>
#include <sstream>

#include "test/host/cgroup/group.h"

namespace {

using namespace cgroup_test;
using runtime::cgroup::Cgroup;

TEST_CASE("a cgroup gets every controller that the root hands out, however deep it is") {
  const Group leaf("/pod/container");
  const auto words_of = [&](const char* file) {
    std::istringstream words(leaf.get(file));
    return std::set<std::string>{std::istream_iterator<std::string>(words), {}};
  };
  CHECK(words_of("cgroup.controllers") == words_of("../../../cgroup.subtree_control"));
}

TEST_CASE("each limit that the runtime is to set has its file") {
  if (!available({"cpuset", "cpu", "io", "memory", "hugetlb", "pids"})) return;
  const Group group;
  for (const char* file : {"cgroup.freeze", "cgroup.kill",      "cpu.idle",        "cpu.max",         "cpu.max.burst",
                           "cpu.pressure",  "cpu.weight",       "cpuset.cpus",     "cpuset.mems",     "hugetlb.2MB.max",
                           "io.max",        "io.pressure",      "memory.high",     "memory.low",      "memory.max",
                           "memory.min",    "memory.oom.group", "memory.pressure", "memory.swap.max", "pids.max"}) {
    CAPTURE(file);
    CHECK(::faccessat(group.cgroup().fd(), file, W_OK, 0) == 0);
  }
}

TEST_CASE("a cgroup is removed with everything that runs in it and below, and then is gone") {
  const Group top;
  const Group inner("/pod/container");
  // A tree of processes, one of which goes on making more.
  base::Child forks = inner.start({"sh", "-c", "sleep 1000 & (sleep 1000 & sleep 1000) & while :; do /bin/true; done"});
  REQUIRE(eventually([&] { return inner.cgroup().pids().value().size() >= 4; }));
  CHECK(top.cgroup().populated().value());

  const std::string name = name_of(top);
  REQUIRE(runtime::cgroup::remove(top.hierarchy(), name, kLongest).has_value());
  const auto ended = forks.wait(kLongest);
  REQUIRE(ended.has_value());
  CHECK(ended->signal == SIGKILL);
  CHECK(Cgroup::open(top.hierarchy(), name).error().code() == base::Code::kNotFound);
  CHECK(runtime::cgroup::remove(top.hierarchy(), name, kLongest).has_value());
}

TEST_CASE("what is frozen does not run until it is thawed, but can be killed") {
  const Group group;
  base::Child loop = group.start({"sh", "-c", "while :; do :; done"});
  const auto used = [&] { return group.get("cpu.stat", "usage_usec"); };
  REQUIRE(eventually([&] { return used() > 10'000; }));

  REQUIRE(group.cgroup().freeze(true).has_value());
  REQUIRE(eventually([&] { return group.get("cgroup.events", "frozen") == 1; }));
  const uint64_t when_frozen = used();
  (void)::poll(nullptr, 0, 200);
  CHECK(used() == when_frozen);
  REQUIRE(group.cgroup().freeze(false).has_value());
  CHECK(eventually([&] { return used() > when_frozen + 10'000; }));

  REQUIRE(group.cgroup().freeze(true).has_value());
  REQUIRE(group.cgroup().kill().has_value());
  CHECK(group.cgroup().wait_empty(kLongest).has_value());
}

TEST_CASE("waiting for a cgroup that does not become empty ends, and says who is in it") {
  const Group group;
  base::Child stays = group.start({"sleep", "1000"});
  const base::Status waited = group.cgroup().wait_empty(std::chrono::milliseconds(50));
  REQUIRE_FALSE(waited.has_value());
  CHECK(waited.error().code() == base::Code::kDeadlineExceeded);
  CHECK(waited.error().to_string().find(std::to_string(stays.pid())) != std::string::npos);
}

}  // namespace
