// Node: the composition root. The one place of agent/ that knows which runtime stands behind the CRI interfaces.
#pragma once

#include <memory>
#include <string>

#include "agent/cli/arguments.h"
#include "agent/pods/pod_owner.h"
#include "base/error.h"
#include "cri-proto/local_runtime.h"
#include "cri-proto/service.h"

namespace runtime::service {
class Runtime;
}

namespace agent::cli {

// The pod owner's view of the globals.
pods::Paths pod_paths(const Globals& globals);
base::Result<pods::Options> pod_options(const Globals& globals, bool foreground);

enum class Purpose : uint8_t {
  kRunPods,  // undoes what dead processes left half made, and needs nodeagent-shim
  kLook,     // looks at pods and images, or acts on one
};

// Owns the runtime of the globals' folders, in this process. Destroying it ends no container.
class Node {
 public:
  static base::Result<std::unique_ptr<Node>> open(const Globals& globals, Purpose purpose);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  cri::RuntimeService& runtime();
  cri::ImageService& images();
  cri::LocalRuntime& local();
  pods::Deps deps();
  // The same for running pods; the configuration outlives what is run with it.
  pods::Deps deps(const pods::Configuration& configuration);
  // For commands that end pods: finishes what processes that died left half removed; if no pod is left, neither is
  // anything that was made for all of them. A failure is only logged: the command itself has done its work.
  void tidy();

 private:
  Node(pods::Paths paths, std::unique_ptr<runtime::service::Runtime> runtime,
       std::unique_ptr<resources::PodCgroups> cgroups);
  const pods::Paths paths_;
  std::unique_ptr<runtime::service::Runtime> runtime_;
  std::unique_ptr<resources::PodCgroups> cgroups_;
};

// kPermissionDenied, naming the command, when the process is not root.
base::Status require_root(const std::string& command);

// The path of this program.
base::Result<std::string> own_path();

}  // namespace agent::cli
