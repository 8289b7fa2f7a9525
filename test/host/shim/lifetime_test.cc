#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iostream>
#include <thread>

#include "base/file.h"
#include "base/sys.h"
#include "runtime/shim/frame_io.h"
#include "test/host/shim/pod.h"

namespace oci = runtime::oci;
namespace shim = runtime::shim;
using Catch::Contains;
using test::Ended;
using test::Pod;

TEST_CASE("an exit while no agent is there is told to the next one, until it is acknowledged") {
  Pod pod;
  const auto started = pod.start("web", {.args = {"sh", "-c", "read x; exit 9"}, .open_stdin = true});
  REQUIRE(started);
  auto input = pod.client().attach("web", -1, -1, true);
  REQUIRE(input);
  pod.disconnect();
  REQUIRE(::write(input->input.get(), "\n", 1) == 1);
  REQUIRE(test::wait_gone(started->pid));
  for (int agent = 0; agent < 2; ++agent) {
    pod.reconnect();
    const auto event = pod.wait_event();
    CHECK(event.container_id == "web");
    CHECK(event.exit_code == 9);
  }
  CHECK(pod.client().ack_exit("web"));
  pod.reconnect();
  const auto state = pod.client().state();
  REQUIRE(state);
  REQUIRE(state->size() == 1);
  CHECK((*state)[0].state == shim::ProcessState::kExited);
  CHECK((*state)[0].acknowledged);
  CHECK((*state)[0].exit_code == 9);
  const auto none = pod.client().next_event();
  REQUIRE(none);
  CHECK_FALSE(none->has_value());
}

TEST_CASE("containers outlive an agent that is killed") {
  Pod pod;
  const auto started = pod.start("web", {.args = {"sh", "-c", "echo a; read x; echo b"}, .open_stdin = true});
  REQUIRE(started);
  // The "agent": another process that is connected when it dies.
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t agent = ::fork();
  if (agent == 0) {
    auto connected = pod.connect();
    (void)!::write(ready[1], connected ? "y" : "n", 1);
    ::pause();
    ::_exit(0);
  }
  char answer = 0;
  REQUIRE(::read(ready[0], &answer, 1) == 1);
  CHECK(answer == 'y');
  ::close(ready[0]);
  ::close(ready[1]);
  REQUIRE(::kill(agent, SIGKILL) == 0);
  REQUIRE(::waitpid(agent, nullptr, 0) == agent);
  const auto input = pod.client().attach("web", -1, -1, true);
  REQUIRE(input);
  REQUIRE(::write(input->input.get(), "\n", 1) == 1);
  CHECK(pod.wait_event().exit_code == 0);
  CHECK(test::text_of(pod.log_lines("web"), "stdout") == "a\nb\n");
}

TEST_CASE("a shim that is killed leaves a record that says running, and connecting says that it is gone") {
  Pod pod;
  REQUIRE(pod.start("web", {.args = {"sleep", "1000"}}));
  const pid_t shim_pid = pod.client().info().pid;
  REQUIRE(::kill(shim_pid, SIGKILL) == 0);
  REQUIRE(test::wait_gone(shim_pid));
  const auto event = pod.client().next_event();
  REQUIRE_FALSE(event);
  CHECK(event.error().code() == base::Code::kUnavailable);
  const auto connected = pod.connect();
  REQUIRE_FALSE(connected);
  CHECK(connected.error().code() == base::Code::kUnavailable);
  const auto record = shim::read_exit_record(pod.record_path("web"));
  REQUIRE(record);
  CHECK(record->outcome == shim::Outcome::kRunning);
}

TEST_CASE("shutdown and forget are refused while something runs") {
  Pod pod;
  REQUIRE(pod.start("web", {.args = {"sleep", "1000"}}));
  const auto shutdown = pod.client().shutdown();
  REQUIRE_FALSE(shutdown);
  CHECK(shutdown.error().to_string() == "end the shim: container web has not ended");
  CHECK_FALSE(pod.client().forget("web"));
  CHECK_FALSE(pod.client().ack_exit("web"));
  REQUIRE_FALSE(pod.start("web2", {.args = {"/no"}}));
  CHECK(pod.client().kill_all("web"));
  CHECK(pod.wait_event().exit_signal == SIGKILL);
  CHECK(pod.client().forget("web"));
  CHECK(pod.client().forget("web"));  // saying it twice is no mistake
  CHECK(pod.client().shutdown());
  CHECK(test::wait_gone(pod.client().info().pid));
}

TEST_CASE("with a shared pid namespace the end of the main process ends the rest of its container") {
  Pod pod([](shim::ShimOptions& options) { options.shared_pid = true; });
  const pid_t init = pod.client().info().sandbox_init_pid;
  REQUIRE(init > 0);
  const std::string path = "/proc/" + std::to_string(init) + "/ns/pid";
  REQUIRE(pod.start("other", {.args = {"sleep", "1000"}, .new_pid_namespace = false, .pid_namespace = path}));
  const Ended ended = pod.run("web", {.args = {"sh", "-c", "setsid sleep 1000 & cat /proc/1/comm; ps; exit 6"},
                                      .new_pid_namespace = false,
                                      .pid_namespace = path});
  CHECK(ended.event.exit_code == 6);
  CHECK_THAT(ended.out, Catch::StartsWith("nodeagent-init\n"));
  CHECK_THAT(ended.out, Contains("sleep 1000"));  // the other container is seen
  CHECK(test::wait_empty(pod.cgroup_path("web")));
  CHECK_THAT(test::slurp(pod.cgroup_path("other") + "/cgroup.events"), Contains("populated 1"));
}

TEST_CASE("what is no frame ends the connection; a message of a newer protocol is refused by name") {
  Pod pod;
  const auto folder = base::sys::open(pod.dir() / "state", O_PATH | O_DIRECTORY);
  REQUIRE(folder);
  const auto connect = [&] {
    base::UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET, 0));
    struct sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    std::snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/shim.sock", folder->get());
    REQUIRE(::connect(socket.get(), reinterpret_cast<struct sockaddr*>(&address), sizeof(address)) == 0);
    return socket;
  };
  const auto answer = [](const base::UniqueFd& socket) {
    auto received = shim::receive_frame(socket.get());
    REQUIRE(received);
    REQUIRE(received->has_value());
    return (*received)->frame;
  };
  {
    const auto socket = connect();
    REQUIRE(::send(socket.get(), "garbage", 7, 0) == 7);
    CHECK_THAT(answer(socket).detail, Contains("not a frame"));
    CHECK_FALSE(shim::receive_frame(socket.get()));
  }
  {
    const auto socket = connect();
    shim::Frame state;
    state.type = shim::MessageType::kState;
    REQUIRE(shim::send_frame(socket.get(), state));
    CHECK_THAT(answer(socket).detail, Contains("must be hello"));
    CHECK_FALSE(shim::receive_frame(socket.get()));
  }
  {
    const auto socket = connect();
    // A newer agent's frame: longer than ours.
    struct {
      shim::Frame frame;
      char more[64] = {};
    } longer;
    longer.frame.type = shim::MessageType::kHello;
    longer.frame.version = 7;
    REQUIRE(::send(socket.get(), &longer, sizeof(longer), 0) == sizeof(longer));
    CHECK(answer(socket).pid == pod.client().info().pid);
    longer.frame.type = static_cast<shim::MessageType>(77);
    REQUIRE(::send(socket.get(), &longer, sizeof(longer), 0) == sizeof(longer));
    CHECK(std::string(answer(socket).detail) == "unexpected message of type 77");
    // An older one's: nothing but the start.
    shim::Frame shorter;
    shorter.type = shim::MessageType::kState;
    shorter.request_id = 5;
    REQUIRE(::send(socket.get(), &shorter, shim::kMinFrameBytes, 0) == static_cast<ssize_t>(shim::kMinFrameBytes));
    CHECK(answer(socket).request_id == 5);
  }
}

TEST_CASE("a shim that cannot be set up says why") {
  test::TempDir dir;
  const auto program = shim::ShimProgram::open(std::getenv("NODEAGENT_SHIM"));
  REQUIRE(program);
  shim::ShimOptions options;
  options.program = program->fd();
  options.state_dir = dir.path();
  options.sandbox_id = "bad";
  options.hostname = std::string(65, 'x');
  const auto spawned = shim::ShimClient::spawn(options);
  REQUIRE_FALSE(spawned);
  CHECK_THAT(spawned.error().to_string(), Contains("set host name xxx"));
}

TEST_CASE("several threads use one client at once") {
  Pod pod;
  REQUIRE(pod.start("web", {.args = {"sleep", "1000"}}));
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) {
        const auto exec = pod.client().exec({.container_id = "web",
                                             .exec_id = "t" + std::to_string(t) + "-" + std::to_string(i),
                                             .process_json = *oci::encode(pod.process({"true"}))});
        if (!exec || !pod.client().state()) ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failures == 0);
  for (int i = 0; i < 40; ++i) CHECK(pod.wait_event().exit_code == 0);
}

TEST_CASE("an idle shim with one container takes at most 256 KiB") {
  Pod pod;
  REQUIRE(pod.start("web", {.args = {"sh", "-c", "seq 1 20000; sleep 1000"}}));
  REQUIRE(pod.wait_for_log("web", " 20000\n"));
  const pid_t pid = pod.client().info().pid;
  const auto pss_kib = [&] {
    const std::string rollup = test::slurp("/proc/" + std::to_string(pid) + "/smaps_rollup");
    const size_t at = rollup.find("\nPss:");
    return std::stol(rollup.substr(at + 5));
  };
  // The shim trims itself when nothing has happened for half a second; nothing announces that, so it is waited for
  // until a deadline.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(3);
  long pss = pss_kib();
  while (std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
    pss = std::min(pss, pss_kib());
  }
  std::cout << "idle shim with one container: PSS " << pss << " KiB\n" << std::flush;
  CHECK(pss <= 256);
}

TEST_CASE("how long a start takes") {
  Pod pod;
  std::vector<double> milliseconds;
  for (int i = 0; i < 50; ++i) {
    const std::string id = "c" + std::to_string(i);
    const auto before = std::chrono::steady_clock::now();
    const auto started = pod.start(id, {.args = {"sleep", "1000"}});
    milliseconds.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - before).count());
    REQUIRE(started);
    REQUIRE(pod.client().kill(id, SIGKILL));
    pod.wait_event();
    REQUIRE(pod.client().forget(id));
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  std::cout << "start, with the test's own files: least " << milliseconds[0] << " ms, p50 " << milliseconds[25]
            << " ms, p90 " << milliseconds[45] << " ms\n";
  CHECK(milliseconds[25] < 1000);
}

TEST_CASE("how long an exec takes") {
  Pod pod;
  REQUIRE(pod.start("web", {.args = {"sleep", "1000"}}));
  const std::string process = *oci::encode(pod.process({"true"}));
  std::vector<double> milliseconds;
  for (int i = 0; i < 200; ++i) {
    const std::string id = "e" + std::to_string(i);
    const auto before = std::chrono::steady_clock::now();
    const auto started = pod.client().exec({.container_id = "web", .exec_id = id, .process_json = process});
    milliseconds.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - before).count());
    REQUIRE(started);
    CHECK(pod.wait_event().exit_code == 0);
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  std::cout << "exec: least " << milliseconds[0] << " ms, p50 " << milliseconds[100] << " ms, p90 " << milliseconds[180]
            << " ms\n";
  CHECK(milliseconds[100] < 1000);
}
