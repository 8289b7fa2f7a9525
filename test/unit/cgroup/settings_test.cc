#include "runtime/cgroup/settings.h"

#include <catch2/catch.hpp>

#include "runtime/cgroup/missing.h"
#include "runtime/cgroup/values.h"

namespace {

using namespace runtime::cgroup;

Settings settings(const Resources& resources) {
  const auto made = to_settings(resources);
  if (!made) FAIL(made.error().to_string());
  return *made;
}

std::string refusal(const Resources& resources) {
  const auto made = to_settings(resources);
  if (made) FAIL("it was taken");
  CHECK(made.error().code() == base::Code::kInvalidArgument);
  return made.error().to_string();
}

TEST_CASE("a processor's shares become the kernel's default weight, whatever the level") {
  CHECK(weight_of_shares(1024) == 100);
  CHECK(weight_of_shares(0) == 0);
  CHECK(weight_of_shares(2) == 1);
  CHECK(weight_of_shares(3) == 2);
  CHECK(weight_of_shares(102) == 17);
  CHECK(weight_of_shares(512) == 59);
  CHECK(weight_of_shares(2048) == 174);
  CHECK(weight_of_shares(4096) == 303);
  CHECK(weight_of_shares(262'143) == 10'000);
  CHECK(weight_of_shares(262'144) == 10'000);
  CHECK(weight_of_shares(1'000'000) == 10'000);
  uint64_t before = 0;
  for (uint64_t shares = 1; shares < 300'000; shares += 7) {
    const uint64_t weight = weight_of_shares(shares);
    CHECK((weight >= before && weight >= 1 && weight <= 10'000));
    before = weight;
  }
}

TEST_CASE("shares and quota of an amount of processors") {
  CHECK(shares_of_milli_cpu(0) == 2);
  CHECK(shares_of_milli_cpu(1) == 2);
  CHECK(shares_of_milli_cpu(100) == 102);
  CHECK(shares_of_milli_cpu(1000) == 1024);
  CHECK(shares_of_milli_cpu(256'000) == 262'144);
  CHECK(shares_of_milli_cpu(INT64_MAX) == 262'144);
  CHECK(quota_of_milli_cpu(0, 100'000) == 0);
  CHECK(quota_of_milli_cpu(1, 100'000) == 1'000);
  CHECK(quota_of_milli_cpu(250, 100'000) == 25'000);
  CHECK(quota_of_milli_cpu(1500, 10'000) == 15'000);
  CHECK(quota_of_milli_cpu(INT64_MAX, 1'000'000) == INT64_MAX);
}

TEST_CASE("amounts are written to the kernel's files") {
  CHECK(settings({}).empty());
  CHECK(settings({.cpu_shares = 512, .cpu_quota = 50'000, .cpu_period = 20'000}) ==
        Settings{{"cpu.weight", "59"}, {"cpu.max", "50000 20000"}});
  CHECK(settings({.cpu_quota = 25'000, .cpu_burst = 25'000}) ==
        Settings{{"cpu.max", "25000 100000"}, {"cpu.max.burst", "25000"}});
  CHECK(settings({.cpu_quota = -1}) == Settings{{"cpu.max", "max 100000"}});
  CHECK(settings({.cpu_period = 100'000}).empty());
  CHECK(settings({.cpus = "0-1", .mems = "0"}) == Settings{{"cpuset.cpus", "0-1"}, {"cpuset.mems", "0"}});
  CHECK(settings({.memory_limit = 64, .memory_swap = 100}) ==
        Settings{{"memory.max", "64"}, {"memory.swap.max", "36"}});
  CHECK(settings({.memory_limit = 64, .memory_swap = 64}).back() == Setting{"memory.swap.max", "0"});
  CHECK(settings({.memory_limit = -1, .memory_swap = -1}) ==
        Settings{{"memory.max", "max"}, {"memory.swap.max", "max"}});
  CHECK(settings({.pids_limit = 9}) == Settings{{"pids.max", "9"}});
  CHECK(settings({.pids_limit = -1}) == Settings{{"pids.max", "max"}});
  CHECK(settings({.pids_limit = 0}).empty());
  CHECK(settings({.huge_pages = {{.page_size = "2MB", .limit = 4}}}) ==
        Settings{{"hugetlb.2MB.max", "4"}, {"hugetlb.2MB.rsvd.max", "4"}});
}

TEST_CASE("what unified says goes before the rest") {
  CHECK(settings({.memory_limit = 64, .unified = {{"memory.max", "128"}, {"memory.high", "100"}}}) ==
        Settings{{"memory.max", "128"}, {"memory.high", "100"}});
  // An idle cgroup takes no weight, and one that was idle none before it stops.
  CHECK(settings({.cpu_shares = 512, .unified = {{"cpu.idle", "1"}}}) == Settings{{"cpu.idle", "1"}});
  CHECK(settings({.cpu_shares = 512, .unified = {{"cpu.idle", "0"}}}) ==
        Settings{{"cpu.idle", "0"}, {"cpu.weight", "59"}});
  for (const char* file :
       {"cgroup.procs", "cgroup.kill", "memory.reclaim", "../memory.max", "memory", "memory.", "", "net_cls.classid"}) {
    CAPTURE(file);
    CHECK_THAT(refusal({.unified = {{file, "1"}}}), Catch::Contains("\"" + std::string(file) + "\""));
  }
}

TEST_CASE("amounts that the kernel does not take are refused with what it takes") {
  CHECK_THAT(refusal({.cpu_quota = 999}), Catch::Contains("999 us") && Catch::Contains("1000"));
  CHECK_THAT(refusal({.cpu_quota = 5000, .cpu_period = 999}), Catch::Contains("1000 to 1000000"));
  CHECK_THAT(refusal({.cpu_period = 1'000'001}), Catch::Contains("1000 to 1000000"));
  CHECK_THAT(refusal({.cpu_quota = 5000, .cpu_burst = 5001}), Catch::Contains("more than the quota"));
  CHECK_THAT(refusal({.memory_limit = 64, .memory_swap = 63}), Catch::Contains("64, which is more"));
  CHECK_THAT(refusal({.memory_swap = 63}), Catch::Contains("memory alone to nothing"));
}

TEST_CASE("a burst is cut to the quota that it belongs to") {
  const std::map<std::string, std::string> burst{{"cpu.max.burst", "9000"}};
  CHECK(settings({.cpu_quota = 5000, .unified = burst}) ==
        Settings{{"cpu.max", "5000 100000"}, {"cpu.max.burst", "5000"}});
  CHECK(settings({.cpu_quota = 9001, .unified = burst}).back() == Setting{"cpu.max.burst", "9000"});
  CHECK(settings({.cpu_quota = -1, .unified = burst}).back() == Setting{"cpu.max.burst", "9000"});
}

TEST_CASE("amounts and lists of control files") {
  CHECK(amount_in("max 100000") == kNoLimit);
  CHECK(amount_in("4096\n") == 4096);
  CHECK(amount_in("64M") == 64 << 20);
  CHECK(amount_in("1k") == 1024);
  CHECK(amount_in("99999999999E") == kNoLimit);
  for (const char* wrong : {"", "M", "-1", "1x", "1MB"}) CHECK_FALSE(amount_in(wrong).has_value());
  CHECK(mask_in("0-2,9\n") == std::vector<uint8_t>{7, 2});
  CHECK(mask_in("9,0-1,2") == mask_in("0-2,9"));
  CHECK(mask_in("")->empty());
  for (const char* wrong : {"a", "2-1", "1-", "0;1", "0-70000"}) CHECK_FALSE(mask_in(wrong).has_value());
}

TEST_CASE("what nobody has asked for may be missing") {
  for (const Setting& setting : {Setting{"cpu.weight", "1"},
                                 {"cpu.max", "max 100000"},
                                 {"memory.swap.max", "0"},
                                 {"memory.oom.group", "1"},
                                 {"hugetlb.2MB.max", "0"},
                                 {"pids.max", "max"},
                                 {"memory.low", "0"},
                                 {"memory.min", "0"},
                                 {"cpu.max.burst", "0"}}) {
    CAPTURE(setting.file);
    CHECK_FALSE(asks_for_something(setting));
  }
  for (const Setting& setting : {Setting{"cpu.weight", "2"},
                                 {"cpu.max", "1000 100000"},
                                 {"memory.swap.max", "1"},
                                 {"memory.max", "0"},
                                 {"hugetlb.2MB.max", "2097152"},
                                 {"pids.max", "1"},
                                 {"cpuset.cpus", "0"},
                                 {"io.weight", "100"}}) {
    CAPTURE(setting.file);
    CHECK(asks_for_something(setting));
  }
}

TEST_CASE("why a controller is missing") {
  const char* const kCgroups =
      "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t1\t1\t1\nblkio\t7\t1\t1\nmemory\t0\t54\t0\npids\t0\t3\t1\n";
  CHECK_THAT(why_missing("cpu", kCgroups), Catch::Contains("belongs to cgroup v1"));
  CHECK_THAT(why_missing("io", kCgroups), Catch::Contains("controller io belongs to cgroup v1"));
  CHECK_THAT(why_missing("memory", kCgroups), Catch::Contains("cgroup_disable=memory"));
  CHECK_THAT(why_missing("pids", kCgroups), Catch::Contains("a container itself"));
  CHECK(why_missing("hugetlb", kCgroups) == "this kernel has no controller hugetlb");
  CHECK(why_missing("cpu", "") == "this kernel has no controller cpu");
}

}  // namespace
