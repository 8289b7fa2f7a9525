#include "base/clock.h"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;

namespace {
base::WallTime at(std::chrono::nanoseconds since_epoch) {
  return base::WallTime(std::chrono::duration_cast<base::WallTime::duration>(since_epoch));
}
}  // namespace

TEST_CASE("times are written as metav1.Time writes them") {
  CHECK(base::rfc3339(at(0s)) == "1970-01-01T00:00:00Z");
  CHECK(base::rfc3339(at(1'795'341'016s)) == "2026-11-22T09:50:16Z");
  // Whole seconds are cut, not rounded.
  CHECK(base::rfc3339(at(1'795'341'016s + 999'999'999ns)) == "2026-11-22T09:50:16Z");
  CHECK(base::rfc3339(at(951'782'400s)) == "2000-02-29T00:00:00Z");
}

TEST_CASE("CRI log times always have nine digits") {
  CHECK(base::rfc3339_nano(at(0s)) == "1970-01-01T00:00:00.000000000Z");
  CHECK(base::rfc3339_nano(at(1'795'341'016s + 1ns)) == "2026-11-22T09:50:16.000000001Z");
  CHECK(base::rfc3339_nano(at(1'795'341'016s + 120'000'000ns)) == "2026-11-22T09:50:16.120000000Z");
}

TEST_CASE("times before 1970 count towards it") {
  CHECK(base::rfc3339_nano(at(-1ns)) == "1969-12-31T23:59:59.999999999Z");
  CHECK(base::rfc3339(at(-1ns)) == "1969-12-31T23:59:59Z");
}

TEST_CASE("the system's monotonic clock does not go back") {
  const base::Clock& clock = base::system_clock();
  const base::Monotonic first = clock.now();
  CHECK(clock.now() >= first);
  CHECK(clock.wall() > at(1'700'000'000s));
}
