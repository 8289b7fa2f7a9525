#include "runtime/service/ids.h"

#include <signal.h>

#include <catch2/catch.hpp>

using runtime::service::new_id;
using runtime::service::signal_number;

TEST_CASE("ids are 64 hexadecimal digits and differ") {
  const auto a = new_id();
  const auto b = new_id();
  REQUIRE(a);
  REQUIRE(b);
  CHECK(a->size() == 64);
  CHECK(a->find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(*a != *b);
}

TEST_CASE("signals are known by name and by number") {
  CHECK(signal_number("SIGTERM") == SIGTERM);
  CHECK(signal_number("TERM") == SIGTERM);
  CHECK(signal_number("15") == 15);
  CHECK(signal_number("SIGWINCH") == SIGWINCH);
  CHECK(signal_number("RTMIN") == 34);
  CHECK(signal_number("SIGRTMIN+3") == 37);
  CHECK(signal_number("SIGRTMAX-1") == 63);
  for (const char* wrong :
       {"", "SIG", "0", "-1", "65", "15x", "SIGNOPE", "RTMIN-1", "RTMIN+31", "RTMAX+1", "sigterm "}) {
    INFO(wrong);
    const auto number = signal_number(wrong);
    REQUIRE(!number);
    CHECK(number.error().code() == base::Code::kInvalidArgument);
  }
}
