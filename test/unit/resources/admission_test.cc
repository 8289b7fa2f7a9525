#include "agent/resources/admission.h"

#include "test/unit/pods/pods.h"

namespace {

using namespace agent::resources;

const NodeFacts kNode{.milli_cpu = 2000,
                      .memory = 4LL << 30,
                      .ephemeral_storage = 10LL << 30,
                      .huge_pages = {{.resource = "hugepages-2Mi", .page_size = "2MB", .total = 8 << 20}}};

std::optional<Refusal> refusal(const std::string& resources) {
  return refuse_above_capacity(
      test::pod_from("  containers: [{name: web, image: 'app:1', resources: {" + resources + "}}]\n"), kNode);
}

TEST_CASE("a pod that fits the node is taken") {
  CHECK_FALSE(refusal(""));
  CHECK_FALSE(refusal("requests: {cpu: 2, memory: 4Gi}"));
  CHECK_FALSE(refusal("requests: {cpu: 100m}, limits: {cpu: 64, memory: 1Gi}"));  // limits may be above the node
  CHECK_FALSE(refusal("limits: {hugepages-2Mi: 8Mi, memory: 64Mi}"));
}

TEST_CASE("what is requested above the node is refused in a kubelet's words") {
  const auto cpu = refusal("requests: {cpu: 2001m}");
  REQUIRE(cpu);
  CHECK(cpu->reason == "OutOfcpu");
  CHECK(cpu->message == "Node didn't have enough resource: cpu, requested: 2001, used: 0, capacity: 2000");
  CHECK(refusal("limits: {memory: 5Gi}")->reason == "OutOfmemory");
  CHECK(refusal("limits: {hugepages-2Mi: 10Mi, memory: 64Mi}")->message ==
        "Node didn't have enough resource: hugepages-2Mi, requested: 10485760, used: 0, capacity: 8388608");
  CHECK(refusal("limits: {hugepages-1Gi: 1Gi, memory: 64Mi}")->reason == "OutOfhugepages-1Gi");
}

}  // namespace
