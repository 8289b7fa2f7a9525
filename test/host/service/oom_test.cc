// A container that runs out of memory: what its status says, whoever looks, and whoever was there when it happened.
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <regex>

#include "base/concat.h"
#include "base/file.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/cgroup/driver.h"
#include "runtime/cgroup/names.h"
#include "runtime/service/oom_end.h"
#include "runtime/shim/oom_kills.h"
#include "test/host/cgroup/group.h"
#include "test/host/service/limited_pod.h"

namespace v1 = cri::v1;

namespace {

using cgroup_test::available;
using cgroup_test::eventually;

constexpr const char* kLimit = "16777216";  // bytes

runtime::cgroup::Cgroup open_cgroup(const std::string& path) {
  const auto hierarchy = runtime::cgroup::Hierarchy::find();
  REQUIRE(hierarchy);
  auto cgroup = runtime::cgroup::Cgroup::open(*hierarchy, path);
  REQUIRE(cgroup);
  return *std::move(cgroup);
}

// As the agent does it, which asks systemd where the cgroup is systemd's.
void limit(const std::string& path, const char* bytes = kLimit) {
  const auto hierarchy = runtime::cgroup::Hierarchy::find();
  REQUIRE(hierarchy);
  runtime::cgroup::Driver driver(*hierarchy, runtime::cgroup::MissingControllers::kFail);
  REQUIRE(driver.make(path, {{"memory.swap.max", "0"}, {"memory.max", bytes}}));
}

void check_message(const v1::ContainerStatus& status, const std::string& pattern) {
  INFO(status.message());
  CHECK(std::regex_match(status.message(), std::regex(pattern)));
}

}  // namespace

TEST_CASE("a container killed at its pod's memory limit is OOMKilled, with what was killed and its size") {
  if (!available({"memory"})) return;
  TestNode node;
  const v1::PodSandboxConfig pod = node.pod("small");
  const std::string sandbox = node.run_pod(pod);
  limit(node.pod_cgroup("small"));
  const std::string id = node.create(sandbox, pod, node.container("main", {"tail", "-n", "1", "/dev/zero"}));
  node.start(id);
  const v1::ContainerStatus status = node.wait(id);
  CHECK(status.exit_code() == 137);
  CHECK(status.reason() == "OOMKilled");
  check_message(status,
                "process [0-9]+ \\(tail\\) was killed with 1[0-9](\\.[0-9])? MiB in memory: the pod's memory limit of "
                "16 MiB was reached");
}

TEST_CASE("a child killed for lack of memory: the container goes on, or is killed with it") {
  if (!available({"memory"})) return;
  LimitedPod pod;
  LimitedPod::Resources asked;
  asked.set_memory_limit_in_bytes(16 << 20);
  asked.set_memory_swap_limit_in_bytes(16 << 20);
  const std::vector<std::string> command{"sh", "-c", "tail -n 1 /dev/zero; exit 0"};

  (*asked.mutable_unified())["memory.oom.group"] = "0";
  const v1::ContainerStatus alone = pod.node().wait(pod.start("alone", command, asked));
  CHECK(alone.exit_code() == 0);
  CHECK(alone.reason() == "Completed");
  check_message(alone,
                "process [0-9]+ \\(tail\\) was killed with 1[0-9](\\.[0-9])? MiB in memory: the container's memory "
                "limit of 16 MiB was reached");

  (*asked.mutable_unified())["memory.oom.group"] = "1";
  const v1::ContainerStatus group = pod.node().wait(pod.start("group", command, asked));
  CHECK(group.exit_code() == 137);
  CHECK(group.reason() == "OOMKilled");
  check_message(group,
                "2 processes were killed, the largest [0-9]+ \\(tail\\) with 1[0-9](\\.[0-9])? MiB in memory: the "
                "container's memory limit of 16 MiB was reached");
}

TEST_CASE("what nobody saw is told by the next one to look: to a reader, and to the next agent") {
  if (!available({"memory"})) return;
  TestNode node;
  const v1::PodSandboxConfig pod = node.pod("alone");
  const std::string sandbox = node.run_pod(pod);
  limit(node.pod_cgroup("alone"));
  const std::string id = node.create(
      sandbox, pod,
      node.container("main", {"sh", "-c", "trap 'exec tail -n 1 /dev/zero' USR1; while :; do sleep 0.1; done"}));
  node.start(id);
  const std::string expected =
      "process [0-9]+ \\(tail\\) was killed with 1[0-9](\\.[0-9])? MiB in memory: the pod's memory limit of 16 MiB was "
      "reached";
  const runtime::cgroup::Cgroup cgroup = open_cgroup(runtime::cgroup::container_cgroup(node.pod_cgroup("alone"), id));
  node.restart([&] {
    REQUIRE(eventually([&] {
      const auto pids = cgroup.pids();
      for (const pid_t pid : pids.value_or(std::vector<pid_t>())) ::kill(pid, SIGUSR1);
      return !pids || pids->empty();
    }));
    runtime::service::RuntimeOptions reader = node.options();
    reader.recover = false;
    auto opened = runtime::service::Runtime::open(reader);
    REQUIRE(opened);
    v1::ContainerStatusRequest request;
    request.set_container_id(id);
    v1::ContainerStatus seen;
    // The shim writes the record when all of the output is in the log.
    REQUIRE(eventually([&] {
      const auto answer = (*opened)->runtime().container_status(within(10), request);
      if (answer) seen = answer->status();
      return seen.state() == v1::CONTAINER_EXITED;
    }));
    CHECK(seen.reason() == "OOMKilled");
    check_message(seen, expected);
  });
  const v1::ContainerStatus status = node.wait(id);
  CHECK(status.exit_code() == 137);
  CHECK(status.reason() == "OOMKilled");
  check_message(status, expected);
}

TEST_CASE("a memory limit that is too low to start is named as the reason of the failed start") {
  if (!available({"memory"})) return;
  LimitedPod pod;
  LimitedPod::Resources asked;
  asked.set_memory_limit_in_bytes(64 << 10);
  const std::string id = pod.create("main", {"true"}, asked);
  v1::StartContainerRequest request;
  request.set_container_id(id);
  REQUIRE_FALSE(pod.node().runtime().start_container(within(30), request));
  const v1::ContainerStatus status = pod.node().status(id);
  CHECK(status.reason() == "StartError");
  check_message(status, "its memory limit of 65536 bytes, .* does not suffice to start a program: .*");
}

TEST_CASE("a limit that is the container's and its pod's alike is told as both") {
  if (!available({"memory"})) return;
  LimitedPod pod;
  limit(pod.node().pod_cgroup("limited"));
  LimitedPod::Resources asked;
  asked.set_memory_limit_in_bytes(16 << 20);
  const v1::ContainerStatus status = pod.node().wait(pod.start("main", {"tail", "-n", "1", "/dev/zero"}, asked));
  CHECK(status.reason() == "OOMKilled");
  check_message(
      status,
      "process [0-9]+ \\(tail\\) was killed with .* in memory: the memory limit of 16 MiB of the container and "
      "its pod was reached");
}

TEST_CASE("where the cgroup was gone before the shim could look, the kernel's log tells") {
  if (!available({"memory"})) return;
  runtime::service::ContainerRecord record;
  {
    const cgroup_test::Group group("/gone");
    limit(cgroup_test::name_of(group));
    CHECK(group.run({"tail", "-n", "1", "/dev/zero"}).exit.code == 137);
    record.cgroup = cgroup_test::name_of(group);
  }
  using runtime::service::out_of_memory;
  using runtime::shim::kOomKillsUnknown;
  const std::string message = out_of_memory(record, kOomKillsUnknown);
  INFO(message);
  CHECK(std::regex_match(message, std::regex("process [0-9]+ \\(busybox\\) was killed with 1[0-9](\\.[0-9])? MiB in "
                                             "memory: the container's memory limit was reached")));
  record.cgroup += "-not";
  CHECK(out_of_memory(record, kOomKillsUnknown).empty());
}

TEST_CASE("when the node runs out of memory the container that was hit says so") {
  if (std::getenv("NODEAGENT_TEST_VM") == nullptr) {
    WARN("skipped: fills the memory of the machine; the test VM does that");
    return;
  }
  TestNode node;
  const v1::PodSandboxConfig pod = node.pod("greedy");
  const std::string sandbox = node.run_pod(pod);
  const auto meminfo = base::read_file("/proc/meminfo");
  REQUIRE(meminfo);
  const uint64_t total = std::stoull(meminfo->substr(meminfo->find("MemTotal:") + 9));  // KiB
  const std::string all = base::concat("bs=", total / 100 * 97, "K");
  v1::ContainerConfig config = node.container("main", {"dd", "if=/dev/zero", "of=/dev/null", all});
  config.mutable_linux()->mutable_resources()->set_oom_score_adj(1000);
  const std::string id = node.create(sandbox, pod, config);
  node.start(id);
  const v1::ContainerStatus status = node.wait(id);
  CHECK(status.exit_code() == 137);
  CHECK(status.reason() == "OOMKilled");
  check_message(status,
                "process [0-9]+ \\(dd\\) was killed with [0-9]+(\\.[0-9])? MiB in memory: the node ran out of "
                "memory");
}
