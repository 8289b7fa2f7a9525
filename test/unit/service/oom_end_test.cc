#include "runtime/service/oom_end.h"

#include <catch2/catch.hpp>

#include "runtime/service/registry.h"
#include "runtime/shim/exit_record.h"
#include "test/unit/temp_dir.h"

using namespace runtime::service;
using runtime::cgroup::OomKill;

namespace {

constexpr const char* kCgroup = "/kubepods/burstable/pod1/c1";

OomKill java() { return {.pid = 77, .name = "java", .resident = 537186304, .cgroup = kCgroup, .limit_owner = ""}; }

OomKill small(bool follower) {
  return {.pid = 78, .name = "sh", .resident = 4096, .cgroup = kCgroup, .limit_owner = "", .follower = follower};
}

}  // namespace

TEST_CASE("the end of a container for lack of memory names the process, its size and whose limit it was") {
  CHECK(oom_message(kCgroup, {java()}, {.owner = kCgroup, .bytes = 512UL << 20}) ==
        "process 77 (java) was killed with 512.3 MiB in memory: the container's memory limit of 512 MiB was reached");
  CHECK(oom_message(kCgroup, {java()}, {.owner = "/kubepods/burstable/pod1", .bytes = 3UL << 29}) ==
        "process 77 (java) was killed with 512.3 MiB in memory: the pod's memory limit of 1.5 GiB was reached");
  CHECK(
      oom_message(kCgroup, {java()}, {.owner = "/kubepods/burstable/pod1", .bytes = 512UL << 20, .both = true}) ==
      "process 77 (java) was killed with 512.3 MiB in memory: the memory limit of 512 MiB of the container and its pod "
      "was reached");
  CHECK(oom_message(kCgroup, {java()}, {.owner = "/kubepods", .bytes = {}}) ==
        "process 77 (java) was killed with 512.3 MiB in memory: the memory limit of cgroup /kubepods was reached");
  CHECK(oom_message(kCgroup, {java()}, {.owner = "", .bytes = {}}) ==
        "process 77 (java) was killed with 512.3 MiB in memory: a memory limit was reached");
  OomKill by_node = java();
  by_node.whole_node = true;
  CHECK(oom_message(kCgroup, {by_node}, {.owner = "", .bytes = {}}) ==
        "process 77 (java) was killed with 512.3 MiB in memory: the node ran out of memory");
}

TEST_CASE("a container's scope is the container's own, and what it lies in the pod's") {
  const std::string slice = "/kubepods.slice/kubepods-pod1.slice";
  const std::string scope = slice + "/nodeagent-c1.scope";
  for (const std::string& owner : {scope, scope + "/container"}) {
    CHECK(oom_message(scope + "/container", {java()}, {.owner = owner, .bytes = 512UL << 20}) ==
          "process 77 (java) was killed with 512.3 MiB in memory: the container's memory limit of 512 MiB was reached");
  }
  CHECK(oom_message(scope + "/container", {java()}, {.owner = slice, .bytes = 1UL << 30}) ==
        "process 77 (java) was killed with 512.3 MiB in memory: the pod's memory limit of 1 GiB was reached");
}

TEST_CASE("of several processes the largest that was chosen is named, and one that was killed twice is one") {
  const ReachedLimit limit{.owner = kCgroup, .bytes = 512UL << 20};
  constexpr const char* kTwo =
      "2 processes were killed, the largest 77 (java) with 512.3 MiB in memory: the container's memory limit of 512 "
      "MiB "
      "was reached";
  OomKill again = java();
  again.follower = true;
  CHECK(oom_message(kCgroup, {java(), small(true), again}, limit) == kTwo);
  CHECK(oom_message(kCgroup, {java(), small(false)}, limit) == kTwo);
  CHECK(worst_of({again, small(false)}).name == "sh");
}

TEST_CASE("whose limit was reached is found in a cgroup namespace too") {
  CHECK(limit_owner_of(kCgroup, kCgroup) == kCgroup);
  CHECK(limit_owner_of(kCgroup, "/docker/abc/kubepods/burstable/pod1") == "/kubepods/burstable/pod1");
  CHECK(limit_owner_of(kCgroup, "/kubepods") == "/kubepods");
  CHECK(limit_owner_of(kCgroup, "/kubepods/burstable/pod2").empty());
  CHECK(limit_owner_of(kCgroup, "").empty());
}

TEST_CASE("sizes are told in the unit that fits, rounded down") {
  CHECK(binary_size(0) == "0 KiB");
  CHECK(binary_size(300 << 10) == "300 KiB");
  CHECK(binary_size((1UL << 20) - 1) == "1023.9 KiB");
  CHECK(binary_size(64UL << 20) == "64 MiB");
  CHECK(binary_size(3UL << 40) == "3072 GiB");
}

TEST_CASE("an end that another process finds in the exit record has its reason as well") {
  struct Row {
    int exit_code;
    uint32_t oom_kills;
    const char* reason;
    const char* message;
  };
  constexpr const char* kSome = "the kernel killed it, or a part of it, for lack of memory";
  const auto row =
      GENERATE_COPY(values<Row>({{137, 1, "OOMKilled", kSome},
                                 {1, 1, "OOMKilled", kSome},
                                 {0, 1, "Completed", kSome},
                                 {137, 0, "Error", ""},
                                 // The cgroup was gone, and the kernel's log knows nothing of this container.
                                 {137, UINT32_MAX, "Error", ""},
                                 {0, UINT32_MAX, "Completed", ""}}));
  const test::TempDir dir;
  const Paths paths{.root = dir / "root", .state = dir / "state", .instance = "test"};
  Registry theirs(paths, "boot");
  SandboxRecord sandbox;
  sandbox.id = "s1";
  sandbox.config = std::make_shared<v1::PodSandboxConfig>();
  sandbox.state = SandboxRecord::State::kReady;
  REQUIRE(theirs.add(sandbox));
  ContainerRecord container;
  container.id = "c1";
  container.sandbox_id = "s1";
  container.config = std::make_shared<v1::ContainerConfig>();
  container.cgroup = "/nodeagent-unit-test/there-is-none-such";
  container.state = ContainerRecord::State::kRunning;
  REQUIRE(theirs.add(container));
  const auto file = runtime::shim::create_exit_record(paths.container("s1", "c1") + "/exit");
  REQUIRE(file);
  runtime::shim::ExitRecord record;
  record.outcome = runtime::shim::Outcome::kExited;
  record.exit_code = row.exit_code;
  record.oom_kills = row.oom_kills;
  REQUIRE(runtime::shim::write_exit_record(file->get(), record));

  Registry ours(paths, "boot");
  REQUIRE(ours.refresh());
  const auto ended = ours.container("c1");
  REQUIRE(ended);
  CHECK(ended->state == ContainerRecord::State::kExited);
  CHECK(ended->reason == row.reason);
  CHECK(ended->message == row.message);
}
