#include "agent/cli/output.h"

#include <catch2/catch.hpp>

namespace {

using namespace agent::cli;

TEST_CASE("a table's columns are as wide as their longest cell") {
  CHECK(format_table({{"NAME", "STATUS"}, {"a-long-name", "Running"}, {"b", ""}}) ==
        "NAME         STATUS\n"
        "a-long-name  Running\n"
        "b\n");
  CHECK(format_table({{"ü", "x"}, {"ab", "y"}}) == "ü   x\nab  y\n");
}

TEST_CASE("prefixes are aligned, and coloured only where wanted") {
  CHECK(line_prefix("web", 7, 0, false) == "web     | ");
  CHECK(line_prefix("sidecar", 7, 1, false) == "sidecar | ");
  CHECK(line_prefix("web", 3, 0, true) == "\x1b[36mweb | \x1b[0m");
  CHECK(line_prefix("web", 3, 0, true) != line_prefix("web", 3, 1, true));
  CHECK(line_prefix("web", 3, 0, true) == line_prefix("web", 3, 6, true));
}

TEST_CASE("durations and sizes are short") {
  CHECK(short_duration(-5) == "0s");
  CHECK(short_duration(119) == "119s");
  CHECK(short_duration(120) == "2m");
  CHECK(short_duration(7200) == "2h");
  CHECK(short_duration(3 * 86400) == "3d");
  CHECK(short_size(0) == "0 B");
  CHECK(short_size(999) == "999 B");
  CHECK(short_size(4'300'000) == "4.3 MB");
  CHECK(short_size(999'960) == "1.0 MB");
}

TEST_CASE("text becomes a JSON string") { CHECK(json_string("a\"b\\c\n\x01") == R"("a\"b\\c\u000a\u0001")"); }

}  // namespace
