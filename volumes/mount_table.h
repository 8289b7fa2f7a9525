// What is mounted: statx(2) for one path, /proc/self/mountinfo (proc_pid_mountinfo(5)) for what lies below one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace volumes {

// The mount points of a mountinfo text, with its octal escapes resolved, in the order they were mounted.
std::vector<std::string> mount_points(std::string_view mountinfo);

// Something is mounted exactly there; links on the way are followed, the last name is not.
base::Result<bool> is_mount_point(const std::string& path);

// Mount points at or below the folder, deepest (latest) first: the order to unmount them in.
base::Result<std::vector<std::string>> mounts_below(const std::string& folder);

}  // namespace volumes
