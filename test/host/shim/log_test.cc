#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <fstream>
#include <regex>

#include "base/file.h"
#include "test/host/shim/pod.h"

namespace oci = runtime::oci;
using Catch::Contains;
using test::Ended;
using test::Pod;

TEST_CASE("the log is in CRI form, both streams") {
  Pod pod;
  const Ended ended = pod.run("web", {.args = {"sh", "-c", "echo one; echo two >&2; printf end"}});
  REQUIRE(ended.lines.size() == 3);
  const std::regex form(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z (stdout|stderr) [FP] .*)");
  for (const std::string& line : ended.lines) CHECK(std::regex_match(line, form));
  CHECK(ended.out == "one\nend");  // what has no newline stays without one
  CHECK(ended.err == "two\n");
}

TEST_CASE("a line longer than 16 KiB is cut into pieces that say so") {
  Pod pod;
  const Ended ended =
      pod.run("web", {.args = {"sh", "-c",
                               "head -c 40000 /dev/zero | awk '{gsub(/./,\"x\")}1' | wc -c; "
                               "yes abcdefghi | head -n 4000 | while read l; do printf $l; done; echo"}});
  // 36000 characters: 16384, 16384, 3232.
  std::vector<std::string> pieces;
  for (const std::string& line : ended.lines) {
    if (line.find("abcdefghi") != std::string::npos) pieces.push_back(line);
  }
  REQUIRE(pieces.size() == 3);
  const size_t header = 40;
  CHECK(pieces[0].size() == header + 16384);
  CHECK(pieces[1].size() == header + 16384);
  CHECK(pieces[2].size() == header + 3232);
  CHECK(pieces[0][header - 2] == 'P');
  CHECK(pieces[2][header - 2] == 'F');
}

TEST_CASE("everything that was written is in the log before the exit is announced") {
  Pod pod;
  const Ended ended = pod.run("web", {.args = {"seq", "1", "300000"}});
  std::string expected;
  for (int i = 1; i <= 300000; ++i) expected += std::to_string(i) + "\n";
  CHECK(ended.out == expected);
}

TEST_CASE("a rotated log goes on in a new file") {
  Pod pod;
  REQUIRE(pod.start("web", {.args = {"sh", "-c", "echo before; read line; echo after"}, .open_stdin = true}));
  REQUIRE(pod.wait_for_log("web", "before"));
  std::filesystem::rename(pod.log_path("web"), pod.log_path("rotated"));
  REQUIRE(pod.client().reopen_log("web"));
  const auto input = pod.client().attach("web", -1, -1, true);
  REQUIRE(input);
  REQUIRE(::write(input->input.get(), "go\n", 3) == 3);
  pod.wait_event();
  CHECK(test::text_of(pod.log_lines("rotated"), "stdout") == "before\n");
  CHECK(test::text_of(pod.log_lines("web"), "stdout") == "after\n");
}

TEST_CASE("a full disk drops lines and counts them, and the container goes on") {
  Pod pod;
  const std::string logs = pod.dir() / "logs";
  REQUIRE(::mount("tmpfs", logs.c_str(), "tmpfs", 0, "size=256k") == 0);
  // A lazy unmount, so that the folder can go whatever the test finds.
  const auto unmount = std::shared_ptr<void>(nullptr, [&](void*) { ::umount2(logs.c_str(), MNT_DETACH); });
  const Ended ended = pod.run("web", {.args = {"seq", "1", "100000"}});
  CHECK(ended.event.exit_code == 0);
  REQUIRE_FALSE(ended.lines.empty());
  const auto state = pod.client().state();
  REQUIRE(state);
  REQUIRE(state->size() == 1);
  CHECK((*state)[0].log_lines_dropped + ended.lines.size() == 100000);
  // No line is torn.
  const std::regex form(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z stdout F \d+)");
  CHECK(std::all_of(ended.lines.begin(), ended.lines.end(),
                    [&](const std::string& line) { return std::regex_match(line, form); }));
}

TEST_CASE("attached clients get copies, stdin reaches the container, the log has it all") {
  Pod pod;
  REQUIRE(pod.start("web", {.args = {"sh", "-c", "cat; echo done >&2"}, .open_stdin = true, .stdin_once = true}));
  int out[2];
  int err[2];
  REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
  REQUIRE(::pipe2(err, O_CLOEXEC) == 0);
  base::UniqueFd out_end(out[0]);
  base::UniqueFd err_end(err[0]);
  auto input = pod.client().attach("web", out[1], err[1], true);
  ::close(out[1]);
  ::close(err[1]);
  REQUIRE(input);
  REQUIRE(::write(input->input.get(), "hello\n", 6) == 6);
  input->input.reset();  // stdinOnce: the container sees the end of its input
  pod.wait_event();
  CHECK(*base::read_fd(out_end.get()) == "hello\n");
  CHECK(*base::read_fd(err_end.get()) == "done\n");
  CHECK(test::text_of(pod.log_lines("web"), "stdout") == "hello\n");
}

TEST_CASE("who attaches is told how far the log is, and gets the unfinished line from its beginning") {
  Pod pod;
  REQUIRE(pod.start("web", {.args = {"sh", "-c", "echo one; printf prompt; read x; echo -$x"}, .open_stdin = true}));
  REQUIRE(pod.wait_for_log("web", "one"));
  // A second client, when the line has begun for sure.
  std::string first;
  for (int client = 0; client < 2; ++client) {
    int out[2];
    REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
    const base::UniqueFd out_end(out[0]);
    const auto attached = pod.client().attach("web", out[1], -1, true);
    ::close(out[1]);
    REQUIRE(attached);
    CHECK(attached->log_bytes == base::read_file(pod.log_path("web"))->size());
    std::array<char, 64> buffer{};
    while (first.size() < 6) {
      const ssize_t got = ::read(out_end.get(), buffer.data(), buffer.size());
      REQUIRE(got > 0);
      first.append(buffer.data(), static_cast<size_t>(got));
    }
    CHECK(first == "prompt");
    if (client == 0) {
      first.clear();
      continue;
    }
    REQUIRE(::write(attached->input.get(), "typed\n", 6) == 6);
    pod.wait_event();
    CHECK(*base::read_fd(out_end.get()) == "-typed\n");
  }
}

TEST_CASE("a client that does not read is cut off and holds nobody up") {
  Pod pod;
  REQUIRE(pod.start("web", {.args = {"sh", "-c", "read x; seq 1 100000"}, .open_stdin = true}));
  int out[2];
  REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
  const base::UniqueFd out_end(out[0]);
  const auto input = pod.client().attach("web", out[1], -1, true);
  ::close(out[1]);
  REQUIRE(input);
  REQUIRE(::write(input->input.get(), "\n", 1) == 1);
  CHECK(pod.wait_event().exit_code == 0);
  CHECK(pod.log_lines("web").size() == 100000);
}

TEST_CASE("a terminal: one stream, a size, /dev/console, and the end of it") {
  Pod pod;
  const auto started = pod.start(
      "web", {.args = {"sh", "-c", "tty; read x; stty size; test -c /dev/console && echo console; cat; exit 3"},
              .terminal = true,
              .open_stdin = true});
  if (!started) FAIL(started.error().to_string());
  REQUIRE(pod.wait_for_log("web", "/dev/pts/0"));
  CHECK(pod.client().resize("web", 99, 33));
  const auto terminal = pod.client().attach("web", -1, -1, true);
  REQUIRE(terminal);
  REQUIRE(::write(terminal->input.get(), "\n", 1) == 1);
  REQUIRE(pod.wait_for_log("web", "console"));
  CHECK(pod.client().close_stdin("web"));
  CHECK(pod.wait_event().exit_code == 3);
  const std::string out = test::text_of(pod.log_lines("web"), "stdout");
  CHECK_THAT(out, Contains("33 99\r\n"));
}

TEST_CASE("a pipe that somebody outside holds open delays the exit, but not for ever") {
  Pod pod;
  const auto started = pod.start("web", {.args = {"sh", "-c", "echo last; sleep 1000"}});
  REQUIRE(started);
  REQUIRE(pod.wait_for_log("web", "last"));
  const base::UniqueFd held(::open(("/proc/" + std::to_string(started->pid) + "/fd/1").c_str(), O_WRONLY | O_CLOEXEC));
  REQUIRE(held);
  REQUIRE(pod.client().kill("web", SIGKILL));
  REQUIRE(test::wait_gone(started->pid));
  REQUIRE(::write(held.get(), "more\n", 5) == 5);
  CHECK(pod.wait_event(std::chrono::seconds(10)).exit_signal == SIGKILL);
  CHECK(test::text_of(pod.log_lines("web"), "stdout") == "last\nmore\n");
}
