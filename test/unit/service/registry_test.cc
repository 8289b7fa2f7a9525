#include "runtime/service/registry.h"

#include <unistd.h>

#include <catch2/catch.hpp>

#include "test/unit/temp_dir.h"

using namespace runtime::service;

namespace {

// A ready sandbox whose shim is this process, and its running container.
void record_pod(Registry& registry) {
  SandboxRecord sandbox;
  sandbox.id = "s1";
  sandbox.config = std::make_shared<v1::PodSandboxConfig>();
  sandbox.state = SandboxRecord::State::kReady;
  sandbox.shim_pid = ::getpid();
  sandbox.shim_start_time = process_start_time(::getpid()).value();
  REQUIRE(registry.add(sandbox));
  ContainerRecord container;
  container.id = "c1";
  container.sandbox_id = "s1";
  container.config = std::make_shared<v1::ContainerConfig>();
  container.state = ContainerRecord::State::kRunning;
  container.pid = ::getpid();
  REQUIRE(registry.add(container));
}

}  // namespace

TEST_CASE("what another process recorded in this boot runs as long as its shim does") {
  const test::TempDir dir;
  const Paths paths{.root = dir / "root", .state = dir / "state", .instance = "test"};
  Registry theirs(paths, "boot-1");
  record_pod(theirs);
  Registry ours(paths, "boot-1");
  REQUIRE(ours.refresh());
  CHECK(ours.sandbox("s1")->state == SandboxRecord::State::kReady);
  CHECK(ours.container("c1")->state == ContainerRecord::State::kRunning);
}

TEST_CASE("what was recorded in another boot is dead, whoever has its shim's pid now") {
  const test::TempDir dir;
  const Paths paths{.root = dir / "root", .state = dir / "state", .instance = "test"};
  Registry before(paths, "boot-1");
  record_pod(before);
  Registry after(paths, "boot-2");
  REQUIRE(after.refresh());
  CHECK(after.sandbox("s1")->state == SandboxRecord::State::kNotReady);
  CHECK(after.sandbox("s1")->shim_pid == 0);
  const auto container = after.container("c1");
  CHECK(container->state == ContainerRecord::State::kExited);
  CHECK(container->exit_code == 137);
  CHECK(container->reason == "ContainerStatusUnknown");
}
