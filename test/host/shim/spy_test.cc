// What a container with CAP_SYS_PTRACE sees of the processes that the shim starts beside it (process_spy.cc).
#include <signal.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <thread>

#include "base/file.h"
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

// A container whose output the shim has just had in its hands.
void start_talker(Pod& pod, test::Wanted wanted) {
  wanted.args = {"sh", "-c", base::concat("echo ", kSecret, "; exec sleep 1000")};
  REQUIRE(pod.start("talker", wanted));
  REQUIRE(pod.wait_for_log("talker", kSecret));
}

// Runs /bin/true in the container again and again; each has to end well.
void run_execs(Pod& pod, const std::string& container, bool terminal, int count) {
  for (int i = 0; i < count; ++i) {
    const auto exec = pod.client().exec({.container_id = container,
                                         .exec_id = base::concat(container, terminal ? "-t" : "-p", i),
                                         .process_json = *oci::encode(pod.process({"true"})),
                                         .terminal = terminal});
    if (!exec) FAIL(exec.error().to_string());
    const auto event = pod.wait_event();
    CHECK(event.exit_code == 0);
    CHECK_FALSE(event.exec_id.empty());
  }
}

// Ends the spy; what it has told.
std::string report_of(Pod& pod) {
  REQUIRE(pod.client().kill("spy", SIGTERM));
  REQUIRE(pod.wait_event().container_id == "spy");
  std::string text = test::text_of(pod.log_lines("spy"), "stdout");
  const size_t at = text.find("caught ");
  REQUIRE(at != std::string::npos);
  // Otherwise it has not seen what this is about.
  CHECK(std::stoi(text.substr(at + 7)) > 0);
  return text;
}

}  // namespace

TEST_CASE("a container that may trace finds nothing of the host in an exec") {
  Pod pod;
  add_spy(pod);
  start_talker(pod, {});
  REQUIRE(pod.start("spy", spy()));
  REQUIRE(pod.wait_for_log("spy", "watching"));
  run_execs(pod, "spy", false, 150);
  run_execs(pod, "spy", true, 50);
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
  REQUIRE(pod.start("spy", watching));
  REQUIRE(pod.wait_for_log("spy", "watching"));
  for (int i = 0; i < 60; ++i) {
    shared.args = {"sh", "-c", "exit 3"};
    shared.terminal = i % 2 == 1;
    const std::string id = base::concat("c", i);
    REQUIRE(pod.start(id, shared));
    CHECK(pod.wait_event().exit_code == 3);
    REQUIRE(pod.client().forget(id));
  }
  run_execs(pod, "talker", false, 60);
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
