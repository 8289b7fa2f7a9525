#include "runtime/cgroup/names.h"

#include <catch2/catch.hpp>

namespace {

using namespace runtime::cgroup;

const Naming kFiles{};
const Naming kUnits{.driver = DriverKind::kSystemd};

TEST_CASE("cgroups lie where a kubelet with cgroupfs has them") {
  CHECK(kFiles.kubepods() == "/kubepods");
  CHECK(kFiles.qos(Qos::kGuaranteed) == "/kubepods");
  CHECK(kFiles.qos(Qos::kBurstable) == "/kubepods/burstable");
  CHECK(kFiles.pod(Qos::kGuaranteed, "a-b") == "/kubepods/poda-b");
  CHECK(kFiles.pod(Qos::kBestEffort, "a-b") == "/kubepods/besteffort/poda-b");
  CHECK(container_cgroup("/kubepods/poda-b", "c1") == "/kubepods/poda-b/c1");
  CHECK(kFiles.shim("s1") == "/nodeagent/shims/s1");
  const Naming other{.instance = "my-test"};
  CHECK(other.pod(Qos::kBurstable, "u") == "/my-test/kubepods/burstable/podu");
  CHECK(other.shim("s1") == "/my-test/shims/s1");
}

TEST_CASE("units are named as a kubelet with systemd names them") {
  CHECK(kUnits.kubepods() == "/kubepods.slice");
  CHECK(kUnits.qos(Qos::kGuaranteed) == "/kubepods.slice");
  CHECK(kUnits.qos(Qos::kBurstable) == "/kubepods.slice/kubepods-burstable.slice");
  CHECK(kUnits.pod(Qos::kGuaranteed, "0f3c-11") == "/kubepods.slice/kubepods-pod0f3c_11.slice");
  const std::string pod = "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod0f3c_11.slice";
  CHECK(kUnits.pod(Qos::kBestEffort, "0f3c-11") == pod);
  CHECK(container_cgroup(pod, "c1") == pod + "/nodeagent-c1.scope/container");
  CHECK(kUnits.shim("s1") == "/nodeagent.slice/nodeagent-shims.slice/s1");
}

TEST_CASE("another instance has a tree of units of its own") {
  const Naming other{.driver = DriverKind::kSystemd, .instance = "demo"};
  CHECK(other.kubepods() == "/demo.slice/demo-kubepods.slice");
  CHECK(other.pod(Qos::kBurstable, "u") ==
        "/demo.slice/demo-kubepods.slice/demo-kubepods-burstable.slice/demo-kubepods-burstable-podu.slice");
  CHECK(other.shim("s1") == "/demo.slice/demo-shims.slice/s1");
  // What a dash, and other characters, would mean to systemd.
  const Naming odd{.driver = DriverKind::kSystemd, .instance = "my-test/1"};
  CHECK(odd.kubepods() == "/my\\x2dtest\\x2f1.slice/my\\x2dtest\\x2f1-kubepods.slice");
  CHECK(kUnits.pod(Qos::kGuaranteed, "a/b c") == "/kubepods.slice/kubepods-poda\\x2fb\\x20c.slice");
  // What the kernel could take for a file of its own.
  const Naming taken{.driver = DriverKind::kSystemd, .instance = "memory"};
  CHECK(taken.kubepods() == "/_memory.slice/memory-kubepods.slice");
  CHECK(unit_of("/_memory.slice")->unit == "memory.slice");
}

TEST_CASE("what an instance shares among its pods is named from the inside out") {
  CHECK(kFiles.common() == std::vector<std::string>{"/kubepods/besteffort", "/kubepods/burstable", "/kubepods",
                                                    "/nodeagent/shims", "/nodeagent"});
  const Naming demo{.instance = "demo"};
  CHECK(demo.common() == std::vector<std::string>{"/demo/kubepods/besteffort", "/demo/kubepods/burstable",
                                                  "/demo/kubepods", "/demo/shims", "/demo"});
  CHECK(kUnits.common() == std::vector<std::string>{"/kubepods.slice/kubepods-besteffort.slice",
                                                    "/kubepods.slice/kubepods-burstable.slice", "/kubepods.slice",
                                                    "/nodeagent.slice/nodeagent-shims.slice", "/nodeagent.slice"});
}

TEST_CASE("a slice is found by its name alone") {
  const std::string pod = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podu_1.slice";
  CHECK(pod_cgroup_of("kubepods-burstable-podu_1.slice") == pod);
  CHECK(pod_cgroup_of(pod) == pod);
  CHECK(pod_cgroup_of("/kubepods/burstable/podu-1") == "/kubepods/burstable/podu-1");
}

TEST_CASE("a cgroup parent that cannot be is refused with what it should be") {
  const auto message = [](const char* parent) {
    const auto path = pod_cgroup_of(parent);
    REQUIRE(!path.has_value());
    CHECK(path.error().code() == base::Code::kInvalidArgument);
    return path.error().to_string();
  };
  CHECK_THAT(message("/elsewhere/a-b.slice"), Catch::Contains("systemd has this slice as /a.slice/a-b.slice"));
  CHECK_THAT(message("a--b.slice"), Catch::Contains("\"a--b.slice\" is no name of a slice"));
  CHECK_THAT(message("-a.slice"), Catch::Contains("is no name of a slice"));
  CHECK_THAT(message("a-.slice"), Catch::Contains("is no name of a slice"));
  CHECK_THAT(message(".slice"), Catch::Contains("is no name of a slice"));
  CHECK_THAT(message("kubepods/podu"), Catch::Contains("neither a clean path"));
  CHECK_THAT(message("/a/../b"), Catch::Contains("neither a clean path"));
  CHECK_THAT(message(""), Catch::Contains("neither a clean path"));
}

TEST_CASE("a cgroup's unit is found from its path") {
  const auto slice = unit_of("/kubepods.slice/kubepods-podu.slice");
  REQUIRE(slice.has_value());
  CHECK(slice->unit == "kubepods-podu.slice");
  CHECK(slice->cgroup == "/kubepods.slice/kubepods-podu.slice");
  CHECK_FALSE(slice->scope);
  for (const char* cgroup : {"/kubepods.slice/nodeagent-c.scope", "/kubepods.slice/nodeagent-c.scope/container",
                             "/kubepods.slice/nodeagent-c.scope/container/deeper"}) {
    const auto scope = unit_of(cgroup);
    REQUIRE(scope.has_value());
    CHECK(scope->unit == "nodeagent-c.scope");
    CHECK(scope->cgroup == "/kubepods.slice/nodeagent-c.scope");
    CHECK(scope->scope);
  }
  // Folders, whatever they are called: systemd would have a unit of that name elsewhere.
  for (const char* cgroup : {"/", "/kubepods", "/kubepods/podu", "/kubepods.slice/podu", "/kubepods/podx.slice",
                             "/x.slice/podx.slice", "/x/y.scope", "/x.scope/kubepods/podu", "/kubepods/pod--.slice"}) {
    INFO(cgroup);
    CHECK_FALSE(unit_of(cgroup).has_value());
  }
}

}  // namespace
