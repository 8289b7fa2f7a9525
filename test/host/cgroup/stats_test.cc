// Stats as the kernel gives them for real processes.
#include "runtime/cgroup/stats.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <vector>

#include "base/file.h"
#include "test/host/cgroup/group.h"

namespace {

using namespace cgroup_test;
using runtime::cgroup::Cgroup;
using runtime::cgroup::Meter;
using runtime::cgroup::Stats;

Meter meter_of(const Group& group, Meter::Files files = Meter::Files::kKeptOpen) {
  return Meter::of(Cgroup::open(group.hierarchy(), name_of(group)).value(), files);
}

Stats read(Meter& meter) {
  Stats stats;
  const base::Status done = meter.read(stats);
  if (!done.has_value()) FAIL(done.error().to_string());
  return stats;
}

TEST_CASE("the stats of a cgroup are what its processes use") {
  if (!available({"cpu", "memory", "pids"})) return;
  const Group group;
  group.set("memory.max", std::to_string(100 << 20));
  Meter meter = meter_of(group);
  constexpr uint64_t kBuffer = 20 << 20;
  base::Child copies = group.start({"dd", "if=/dev/zero", "of=/dev/null", "bs=20M"});
  Stats stats;
  REQUIRE(eventually([&] {
    stats = read(meter);
    return stats.memory_rss >= kBuffer;
  }));
  CHECK(stats.processes == 1);
  CHECK(stats.cpu_usage_ns > 0);
  // Each is rounded on its own.
  CHECK(static_cast<double>(*stats.cpu_user_ns + *stats.cpu_system_ns) == Approx(*stats.cpu_usage_ns).margin(2000));
  CHECK(stats.memory_usage >= kBuffer);
  CHECK(stats.memory_usage < 3 * kBuffer);
  CHECK(stats.memory_peak >= stats.memory_usage);
  CHECK(stats.memory_working_set <= stats.memory_usage);
  CHECK(stats.memory_limit == 100 << 20);
  CHECK(memory_available(stats) == *stats.memory_limit - *stats.memory_working_set);
  CHECK(stats.memory_cache.has_value());
  CHECK(stats.page_faults > 0);
  CHECK(stats.major_page_faults.has_value());
  CHECK(stats.oom_kills == 0);
  CHECK(stats.swap_usage == 0);
  CHECK(stats.io_read_bytes.has_value());
}

TEST_CASE("a process that was killed for its memory is counted") {
  if (!available({"memory"})) return;
  const Group group;
  group.set("memory.max", std::to_string(16 << 20));
  group.set("memory.swap.max", "0");
  REQUIRE(group.run({"tail", "-n", "1", "/dev/zero"}).exit.code == 137);
  Meter meter = meter_of(group);
  const Stats stats = read(meter);
  CHECK(stats.oom_kills == 1);
  CHECK(stats.memory_peak > 8 << 20);
  CHECK(stats.memory_peak <= 16 << 20);
  REQUIRE(stats.memory_pressure.has_value());
}

TEST_CASE("how often and how long a cgroup was throttled") {
  if (!available({"cpu"})) return;
  const Group group;
  group.set("cpu.max", "10000 100000");
  base::Child loop = group.start({"sh", "-c", "while :; do :; done"});
  Meter meter = meter_of(group);
  Stats stats;
  REQUIRE(eventually([&] {
    stats = read(meter);
    return stats.cpu_throttled_periods >= 3 && stats.cpu_pressure->some.total_us > 100'000;
  }));
  CHECK(stats.cpu_periods >= stats.cpu_throttled_periods);
  CHECK(stats.cpu_throttled_ns > 100'000'000);
  CHECK(stats.cpu_bursts == 0);
}

TEST_CASE("what the node's controllers do not give is left out, and the rest is there") {
  const Group group;
  base::Child loop = group.start({"sh", "-c", "while :; do :; done"});
  Meter meter = meter_of(group);
  Stats stats;
  REQUIRE(eventually([&] {
    stats = read(meter);
    return stats.cpu_usage_ns > 10'000'000;
  }));
  const auto& controllers = group.hierarchy().controllers();
  CHECK(stats.memory_usage.has_value() == controllers.contains("memory"));
  CHECK(stats.memory_working_set.has_value() == controllers.contains("memory"));
  CHECK(stats.processes.has_value() == controllers.contains("pids"));
  CHECK(stats.io_read_bytes.has_value() == controllers.contains("io"));
  CHECK(stats.cpu_throttled_periods.has_value() == controllers.contains("cpu"));
}

TEST_CASE("of a cgroup that is gone the meter says so") {
  const auto files = GENERATE(Meter::Files::kKeptOpen, Meter::Files::kOpenedForEachRead);
  Meter meter = [&] {
    const Group group;
    Meter made = meter_of(group, files);
    (void)read(made);
    return made;
  }();
  Stats stats;
  const base::Status of_gone = meter.read(stats);
  REQUIRE_FALSE(of_gone.has_value());
  CHECK(of_gone.error().code() == base::Code::kNotFound);
  // Another one of the same name is not it.
  const Group again;
  CHECK(meter.read(stats).error().code() == base::Code::kNotFound);
}

TEST_CASE("a controller that is taken away takes its numbers along, and brings them back") {
  if (!available({"memory", "pids"})) return;
  const Group group("/below");
  const Group parent;
  Meter meter = meter_of(group);
  REQUIRE(read(meter).memory_usage.has_value());
  parent.set("cgroup.subtree_control", "-memory");
  Stats stats = read(meter);
  CHECK_FALSE(stats.memory_usage.has_value());
  CHECK_FALSE(stats.memory_working_set.has_value());
  CHECK(stats.processes == 0);
  parent.set("cgroup.subtree_control", "+memory");
  stats = read(meter);
  CHECK(stats.memory_usage.has_value());
  CHECK(stats.memory_working_set.has_value());
}

TEST_CASE("with one descriptor to spare, stats are read all the same") {
  const Group group;
  (void)group.run({"true"});
  Cgroup cgroup = Cgroup::open(group.hierarchy(), name_of(group)).value();
  struct rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const struct rlimit small{.rlim_cur = 256, .rlim_max = before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &small) == 0);
  std::vector<base::UniqueFd> taken;
  while (true) {
    base::UniqueFd fd(::fcntl(cgroup.fd(), F_DUPFD_CLOEXEC, 0));
    if (!fd) break;
    taken.push_back(std::move(fd));
  }
  const bool any_taken = !taken.empty();
  if (any_taken) taken.pop_back();
  Stats stats;
  Meter meter = Meter::of(std::move(cgroup));
  const base::Status with_one = meter.read(stats);
  // Which is free again: the meter keeps none where there are none.
  const base::UniqueFd next(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0));
  const base::Status with_none = meter.read(stats);
  taken.clear();
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  REQUIRE(any_taken);
  REQUIRE(with_one.has_value());
  CHECK(next);
  REQUIRE_FALSE(with_none.has_value());
  CHECK(with_none.error().code() == base::Code::kResourceExhausted);
  REQUIRE(meter.read(stats).has_value());
  CHECK(stats.cpu_usage_ns > 0);
  CHECK(stats.cpu_pressure.has_value());
}

}  // namespace
