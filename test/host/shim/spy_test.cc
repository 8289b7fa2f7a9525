// What a container with CAP_SYS_PTRACE sees of the processes that the shim starts beside it (process_spy.cc).
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <functional>

#include "test/host/shim/pod.h"

namespace oci = runtime::oci;
namespace shim = runtime::shim;
using Catch::Contains;
using test::Pod;

namespace {

constexpr const char* kSecret = "secret-of-another-container";

std::string host_root() {
  struct stat info{};
  REQUIRE(::stat("/", &info) == 0);
  return base::concat(info.st_dev, ":", info.st_ino);
}

std::string host_mounts() {
  struct stat info{};
  REQUIRE(::stat("/proc/self/ns/mnt", &info) == 0);
  return base::concat(info.st_ino);
}

void add_spy(const Pod& pod) {
  const char* program = std::getenv("PROCESS_SPY");
  REQUIRE(program != nullptr);
  std::filesystem::copy_file(program, pod.layer() + "/bin/spy");
}

test::Wanted spy() {
  test::Wanted wanted{.args = {"spy", host_root(), host_mounts(), kSecret}};
  wanted.change = [](oci::Spec& spec) {
    for (auto* set : {&spec.process.capabilities->bounding, &spec.process.capabilities->permitted,
                      &spec.process.capabilities->effective}) {
      set->emplace_back("CAP_SYS_PTRACE");
    }
  };
  return wanted;
}

// A container whose output the shim has just had in its hands; one line of it is not at its end.
void start_talker(Pod& pod, test::Wanted wanted) {
  wanted.args = {"sh", "-c", base::concat("printf ", kSecret, " >&2; echo ", kSecret, "; exec sleep 1000")};
  REQUIRE(pod.start("talker", wanted));
  REQUIRE(pod.wait_for_log("talker", kSecret));
}

void start_spy(Pod& pod, const test::Wanted& wanted) {
  const auto started = pod.start("spy", wanted);
  REQUIRE(started);
  // It has to be there at the right moment, however busy the machine is.
  REQUIRE(::setpriority(PRIO_PROCESS, static_cast<id_t>(started->pid), -20) == 0);
  REQUIRE(pod.wait_for_log("spy", "watching"));
}

size_t count_caught(const Pod& pod) {
  size_t count = 0;
  for (const std::string& line : pod.log_lines("spy")) {
    if (line.find("caught process") != std::string::npos) ++count;
  }
  return count;
}

// Does something again and again, until the spy has caught so many processes more.
void until_caught(const Pod& pod, size_t wanted, const std::function<void(int)>& again) {
  const size_t before = count_caught(pod);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  for (int i = 0; count_caught(pod) < before + wanted; ++i) {
    // Otherwise it has not seen what this is about.
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    again(i);
  }
}

void run_exec(Pod& pod, const std::string& container, int number, bool terminal) {
  const auto exec = pod.client().exec({.container_id = container,
                                       .exec_id = base::concat(container, terminal ? "-t" : "-p", number),
                                       .process_json = *oci::encode(pod.process({"true"})),
                                       .terminal = terminal});
  if (!exec) FAIL(exec.error().to_string());
  const auto event = pod.wait_event();
  CHECK(event.exit_code == 0);
  CHECK_FALSE(event.exec_id.empty());
}

// Ends the spy; what it has told.
std::string report_of(Pod& pod) {
  REQUIRE(pod.client().kill("spy", SIGTERM));
  REQUIRE(pod.wait_event().container_id == "spy");
  std::string text = test::text_of(pod.log_lines("spy"), "stdout");
  CHECK_THAT(text, Contains("that were seen"));
  return text;
}

}  // namespace

TEST_CASE("a container that may trace finds nothing of the host in an exec") {
  Pod pod;
  add_spy(pod);
  start_talker(pod, {});
  start_spy(pod, spy());
  until_caught(pod, 30, [&](int i) { run_exec(pod, "spy", i, false); });
  until_caught(pod, 10, [&](int i) { run_exec(pod, "spy", i, true); });
  const std::string text = report_of(pod);
  INFO(text);
  CHECK_THAT(text, !Contains("HOST"));
}

TEST_CASE("a container that may trace finds nothing of the host in the start of others of its pod") {
  Pod pod([](shim::ShimOptions& options) { options.shared_pid = true; });
  const std::string path = base::concat("/proc/", pod.client().info().sandbox_init_pid, "/ns/pid");
  test::Wanted shared{.new_pid_namespace = false, .pid_namespace = path};
  add_spy(pod);
  start_talker(pod, shared);
  test::Wanted watching = spy();
  watching.new_pid_namespace = false;
  watching.pid_namespace = path;
  start_spy(pod, watching);
  until_caught(pod, 20, [&](int i) {
    shared.args = {"sh", "-c", "exit 3"};
    shared.terminal = i % 2 == 1;
    const std::string id = base::concat("c", i);
    REQUIRE(pod.start(id, shared));
    CHECK(pod.wait_event().exit_code == 3);
    REQUIRE(pod.client().forget(id));
  });
  until_caught(pod, 20, [&](int i) { run_exec(pod, "talker", i, false); });
  const std::string text = report_of(pod);
  INFO(text);
  CHECK_THAT(text, !Contains("HOST"));
}

TEST_CASE("the first process of a shared pid namespace is of no use to a container that may trace") {
  Pod pod([](shim::ShimOptions& options) { options.shared_pid = true; });
  test::Wanted wanted = spy();
  wanted.args = {"sh", "-c",
                 "cd /proc/1; cat comm; ls -A root/ fd; wc -l < mountinfo; cat mountinfo status; kill -9 1; "
                 // A hundred orphans. What is left then: it, this shell, and the three that look.
                 "for i in $(seq 100); do (true & exec true); done; "
                 "until ls -d /proc/[0-9]* | wc -l | grep -qx 5; do :; done; echo reaped"};
  wanted.new_pid_namespace = false;
  wanted.pid_namespace = base::concat("/proc/", pod.client().info().sandbox_init_pid, "/ns/pid");
  const test::Ended ended = pod.run("web", wanted);
  INFO(ended.out << ended.err);
  // No descriptor, and a root of its own in which nothing is or can be made.
  CHECK_THAT(ended.out, Catch::StartsWith("nodeagent-init\nfd:\n\nroot/:\n1\n"));
  CHECK_THAT(ended.out, Contains(" / / ro,nosuid,nodev,noexec,relatime - tmpfs "));
  for (const char* line :
       {"Uid:\t65535\t65535\t65535\t65535\n", "Gid:\t65535\t65535\t65535\t65535\n", "Groups:\t \n",
        "CapInh:\t0000000000000000\n", "CapPrm:\t0000000000000000\n", "CapEff:\t0000000000000000\n",
        "CapBnd:\t0000000000000000\n", "CapAmb:\t0000000000000000\n", "NoNewPrivs:\t1\n", "Seccomp:\t2\n"}) {
    CHECK_THAT(ended.out, Contains(line));
  }
  CHECK_THAT(ended.out, Catch::EndsWith("\nreaped\n"));  // and so it has outlived the signal
  CHECK(ended.event.exit_code == 0);
}
