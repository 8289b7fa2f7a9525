// Whose the pod's cgroup is, and so who removes it.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "base/concat.h"
#include "base/file.h"
#include "runtime/cgroup/driver.h"
#include "test/host/service/test_node.h"

namespace v1 = cri::v1;

namespace {

runtime::cgroup::Hierarchy hierarchy() {
  auto found = runtime::cgroup::Hierarchy::find();
  REQUIRE(found);
  return *std::move(found);
}

void remove_pod(TestNode& node, const std::string& sandbox) {
  v1::RemovePodSandboxRequest request;
  request.set_pod_sandbox_id(sandbox);
  REQUIRE(node.runtime().remove_pod_sandbox(within(60), request));
}

// As if the process that made the sandbox had died meanwhile.
void say_unfinished(const TestNode& node, const std::string& sandbox) {
  const std::string path = base::concat(node.options().state, "/sandboxes/", sandbox, "/state.json");
  auto text = base::read_file(path);
  REQUIRE(text);
  const std::string ready = "\"state\": \"ready\"";
  const size_t at = text->find(ready);
  REQUIRE(at != std::string::npos);
  text->replace(at, ready.size(), "\"state\": \"creating\"");
  REQUIRE(base::write_file_atomic(path, *text, 0600, base::Durability::kCrash));
}

// After its cgroup has been made.
void fail_to_run(TestNode& node, const v1::PodSandboxConfig& config) {
  v1::RunPodSandboxRequest request;
  *request.mutable_config() = config;
  (*request.mutable_config()->mutable_annotations())["nodeagent.io/shm-size"] = "large";
  const auto response = node.runtime().run_pod_sandbox(within(30), request);
  REQUIRE_FALSE(response);
  CHECK_THAT(response.error().to_string(), Catch::Contains("nodeagent.io/shm-size"));
}

}  // namespace

TEST_CASE("a pod's cgroup that the caller named stays, and its limits with it") {
  TestNode node;
  runtime::cgroup::Driver driver(hierarchy(), runtime::cgroup::MissingControllers::kWarn);
  const std::string path = node.pod_cgroup("kubelets");
  REQUIRE(driver.make(path, {}));
  // A limit that needs no controller.
  const std::string limit = hierarchy().path_of(path) + "/cgroup.max.descendants";
  REQUIRE((std::ofstream(limit) << "7" << std::flush).good());
  const auto kept = [&] { return base::read_file(limit).value_or("gone"); };

  v1::PodSandboxConfig pod = node.pod("kubelets");
  pod.mutable_linux()->set_cgroup_parent(path);
  const std::string first = node.run_pod(pod);
  const std::string id = node.create(first, pod, node.container("main", {"true"}));
  node.start(id);
  (void)node.wait(id);
  remove_pod(node, first);
  CHECK(kept() == "7\n");

  // By an agent that knows the record alone.
  const std::string second = node.run_pod(pod);
  node.restart();
  remove_pod(node, second);
  CHECK(kept() == "7\n");

  const std::string third = node.run_pod(pod);
  node.restart([&] { say_unfinished(node, third); });
  CHECK(node.runtime().list_pod_sandbox(within(10), {})->items().empty());
  CHECK(kept() == "7\n");

  fail_to_run(node, pod);
  CHECK(kept() == "7\n");
}

TEST_CASE("a pod's cgroup that nobody named goes with the pod") {
  TestNode node;
  const auto is_there = [&](const std::string& name) {
    return ::access(hierarchy().path_of(node.pod_cgroup(name)).c_str(), F_OK) == 0;
  };
  const std::string removed = node.run_pod(node.pod("removed"));
  const std::string unfinished = node.run_pod(node.pod("unfinished"));
  CHECK(is_there("removed"));
  CHECK(is_there("unfinished"));
  remove_pod(node, removed);
  CHECK_FALSE(is_there("removed"));
  node.restart([&] { say_unfinished(node, unfinished); });
  CHECK_FALSE(is_there("unfinished"));

  fail_to_run(node, node.pod("failing"));
  CHECK_FALSE(is_there("failing"));
}
