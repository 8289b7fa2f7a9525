#include "runtime/cgroup/unit_properties.h"

#include <algorithm>
#include <catch2/catch.hpp>

namespace {

using namespace runtime::cgroup;

using Mask = std::vector<uint8_t>;

constexpr int kNew = 252;

UnitProperty number(const char* name, uint64_t value) { return {name, value}; }

TEST_CASE("limits are told to systemd in its own words") {
  const Settings settings{{"cpu.weight", "59"}, {"memory.max", "67108864"}, {"memory.high", "48M"},
                          {"memory.low", "0"},  {"memory.min", "1k"},       {"memory.swap.max", "max"},
                          {"pids.max", "max"},  {"io.weight", "default 50"}};
  CHECK(to_properties(settings, kNew) == UnitProperties{number("CPUWeight", 59), number("MemoryMax", 67108864),
                                                        number("MemoryHigh", 48 << 20), number("MemoryLow", 0),
                                                        number("MemoryMin", 1024), number("MemorySwapMax", UINT64_MAX),
                                                        number("TasksMax", UINT64_MAX), number("IOWeight", 50)});
}

TEST_CASE("what systemd has no property for it is not told") {
  const Settings settings{{"hugetlb.2MB.max", "4194304"}, {"cpu.max.burst", "5000"}, {"memory.oom.group", "1"},
                          {"io.max", "8:0 rbps=1"},       {"io.weight", "8:0 200"},  {"memory.max", "much"},
                          {"cpuset.cpus", "0-6:1/2"}};
  CHECK(to_properties(settings, kNew).empty());
}

TEST_CASE("systemd takes no limit of nothing") {
  CHECK(to_properties({{"memory.max", "0"}, {"pids.max", "0"}}, kNew) ==
        UnitProperties{number("MemoryMax", 1), number("TasksMax", 1)});
}

TEST_CASE("a CPU quota becomes whole percents of a processor, never fewer") {
  const auto each_second = [](const char* cpu_max) {
    const UnitProperties told = to_properties({{"cpu.max", cpu_max}}, kNew);
    REQUIRE(told.size() == 2);
    CHECK(told[0].name == "CPUQuotaPerSecUSec");
    CHECK(told[1].name == "CPUQuotaPeriodUSec");
    return std::get<uint64_t>(told[0].value);
  };
  CHECK(each_second("20000 100000") == 200'000);
  CHECK(each_second("12500 100000") == 130'000);
  CHECK(each_second("1000 1000000") == 10'000);
  CHECK(each_second("250000 100000") == 2'500'000);
  CHECK(each_second("3000 7000") == 430'000);
  CHECK(each_second("20000") == 200'000);
  CHECK(each_second("max 100000") == UINT64_MAX);
  CHECK(each_second("18446744073709551614 1000") == UINT64_MAX - 1);
  CHECK(to_properties({{"cpu.max", "20000 50000"}}, kNew)[1] == number("CPUQuotaPeriodUSec", 50'000));
  for (const char* odd : {"", "1 0", "x 100000", "1 x"}) CHECK(to_properties({{"cpu.max", odd}}, kNew).empty());
}

TEST_CASE("where systemd writes a quota itself, it is what systemd will write") {
  const auto kept = [](const char* cpu_max) { return as_systemd_has_it({{"cpu.max", cpu_max}})[0].value; };
  CHECK(kept("12500 100000") == "13000 100000");
  CHECK(kept("20000 100000") == "20000 100000");
  CHECK(kept("3000 7000") == "3010 7000");
  CHECK(kept("20500") == "21000 100000");
  CHECK(kept("max 100000") == "max 100000");
  CHECK(kept("odd") == "odd");
  CHECK(as_systemd_has_it({{"memory.max", "1"}}) == Settings{{"memory.max", "1"}});
}

TEST_CASE("processors and memory nodes are bits") {
  const auto bits = [](const char* list) {
    const UnitProperties told = to_properties({{"cpuset.cpus", list}}, kNew);
    REQUIRE(told.size() == 1);
    CHECK(told[0].name == "AllowedCPUs");
    return std::get<Mask>(told[0].value);
  };
  CHECK(bits("0") == Mask{0x01});
  CHECK(bits("0-2,7") == Mask{0x87});
  CHECK(bits("8,1") == Mask{0x02, 0x01});
  CHECK(bits("").empty());
  CHECK(to_properties({{"cpuset.mems", "1"}}, kNew) == UnitProperties{{"AllowedMemoryNodes", Mask{0x02}}});
  for (const char* odd : {"a", "3-1", "1-", "4000000000", "1 2", "-1"}) {
    INFO(odd);
    CHECK(to_properties({{"cpuset.cpus", odd}}, kNew).empty());
  }
}

TEST_CASE("idle goes before a weight, and is not told to a systemd that does not know it") {
  const Settings idle{{"cpu.weight", "1"}, {"cpu.idle", "1"}};
  CHECK(needs_version(idle));
  CHECK(to_properties(idle, kIdleSince) == UnitProperties{number("CPUWeight", 0)});
  CHECK(to_properties(idle, kIdleSince - 1).empty());
  const Settings busy{{"cpu.weight", "7"}, {"cpu.idle", "0"}};
  CHECK_FALSE(needs_version(busy));
  CHECK(to_properties(busy, 0) == UnitProperties{number("CPUWeight", 7)});
  CHECK(to_properties({{"cpu.idle", "0"}}, 0) == UnitProperties{number("CPUWeight", UINT64_MAX)});
}

TEST_CASE("a scope says whose it is and that what is inside is ours") {
  const UnitProperties told = scope_properties("nodeagent-c1.scope", "kubepods-podu.slice", 7);
  const auto value = [&](const char* name) {
    const auto found = std::ranges::find(told, name, &UnitProperty::name);
    REQUIRE(found != told.end());
    return found->value;
  };
  CHECK(value("Description") == UnitValue("container c1"));
  CHECK(value("Slice") == UnitValue("kubepods-podu.slice"));
  CHECK(value("Delegate") == UnitValue(true));
  CHECK(value("PIDs") == UnitValue(std::vector<uint32_t>{7}));
  CHECK(value("CollectMode") == UnitValue("inactive-or-failed"));
}

}  // namespace
