#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "base/file.h"
#include "test/host/shim/pod.h"

namespace oci = runtime::oci;
namespace shim = runtime::shim;
using Catch::Contains;
using test::Pod;

namespace {

struct Pipe {
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) == 0) {
      reading.reset(ends[0]);
      writing.reset(ends[1]);
    }
  }
  base::UniqueFd reading;
  base::UniqueFd writing;
};

std::string encoded(const oci::Process& process) { return *oci::encode(process); }

}  // namespace

TEST_CASE("exec runs in the container's namespaces and cgroup, as the same kind of process") {
  Pod pod;
  const auto started = pod.start("web", {.args = {"sleep", "1000"}});
  REQUIRE(started);
  Pipe out;
  Pipe err;
  auto process = pod.process({"sh", "-c",
                              "cat /proc/1/comm; for n in mnt pid net cgroup; do readlink /proc/self/ns/$n; done; "
                              "for n in mnt pid net cgroup; do readlink /proc/1/ns/$n; done; "
                              "cat /proc/self/cgroup; id -u; pwd; echo bad >&2; exit 5"});
  process.user.uid = 1000;
  process.cwd = "/tmp";
  // Looking at pid 1 of another user needs the capability.
  process.user.uid = 0;
  const auto exec = pod.client().exec({.container_id = "web",
                                       .exec_id = "e1",
                                       .process_json = encoded(process),
                                       .out = out.writing.get(),
                                       .err = err.writing.get()});
  if (!exec) FAIL(exec.error().to_string());
  out.writing.reset();
  err.writing.reset();
  const auto event = pod.wait_event();
  CHECK(event.container_id == "web");
  CHECK(event.exec_id == "e1");
  CHECK(event.exit_code == 5);
  const std::string text = *base::read_fd(out.reading.get());
  CHECK(*base::read_fd(err.reading.get()) == "bad\n");
  std::istringstream words(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(words, line);) lines.push_back(line);
  REQUIRE(lines.size() > 9);
  CHECK(lines[0] == "sleep");
  for (size_t i = 1; i <= 4; ++i) CHECK(lines[i] == lines[i + 4]);
  CHECK_THAT(text, Contains("0::/\n0\n/tmp\n"));
  // Told once, it is forgotten: its end is not kept for a later agent.
  const auto state = pod.client().state();
  REQUIRE(state);
  REQUIRE(state->size() == 1);
  CHECK((*state)[0].state == shim::ProcessState::kRunning);
  CHECK(pod.client().ack_exit("web", "e1"));
  pod.reconnect();
  REQUIRE(pod.client().state());
  const auto again = pod.client().next_event();
  REQUIRE(again);
  CHECK_FALSE(again->has_value());
}

TEST_CASE("exec with a terminal hands its master over") {
  Pod pod;
  REQUIRE(pod.start("web", {.args = {"sleep", "1000"}}));
  const auto exec = pod.client().exec({.container_id = "web",
                                       .exec_id = "e1",
                                       .process_json = encoded(pod.process({"sh", "-c", "read x; stty size; exit 4"})),
                                       .terminal = true});
  if (!exec) FAIL(exec.error().to_string());
  const struct winsize size{.ws_row = 10, .ws_col = 20, .ws_xpixel = 0, .ws_ypixel = 0};
  REQUIRE(::ioctl(exec->terminal.get(), TIOCSWINSZ, &size) == 0);
  REQUIRE(::write(exec->terminal.get(), "\n", 1) == 1);
  CHECK(pod.wait_event().exit_code == 4);
  std::string text;
  char part[256];
  // EIO is a terminal's end of file.
  for (ssize_t got = 0; (got = ::read(exec->terminal.get(), part, sizeof(part))) > 0;) {
    text.append(part, static_cast<size_t>(got));
  }
  CHECK_THAT(text, Contains("10 20"));
}

TEST_CASE("exec that fails says why; one that runs can be killed; all end with the container") {
  Pod pod;
  REQUIRE(pod.start("web", {.args = {"sleep", "1000"}}));
  const auto exec = [&](const std::string& id, std::vector<std::string> args, shim::StartFailure* failure = nullptr) {
    return pod.client().exec(
        {.container_id = "web", .exec_id = id, .process_json = encoded(pod.process(std::move(args)))}, failure);
  };
  shim::StartFailure failure;
  const auto missing = exec("e0", {"/no"}, &failure);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().to_string() == "exec /no: no such file");
  CHECK(failure.exit_code == 127);
  REQUIRE(exec("e1", {"sleep", "1000"}));
  REQUIRE_FALSE(exec("e1", {"sleep", "1000"}));
  CHECK(pod.client().kill_exec("web", "e1", SIGTERM));
  const auto killed = pod.wait_event();
  CHECK(killed.exec_id == "e1");
  CHECK(killed.exit_signal == SIGTERM);
  REQUIRE(exec("e2", {"sleep", "1000"}));
  CHECK(pod.client().kill("web", SIGKILL));
  const auto first = pod.wait_event();
  const auto second = pod.wait_event();
  CHECK(first.exec_id + second.exec_id == "e2");
  CHECK_FALSE(exec("e3", {"true"}));
}
