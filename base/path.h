// The one safe opener for any path inside a container's root, an image layer or a volume: what a pod or an image can
// influence is resolved below a folder descriptor and used by descriptor, never by walking the string again.
// Resolution is openat2(2) with RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS: absolute links and ".." stay below the root.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/unique_fd.h"

namespace base {

// Opens `path` as a process chrooted to `root` would see it. flags as for open(2); O_CLOEXEC is added.
Result<UniqueFd> open_in_root(int root, const std::string& path, int flags, mode_t mode = 0);

// As open_in_root, but refuses every symbolic link on the way (for places where none may be).
Result<UniqueFd> open_beneath_no_links(int root, const std::string& path, int flags, mode_t mode = 0);

// Makes the folder and its missing parents below root, following links only inside it; returns an O_PATH descriptor.
Result<UniqueFd> mkdir_in_root(int root, const std::string& path, mode_t mode);

// Makes a file (empty, if missing) with its missing parent folders below root, to be a bind mount's target.
Result<UniqueFd> touch_in_root(int root, const std::string& path, mode_t mode);

// Makes the folder and its missing parents by plain path: for our own folders only, nothing that pods can influence.
Status make_dirs(const std::string& path, mode_t mode);

// Removes a folder with everything in it, however deep. Links are not followed; a mount point in it, bind mounts
// included, is an error (EBUSY or EXDEV) and what is mounted stays untouched. The folder is first renamed to a hidden
// sibling (".removing-…") so that a crash half-way leaves something sweep_removed() finishes. Missing: ok. Not a
// folder: an error, and it stays.
Status remove_tree(const std::string& path);
// Finishes what interrupted remove_tree calls left in the folder; what a living process is removing is left to it.
Status sweep_removed(const std::string& folder);

// The names in a folder, hidden ones too, in no order; none when there is no such folder.
Result<std::vector<std::string>> list_folder(const std::string& path);

// "/a/b" + "c" = "/a/b/c".
std::string join_path(std::string_view folder, std::string_view name);
// "/a/b//../c/." -> "/a/c": lexical only, result is absolute for absolute input.
std::string clean_path(std::string_view path);

}  // namespace base
