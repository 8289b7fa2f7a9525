#include "runtime/shim/cri_log.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <vector>

#include "base/file.h"

using runtime::shim::LineSplitter;
using runtime::shim::LogBatch;
using runtime::shim::LogClock;
using runtime::shim::LogWriter;

namespace {

struct Piece {
  std::string text;
  bool partial;
  bool operator==(const Piece&) const = default;
};

std::vector<Piece> split(uint32_t max_line, const std::vector<std::string>& chunks) {
  LineSplitter splitter(max_line);
  std::vector<Piece> pieces;
  const auto emit = [&](std::string_view first, std::string_view second, bool partial) {
    pieces.push_back({std::string(first) + std::string(second), partial});
  };
  for (const std::string& chunk : chunks) splitter.feed(chunk, emit);
  splitter.finish(emit);
  return pieces;
}

}  // namespace

TEST_CASE("lines are found wherever reads cut them") {
  CHECK(split(100, {"a\nb\n"}) == std::vector<Piece>{{"a", false}, {"b", false}});
  CHECK(split(100, {"a", "b", "c\nd", "\n"}) == std::vector<Piece>{{"abc", false}, {"d", false}});
  CHECK(split(100, {"\n\n"}) == std::vector<Piece>{{"", false}, {"", false}});
  CHECK(split(100, {"end"}) == std::vector<Piece>{{"end", true}});
  CHECK(split(100, {}).empty());
}

TEST_CASE("a line that fills the limit exactly is whole; one byte more cuts it") {
  CHECK(split(4, {"abcd\n"}) == std::vector<Piece>{{"abcd", false}});
  CHECK(split(4, {"abcd", "\n"}) == std::vector<Piece>{{"abcd", false}});
  CHECK(split(4, {"abcde\n"}) == std::vector<Piece>{{"abcd", true}, {"e", false}});
  CHECK(split(4, {"abc", "defghij\nk\n"}) ==
        std::vector<Piece>{{"abcd", true}, {"efgh", true}, {"ij", false}, {"k", false}});
}

TEST_CASE("log times are RFC 3339 with nine digits, across a change of second") {
  LogClock clock;
  CHECK(clock.format({.tv_sec = 0, .tv_nsec = 5}) == "1970-01-01T00:00:00.000000005Z");
  CHECK(clock.format({.tv_sec = 1795341016, .tv_nsec = 123456789}) == "2026-11-22T09:50:16.123456789Z");
  CHECK(clock.format({.tv_sec = 1795341016, .tv_nsec = 999999999}) == "2026-11-22T09:50:16.999999999Z");
  CHECK(clock.format({.tv_sec = 1709164799, .tv_nsec = 0}) == "2024-02-28T23:59:59.000000000Z");
  CHECK(clock.format({.tv_sec = 1709164800, .tv_nsec = 0}) == "2024-02-29T00:00:00.000000000Z");
}

TEST_CASE("a batch larger than one write keeps every line and its order") {
  base::UniqueFd file(::memfd_create("log", MFD_CLOEXEC));
  const base::UniqueFd reader(::dup(file.get()));
  LogWriter writer(std::move(file));
  std::vector<std::string> texts;
  std::string expected;
  for (int i = 0; i < 500; ++i) {
    texts.push_back("line " + std::to_string(i));
    expected += "1970-01-01T00:00:01.000000002Z stderr P " + texts.back() + "\n";
  }
  LogBatch batch(writer, "stderr", {.tv_sec = 1, .tv_nsec = 2});
  for (const std::string& text : texts) batch.line("", text, true);
  batch.flush();
  REQUIRE(::lseek(reader.get(), 0, SEEK_SET) == 0);
  CHECK(*base::read_fd(reader.get()) == expected);
  CHECK(writer.dropped() == 0);
}

TEST_CASE("lines that cannot be written are counted") {
  LogWriter writer(base::UniqueFd(::open("/dev/full", O_WRONLY | O_CLOEXEC)));
  LogBatch batch(writer, "stdout", {.tv_sec = 1, .tv_nsec = 2});
  for (int i = 0; i < 100; ++i) batch.line("", "text", false);
  batch.flush();
  CHECK(writer.dropped() == 100);
}
