// The parts that generate() is made of; private to runtime/oci.
#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"
#include "cri-proto/messages.h"
#include "runtime/oci/generate.h"
#include "runtime/oci/spec.h"

namespace runtime::oci {

// refuse.cc: kUnimplemented, naming the first field that CRI sets and this version does not carry out;
// kInvalidArgument for one that no version could.
base::Status refuse_what_is_not_carried_out(const v1::ContainerConfig& container);

// The deprecated fields that older CRI clients set instead of the seccomp and apparmor messages.
const std::string& older_seccomp_profile(const v1::LinuxContainerSecurityContext& context);
const std::string& older_apparmor_profile(const v1::LinuxContainerSecurityContext& context);

// mounts.cc
// The standard mounts but those that CRI's own hide, the pod's managed files likewise, then CRI's by depth.
base::Result<std::vector<Mount>> container_mounts(const GenerateInput& input);
// The image's volumes that none of the mounts covers, clean and absolute (a relative one is below "/"): folders of the
// container's root (CRI-O's image_volumes=mkdir), so that they have the image's content and go with the container.
base::Result<std::vector<std::string>> uncovered_volumes(const ImageConfig& image, const std::vector<Mount>& mounts);

// devices.cc
// The standard device nodes, for a privileged container all the host's, then CRI's.
base::Result<std::vector<Device>> container_devices(const GenerateInput& input);
// Privileged: allow all. Else deny all; allow making any node, using the standard ones, the terminals, and CRI's by
// their permissions. `devices` is what container_devices() returned for the same input.
std::vector<DeviceRule> device_rules(const GenerateInput& input, const std::vector<Device>& devices);

// True when `path` is `folder` or lies below it; both clean.
bool is_within(std::string_view path, std::string_view folder);

// "path/to/it" without "." and "..", absolute; kInvalidArgument naming the field otherwise.
base::Result<std::string> absolute_path(std::string_view field, const std::string& path);

}  // namespace runtime::oci
