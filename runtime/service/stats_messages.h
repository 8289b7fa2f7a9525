// What was read of a cgroup, as CRI's messages. Pure.
#pragma once

#include <vector>

#include "cri-proto/service.h"
#include "cri-proto/usage.h"
#include "runtime/service/layer_usage.h"
#include "runtime/service/meters.h"

namespace runtime::service {

// now: ns since the epoch, the timestamp of all that is set. What the reading does not have stays unset.
void fill(const Reading& reading, int64_t now, cri::v1::ContainerStats& out);
void fill(const Reading& reading, int64_t now, cri::v1::LinuxPodSandboxStats& out);
// eth0 is the default interface; the others follow without it.
void fill(const std::vector<cri::InterfaceUsage>& interfaces, int64_t now, cri::v1::LinuxPodSandboxStats& out);
void fill(const LayerUsage& usage, const std::string& mount_point, cri::v1::FilesystemUsage& out);

}  // namespace runtime::service
