#include "agent/resources/container_resources.h"

#include "cri-proto/messages.h"
#include "test/unit/pods/pods.h"

namespace {

using namespace agent::resources;
using Asked = runtime::v1::LinuxContainerResources;

constexpr int64_t kGi = 1LL << 30;
const NodeFacts kBigNode{.milli_cpu = 4000,
                         .memory = 10 * kGi,
                         .huge_pages = {{.resource = "hugepages-2Mi", .page_size = "2MB", .total = 0},
                                        {.resource = "hugepages-1Gi", .page_size = "1GB", .total = 0}}};

api::Pod pod_with(const std::string& resources, const std::string& more = "") {
  return test::pod_from("  containers: [{name: web, image: 'app:1', resources: {" + resources + "}}]\n" + more);
}

Asked asked(const api::Pod& pod, size_t container = 0) {
  Asked out;
  const auto filled = fill_container_resources(pod, pod.spec.containers.at(container), kBigNode, &out);
  if (!filled) FAIL(filled.error().to_string());
  return out;
}

TEST_CASE("requests and limits become what the kubelet asks a runtime for") {
  const Asked none = asked(pod_with(""));
  CHECK(none.cpu_shares() == 2);
  CHECK(none.cpu_period() == 100'000);
  CHECK(none.cpu_quota() == 0);
  CHECK(none.memory_limit_in_bytes() == 0);
  CHECK(none.unified().at("memory.swap.max") == "0");
  CHECK(none.unified().at("memory.oom.group") == "1");
  REQUIRE(none.hugepage_limits_size() == 2);
  CHECK(none.hugepage_limits(0).page_size() == "2MB");
  CHECK(none.hugepage_limits(0).limit() == 0);

  const Asked some = asked(pod_with("requests: {cpu: 250m}, limits: {cpu: 1500m, memory: 64Mi, hugepages-1Gi: 2Gi}"));
  CHECK(some.cpu_shares() == 256);
  CHECK(some.cpu_quota() == 150'000);
  CHECK(some.memory_limit_in_bytes() == 64 << 20);
  CHECK(some.hugepage_limits(1).limit() == static_cast<uint64_t>(2 * kGi));

  CHECK(asked(pod_with("limits: {cpu: 1m}")).cpu_quota() == 1000);  // the least that the kernel takes
  CHECK(asked(pod_with("limits: {cpu: 2}")).cpu_shares() == 2048);  // the request is the limit
  CHECK(asked(pod_with("requests: {cpu: 0}, limits: {cpu: 2}")).cpu_shares() == 2);
}

TEST_CASE("a container without limits has the pod's") {
  const Asked shared = asked(pod_with("", "  resources: {limits: {cpu: 2, memory: 1Gi}}\n"));
  CHECK(shared.cpu_quota() == 200'000);
  CHECK(shared.memory_limit_in_bytes() == kGi);
  const Asked own = asked(pod_with("limits: {memory: 64Mi}", "  resources: {limits: {cpu: 2, memory: 1Gi}}\n"));
  CHECK(own.memory_limit_in_bytes() == 64 << 20);
}

TEST_CASE("containers share the huge pages of the pod, but for those that have their own or none by their own words") {
  const std::string of_pod = "  resources: {limits: {memory: 1Gi, hugepages-2Mi: 8Mi}}\n";
  const Asked shared = asked(pod_with("", of_pod));
  CHECK(shared.hugepage_limits(0).limit() == 8 << 20);
  CHECK(shared.hugepage_limits(1).limit() == 0);
  CHECK(asked(pod_with("limits: {memory: 64Mi, hugepages-2Mi: 2Mi}", of_pod)).hugepage_limits(0).limit() == 2 << 20);
  CHECK(asked(pod_with("limits: {memory: 64Mi, hugepages-1Gi: 1Gi}", of_pod)).hugepage_limits(0).limit() == 8 << 20);
  const Asked none = asked(pod_with("limits: {memory: 64Mi, hugepages-2Mi: 0}", of_pod));
  CHECK(none.hugepage_limits(0).page_size() == "2MB");
  CHECK(none.hugepage_limits(0).limit() == 0);
}

TEST_CASE("annotations tune what is asked for") {
  api::Pod pod = pod_with("limits: {cpu: 500m, memory: 64Mi}");
  pod.metadata.annotations = {{"nodeagent.io/cpu-period", "10ms"},  {"nodeagent.io/cpu-burst", "200m"},
                              {"nodeagent.io/oom-kill", "process"}, {"nodeagent.io/memory-swap", "32Mi"},
                              {"nodeagent.io/memory-high", "48Mi"}, {"nodeagent.io/pids-limit", "9"},
                              {"nodeagent.io/io-weight", "50"},     {"nodeagent.io/io-max", "8:0 wbps=1Mi"},
                              {"nodeagent.io/cpuset-cpus", "0-1"}};
  const Asked tuned = asked(pod);
  CHECK(tuned.cpu_period() == 10'000);
  CHECK(tuned.cpu_quota() == 5'000);
  CHECK(tuned.cpuset_cpus() == "0-1");
  const std::map<std::string, std::string> unified(tuned.unified().begin(), tuned.unified().end());
  CHECK(unified == std::map<std::string, std::string>{{"cpu.max.burst", "2000"},
                                                      {"io.max", "8:0 wbps=1048576"},
                                                      {"io.weight", "50"},
                                                      {"memory.high", "50331648"},
                                                      {"memory.oom.group", "0"},
                                                      {"memory.swap.max", "33554432"},
                                                      {"pids.max", "9"}});
  pod.metadata.annotations = {{"nodeagent.io/cpu-quota", "false"}, {"nodeagent.io/cpu-burst", "200m"}};
  CHECK(asked(pod).cpu_quota() == 0);
  CHECK_FALSE(asked(pod).unified().contains("cpu.max.burst"));
  // More than the quota is kept: a higher one may come.
  pod.metadata.annotations = {{"nodeagent.io/cpu-burst", "3"}};
  CHECK(asked(pod).unified().at("cpu.max.burst") == "300000");

  pod.metadata.annotations = {{"nodeagent.io/io-max", "/dev/nosuchdisk wbps=1"}};
  Asked out;
  CHECK_THAT(fill_container_resources(pod, pod.spec.containers[0], kBigNode, &out).error().to_string(),
             Catch::Contains("/dev/nosuchdisk"));
  pod.metadata.annotations = {{"nodeagent.io/io-max", "/dev/null wbps=1"}};
  CHECK_THAT(fill_container_resources(pod, pod.spec.containers[0], kBigNode, &out).error().to_string(),
             Catch::Contains("no block device"));
}

int score(const std::string& spec, size_t container = 0, bool init = false) {
  const api::Pod pod = test::pod_from(spec);
  return oom_score_adj(pod, init ? pod.spec.init_containers.at(container) : pod.spec.containers.at(container),
                       kBigNode.memory);
}

TEST_CASE("who is killed first when the node runs out of memory") {
  const auto one = [](const std::string& resources, const std::string& more = "") {
    return score("  containers: [{name: web, image: 'app:1', resources: {" + resources + "}}]\n" + more);
  };
  CHECK(one("") == 1000);
  CHECK(one("limits: {cpu: 1, memory: 1Gi}") == -997);
  CHECK(one("requests: {cpu: 1}") == 999);
  CHECK(one("requests: {memory: 1Gi}") == 900);
  CHECK(one("requests: {memory: 10Gi}") == 3);
  CHECK(one("requests: {memory: 1Mi}") == 999);
  CHECK(one("", "  priority: 2000001000\n  priorityClassName: system-node-critical\n") == -997);
  CHECK(one("", "  priority: 2000000000\n  priorityClassName: system-cluster-critical\n") == 1000);

  // What the pod requests beyond its containers is shared among them.
  const std::string shared =
      "  resources: {requests: {memory: 4Gi}}\n  containers:\n"
      "  - {name: a, image: 'app:1', resources: {requests: {memory: 1Gi}}}\n  - {name: b, image: 'app:1'}\n";
  CHECK(score(shared, 0) == 750);  // 1 Gi and half of 3 Gi
  CHECK(score(shared, 1) == 850);

  // A sidecar is never killed before the smallest regular container.
  const std::string beside =
      "  initContainers: [{name: s, image: 'app:1', restartPolicy: Always}]\n  containers:\n"
      "  - {name: a, image: 'app:1', resources: {requests: {memory: 2Gi}}}\n"
      "  - {name: b, image: 'app:1', resources: {requests: {memory: 1Gi}}}\n";
  CHECK(score(beside, 0, true) == 900);
}

TEST_CASE("a sandbox is told what its containers use together") {
  runtime::v1::LinuxPodSandboxConfig config;
  api::Pod pod = test::pod_from(
      "  containers:\n  - {name: a, image: 'app:1', resources: {limits: {cpu: 1, memory: 1Gi}}}\n"
      "  - {name: b, image: 'app:1', resources: {requests: {cpu: 500m}}}\n");
  pod.spec.overhead = {{"cpu", api::Quantity::parse("250m").value()}, {"memory", api::Quantity::of_bytes(64 << 20)}};
  fill_sandbox_resources(pod, &config);
  CHECK(config.resources().cpu_shares() == 1536);
  CHECK(config.resources().cpu_quota() == 100'000);
  CHECK(config.resources().memory_limit_in_bytes() == kGi);
  CHECK(config.overhead().cpu_shares() == 256);
  CHECK(config.overhead().cpu_quota() == 25'000);
  CHECK(config.overhead().memory_limit_in_bytes() == 64 << 20);
}

}  // namespace
