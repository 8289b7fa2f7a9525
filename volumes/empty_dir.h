// emptyDir: a folder, or a tmpfs, that lives as long as its pod.
#pragma once

#include <string>

#include "base/error.h"
#include "volumes/spec.h"

namespace volumes {

inline constexpr const char* kEmptyDirFolder = "kubernetes.io~empty-dir";  // below <pod folder>/volumes

// Makes the folder (0777) and, for medium Memory, mounts the tmpfs on it: size is the smaller of the limit and the
// node's memory. Repeatable; what is already in it stays. It goes by tear_down_folder.
base::Status set_up_empty_dir(const EmptyDirSource& source, const std::string& path);

}  // namespace volumes
