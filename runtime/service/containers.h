// Containers: the container half of the runtime: bundle, root file system, start, stop, removal.
//
// Owns nothing but its references; all state is in the Registry and on disk. Thread-safe: making, starting and removing
// are serialised by the sandbox's gate; stopping is not, since a grace period may be long.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/undo.h"
#include "cri-proto/service.h"
#include "runtime/cgroup/driver.h"
#include "runtime/image/store.h"
#include "runtime/oci/generate.h"
#include "runtime/security/device_filter.h"
#include "runtime/security/seccomp.h"
#include "runtime/service/event_hub.h"
#include "runtime/service/gate.h"
#include "runtime/service/registry.h"
#include "runtime/service/shim_watch.h"

namespace runtime::service {

class Containers {
 public:
  struct Parts {
    Registry& registry;
    Gates& gates;
    EventHub& events;
    ShimWatch& watch;
    image::Store& images;
    const security::FilterCache& filters;
    security::DeviceFilters& device_filters;
    cgroup::Driver& cgroups;
  };
  explicit Containers(Parts parts);

  base::Result<v1::CreateContainerResponse> create(const cri::CallContext& context,
                                                   const v1::CreateContainerRequest& request);
  base::Status start(const cri::CallContext& context, const std::string& id);
  // timeout: seconds between the stop signal and SIGKILL; 0: SIGKILL at once.
  base::Status stop(const cri::CallContext& context, const std::string& id, int64_t timeout);
  base::Status remove(const cri::CallContext& context, const std::string& id);
  base::Result<v1::ContainerStatusResponse> status(const std::string& id);
  base::Result<v1::ListContainersResponse> list(const v1::ContainerFilter& filter);
  base::Status reopen_log(const std::string& id);
  base::Status update_resources(const cri::CallContext& context, const v1::UpdateContainerResourcesRequest& request);

  // Ends the container if it runs, and waits for that.
  base::Status kill_and_wait(const cri::CallContext& context, const ContainerRecord& record);
  // Removes an ended container with everything that belongs to it. The caller is inside the sandbox's gate.
  base::Status discard(const cri::CallContext& context, const ContainerRecord& record);
  // Its shim is gone: kills what is left of it and settles how it ended.
  void on_shim_lost(const ContainerRecord& record);
  // The shim says that the main process has ended.
  void on_exit(const std::string& sandbox, const shim::ExitEvent& event);
  // Removes writable layers that belong to no container: what a crash between two steps left.
  base::Status sweep_writable_layers();

 private:
  struct Prepared {
    image::Image image;
    image::LowerLayers layers;
    oci::Spec spec;
  };
  base::Result<Prepared> prepare(const v1::CreateContainerRequest& request, const SandboxRecord& sandbox,
                                 ContainerRecord& record) const;
  base::Result<std::string> shared_pid_path(const SandboxRecord& sandbox) const;
  base::Status make_writable_layer(const std::string& id, const image::LowerLayers& layers) const;
  base::Status launch(const SandboxRecord& sandbox, const ContainerRecord& record, int* failure_code);
  base::Status note_started(const std::string& id, pid_t pid, int64_t started_at);
  // What a start that was broken off has left: true when the container runs, and is recorded so; otherwise it is ended
  // and the shim has forgotten it.
  base::Result<bool> adopt_or_end(shim::ShimClient& client, const ContainerRecord& record);
  void record_start_failure(const ContainerRecord& record, const base::Error& error);
  void publish(const ContainerRecord& record, v1::ContainerEventType type);

  void say_once_if_clamped(const shim::ShimClient& client, const ContainerRecord& record, int oom_score_adj);

  const Parts parts_;
  std::atomic<bool> oom_clamp_said_ = false;
  const std::vector<std::string> thermal_throttle_paths_;
};

v1::ContainerStatus to_status(const ContainerRecord& record);

}  // namespace runtime::service
