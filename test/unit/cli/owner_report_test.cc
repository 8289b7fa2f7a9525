#include "agent/cli/owner_report.h"

#include <catch2/catch.hpp>

namespace {

using namespace agent::cli;

TEST_CASE("what an owner tells arrives as it was told") {
  ReportChannel channel = open_report_channel().value();
  const std::vector<OwnerReport> reports{Taken{},
                                         StartWarning{"default/a", "web", "BackOff: restarting\nsecond line"},
                                         StartWarning{"", "", ""},
                                         PodStarted{"default/a"},
                                         EndedEarly{127, "pod default/a", "Failed", "exec /no: no such file\n"},
                                         EndedEarly{0, "Job default/b", "Complete", ""},
                                         StartOver{},
                                         OwnerFailed{"pod default/web is already run by process 7"}};
  for (const OwnerReport& report : reports) {
    send_report(channel.writer.get(), report);
    const auto received = receive_report(channel.reader.get());
    REQUIRE(received);
    CHECK(*received == report);
  }
  channel.writer.reset();
  CHECK(receive_report(channel.reader.get()).error().code() == base::Code::kUnavailable);
}

TEST_CASE("an owner does not mind that nobody listens, and a long text is cut") {
  ReportChannel channel = open_report_channel().value();
  send_report(channel.writer.get(), OwnerFailed{std::string(1 << 20, 'x')});
  const auto received = receive_report(channel.reader.get());
  REQUIRE(received);
  CHECK(std::get<OwnerFailed>(*received).error.size() > 60'000);
  channel.reader.reset();
  send_report(channel.writer.get(), StartOver{});
}

TEST_CASE("what is no report is refused") {
  for (const char* text : {"", "taken\n", "begun", "warning\n", "warning\nweb", "ended\n1\nFailed",
                           "ended\nx\nFailed\n", "ended\n1x\nFailed\n", "ended\n99999999999\nFailed\n"}) {
    CAPTURE(text);
    CHECK(parse_report(text).error().code() == base::Code::kInvalidArgument);
  }
}

}  // namespace
