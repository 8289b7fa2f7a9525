// A part of a volume as a mount of its own: volumeMounts[].subPath.
#pragma once

#include <string>

#include "base/error.h"

namespace volumes {

struct SubPath {
  std::string volume;       // its name
  std::string volume_path;  // where it is on the host
  std::string container;    // its name
  size_t index = 0;         // of the container's volumeMounts
  std::string path;         // in the volume, relative
};

// Mounts what lies at the path to <root>/pods/<uid>/volume-subpaths/<volume>/<container>/<index>, which it returns, in
// place of what is mounted there. Links on the way are followed inside the volume only, whatever changes meanwhile;
// folders that are missing are made with the volume's own mode. kInvalidArgument for a path that is absolute or has
// "..".
base::Result<std::string> bind_sub_path(const std::string& root, const std::string& pod_uid, const SubPath& part);

// Unmounts and removes all of them that the pod has. None: ok.
base::Status remove_sub_paths(const std::string& root, const std::string& pod_uid);

}  // namespace volumes
