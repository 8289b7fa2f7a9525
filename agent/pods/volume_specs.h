// From a pod's volumes to what the volume manager is asked for.
#pragma once

#include <vector>

#include "agent/api/pod.h"
#include "agent/pods/configuration.h"
#include "agent/pods/downward.h"
#include "volumes/spec.h"

namespace agent::pods {

// All of the pod's volumes. Errors are in kubelet's words ("MountVolume.SetUp failed for volume …"): kNotFound where a
// ConfigMap, Secret or key is missing that is not optional.
base::Result<std::vector<volumes::VolumeSpec>> volume_specs(const DownwardInput& pod,
                                                            const Configuration& configuration);

// The same of one volume but for its files: enough to know where it lies.
volumes::VolumeSpec volume_without_content(const api::Volume& volume);

// Its files are made from content, so that no container may write them.
bool is_read_only(const volumes::VolumeSpec& spec);

}  // namespace agent::pods
