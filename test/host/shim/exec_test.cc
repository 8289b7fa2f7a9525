#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <thread>

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

// The living and unreaped children of a process.
int count_children(pid_t parent) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string stat = test::slurp(entry.path() / "stat");
    // "pid (name) state ppid": the name may hold anything.
    const size_t end = stat.rfind(')');
    if (end != std::string::npos && std::atoi(stat.c_str() + end + 4) == parent) ++count;
  }
  return count;
}

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

TEST_CASE("a seccomp filter holds in an exec, with and without no_new_privs") {
  Pod pod;
  REQUIRE(pod.start("web", {.args = {"sleep", "1000"}}));
  const std::string path = test::write_filter(pod, test::mkdir_calls());
  for (const bool no_new_privileges : {false, true}) {
    auto process = pod.process({"sh", "-c", "busybox mkdir /tmp/x; grep -E 'Seccomp:|NoNewPrivs:' /proc/self/status"});
    process.no_new_privileges = no_new_privileges;
    process.user.uid = 1000;
    Pipe out;
    const auto exec = pod.client().exec({.container_id = "web",
                                         .exec_id = "e",
                                         .process_json = encoded(process),
                                         .seccomp_filter = path,
                                         .out = out.writing.get(),
                                         .err = out.writing.get()});
    if (!exec) FAIL(exec.error().to_string());
    out.writing.reset();
    pod.wait_event();
    CHECK(*base::read_fd(out.reading.get()) ==
          base::concat("mkdir: can't create directory '/tmp/x': Invalid cross-device link\nNoNewPrivs:\t",
                       no_new_privileges ? 1 : 0, "\nSeccomp:\t2\n"));
  }
}

TEST_CASE("an exec whose seccomp filter keeps it out of the container says so") {
  Pod pod;
  REQUIRE(pod.start("web", {.args = {"sleep", "1000"}}));
  auto process = pod.process({"true"});
  const shim::ExecRequest request{.container_id = "web",
                                  .exec_id = "e",
                                  .process_json = encoded(process),
                                  .seccomp_filter = test::write_filter(pod, {SYS_clone})};
  shim::StartFailure failure;
  const auto refused = pod.client().exec(request, &failure);
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().to_string(),
             Contains("its seccomp profile must allow clone") && Contains("Invalid cross-device link"));
  CHECK(failure.step == shim::Step::kClone);
  // Where privilege cannot grow, the filter comes later.
  process.no_new_privileges = true;
  auto allowed = request;
  allowed.process_json = encoded(process);
  REQUIRE(pod.client().exec(allowed));
  CHECK(pod.wait_event().exit_code == 0);
}

TEST_CASE("an exec that hangs before its program can be killed") {
  Pod pod;
  REQUIRE(pod.start("web", {.args = {"sleep", "1000"}}));
  const auto freeze = [&](const char* value) { std::ofstream(pod.cgroup_path("web") + "/cgroup.freeze") << value; };
  freeze("1");
  base::Error error(base::Code::kInternal, "");
  std::thread starter([&] {
    const auto exec =
        pod.client().exec({.container_id = "web", .exec_id = "e", .process_json = encoded(pod.process({"true"}))});
    if (!exec) error = exec.error();
  });
  while (!pod.client().kill_exec("web", "e", SIGKILL).has_value()) {
  }
  starter.join();
  CHECK_THAT(error.to_string(), Contains("killed by signal 9 before it could execute its program"));
  freeze("0");
  REQUIRE(pod.client().exec({.container_id = "web", .exec_id = "e", .process_json = encoded(pod.process({"true"}))}));
  CHECK(pod.wait_event().exit_code == 0);
}

TEST_CASE("an exec that is killed at any moment of its start leaves nothing behind") {
  Pod pod;
  REQUIRE(pod.start("web", {.args = {"sleep", "1000"}}));
  const std::string process = encoded(pod.process({"sleep", "1000"}));
  int started = 0;
  for (int i = 0; i < 150; ++i) {
    const std::string id = base::concat("e", i);
    std::atomic<bool> over = false;
    bool ran = false;
    std::thread starter([&] {
      ran = pod.client().exec({.container_id = "web", .exec_id = id, .process_json = process}).has_value();
      over = true;
    });
    // One signal, as early as there is someone to get it, or a little later each time.
    for (int spin = 0; spin < i * 10000; ++spin) std::atomic_signal_fence(std::memory_order_seq_cst);
    const int signal = i % 2 == 0 ? SIGKILL : SIGTERM;
    bool killed = false;
    while (!killed && !over) killed = pod.client().kill_exec("web", id, signal).has_value();
    starter.join();
    if (!ran) continue;
    // It may have come up between the last look and the end of the start.
    if (!killed) REQUIRE(pod.client().kill_exec("web", id, signal));
    ++started;
    const auto event = pod.wait_event();
    CHECK(event.exec_id == id);
    CHECK(event.exit_signal == signal);
  }
  INFO(started << " of 150 had started");
  CHECK(count_children(pod.client().info().pid) == 1);
  CHECK(pod.client().kill("web", SIGKILL));
  CHECK(pod.wait_event().exit_signal == SIGKILL);
  CHECK(test::wait_empty(pod.cgroup_path("web")));
}

TEST_CASE("a container that is killed while an exec starts in it ends all the same") {
  Pod pod;
  const std::string process = encoded(pod.process({"sleep", "1000"}));
  for (int i = 0; i < 60; ++i) {
    const std::string id = base::concat("web", i);
    REQUIRE(pod.start(id, {.args = {"sleep", "1000"}}));
    std::thread starter(
        [&] { (void)pod.client().exec({.container_id = id, .exec_id = "e", .process_json = process}); });
    for (int spin = 0; spin < i * 30000; ++spin) std::atomic_signal_fence(std::memory_order_seq_cst);
    CHECK((i % 2 == 0 ? pod.client().kill_all(id) : pod.client().kill(id, SIGKILL)));
    starter.join();
    // The exec's end may be told too, before or after.
    while (!pod.wait_event().exec_id.empty()) {
    }
    CHECK(test::wait_empty(pod.cgroup_path(id)));
    REQUIRE(pod.client().forget(id));
  }
  CHECK(count_children(pod.client().info().pid) == 0);
}
