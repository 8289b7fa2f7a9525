// What one import may make of the bytes that came in.
#include <catch2/catch.hpp>

#include "runtime/image/layer_stream.h"

namespace {

using runtime::image::ExpansionBudget;

constexpr int64_t kGiB = 1L << 30;

TEST_CASE("all streams of an import draw on one budget") {
  ExpansionBudget budget;
  budget.came_in(1000);
  CHECK(budget.made(kGiB / 2));
  CHECK(budget.made(kGiB / 2));
  CHECK_FALSE(budget.made(1));
}

TEST_CASE("a large source may become a hundred times as large") {
  ExpansionBudget budget;
  budget.came_in(kGiB);
  CHECK(budget.made(100 * kGiB));
  CHECK_FALSE(budget.made(100));
}

}  // namespace
