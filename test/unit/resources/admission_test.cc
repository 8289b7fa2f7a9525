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

api::Pod with_sysctl(const std::string& name) {
  api::Pod pod;
  pod.spec.security_context.emplace();
  pod.spec.security_context->sysctls = {{.name = name, .value = "1"}};
  return pod;
}

TEST_CASE("the safe sysctls may be set, others where the node allows them") {
  const auto refusal = [](const std::string& name, const std::vector<std::string>& allowed = {}) {
    const auto refused = refuse_sysctls(with_sysctl(name), allowed);
    return refused ? refused->reason + ": " + refused->message : "none";
  };
  CHECK_FALSE(refuse_sysctls(api::Pod(), {}));
  CHECK(refusal("net.ipv4.tcp_syncookies") == "none");
  CHECK(refusal("net/ipv4/ip_local_port_range") == "none");
  CHECK(refusal("kernel.shm_rmid_forced") == "none");
  CHECK(refusal("net.core.somaxconn") == "SysctlForbidden: forbidden sysctl: \"net.core.somaxconn\" not allowlisted");
  CHECK(refusal("net.core.somaxconn", {"net.core.somaxconn"}) == "none");
  CHECK(refusal("net.core.somaxconn", {"net.core.*"}) == "none");
  CHECK(refusal("net.core.somaxconn", {"net/core/*"}) == "none");
  CHECK(refusal("net.core.somaxconn", {"net.core.somax"}) != "none");
  CHECK(refusal("kernel.msgmax", {"kernel.msg*"}) == "none");
  // Not a namespace's, whatever is allowed.
  CHECK(refusal("vm.swappiness", {"vm.*"}) != "none");
  api::Pod host = with_sysctl("net.core.somaxconn");
  host.spec.host_network = true;
  CHECK(refuse_sysctls(host, {"net.*"})->message ==
        "forbidden sysctl: \"net.core.somaxconn\" not allowed with host net enabled");
  host = with_sysctl("kernel.shmmax");
  host.spec.host_ipc = true;
  CHECK(refuse_sysctls(host, {"kernel.shm*"})->message ==
        "forbidden sysctl: \"kernel.shmmax\" not allowed with host ipc enabled");
}

}  // namespace
