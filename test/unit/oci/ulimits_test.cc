#include "runtime/oci/ulimits.h"

#include <sys/resource.h>

#include <catch2/catch.hpp>

namespace {

using namespace runtime::oci;

TEST_CASE("ulimits as docker writes them") {
  CHECK(parse_ulimits("").value().empty());
  CHECK(parse_ulimits("nofile=1024:4096,core=0,memlock=unlimited,stack=8192:-1").value() ==
        std::vector<Rlimit>{{.type = "RLIMIT_NOFILE", .hard = 4096, .soft = 1024},
                            {.type = "RLIMIT_CORE", .hard = 0, .soft = 0},
                            {.type = "RLIMIT_MEMLOCK", .hard = kUnlimited, .soft = kUnlimited},
                            {.type = "RLIMIT_STACK", .hard = kUnlimited, .soft = 8192}});
  CHECK(kUnlimited == RLIM_INFINITY);
}

TEST_CASE("a wrong ulimit is named") {
  for (const char* text : {"nofile", "nofile=", "files=1", "nofile=x", "nofile=1:", "nofile=2:1", "nofile=-2",
                           "nofile=unlimited:5", "nofile=1,nofile=2", "=1", "nofile=1;core=0", ",",
                           "nofile=18446744073709551615", "nofile=99999999999999999999"}) {
    CAPTURE(text);
    const auto limits = parse_ulimits(text);
    REQUIRE_FALSE(limits.has_value());
    CHECK(limits.error().code() == base::Code::kInvalidArgument);
  }
  CHECK_THAT(parse_ulimits("core=0,files=1").error().to_string(),
             Catch::Contains("\"files=1\"") && Catch::Contains("nofile"));
}

TEST_CASE("numbers of limits") {
  CHECK(rlimit_number("RLIMIT_NOFILE") == RLIMIT_NOFILE);
  CHECK(rlimit_number("NOFILE") == -1);
}

}  // namespace
