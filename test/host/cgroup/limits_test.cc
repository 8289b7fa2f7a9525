// What the kernel does about each limit: what the runtime's resources are built on.
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>

#include "base/file.h"
#include "runtime/cgroup/pressure.h"
#include "runtime/cgroup/stats.h"
#include "test/host/cgroup/disk.h"
#include "test/host/cgroup/group.h"

namespace {

using namespace cgroup_test;
using runtime::cgroup::Cgroup;
using runtime::cgroup::Pressured;
using runtime::cgroup::PressureTrigger;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

TEST_CASE("a process above memory.max is killed, and counted") {
  if (!available({"memory"})) return;
  const Group group;
  group.set("memory.max", std::to_string(16 << 20));
  group.set("memory.swap.max", "0");
  // Looks for the end of a line that has none.
  const base::Output killed = group.run({"tail", "-n", "1", "/dev/zero"});
  CHECK(killed.exit.signal == SIGKILL);
  CHECK(killed.exit.code == 137);
  CHECK(group.get("memory.events", "oom") >= 1);
  CHECK(group.get("memory.events", "oom_kill") == 1);
  CHECK(std::stoull(group.get("memory.peak")) <= 16 << 20);

  const base::Output fits = group.run({"true"});
  CHECK(fits.exit.code == 0);
  CHECK(group.get("memory.events", "oom_kill") == 1);
}

TEST_CASE("with memory.oom.group one process too big ends them all") {
  if (!available({"memory"})) return;
  const Group group;
  group.set("memory.max", std::to_string(16 << 20));
  group.set("memory.swap.max", "0");
  group.set("memory.oom.group", "1");
  base::Child small = group.start({"sleep", "1000"});
  CHECK(group.run({"tail", "-n", "1", "/dev/zero"}).exit.code == 137);
  const auto ended = small.wait(kLongest);
  REQUIRE(ended.has_value());
  CHECK(ended->signal == SIGKILL);
  CHECK(group.get("memory.events", "oom_group_kill") == 1);
}

TEST_CASE("cpu.max holds a loop to its quota") {
  if (!available({"cpu"})) return;
  const Group group;
  constexpr double kQuota = 0.25;
  group.set("cpu.max", "25000 100000");
  base::Child loop = group.start({"sh", "-c", "while :; do :; done"});
  const auto used = [&] { return static_cast<double>(group.get("cpu.stat", "usage_usec")) / 1e6; };
  // From one moment of being throttled to another, so that both are at the end of a quota.
  const auto next_throttled = [&] {
    const uint64_t so_far = group.get("cpu.stat", "nr_throttled");
    REQUIRE(eventually([&] { return group.get("cpu.stat", "nr_throttled") > so_far; }));
  };
  next_throttled();
  const Clock::time_point start = Clock::now();
  const double used_before = used();
  while (seconds_since(start) < 1.5) next_throttled();
  const double share = (used() - used_before) / seconds_since(start);
  CHECK(share == Approx(kQuota).epsilon(0.1));
  CHECK(group.get("cpu.stat", "throttled_usec") > 0);
}

TEST_CASE("cpu.weight shares one processor between two loops") {
  if (!available({"cpu", "cpuset"})) return;
  const Group light("/light");
  const Group heavy("/heavy");
  light.set("cpu.weight", "100");
  heavy.set("cpu.weight", "300");
  for (const Group* group : {&light, &heavy}) group->set("cpuset.cpus", "0");
  base::Child one = light.start({"sh", "-c", "while :; do :; done"});
  base::Child other = heavy.start({"sh", "-c", "while :; do :; done"});
  const auto used = [](const Group& group) { return static_cast<double>(group.get("cpu.stat", "usage_usec")) / 1e6; };
  const double light_before = used(light);
  const double heavy_before = used(heavy);
  REQUIRE(eventually([&] { return used(light) + used(heavy) > light_before + heavy_before + 1.5; }));
  CHECK((used(heavy) - heavy_before) / (used(light) - light_before) == Approx(3).epsilon(0.15));
}

TEST_CASE("cpuset.cpus decides where a process runs") {
  if (!available({"cpuset"})) return;
  const Group group;
  const std::string last = std::to_string(::sysconf(_SC_NPROCESSORS_ONLN) - 1);
  group.set("cpuset.cpus", last);
  CHECK(group.run({"grep", "Cpus_allowed_list", "/proc/self/status"}).out == "Cpus_allowed_list:\t" + last + "\n");
}

TEST_CASE("a fork above pids.max fails, and is counted") {
  if (!available({"pids"})) return;
  const Group group;
  group.set("pids.max", "3");
  const base::Output refused = group.run({"sh", "-c", "sleep 1000 & sleep 1000 & sleep 1000 & echo four"});
  CHECK(refused.exit.code != 0);
  CHECK(refused.out.empty());
  CHECK(group.get("pids.current") == "2\n");
  CHECK(group.get("pids.events", "max") == 1);
}

TEST_CASE("io.max holds writing to a disk to its rate") {
  if (!available({"io"})) return;
  const Disk disk(8 << 20);
  const Group group;
  group.set("io.max", disk.number() + " wbps=" + std::to_string(2 << 20));
  const Clock::time_point start = Clock::now();
  const base::Output written =
      group.run({"dd", "if=/dev/zero", "of=" + disk.device(), "bs=256k", "count=12", "oflag=direct"});
  CAPTURE(written.err);
  REQUIRE(written.exit.code == 0);
  // 3 MiB at 2 MiB a second; how much longer the machine takes is its own affair.
  CHECK(seconds_since(start) > 1.2);
  CHECK(group.get("io.stat").find("wbytes=" + std::to_string(3 << 20)) != std::string::npos);
  runtime::cgroup::Stats stats;
  REQUIRE(runtime::cgroup::Meter::of(Cgroup::open(group.hierarchy(), name_of(group)).value()).read(stats).has_value());
  CHECK(stats.io_write_bytes == 3 << 20);
  CHECK(stats.io_writes >= 12);
  CHECK(stats.io_read_bytes == 0);
}

TEST_CASE("a pressure trigger fires when processes wait for a processor, and not before") {
  if (!available({"cpu"})) return;
  const Group group;
  group.set("cpu.max", "10000 100000");
  const auto trigger = PressureTrigger::set(group.cgroup(), {.resource = Pressured::kCpu,
                                                             .stalled = std::chrono::milliseconds(100),
                                                             .window = std::chrono::milliseconds(500)});
  REQUIRE(trigger.has_value());
  struct pollfd fired{.fd = trigger->fd(), .events = POLLPRI, .revents = 0};
  CHECK(::poll(&fired, 1, 0) == 0);
  base::Child loop = group.start({"sh", "-c", "while :; do :; done"});
  CHECK(::poll(&fired, 1, 20'000) == 1);
  CHECK((fired.revents & POLLPRI) != 0);
}

TEST_CASE("a pressure trigger that the kernel does not take is refused") {
  const Group group;
  const auto refused =
      PressureTrigger::set(group.cgroup(), {.stalled = std::chrono::seconds(2), .window = std::chrono::seconds(1)});
  REQUIRE_FALSE(refused.has_value());
  CHECK_THAT(refused.error().to_string(), Catch::Contains("memory.pressure"));
}

}  // namespace
