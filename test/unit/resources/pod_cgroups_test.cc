#include "agent/resources/pod_cgroups.h"

#include <algorithm>

#include "test/unit/pods/pods.h"

namespace {

using namespace agent::resources;
using runtime::cgroup::Resources;

const NodeFacts kHugeNode{.huge_pages = {{.resource = "hugepages-2Mi", .page_size = "2MB", .total = 0}}};
const std::string kOne = "{name: a, image: 'app:1', resources: {limits: {cpu: 500m, memory: 64Mi}}}";
const std::string kOther = "{name: b, image: 'app:1', resources: {limits: {cpu: 250m, memory: 16Mi}}}";
const std::string kFree = "{name: c, image: 'app:1'}";

Resources of(const std::string& spec, const std::map<std::string, std::string>& annotations = {}) {
  api::Pod pod = test::pod_from(spec);
  pod.metadata.annotations = annotations;
  return pod_resources(pod, kHugeNode);
}
std::string containers(const std::string& list) { return "  containers: [" + list + "]\n"; }

TEST_CASE("a pod is limited where each of its containers is") {
  const Resources both = of(containers(kOne + ", " + kOther));
  CHECK(both.cpu_shares == 768);
  CHECK(both.cpu_quota == 75'000);
  CHECK(both.cpu_period == 100'000);
  CHECK(both.memory_limit == 80 << 20);
  CHECK(both.pids_limit == -1);

  const Resources one_free = of(containers(kOne + ", " + kFree));
  CHECK(one_free.cpu_shares == 512);
  CHECK_FALSE(one_free.cpu_quota);
  CHECK_FALSE(one_free.memory_limit);

  const Resources none = of(containers(kFree));
  CHECK(none.cpu_shares == 2);
  CHECK_FALSE(none.cpu_quota);
  CHECK_FALSE(none.memory_limit);
}

TEST_CASE("a pod's own resources and its overhead count") {
  const Resources own = of("  resources: {limits: {cpu: 2, memory: 1Gi}}\n" + containers(kFree));
  CHECK(own.cpu_quota == 200'000);
  CHECK(own.memory_limit == 1 << 30);
  // Comes from a RuntimeClass, never from a file.
  api::Pod costly = test::pod_from(containers(kOne));
  costly.spec.overhead = {{"cpu", api::Quantity::parse("250m").value()}, {"memory", api::Quantity::of_bytes(16 << 20)}};
  const Resources more = pod_resources(costly, kHugeNode);
  CHECK(more.cpu_shares == 768);
  CHECK(more.cpu_quota == 75'000);
  CHECK(more.memory_limit == 80 << 20);
  // What nothing limits, the overhead does not limit either.
  costly.spec.containers[0].resources = {};
  CHECK_FALSE(pod_resources(costly, kHugeNode).memory_limit);
}

TEST_CASE("a pod has no huge pages but those it asks for") {
  CHECK(of(containers(kOne)).huge_pages.at(0).limit == 0);
  const Resources some =
      of(containers("{name: a, image: 'app:1', resources: {limits: {memory: 1Mi, hugepages-2Mi: 4Mi}}}"));
  CHECK(some.huge_pages.at(0).page_size == "2MB");
  CHECK(some.huge_pages.at(0).limit == 4 << 20);
}

TEST_CASE("what its containers may save up or are protected by, the pod lets through") {
  const std::string two = containers(kOne + ", " + kOther);
  CHECK(of(two, {{"cpu-burst.nodeagent.io/a", "100m"}}).cpu_burst == 10'000);
  CHECK(of(two, {{"nodeagent.io/cpu-burst", "100m"}}).cpu_burst == 20'000);
  CHECK(of(two, {{"nodeagent.io/cpu-burst", "5"}}).cpu_burst == 75'000);
  CHECK_FALSE(of(two, {{"nodeagent.io/cpu-quota", "false"}}).cpu_quota);
  CHECK_FALSE(of(two, {{"cpu-quota.nodeagent.io/b", "false"}}).cpu_quota);
  CHECK(of(two, {{"nodeagent.io/cpu-period", "10ms"}}).cpu_quota == 7'500);
  CHECK(of(two, {{"nodeagent.io/pids-limit", "70"}}).pids_limit == 70);
  const Resources kept = of(two, {{"nodeagent.io/memory-min", "8Mi"}, {"memory-low.nodeagent.io/a", "4Mi"}});
  CHECK(kept.unified.at("memory.min") == "16777216");
  CHECK(kept.unified.at("memory.low") == "4194304");
}

TEST_CASE("what sidecars may save up or are protected by is added, of other init containers the most counts") {
  const std::string limited = "image: 'app:1', resources: {limits: {cpu: 1, memory: 64Mi}}";
  const auto with = [&](const std::map<std::string, std::string>& annotations) {
    return of("  initContainers: [{name: early, " + limited + "}, {name: side, restartPolicy: Always, " + limited +
                  "}, {name: late, " + limited + "}]\n" + containers(kOne),
              annotations);
  };
  CHECK(
      with({{"memory-min.nodeagent.io/a", "8Mi"}, {"memory-min.nodeagent.io/side", "4Mi"}}).unified.at("memory.min") ==
      std::to_string(12 << 20));
  CHECK(with({{"memory-low.nodeagent.io/early", "20Mi"}, {"memory-low.nodeagent.io/side", "4Mi"}})
            .unified.at("memory.low") == std::to_string(20 << 20));
  // Beside the sidecar that was started before it, and not beside the containers after it.
  CHECK(with({{"memory-min.nodeagent.io/a", "8Mi"},
              {"memory-min.nodeagent.io/side", "4Mi"},
              {"memory-min.nodeagent.io/late", "16Mi"}})
            .unified.at("memory.min") == std::to_string(20 << 20));
  CHECK(with({{"cpu-burst.nodeagent.io/side", "100m"}, {"cpu-burst.nodeagent.io/a", "50m"}}).cpu_burst == 15'000);
  CHECK(with({{"cpu-burst.nodeagent.io/early", "200m"}, {"cpu-burst.nodeagent.io/a", "50m"}}).cpu_burst == 20'000);
  CHECK(with({}).cpu_quota == 200'000);
  CHECK_FALSE(with({{"cpu-quota.nodeagent.io/side", "false"}}).cpu_quota);
  CHECK_FALSE(with({{"cpu-quota.nodeagent.io/late", "false"}}).cpu_quota);
}

TEST_CASE("a pod stands back where all of its containers do, and has the weight that is said of it as a whole") {
  const std::string two = containers(kOne + ", " + kOther);
  const Resources plain = of(two);
  CHECK_FALSE(plain.cpu_idle);
  CHECK_FALSE(plain.unified.contains("io.weight"));
  CHECK(of(two, {{"nodeagent.io/cpu-idle", "true"}}).cpu_idle == true);
  CHECK(of(two, {{"cpu-idle.nodeagent.io/a", "true"}, {"cpu-idle.nodeagent.io/b", "true"}}).cpu_idle == true);
  CHECK_FALSE(of(two, {{"cpu-idle.nodeagent.io/a", "true"}}).cpu_idle);
  CHECK_FALSE(of(two, {{"nodeagent.io/cpu-idle", "true"}, {"cpu-idle.nodeagent.io/b", "false"}}).cpu_idle);
  const std::string with_init = "  initContainers: [{name: early, image: 'app:1'}]\n" + containers(kOne);
  CHECK_FALSE(of(with_init, {{"cpu-idle.nodeagent.io/a", "true"}}).cpu_idle);
  CHECK(of(two, {{"nodeagent.io/io-weight", "50"}}).unified.at("io.weight") == "50");
  CHECK_FALSE(of(two, {{"io-weight.nodeagent.io/a", "50"}}).unified.contains("io.weight"));
}

}  // namespace
