// TestNode: a runtime of its own for one test: folders, instance, image; everything it made is gone when it goes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cri-proto/service.h"
#include "runtime/service/runtime.h"

// A call that may take so long.
cri::CallContext within(int seconds);

class TestNode {
 public:
  TestNode();
  ~TestNode();

  cri::RuntimeService& runtime() { return runtime_->runtime(); }
  cri::ImageService& images() { return runtime_->images(); }
  cri::LocalRuntime& local() { return runtime_->local(); }

  // Drops the runtime and opens another one over the same folders: what a crash or an upgrade of the agent is.
  // meanwhile: what happens in between.
  void restart(const std::function<void()>& meanwhile = {});

  cri::v1::PodSandboxConfig pod(const std::string& name) const;
  cri::v1::ContainerConfig container(const std::string& name, const std::vector<std::string>& command) const;

  // The id; fails the test on error.
  std::string run_pod(const cri::v1::PodSandboxConfig& config);
  std::string create(const std::string& sandbox, const cri::v1::PodSandboxConfig& pod,
                     const cri::v1::ContainerConfig& config);
  void start(const std::string& container);
  cri::v1::ContainerStatus status(const std::string& container);
  // Waits until the container has exited.
  cri::v1::ContainerStatus wait(const std::string& container);
  // Runs the command in a pod of its own and gives what it wrote to its log, without the CRI prefix.
  std::string output_of(const std::vector<std::string>& command);
  std::string log_of(const std::string& container);

  const std::string& folder() const { return folder_; }
  const runtime::service::RuntimeOptions& options() const { return options_; }
  // Of pod(name), below the cgroup mount.
  std::string pod_cgroup(const std::string& name) const {
    return runtime_->cgroup_names().pod(runtime::cgroup::Qos::kBestEffort, "uid-" + name);
  }

 private:
  std::string folder_;
  runtime::service::RuntimeOptions options_;
  std::unique_ptr<runtime::service::Runtime> runtime_;
};
