#include "agent/cli/joined_output.h"

#include <fcntl.h>

#include <catch2/catch.hpp>

#include "base/file.h"
#include "base/sys.h"
#include "test/unit/temp_dir.h"

namespace {

using agent::cli::JoinedOutput;

// A container's log and the user's terminal, as files.
struct Ends {
  test::TempDir dir;
  std::string log = std::string(dir.path()) + "/0.log";
  base::UniqueFd terminal = base::sys::open(std::string(dir.path()) + "/terminal", O_RDWR | O_CREAT, 0600).value();

  // The size of the log afterwards.
  uint64_t write_log(const std::string& text) const {
    const auto fd = base::sys::open(log, O_WRONLY | O_CREAT | O_APPEND, 0600).value();
    REQUIRE(base::sys::write_all(fd.get(), text));
    return base::read_file(log)->size();
  }
  std::string shown() const { return base::read_file(std::string(dir.path()) + "/terminal").value(); }
};

constexpr const char* kLinePrefix = "2026-11-22T09:50:16.123456789Z stdout ";

std::string line(const std::string& text) { return kLinePrefix + ("F " + text + "\n"); }
std::string part(const std::string& text) { return kLinePrefix + ("P " + text + "\n"); }

TEST_CASE("what was written before the attach comes from the log, the unfinished line with the copies") {
  const Ends ends;
  JoinedOutput joined(ends.log, false, ends.terminal.get());
  joined.attached(ends.write_log(line("one\r") + line("two\r")));
  ends.write_log(line("$ ls"));  // of the copies, too
  while (joined.behind()) REQUIRE(joined.catch_up());
  CHECK(ends.shown() == "one\r\ntwo\r\n");
  REQUIRE(joined.copy("$ "));
  REQUIRE(joined.copy("ls\n"));
  REQUIRE(joined.finish());
  CHECK(ends.shown() == "one\r\ntwo\r\n$ ls\n");
}

TEST_CASE("a reader that was cut off gets from the log what it missed, and nothing twice") {
  const Ends ends;
  JoinedOutput joined(ends.log, false, ends.terminal.get());
  joined.attached(0);
  REQUIRE(joined.copy("one\ntw"));
  const uint64_t logged = ends.write_log(line("one") + part("tw") + line("o") + line("three"));
  SECTION("in the middle of what is logged by now") {
    joined.attached(logged);
    while (joined.behind()) REQUIRE(joined.catch_up());
    CHECK(ends.shown() == "one\ntwo\nthree\n");
    REQUIRE(joined.copy("four"));
    ends.write_log(part("four"));
    REQUIRE(joined.finish());
    CHECK(ends.shown() == "one\ntwo\nthree\nfour");
  }
  SECTION("in a line that is not logged yet") {
    REQUIRE(joined.copy("o\nthree\nfo"));
    joined.attached(logged);
    while (joined.behind()) REQUIRE(joined.catch_up());
    REQUIRE(joined.copy("four"));  // the unfinished line from its beginning
    CHECK(ends.shown() == "one\ntwo\nthree\nfour");
  }
  SECTION("by the container's end") {
    REQUIRE(joined.finish());
    ends.write_log(line("last"));
    REQUIRE(joined.finish());
    CHECK(ends.shown() == "one\ntwo\nthree\nlast\n");
  }
}

TEST_CASE("an adopted run is shown from the attach on") {
  const Ends ends;
  JoinedOutput joined(ends.log, true, ends.terminal.get());
  joined.attached(ends.write_log(line("before")));
  CHECK_FALSE(joined.behind());
  REQUIRE(joined.copy("$ "));
  ends.write_log(line("$ now"));
  REQUIRE(joined.finish());
  CHECK(ends.shown() == "$ now\n");
}

TEST_CASE("without a log there are the copies") {
  const Ends ends;
  JoinedOutput joined(ends.log, false, ends.terminal.get());
  joined.attached(100);
  REQUIRE(joined.catch_up());
  CHECK_FALSE(joined.behind());
  REQUIRE(joined.copy("text"));
  REQUIRE(joined.finish());
  CHECK(ends.shown() == "text");
}

}  // namespace
