// The driver: limits that the kernel then has, changed while something runs, and what it says where that cannot be.
#include "runtime/cgroup/driver.h"

#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "base/concat.h"
#include "base/file.h"
#include "test/host/cgroup/group.h"

namespace {

using namespace cgroup_test;
using runtime::cgroup::Driver;
using runtime::cgroup::MissingControllers;
using runtime::cgroup::Resources;
using runtime::cgroup::Settings;

Settings held_to(const Resources& resources) { return runtime::cgroup::to_settings(resources).value(); }

// A driver, the group it works below, and a cgroup of it.
struct Driven {
  explicit Driven(MissingControllers missing = MissingControllers::kFail)
      : driver(runtime::cgroup::Hierarchy::find().value(), missing) {}
  std::string below(const std::string& name) const {
    return top.cgroup().path().substr(top.hierarchy().mount_point().size()) + name;
  }
  std::string get(const std::string& name, const char* file) {
    return base::read_file(top.cgroup().path() + name + "/" + file).value();
  }

  Group top;
  Driver driver;
};

std::string text_of(const base::Status& status) { return status ? "ok" : status.error().to_string(); }
template <typename T>
std::string text_of(const base::Result<T>& result) {
  return result ? "ok" : result.error().to_string();
}

TEST_CASE("a cgroup is held to its limits, and to others while a process runs in it") {
  if (!available({"cpu", "memory", "pids"})) return;
  Driven d;
  const auto made = d.driver.make(d.below("/pod"), held_to({.cpu_shares = 512,
                                                            .cpu_quota = 50'000,
                                                            .cpu_burst = 50'000,
                                                            .memory_limit = 64 << 20,
                                                            .memory_swap = 64 << 20,
                                                            .pids_limit = 20,
                                                            .unified = {{"memory.high", "33554432"}}}));
  REQUIRE(text_of(made) == "ok");
  CHECK(d.get("/pod", "cpu.weight") == "59\n");
  CHECK(d.get("/pod", "cpu.max") == "50000 100000\n");
  CHECK(d.get("/pod", "cpu.max.burst") == "50000\n");
  CHECK(d.get("/pod", "memory.max") == "67108864\n");
  CHECK(d.get("/pod", "memory.high") == "33554432\n");
  CHECK(d.get("/pod", "memory.swap.max") == "0\n");
  CHECK(d.get("/pod", "pids.max") == "20\n");

  // A quota below the old burst, and both again.
  REQUIRE(text_of(d.driver.update(d.below("/pod"), held_to({.cpu_quota = 10'000, .cpu_burst = 5'000}))) == "ok");
  CHECK(d.get("/pod", "cpu.max") == "10000 100000\n");
  CHECK(d.get("/pod", "cpu.max.burst") == "5000\n");
  REQUIRE(text_of(d.driver.update(d.below("/pod"), held_to({.cpu_quota = -1, .memory_limit = -1}))) == "ok");
  CHECK(d.get("/pod", "cpu.max") == "max 100000\n");
  CHECK(d.get("/pod", "memory.max") == "max\n");
  CHECK(d.get("/pod", "pids.max") == "20\n");

  // Idle, and back to a weight.
  REQUIRE(text_of(d.driver.update(d.below("/pod"), held_to({.cpu_shares = 512, .cpu_idle = true}))) == "ok");
  CHECK(d.get("/pod", "cpu.idle") == "1\n");
  REQUIRE(text_of(d.driver.update(d.below("/pod"), held_to({.cpu_shares = 1024, .cpu_idle = false}))) == "ok");
  CHECK(d.get("/pod", "cpu.weight") == "100\n");
}

TEST_CASE("memory is not limited below what is in use, but made room for where it can be") {
  if (!available({"memory"})) return;
  Driven d;
  REQUIRE(text_of(d.driver.make(d.below("/used"), {})) == "ok");
  const Group used("/used");
  used.set("memory.swap.max", "0");
  base::Child holder = used.start({"dd", "if=/dev/zero", "of=/dev/null", "bs=20M"});
  REQUIRE(eventually([&] { return std::stoull(used.get("memory.current")) > 20 << 20; }));
  const base::Status refused = d.driver.update(d.below("/used"), held_to({.memory_limit = 8 << 20}));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code() == base::Code::kFailedPrecondition);
  CHECK_THAT(refused.error().to_string(), Catch::Contains("8388608"));
  CHECK(used.get("memory.max") == "max\n");
  CHECK(used.get("memory.events", "oom_kill") == 0);
}

TEST_CASE("controllers that somebody took away come back with the next cgroup") {
  if (!available({"memory", "pids"})) return;
  Driven d;
  REQUIRE(text_of(d.driver.make(d.below("/a/b"), {})) == "ok");
  REQUIRE(runtime::cgroup::remove(d.driver.hierarchy(), d.below("/a/b"), kLongest));
  REQUIRE(base::write_control_file(d.top.cgroup().path() + "/a/cgroup.subtree_control", "-memory -pids"));
  REQUIRE(text_of(d.driver.make(d.below("/a/b"), held_to({.memory_limit = 1 << 20, .pids_limit = 5}))) == "ok");
  CHECK(d.get("/a/b", "pids.max") == "5\n");
}

TEST_CASE("processes of somebody else in a pod's cgroup are named when its containers cannot be limited") {
  if (!available({"memory"})) return;
  Driven d;
  REQUIRE(text_of(d.driver.make(d.below("/pod"), {})) == "ok");
  const Group pod("/pod");
  const base::Child foreign = pod.start({"sleep", "1000"});
  const auto made = d.driver.make(d.below("/pod/container"), held_to({.memory_limit = 1 << 20}));
  REQUIRE_FALSE(made.has_value());
  CHECK(made.error().code() == base::Code::kUnimplemented);
  CHECK_THAT(made.error().to_string(), Catch::Contains("memory.max") && Catch::Contains(pod.cgroup().path()) &&
                                           Catch::Contains(std::to_string(foreign.pid())));
}

TEST_CASE("what the parent does not have is refused with what it has") {
  if (!available({"cpuset"})) return;
  Driven d;
  const auto made = d.driver.make(d.below("/pod"), held_to({.cpus = "4000"}));
  REQUIRE_FALSE(made.has_value());
  CHECK_THAT(made.error().to_string(),
             Catch::Contains("cpuset.cpus") && Catch::Contains("4000") && Catch::Contains("can be chosen from"));
}

TEST_CASE("processors that the parent leaves out are not taken for given") {
  if (!available({"cpuset"}) || !in_test_vm("needs two processors")) return;
  Driven d;
  REQUIRE(text_of(d.driver.make(d.below("/pod"), held_to({.cpus = "0"}))) == "ok");
  CHECK_THAT(text_of(d.driver.make(d.below("/pod/container"), held_to({.cpus = "1"}))),
             Catch::Contains("does not get cpuset.cpus 1 but 0") && Catch::Contains("0 can be chosen from"));
  CHECK_THAT(text_of(d.driver.make(d.below("/pod/container"), held_to({.cpus = "0-1"}))),
             Catch::Contains("does not get cpuset.cpus 0-1 but 0"));
  CHECK(text_of(d.driver.make(d.below("/pod/container"), held_to({.cpus = "0"}))) == "ok");
}

TEST_CASE("an update of which the kernel refuses a part changes nothing") {
  if (!available({"cpu", "cpuset", "memory", "pids"})) return;
  Driven d;
  REQUIRE(text_of(d.driver.make(d.below("/pod"), held_to({.cpu_shares = 512,
                                                          .cpu_quota = 50'000,
                                                          .cpu_burst = 40'000,
                                                          .memory_limit = 64 << 20,
                                                          .pids_limit = 20}))) == "ok");
  const Resources refused{.cpu_quota = 10'000, .cpu_idle = true, .memory_limit = 32 << 20, .pids_limit = 5};
  Settings settings = held_to(refused);
  settings.push_back({"io.max", "7:0 rbps=1048576"});
  settings.push_back({"cpuset.cpus", "4000"});
  CHECK_THAT(text_of(d.driver.update(d.below("/pod"), settings)), Catch::Contains("cpuset.cpus"));
  CHECK(d.get("/pod", "cpu.idle") == "0\n");
  CHECK(d.get("/pod", "cpu.weight") == "59\n");
  CHECK(d.get("/pod", "cpu.max") == "50000 100000\n");
  CHECK(d.get("/pod", "cpu.max.burst") == "40000\n");
  CHECK(d.get("/pod", "memory.max") == "67108864\n");
  CHECK(d.get("/pod", "pids.max") == "20\n");
  CHECK(d.get("/pod", "io.max").empty());
  CHECK(d.get("/pod", "cpuset.cpus") == "\n");
}

TEST_CASE("a cgroup that somebody tidies away while it is made is made again") {
  if (!available({"hugetlb"})) return;
  Driven d;
  std::atomic<bool> ended = false;
  // That are left for the cgroup that is being made: one that goes again and again cannot be.
  std::atomic<int> removals = 0;
  std::thread tidy([&] {
    while (!ended) {
      if (removals.fetch_sub(1) > 0) runtime::cgroup::remove_if_unused(d.driver.hierarchy(), d.below("/pod"));
    }
  });
  std::string wrong;
  for (int i = 0; i < 2000 && wrong.empty(); ++i) {
    removals = 20;
    const auto made = d.driver.make(d.below("/pod"), held_to({.huge_pages = {{.page_size = "2MB", .limit = 2 << 20}}}));
    if (!made) wrong = made.error().to_string();
  }
  ended = true;
  tidy.join();
  CHECK(wrong == "");
}

TEST_CASE("huge pages that are only set aside count as well") {
  if (!available({"hugetlb"})) return;
  if (!in_test_vm("huge pages of this machine are not a test's to take")) return;
  REQUIRE(base::write_control_file("/proc/sys/vm/nr_hugepages", "4"));
  Driven d;
  const auto map = [&](int pages) {
    const std::string program = base::concat("import mmap; mmap.mmap(-1, ", pages,
                                             " << 21, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40000)");
    const auto made =
        d.driver.make(d.below("/huge"), held_to({.huge_pages = {{.page_size = "2MB", .limit = 2 << 20}}}));
    REQUIRE(made);
    const auto ran =
        base::run({.arguments = {"/usr/bin/python3", "-c", program}, .environment = {}, .cgroup = made->fd()}, "",
                  std::chrono::minutes(1));
    REQUIRE(ran);
    return ran->err;
  };
  CHECK(map(1) == "");
  CHECK_THAT(map(2), Catch::Contains("Cannot allocate memory"));
  REQUIRE(base::write_control_file("/proc/sys/vm/nr_hugepages", "0"));
}

TEST_CASE("a limit whose controller the node does not have fails with its name, or is warned of") {
  Driven strict;
  if (strict.driver.hierarchy().controllers().contains("memory")) return;
  const Settings limit = held_to({.memory_limit = 64 << 20});
  for (const std::string& text :
       {text_of(strict.driver.check(limit)), text_of(strict.driver.make(strict.below("/pod"), limit))}) {
    CHECK_THAT(text, Catch::Contains("memory.max") && Catch::Contains("controller memory") &&
                         Catch::Contains("--missing-controllers=warn"));
  }
  // What asks for nothing needs nothing.
  const Settings nothing = held_to({.cpu_shares = 2, .unified = {{"memory.swap.max", "0"}}});
  CHECK(text_of(strict.driver.check(nothing)) == "ok");
  CHECK(text_of(strict.driver.make(strict.below("/pod"), nothing)) == "ok");

  Driver lenient(runtime::cgroup::Hierarchy::find().value(), MissingControllers::kWarn);
  CHECK(text_of(lenient.check(limit)) == "ok");
  CHECK(text_of(lenient.make(strict.below("/pod"), limit)) == "ok");
}

TEST_CASE("however many cgroups lie below, each is seen, or it is said why not") {
  Driven d;
  constexpr size_t kMany = 40;
  for (size_t i = 0; i < kMany; ++i) REQUIRE(text_of(d.driver.make(d.below(base::concat("/", i)), {})) == "ok");
  const auto seen = [&]() -> base::Result<size_t> {
    size_t count = 0;
    TRY(d.driver.for_each_child(d.below(""), [&](const runtime::cgroup::Cgroup& child) -> base::Status {
      TRY(child.read("cgroup.procs"));
      ++count;
      return {};
    }));
    return count;
  };
  struct rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const int next_free = ::dup(0);
  REQUIRE(::close(next_free) == 0);
  // Three are open at a time: the list, the child and its file.
  for (const int spare : {3, 2, 1, 0}) {
    const struct rlimit few{.rlim_cur = static_cast<rlim_t>(next_free + spare), .rlim_max = before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
    const base::Result<size_t> count = seen();
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
    CAPTURE(spare, text_of(count));
    if (spare == 3) CHECK(count.value_or(0) == kMany);
    if (spare < 3) CHECK((!count && count.error().os_errno() == EMFILE));
  }
  CHECK(d.driver.for_each_child(d.below("/none"), [](const auto&) -> base::Status { return {}; }).error().code() ==
        base::Code::kNotFound);
}

}  // namespace
