// ContainerStats and PodSandboxStats from what cgroup v2 gives on this node; what it does not give is left unset.
#pragma once

#include "base/error.h"
#include "cri-proto/service.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/service/registry.h"

namespace runtime::service {

// Thread-safe; keeps no state.
class StatsReader {
 public:
  StatsReader(Registry& registry, const cgroup::Hierarchy& hierarchy) : registry_(registry), hierarchy_(hierarchy) {}

  base::Result<v1::ContainerStatsResponse> container(const std::string& id);
  base::Result<v1::ListContainerStatsResponse> containers(const v1::ContainerStatsFilter& filter);
  base::Result<v1::PodSandboxStatsResponse> sandbox(const std::string& id);
  base::Result<v1::ListPodSandboxStatsResponse> sandboxes(const v1::PodSandboxStatsFilter& filter);

 private:
  base::Result<v1::ContainerStats> read(const ContainerRecord& record);
  base::Result<v1::PodSandboxStats> read(const SandboxRecord& record);

  Registry& registry_;
  const cgroup::Hierarchy& hierarchy_;
};

}  // namespace runtime::service
