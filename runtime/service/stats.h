// ContainerStats and PodSandboxStats, in single, listed and streamed form, and LocalRuntime::usage(): from what cgroup
// v2 gives on this node. What it does not give is left unset.
#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "cri-proto/local_runtime.h"
#include "cri-proto/service.h"
#include "runtime/service/layer_usage.h"
#include "runtime/service/meters.h"
#include "runtime/service/registry.h"

namespace runtime::service {

// Thread-safe. A list gives all that it can: one container that vanishes or cannot be read does not fail it. For
// writable layers that are asked for the first time a call waits a tenth of a second in all; those not counted by then
// are unset.
class StatsReader {
 public:
  StatsReader(Registry& registry, const cgroup::Hierarchy& hierarchy, const base::Clock& clock = base::system_clock())
      : registry_(registry), meters_(hierarchy, clock), layers_(clock) {}

  // Of a container that has ended the attributes only.
  base::Result<v1::ContainerStatsResponse> container(const cri::CallContext& context, const std::string& id);
  // Running containers.
  base::Result<v1::ListContainerStatsResponse> containers(const cri::CallContext& context,
                                                          const v1::ContainerStatsFilter& filter);
  base::Status stream(const cri::CallContext& context, const v1::ContainerStatsFilter& filter,
                      const cri::Sink<v1::StreamContainerStatsResponse>& sink);
  // Of a sandbox that is not ready the attributes only.
  base::Result<v1::PodSandboxStatsResponse> sandbox(const cri::CallContext& context, const std::string& id);
  // Ready sandboxes.
  base::Result<v1::ListPodSandboxStatsResponse> sandboxes(const cri::CallContext& context,
                                                          const v1::PodSandboxStatsFilter& filter);
  base::Status stream(const cri::CallContext& context, const v1::PodSandboxStatsFilter& filter,
                      const cri::Sink<v1::StreamPodSandboxStatsResponse>& sink);

  base::Result<std::vector<cri::PodUsage>> usage(const std::vector<std::string>& pod_uids);

 private:
  // until: when layers are no longer waited for.
  base::Result<v1::ContainerStats> read(const ContainerRecord& record, base::Monotonic until);
  base::Result<v1::PodSandboxStats> read(const SandboxRecord& record, base::Monotonic until);
  // For lists: why a record could not be read is logged, and it is left out.
  template <typename Record>
  auto read_or_skip(const Record& record, base::Monotonic until);
  // Before any of them is read, so that they are counted meanwhile.
  void ask_for_layers(const std::vector<ContainerRecord>& running);
  std::vector<ContainerRecord> running_in(const std::string& sandbox);
  // nullopt when it has ended.
  base::Result<std::optional<Reading>> read_cgroup(const std::string& id, const std::string& cgroup);
  std::optional<cri::PodUsage> usage_of(const SandboxRecord& record);

  Registry& registry_;
  Meters meters_;
  LayerUsages layers_;
};

}  // namespace runtime::service
