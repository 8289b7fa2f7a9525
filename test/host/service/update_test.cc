// Other limits while a container runs, or before it does; across a restart of the agent.
#include "test/host/service/limited_pod.h"

namespace v1 = cri::v1;

namespace {

using cgroup_test::available;
using Resources = LimitedPod::Resources;

std::string text_of(const base::Status& status) { return status ? "ok" : status.error().to_string(); }

}  // namespace

TEST_CASE("a running container is held to more, and to less") {
  if (!available({"cpu", "memory"})) return;
  LimitedPod pod;
  Resources asked;
  asked.set_cpu_shares(512);
  asked.set_cpu_quota(50'000);
  asked.set_cpu_period(100'000);
  asked.set_memory_limit_in_bytes(64 << 20);
  const std::string id = pod.start("web", {"sleep", "1000"}, asked);

  Resources more;
  more.set_cpu_quota(80'000);
  more.set_memory_limit_in_bytes(128 << 20);
  REQUIRE(text_of(pod.update(id, more)) == "ok");
  CHECK(pod.get(id, "cpu.max") == "80000 100000");
  CHECK(pod.get(id, "memory.max") == "134217728");
  CHECK(pod.get(id, "cpu.weight") == "59");  // of which nothing was said

  pod.node().restart();
  CHECK(pod.node().status(id).resources().linux().memory_limit_in_bytes() == 128 << 20);
  CHECK(pod.node().status(id).resources().linux().cpu_shares() == 512);
  Resources less;
  less.set_cpu_quota(10'000);
  less.set_cpu_shares(2);
  less.set_memory_limit_in_bytes(16 << 20);
  REQUIRE(text_of(pod.update(id, less)) == "ok");
  CHECK(pod.get(id, "cpu.max") == "10000 100000");
  CHECK(pod.get(id, "cpu.weight") == "1");
  CHECK(pod.get(id, "memory.max") == "16777216");
}

TEST_CASE("a burst follows the quota down, and up again") {
  if (!available({"cpu"})) return;
  LimitedPod pod;
  LimitedPod::Resources asked;
  asked.set_cpu_quota(100'000);
  (*asked.mutable_unified())["cpu.max.burst"] = "80000";
  const std::string id = pod.start("main", {"sleep", "1000"}, asked);
  CHECK(pod.get(id, "cpu.max.burst") == "80000");
  LimitedPod::Resources other;
  other.set_cpu_quota(50'000);
  REQUIRE(pod.update(id, other));
  CHECK(pod.get(id, "cpu.max") == "50000 100000");
  CHECK(pod.get(id, "cpu.max.burst") == "50000");
  other.set_cpu_quota(100'000);
  REQUIRE(pod.update(id, other));
  CHECK(pod.get(id, "cpu.max.burst") == "80000");
}

TEST_CASE("memory in use is not taken away: the update fails, and nothing is changed") {
  if (!available({"memory"})) return;
  LimitedPod pod;
  Resources asked;
  asked.set_memory_limit_in_bytes(64 << 20);
  asked.set_memory_swap_limit_in_bytes(64 << 20);
  const std::string id = pod.start("holder", {"dd", "if=/dev/zero", "of=/dev/null", "bs=20M"}, asked);
  REQUIRE(cgroup_test::eventually([&] { return std::stoull(pod.get(id, "memory.current")) > 20 << 20; }));
  Resources less;
  less.set_memory_limit_in_bytes(8 << 20);
  less.set_memory_swap_limit_in_bytes(8 << 20);
  const base::Status refused = pod.update(id, less);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code() == base::Code::kFailedPrecondition);
  CHECK(pod.get(id, "memory.max") == "67108864");
  CHECK(pod.node().status(id).resources().linux().memory_limit_in_bytes() == 64 << 20);
  CHECK(pod.node().status(id).state() == v1::CONTAINER_RUNNING);
}

TEST_CASE("what is changed before the start is there at the start") {
  if (!available({"memory"})) return;
  LimitedPod pod;
  Resources asked;
  asked.set_memory_limit_in_bytes(64 << 20);
  const std::string id = pod.create("web", {"sleep", "1000"}, asked);
  asked.set_memory_limit_in_bytes(32 << 20);
  REQUIRE(text_of(pod.update(id, asked)) == "ok");
  pod.node().start(id);
  CHECK(pod.get(id, "memory.max") == "33554432");
}

TEST_CASE("updates of what is not there, has ended or is wrong are refused") {
  LimitedPod pod;
  const std::string id = pod.start("web", {"true"}, {});
  pod.node().wait(id);
  CHECK(pod.update(id, {}).error().code() == base::Code::kFailedPrecondition);
  CHECK(pod.update("nobody", {}).error().code() == base::Code::kNotFound);
  const std::string other = pod.start("other", {"sleep", "1000"}, {});
  Resources wrong;
  wrong.set_cpu_quota(5);
  CHECK(pod.update(other, wrong).error().code() == base::Code::kInvalidArgument);
  CHECK(pod.update(other, {}).has_value());
}

TEST_CASE("what a pod is resized to is kept with its sandbox") {
  LimitedPod pod;
  v1::ListPodSandboxRequest everything;
  const std::string sandbox = pod.node().runtime().list_pod_sandbox(within(10), everything).value().items(0).id();
  v1::UpdatePodSandboxResourcesRequest request;
  request.set_pod_sandbox_id(sandbox);
  request.mutable_resources()->set_memory_limit_in_bytes(64 << 20);
  REQUIRE(pod.node().runtime().update_pod_sandbox_resources(within(10), request));
  request.set_pod_sandbox_id("nobody");
  CHECK(pod.node().runtime().update_pod_sandbox_resources(within(10), request).error().code() == base::Code::kNotFound);
  // The next agent reads it again.
  pod.node().restart();
  const auto kept = base::read_file(pod.node().options().state + "/sandboxes/" + sandbox + "/config.pb");
  REQUIRE(kept);
  v1::PodSandboxConfig config;
  REQUIRE(config.ParseFromString(*kept));
  CHECK(config.linux().resources().memory_limit_in_bytes() == 64 << 20);
}
