// The folders that volumes are made of: what emptyDir and the volumes of given content have in common.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error.h"

namespace volumes {

// The volume's folder, 0777 whatever the umask, with its parents. Repeatable; what is already in it stays.
base::Status make_folder(const std::string& path);

// Mounts a tmpfs on the folder: its size is the smaller of the limit (bytes; none, 0: no limit) and the node's memory,
// noswap where the kernel knows it (Linux 6.4). Where something is mounted already it stays as it is.
base::Status mount_memory(const std::string& path, std::optional<int64_t> limit);

// Unmounts what is mounted on and below the folder and removes it with everything in it, whoever made it. Repeatable.
base::Status tear_down_folder(const std::string& path);

}  // namespace volumes
