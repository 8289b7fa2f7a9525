#include "agent/pods/log_lines.h"

#include <catch2/catch.hpp>

namespace {

using namespace agent::pods;

constexpr std::string_view kTime = "2026-11-22T09:50:16.123456789Z";

std::string logged(const std::string& stream, const std::string& tag, const std::string& text) {
  return std::string(kTime) + " " + stream + " " + tag + " " + text + "\n";
}

// What the decoder hands over, each piece as "o:text" or "e:text".
std::vector<std::string> decode(LogDecoder::Options options, const std::string& log, size_t step) {
  std::vector<std::string> out;
  LogDecoder decoder(options, [&out](bool is_stderr, std::string_view text) {
    out.push_back((is_stderr ? "e:" : "o:") + std::string(text));
  });
  for (size_t at = 0; at < log.size(); at += step) decoder.feed(std::string_view(log).substr(at, step));
  decoder.finish();
  return out;
}

TEST_CASE("a log line has a time, a stream, a tag and the text with all its spaces") {
  const auto line = parse_log_line("2026-11-22T09:50:16.123456789Z stderr P  a  b ");
  REQUIRE(line);
  CHECK(line->time == kTime);
  CHECK(line->is_stderr);
  CHECK(line->partial);
  CHECK(line->text == " a  b ");
  const auto empty = parse_log_line("2026-11-22T09:50:16.123456789Z stdout F ");
  REQUIRE(empty);
  CHECK(empty->text.empty());
  CHECK(parse_log_line("2026-11-22T09:50:16.1Z stdout F:future x")->text == "x");
}

TEST_CASE("what is not in the format is no log line") {
  const char* text = GENERATE("", "x", "2026 stdout", "2026 stdout X text", "2026 stdin F text", " stdout F text");
  CAPTURE(text);
  CHECK_FALSE(parse_log_line(text));
}

TEST_CASE("lines come out the same, whatever pieces the file is read in") {
  const std::string log = logged("stdout", "F", "one") + logged("stderr", "P", "t") + logged("stdout", "F", "two") +
                          logged("stderr", "P", "h") + logged("stderr", "F", "ree") + logged("stdout", "F", "");
  const size_t step = GENERATE(1, 7, 64, 100000);
  CHECK(decode({.timestamps = false, .whole_lines = true}, log, step) ==
        std::vector<std::string>{"o:one\n", "o:two\n", "e:three\n", "o:\n"});
  CHECK(decode({.timestamps = false, .whole_lines = false}, log, step) ==
        std::vector<std::string>{"o:one\n", "e:t", "o:two\n", "e:h", "e:ree\n", "o:\n"});
  const std::string time(kTime);
  CHECK(decode({.timestamps = true, .whole_lines = false}, log, step) ==
        std::vector<std::string>{"o:" + time + " one\n", "e:" + time + " t", "o:" + time + " two\n", "e:h", "e:ree\n",
                                 "o:" + time + " \n"});
}

TEST_CASE("what a container wrote last without an end of line is shown at the end") {
  CHECK(decode({.timestamps = false, .whole_lines = true}, logged("stdout", "P", "prompt> "), 5) ==
        std::vector<std::string>{"o:prompt> \n"});
}

TEST_CASE("a line without end is shown in several") {
  std::string log;
  const std::string part(16384, 'x');
  for (int i = 0; i < 130; ++i) log += logged("stdout", "P", part);
  const std::vector<std::string> out = decode({.timestamps = false, .whole_lines = true}, log, 65536);
  REQUIRE(out.size() == 2);
  CHECK(out[0].size() > 1UL << 20);
}

TEST_CASE("lines that are not in the format are shown as they are") {
  CHECK(decode({}, "garbage\n", 100) == std::vector<std::string>{"o:garbage\n"});
}

TEST_CASE("the tail counts the container's lines, not the file's") {
  const std::string one = logged("stdout", "F", "1");
  const std::string two = logged("stdout", "P", "2a") + logged("stdout", "F", "2b");
  const std::string three = logged("stdout", "F", "3");
  const std::string log = one + two + three;
  CHECK(tail_offset(log, 0) == log.size());
  CHECK(tail_offset(log, 1) == one.size() + two.size());
  CHECK(tail_offset(log, 2) == one.size());
  CHECK(tail_offset(log, 3) == 0);
  CHECK(tail_offset(log, 100) == 0);
  CHECK(tail_offset("", 5) == 0);
  const std::string open = log + logged("stdout", "P", "4");
  CHECK(tail_offset(open, 1) == log.size());
  CHECK(tail_offset(one + "cut off", 1) == one.size());
}

}  // namespace
