// Runtime: the container runtime of one --root and --state, in this process.
//
// The one object that the composition root makes; behind it stand the CRI services and LocalRuntime. Any number of
// processes may have a Runtime over the same folders: what they share lies on disk under locks (docs/architecture.md,
// "Who owns a pod"). Destroying it ends no container.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "cri-proto/local_runtime.h"
#include "cri-proto/service.h"
#include "runtime/cgroup/driver.h"

namespace runtime::service {

struct RuntimeOptions {
  std::string root = "/var/lib/nodeagent";
  std::string state = "/run/nodeagent";
  std::string instance = "nodeagent";  // separates bridge, subnet, nft table and cgroup tree
  std::string subnet;                  // of the built-in network, "10.88.0.0/16"; empty: chosen by the instance
  std::string shim_binary;             // path of nodeagent-shim
  cgroup::DriverChoice cgroup_driver = cgroup::DriverChoice::kAuto;
  cgroup::MissingControllers missing_controllers = cgroup::MissingControllers::kFail;
  // Undo what dead processes left half made, and follow every running pod: for those who run pods. Without it the
  // runtime is opened to look at pods, or to act on one.
  bool recover = false;
};

class Runtime {
 public:
  // kPermissionDenied where this process may not do what containers need; kFailedPrecondition for folders of a newer
  // version; kUnimplemented where the node lacks cgroup v2, or the cgroup driver that is asked for.
  static base::Result<std::unique_ptr<Runtime>> open(const RuntimeOptions& options);
  ~Runtime();

  // Removes what the instance keeps for all of its pods (bridge, nft table, empty cgroups) if no pod is left; it comes
  // again with the next pod. For commands that end after their pod.
  base::Status tidy();

  cri::RuntimeService& runtime();
  cri::ImageService& images();
  cri::LocalRuntime& local();
  // With which it makes containers' cgroups; for whoever makes those above them.
  cgroup::Driver& cgroups();
  cgroup::Naming cgroup_names() const;
  std::string cgroup_lock() const;  // the file that is locked meanwhile

 private:
  struct Impl;
  explicit Runtime(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace runtime::service
