// Reading the stats of a cgroup allocates nothing. A program of its own: its malloc counts.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstddef>
#include <vector>

#include "runtime/cgroup/stats.h"
#include "test/host/cgroup/group.h"

namespace {

std::atomic<uint64_t> allocations = 0;

}  // namespace

// glibc's own; what calls malloc, operator new too, finds the one below.
extern "C" void* __libc_malloc(size_t size);  // NOLINT(bugprone-reserved-identifier)
extern "C" void* malloc(size_t size) {
  ++allocations;
  return __libc_malloc(size);
}

namespace {

using runtime::cgroup::Cgroup;
using runtime::cgroup::Meter;
using runtime::cgroup::Stats;

uint64_t allocations_of_reads(Meter& meter) {
  Stats stats;
  REQUIRE(meter.read(stats).has_value());
  bool all_read = true;
  const uint64_t before = allocations;
  for (int i = 0; i < 100; ++i) all_read = meter.read(stats).has_value() && all_read;
  const uint64_t during = allocations - before;
  CHECK(all_read);
  CHECK(stats.cpu_usage_ns > 0);
  return during;
}

TEST_CASE("reading stats allocates nothing, whether the files stay open or not") {
  const cgroup_test::Group group;
  (void)group.run({"true"});
  const auto meter_of = [&](Meter::Files files) {
    return Meter::of(Cgroup::open(group.hierarchy(), cgroup_test::name_of(group)).value(), files);
  };
  Meter open = meter_of(Meter::Files::kKeptOpen);
  CHECK(allocations_of_reads(open) == 0);
  Meter reopened = meter_of(Meter::Files::kOpenedForEachRead);
  CHECK(allocations_of_reads(reopened) == 0);
  const uint64_t before = allocations;
  const std::vector<int> counted(1);
  CHECK(allocations > before);
}

}  // namespace
