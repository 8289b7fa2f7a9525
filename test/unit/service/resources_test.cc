#include "runtime/service/resources.h"

#include <sys/resource.h>

#include <catch2/catch.hpp>

#include "runtime/oci/ulimits.h"

namespace {

using runtime::oci::kUnlimited;
using runtime::oci::Process;
using runtime::oci::Rlimit;

TEST_CASE("no ulimit is above the hard one that this process has") {
  // Nothing in this program needs a real-time priority.
  const struct rlimit none{.rlim_cur = 0, .rlim_max = 0};
  REQUIRE(::setrlimit(RLIMIT_RTPRIO, &none) == 0);
  struct rlimit files{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &files) == 0);
  Process process;
  process.rlimits = {{.type = "RLIMIT_RTPRIO", .hard = 99, .soft = 50},
                     {.type = "RLIMIT_NOFILE", .hard = kUnlimited, .soft = 3},
                     {.type = "RLIMIT_CORE", .hard = 0, .soft = 0}};
  runtime::service::clamp_rlimits(process, "web");
  CHECK(process.rlimits == std::vector<Rlimit>{{.type = "RLIMIT_RTPRIO", .hard = 0, .soft = 0},
                                               {.type = "RLIMIT_NOFILE", .hard = files.rlim_max, .soft = 3},
                                               {.type = "RLIMIT_CORE", .hard = 0, .soft = 0}});
}

}  // namespace
