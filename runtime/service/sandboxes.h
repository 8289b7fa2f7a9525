// Sandboxes: the pod half of the runtime: namespaces (kept by a shim), network, cgroups, managed files.
//
// Owns the shims' program and otherwise nothing but its references; all state is in the Registry and on disk.
// Thread-safe: operations on one sandbox are serialised by its gate, over all processes.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "base/error.h"
#include "base/synchronized.h"
#include "base/undo.h"
#include "cni/bridge.h"
#include "cri-proto/service.h"
#include "runtime/cgroup/driver.h"
#include "runtime/service/event_hub.h"
#include "runtime/service/gate.h"
#include "runtime/service/registry.h"
#include "runtime/service/shim_watch.h"
#include "runtime/shim/client.h"

namespace runtime::service {

class Containers;

class Sandboxes {
 public:
  struct Parts {
    Registry& registry;
    Gates& gates;
    EventHub& events;
    ShimWatch& watch;
    cni::BridgeNetwork& network;
    cgroup::Driver& cgroups;
    std::string shim_binary;
  };
  explicit Sandboxes(Parts parts) : parts_(std::move(parts)) {}
  // Both halves need each other: a sandbox's end is its containers' end.
  void set_containers(Containers& containers) { containers_ = &containers; }

  base::Result<v1::RunPodSandboxResponse> run(const cri::CallContext& context, const v1::RunPodSandboxRequest& request);
  base::Status stop(const cri::CallContext& context, const std::string& id);
  base::Status remove(const cri::CallContext& context, const std::string& id);
  base::Status update_resources(const cri::CallContext& context, const v1::UpdatePodSandboxResourcesRequest& request);
  base::Result<v1::PodSandboxStatusResponse> status(const std::string& id);
  base::Result<v1::ListPodSandboxResponse> list(const v1::PodSandboxFilter& filter);

  // The shim of the sandbox is gone without having been told to: everything it kept has ended.
  void on_shim_lost(const std::string& id);
  // Removes what processes left that died before a sandbox was recorded, or while they removed one.
  base::Status sweep();
  // Undoes sandboxes that a dead process left half made, and settles those of an earlier boot.
  base::Status recover();

 private:
  base::Status build(const cri::CallContext& context, SandboxRecord& record, base::UndoStack& undo);
  base::Status write_managed_files(const SandboxRecord& record) const;
  base::Result<shim::StartingShim> begin_shim(const SandboxRecord& record, base::UndoStack& undo);
  base::Status finish_shim(SandboxRecord& record, shim::StartingShim shim);
  base::Status attach_network(SandboxRecord& record, base::UndoStack& undo);
  base::Status stop_inside_gate(const cri::CallContext& context, const SandboxRecord& record);
  base::Status recover_one(const SandboxRecord& record);
  base::Status undo_unfinished(const std::string& id);
  base::Status take_down(const SandboxRecord& record);
  void remove_own_cgroup(const SandboxRecord& record);
  base::Result<int> shim_program();
  void publish(const SandboxRecord& record, v1::ContainerEventType type);

  const Parts parts_;
  Containers* containers_ = nullptr;
  // Those that are being taken down: the end of their shims is wanted, however it is heard of.
  base::Synchronized<std::set<std::string>> ending_;
  std::atomic<bool> oom_clamp_said_ = false;
  base::Synchronized<std::optional<shim::ShimProgram>> shim_program_;  // opened by the first pod, kept to the end
};

// The CRI view of a record.
v1::PodSandboxStatus to_status(const SandboxRecord& record);

}  // namespace runtime::service
