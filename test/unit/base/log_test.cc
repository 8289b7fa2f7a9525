// What a process writes to stderr: each case runs this test program again with a hidden case of it.
#include "base/log.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "base/spawn.h"

namespace logging = base::log;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> stderr_of(const std::string& hidden_case, std::vector<std::string> environment = {}) {
  const auto output =
      base::run({.arguments = {"/proc/self/exe", hidden_case}, .environment = std::move(environment)}, "", 30s);
  REQUIRE(output);
  CHECK(output->exit.code == 0);
  std::vector<std::string> lines;
  std::istringstream text(output->err);
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("child: log without init", "[.]") {
  logging::info({}, "not shown");
  logging::warning({.pod = "web"}, "shown ", 1);
}

TEST_CASE("child: log as JSON from two threads", "[.]") {
  logging::init(logging::Level::kInfo, logging::Format::kAuto);
  const auto write = [] {
    for (int i = 0; i < 100; ++i) logging::info({.pod = "web"}, "line ", i);
  };
  logging::debug({}, "not shown");
  std::thread other(write);
  write();
  other.join();
}

TEST_CASE("child: log for a journal that is not there", "[.]") {
  logging::init(logging::Level::kDebug, logging::Format::kJournal);
  logging::debug({}, "kept");
}

TEST_CASE("before init, warnings go to stderr as text") {
  const auto lines = stderr_of("child: log without init");
  REQUIRE(lines.size() == 1);
  CHECK_THAT(lines[0], Catch::EndsWith("warning: shown 1 pod=web"));
}

TEST_CASE("where stderr is no terminal, each line is one JSON object, also from several threads") {
  const auto lines = stderr_of("child: log as JSON from two threads");
  REQUIRE(lines.size() == 200);
  for (const std::string& line : lines) CHECK(nlohmann::json::parse(line)["pod"] == "web");
}

TEST_CASE("a journal that does not listen does not cost the line") {
  if (::access("/run/systemd/journal/socket", F_OK) == 0) {
    WARN("skipped: a journal listens on this machine");
    return;
  }
  const auto lines = stderr_of("child: log for a journal that is not there");
  REQUIRE(lines.size() == 1);
  CHECK(nlohmann::json::parse(lines[0])["message"] == "kept");
}
