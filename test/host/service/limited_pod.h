// LimitedPod: a pod whose containers are given limits through CRI, and what their cgroups and the kernel make of them.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/path.h"
#include "runtime/cgroup/hierarchy.h"
#include "test/host/cgroup/group.h"
#include "test/host/service/test_node.h"

class LimitedPod {
 public:
  using Resources = cri::v1::LinuxContainerResources;

  LimitedPod() : config_(node_.pod("limited")), sandbox_(node_.run_pod(config_)) {}

  TestNode& node() { return node_; }

  // The container's id.
  std::string create(const std::string& name, const std::vector<std::string>& command, const Resources& resources) {
    cri::v1::ContainerConfig container = node_.container(name, command);
    *container.mutable_linux()->mutable_resources() = resources;
    return create(container);
  }
  std::string create(const cri::v1::ContainerConfig& container) { return node_.create(sandbox_, config_, container); }
  std::string start(const std::string& name, const std::vector<std::string>& command, const Resources& resources) {
    const std::string id = create(name, command, resources);
    node_.start(id);
    return id;
  }
  // Why it could not be made.
  base::Error refusal(const Resources& resources) {
    cri::v1::CreateContainerRequest request;
    request.set_pod_sandbox_id(sandbox_);
    *request.mutable_config() = node_.container("refused", {"true"});
    *request.mutable_config()->mutable_linux()->mutable_resources() = resources;
    *request.mutable_sandbox_config() = config_;
    const auto made = node_.runtime().create_container(within(30), request);
    REQUIRE_FALSE(made.has_value());
    return made.error();
  }
  base::Status update(const std::string& id, const Resources& resources) {
    cri::v1::UpdateContainerResourcesRequest request;
    request.set_container_id(id);
    *request.mutable_linux() = resources;
    TRY(node_.runtime().update_container_resources(within(30), request));
    return {};
  }

  std::string folder_of(const std::string& id) const {
    return runtime::cgroup::Hierarchy::find()->path_of(
        runtime::cgroup::container_cgroup(node_.pod_cgroup("limited"), id));
  }
  std::string get(const std::string& id, const std::string& file) const {
    const auto text = base::read_file(base::join_path(folder_of(id), file));
    if (!text) FAIL(text.error().to_string());
    return text->substr(0, text->find_last_not_of('\n') + 1);
  }
  // The number behind "key " in a control file.
  uint64_t get(const std::string& id, const std::string& file, const std::string& key) const {
    const std::string text = "\n" + get(id, file);
    const size_t at = text.find("\n" + key + " ");
    REQUIRE(at != std::string::npos);
    return std::stoull(text.substr(at + key.size() + 2));
  }
  double cpu_seconds(const std::string& id) const {
    return static_cast<double>(get(id, "cpu.stat", "usage_usec")) / 1e6;
  }

 private:
  TestNode node_;
  cri::v1::PodSandboxConfig config_;
  std::string sandbox_;
};
