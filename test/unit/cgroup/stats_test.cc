// What the kernel's files say about a cgroup, as stats.
#include "runtime/cgroup/stats.h"

#include <catch2/catch.hpp>
#include <string>

#include "base/sys.h"

namespace {

using runtime::cgroup::Stats;

Stats parsed(std::initializer_list<std::pair<const char*, std::string>> files) {
  Stats stats;
  for (const auto& [name, text] : files) {
    const base::UniqueFd file = base::sys::memfd(name, false).value();
    REQUIRE(base::sys::write_all(file.get(), text).has_value());
    REQUIRE(runtime::cgroup::internal::read_stats_file(name, file.get(), stats) == 0);
  }
  return stats;
}

TEST_CASE("cpu.stat counts time in microseconds, the stats in nanoseconds") {
  const Stats stats = parsed({{"cpu.stat",
                               "usage_usec 5000007\nuser_usec 3000000\nsystem_usec 2000007\nnice_usec 0\n"
                               "nr_periods 100\nnr_throttled 40\nthrottled_usec 1200000\nnr_bursts 3\n"
                               "burst_usec 45000\n"}});
  CHECK(stats.cpu_usage_ns == 5'000'007'000);
  CHECK(stats.cpu_user_ns == 3'000'000'000);
  CHECK(stats.cpu_system_ns == 2'000'007'000);
  CHECK(stats.cpu_periods == 100);
  CHECK(stats.cpu_throttled_periods == 40);
  CHECK(stats.cpu_throttled_ns == 1'200'000'000);
  CHECK(stats.cpu_bursts == 3);
  CHECK(stats.cpu_burst_ns == 45'000'000);
}

TEST_CASE("without the cpu controller cpu.stat gives the time, but no throttling") {
  const Stats stats = parsed({{"cpu.stat", "usage_usec 7\nuser_usec 4\nsystem_usec 3\n"}});
  CHECK(stats.cpu_usage_ns == 7000);
  CHECK_FALSE(stats.cpu_periods.has_value());
  CHECK_FALSE(stats.cpu_throttled_periods.has_value());
  CHECK_FALSE(stats.cpu_throttled_ns.has_value());
}

TEST_CASE("the working set is the usage without the inactive page cache") {
  const std::string memory_stat =
      "anon 4096\nfile 300000\nkernel 8192\ninactive_anon 111\ninactive_file 200000\nactive_file 100000\n"
      "workingset_refault_file 5\npgfault 77\npgmajfault 3\nthp_fault_alloc 0\n";
  Stats stats = parsed({{"memory.current", "500000\n"}, {"memory.stat", memory_stat}});
  CHECK(stats.memory_usage == 500'000);
  CHECK(stats.memory_working_set == 300'000);
  CHECK(stats.memory_rss == 4096);
  CHECK(stats.memory_cache == 300'000);
  CHECK(stats.page_faults == 77);
  CHECK(stats.major_page_faults == 3);
  // The two files are not read at one instant.
  stats = parsed({{"memory.current", "100\n"}, {"memory.stat", memory_stat}});
  CHECK(stats.memory_working_set == 0);
  stats = parsed({{"memory.stat", memory_stat}});
  CHECK_FALSE(stats.memory_working_set.has_value());
}

TEST_CASE("what is available is the limit without the working set, and nothing where there is no limit") {
  Stats stats = parsed({{"memory.current", "3000\n"},
                        {"memory.max", "4096\n"},
                        {"memory.stat", "inactive_file 1000\n"},
                        {"memory.swap.current", "600\n"},
                        {"memory.swap.max", "500\n"}});
  CHECK(memory_available(stats) == 2096);
  CHECK(stats.swap_usage == 600);
  CHECK(swap_available(stats) == 0);
  stats = parsed({{"memory.current", "3000\n"}, {"memory.max", "max\n"}, {"memory.stat", "inactive_file 0\n"}});
  CHECK_FALSE(stats.memory_limit.has_value());
  CHECK_FALSE(memory_available(stats).has_value());
}

TEST_CASE("peak, processes and kills are single numbers") {
  const Stats stats = parsed({{"memory.peak", "987654321\n"},
                              {"pids.current", "12\n"},
                              {"memory.events", "low 0\nhigh 5\nmax 7\noom 2\noom_kill 4\noom_group_kill 1\n"}});
  CHECK(stats.memory_peak == 987'654'321);
  CHECK(stats.processes == 12);
  CHECK(stats.oom_kills == 4);
}

TEST_CASE("input and output are the sums of all devices") {
  Stats stats = parsed({{"io.stat",
                         "8:0 rbytes=1000 wbytes=20 rios=3 wios=4 dbytes=9 dios=1\n"
                         "253:7 \n"
                         "259:1 rbytes=500 wbytes=80 rios=7 wios=6 dbytes=0 dios=0 cost.usage=1\n"}});
  CHECK(stats.io_read_bytes == 1500);
  CHECK(stats.io_write_bytes == 100);
  CHECK(stats.io_reads == 10);
  CHECK(stats.io_writes == 10);
  // Nothing done yet.
  stats = parsed({{"io.stat", ""}});
  CHECK(stats.io_read_bytes == 0);
  CHECK(stats.io_writes == 0);
}

TEST_CASE("a machine with a thousand devices is counted whole") {
  std::string text;
  for (int i = 0; i < 1000; ++i)
    text += base::concat("8:", i, " rbytes=", i, " wbytes=1 rios=2 wios=3 dbytes=0 dios=0\n");
  const Stats stats = parsed({{"io.stat", text}});
  CHECK(stats.io_read_bytes == 999 * 1000 / 2);
  CHECK(stats.io_write_bytes == 1000);
  CHECK(stats.io_reads == 2000);
  CHECK(stats.io_writes == 3000);
}

TEST_CASE("pressure is percentages and a total for each resource") {
  const Stats stats = parsed({{"memory.pressure",
                               "some avg10=12.34 avg60=100.00 avg300=0.05 total=987654321\n"
                               "full avg10=1.00 avg60=0.00 avg300=99.99 total=17\n"}});
  REQUIRE(stats.memory_pressure.has_value());
  CHECK(stats.memory_pressure->some.avg10 == Approx(12.34));
  CHECK(stats.memory_pressure->some.avg60 == Approx(100));
  CHECK(stats.memory_pressure->some.avg300 == Approx(0.05));
  CHECK(stats.memory_pressure->some.total_us == 987'654'321);
  CHECK(stats.memory_pressure->full.avg10 == Approx(1));
  CHECK(stats.memory_pressure->full.avg300 == Approx(99.99));
  CHECK(stats.memory_pressure->full.total_us == 17);
  CHECK_FALSE(stats.cpu_pressure.has_value());
  CHECK_FALSE(stats.io_pressure.has_value());
}

TEST_CASE("what a newer kernel adds is passed over") {
  const Stats stats = parsed({{"cpu.stat", "core_sched.force_idle_usec 5\nusage_usec 9\nnew\n\n"},
                              {"cpu.pressure", "most avg10=1.00 total=5\nsome avg10=2.00 new=1 total=3\n"}});
  CHECK(stats.cpu_usage_ns == 9000);
  CHECK(stats.cpu_pressure->some.total_us == 3);
  CHECK(stats.cpu_pressure->full.total_us == 0);
}

}  // namespace
