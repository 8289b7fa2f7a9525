// The runtime through its CRI interface, on this kernel: real namespaces, overlay, cgroups, network.
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>

#include "base/file.h"
#include "base/path.h"
#include "base/sys.h"
#include "test/host/service/test_node.h"

using cri::CallContext;
namespace v1 = cri::v1;

namespace {

base::Status stop(TestNode& node, const std::string& id, int64_t timeout) {
  v1::StopContainerRequest request;
  request.set_container_id(id);
  request.set_timeout(timeout);
  TRY(node.runtime().stop_container(within(60), request));
  return {};
}

pid_t shim_pid(const TestNode& node, const std::string& sandbox) {
  const auto state = base::read_file(base::concat(node.options().state, "/sandboxes/", sandbox, "/state.json"));
  REQUIRE(state);
  const size_t at = state->find("\"shimPid\": ");
  REQUIRE(at != std::string::npos);
  return std::stoi(state->substr(at + 11));
}

}  // namespace

TEST_CASE("a container runs in its pod and its end is reported") {
  TestNode node;
  const v1::PodSandboxConfig pod = node.pod("web");
  const std::string sandbox = node.run_pod(pod);
  const std::string id = node.create(
      sandbox, pod, node.container("main", {"sh", "-c", "echo out; echo err >&2; hostname; echo pid $$; exit 7"}));
  CHECK(node.status(id).state() == v1::CONTAINER_CREATED);
  node.start(id);
  const v1::ContainerStatus status = node.wait(id);
  CHECK(status.exit_code() == 7);
  CHECK(status.reason() == "Error");
  CHECK(status.started_at() >= status.created_at());
  CHECK(status.finished_at() >= status.started_at());
  const std::string log = node.log_of(id);
  CHECK(log.find("out\n") != std::string::npos);
  CHECK(log.find("err\n") != std::string::npos);
  CHECK(log.find("web\n") != std::string::npos);
  CHECK(log.find("pid 1\n") != std::string::npos);
}

TEST_CASE("containers of a pod share network and IPC, and reach another pod") {
  TestNode node;
  const v1::PodSandboxConfig server = node.pod("server");
  const std::string server_sandbox = node.run_pod(server);
  const std::string nc =
      node.create(server_sandbox, server, node.container("nc", {"sh", "-c", "echo hello | nc -l -p 7000"}));
  node.start(nc);
  v1::PodSandboxStatusRequest request;
  request.set_pod_sandbox_id(server_sandbox);
  const std::string address = node.runtime().pod_sandbox_status(within(5), request)->status().network().ip();
  CHECK(!address.empty());

  const v1::PodSandboxConfig client = node.pod("client");
  const std::string client_sandbox = node.run_pod(client);
  // The server may not listen yet at the first try.
  const std::string get =
      base::concat("for i in 1 2 3 4 5 6 7 8 9; do nc -w 5 ", address, " 7000 </dev/null && exit; done");
  const std::string id = node.create(client_sandbox, client, node.container("get", {"sh", "-c", get}));
  node.start(id);
  CHECK(node.wait(id).exit_code() == 0);
  CHECK(node.log_of(id).find("hello\n") != std::string::npos);
}

TEST_CASE("a pod's network lets anyone bind low ports and ping") {
  TestNode node;
  CHECK(node.output_of({"cat", "/proc/sys/net/ipv4/ip_unprivileged_port_start"}) == "0\n");
  CHECK(node.output_of({"cat", "/proc/sys/net/ipv4/ping_group_range"}) == "0\t2147483647\n");
}

TEST_CASE("a command that is not there is the real reason of a failed start") {
  TestNode node;
  const v1::PodSandboxConfig pod = node.pod("bad");
  const std::string sandbox = node.run_pod(pod);
  const auto start = [&](const char* name, const std::string& command) {
    const std::string id = node.create(sandbox, pod, node.container(name, {command}));
    v1::StartContainerRequest request;
    request.set_container_id(id);
    const auto started = node.runtime().start_container(within(30), request);
    REQUIRE(!started);
    const v1::ContainerStatus status = node.status(id);
    CHECK(status.state() == v1::CONTAINER_EXITED);
    CHECK(status.exit_code() == 128);
    CHECK(status.reason() == "StartError");
    CHECK(started.error().to_string() == base::concat("start container ", name, ": ", status.message()));
    return started.error();
  };
  const base::Error missing = start("missing", "/sbin/busybox");
  CHECK(missing.code() == base::Code::kNotFound);
  CHECK(missing.to_string().find("/bin/busybox") != std::string::npos);
  const base::Error folder = start("passwd", "/etc/passwd");
  CHECK(folder.code() == base::Code::kPermissionDenied);
}

TEST_CASE("stopping sends the stop signal, then kills") {
  TestNode node;
  const v1::PodSandboxConfig pod = node.pod("stopping");
  const std::string sandbox = node.run_pod(pod);
  const std::string polite = node.create(
      sandbox, pod,
      node.container("polite", {"sh", "-c", "trap 'exit 3' TERM; echo ready; while :; do sleep 0.1; done"}));
  node.start(polite);
  const std::string deaf = node.create(
      sandbox, pod, node.container("deaf", {"sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"}));
  node.start(deaf);
  for (const std::string& id : {polite, deaf}) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (node.log_of(id).find("ready") == std::string::npos && std::chrono::steady_clock::now() < deadline) {
      ::sched_yield();
    }
  }
  REQUIRE(stop(node, polite, 20));
  CHECK(node.status(polite).exit_code() == 3);
  REQUIRE(stop(node, deaf, 1));
  CHECK(node.status(deaf).exit_code() == 137);
  CHECK(stop(node, deaf, 1));
  CHECK(stop(node, "no-such-container", 1));
}

TEST_CASE("a restarted agent finds what runs and hears of its end") {
  TestNode node;
  const v1::PodSandboxConfig pod = node.pod("kept");
  const std::string sandbox = node.run_pod(pod);
  const std::string running = node.create(
      sandbox, pod, node.container("running", {"sh", "-c", "trap 'exit 5' TERM; while :; do sleep 0.1; done"}));
  const std::string brief = node.create(sandbox, pod, node.container("brief", {"sh", "-c", "exit 4"}));
  node.start(running);
  node.start(brief);
  node.restart();
  CHECK(node.status(running).state() == v1::CONTAINER_RUNNING);
  CHECK(node.wait(brief).exit_code() == 4);
  REQUIRE(stop(node, running, 20));
  CHECK(node.wait(running).exit_code() == 5);
}

TEST_CASE("when the shim is killed its containers are ended and reported unknown") {
  TestNode node;
  const v1::PodSandboxConfig pod = node.pod("lost");
  const std::string sandbox = node.run_pod(pod);
  const std::string id = node.create(sandbox, pod, node.container("main", {"sleep", "1000"}));
  node.start(id);
  ::kill(shim_pid(node, sandbox), SIGKILL);
  const v1::ContainerStatus status = node.wait(id);
  CHECK(status.exit_code() == 137);
  CHECK(status.reason() == "ContainerStatusUnknown");
  v1::PodSandboxStatusRequest request;
  request.set_pod_sandbox_id(sandbox);
  CHECK(node.runtime().pod_sandbox_status(within(5), request)->status().state() == v1::SANDBOX_NOTREADY);
}

TEST_CASE("an exit is heard of although the shim's connection broke off before it") {
  TestNode node;
  const v1::PodSandboxConfig pod = node.pod("cut");
  const std::string sandbox = node.run_pod(pod);
  const std::string id = node.create(sandbox, pod, node.container("main", {"sh", "-c", "sleep 1; exit 6"}));
  node.start(id);
  int cut = 0;
  for (int fd = 3; fd < 256; ++fd) {
    int type = 0;
    socklen_t size = sizeof(type);
    const bool known = ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
    // Only connections to shims are of this type here.
    if (known && type == SOCK_SEQPACKET && ::shutdown(fd, SHUT_RDWR) == 0) ++cut;
  }
  CHECK(cut > 0);
  CHECK(node.wait(id).exit_code() == 6);
}

TEST_CASE("a command runs in a running container") {
  TestNode node;
  const v1::PodSandboxConfig pod = node.pod("exec");
  const std::string sandbox = node.run_pod(pod);
  const std::string id = node.create(sandbox, pod, node.container("main", {"sleep", "1000"}));
  node.start(id);
  v1::ExecSyncRequest request;
  request.set_container_id(id);
  for (const char* word : {"sh", "-c", "echo hi; echo no >&2; exit 9"}) request.add_cmd(word);
  const auto answer = node.runtime().exec_sync(within(20), request);
  REQUIRE(answer);
  CHECK(answer->stdout() == "hi\n");
  CHECK(answer->stderr() == "no\n");
  CHECK(answer->exit_code() == 9);

  v1::ExecSyncRequest endless;
  endless.set_container_id(id);
  endless.set_timeout(1);
  for (const char* word : {"sleep", "1000"}) endless.add_cmd(word);
  const auto late = node.runtime().exec_sync(within(20), endless);
  REQUIRE(!late);
  CHECK(late.error().code() == base::Code::kDeadlineExceeded);

  // What it leaves behind holds its streams; nobody waits for that.
  v1::ExecSyncRequest leaving;
  leaving.set_container_id(id);
  for (const char* word : {"sh", "-c", "sleep 1000 & echo left; exit 3"}) leaving.add_cmd(word);
  const auto left = node.runtime().exec_sync(within(20), leaving);
  REQUIRE(left);
  CHECK(left->stdout() == "left\n");
  CHECK(left->exit_code() == 3);

  std::stop_source given_up;
  given_up.request_stop();
  CallContext stopped = within(20);
  stopped.stop = given_up.get_token();
  endless.clear_timeout();
  const auto cancelled = node.runtime().exec_sync(stopped, endless);
  REQUIRE(!cancelled);
  CHECK(cancelled.error().code() == base::Code::kCancelled);
}

TEST_CASE("what is left behind is swept; what may still be needed, or belongs to another --state, is not") {
  TestNode node;
  const v1::PodSandboxConfig pod = node.pod("swept");
  const std::string sandbox = node.run_pod(pod);
  const std::string id = node.create(sandbox, pod, node.container("main", {"sh", "-c", "echo x >>/etc/resolv.conf"}));
  const std::string layers = node.options().root + "/containers/";
  const auto make_layer = [&](const char* name, const std::string& state) {
    REQUIRE(base::make_dirs(base::concat(layers, name, "/upper"), 0700));
    REQUIRE(base::sys::symlinkat(state, AT_FDCWD, base::concat(layers, name, "/state")));
  };
  make_layer("ours", node.options().state);
  make_layer("theirs", "/run/elsewhere");
  const auto exists = [&](const std::string& name) { return ::access((layers + name).c_str(), F_OK) == 0; };
  const std::string record = base::concat(node.options().state, "/sandboxes/", sandbox, "/containers/", id);
  const auto text = base::read_file(record + "/state.json");
  REQUIRE(text);
  REQUIRE(base::write_file_atomic(record + "/state.json", "damaged", 0600, base::Durability::kCrash));
  node.restart();
  CHECK(!exists("ours"));
  CHECK(exists("theirs"));
  CHECK(exists(id));
  CHECK(exists(sandbox + "/resolv.conf"));
  REQUIRE(base::write_file_atomic(record + "/state.json", *text, 0600, base::Durability::kCrash));
  // As if a process had died in a start; what it left is no obstacle.
  REQUIRE(base::write_file_atomic(record + "/exit", "", 0600, base::Durability::kCrash));
  node.start(id);
  CHECK(node.wait(id).exit_code() == 0);
}

TEST_CASE("a removed pod leaves nothing") {
  TestNode node;
  const v1::PodSandboxConfig pod = node.pod("gone");
  const std::string sandbox = node.run_pod(pod);
  const std::string id = node.create(sandbox, pod, node.container("main", {"sleep", "1000"}));
  node.start(id);
  const pid_t shim = shim_pid(node, sandbox);
  v1::RemovePodSandboxRequest request;
  request.set_pod_sandbox_id(sandbox);
  REQUIRE(node.runtime().remove_pod_sandbox(within(30), request));
  CHECK(node.runtime().remove_pod_sandbox(within(30), request));
  CHECK(::access(base::concat(node.options().state, "/sandboxes/", sandbox).c_str(), F_OK) != 0);
  CHECK(::access(base::concat(node.options().root, "/containers/", id).c_str(), F_OK) != 0);
  CHECK(::access(base::concat(node.options().root, "/containers/", sandbox).c_str(), F_OK) != 0);
  CHECK(base::read_file("/proc/self/mountinfo")->find(node.folder()) == std::string::npos);
  // Its parent, the agent, reaps it on the event thread.
  const std::string comm = base::concat("/proc/", shim, "/comm");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (::access(comm.c_str(), F_OK) == 0 && std::chrono::steady_clock::now() < deadline) ::sched_yield();
  CHECK(::access(comm.c_str(), F_OK) != 0);
}
