#include "volumes/sub_path.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/path.h"
#include "base/sys.h"
#include "volumes/mount_table.h"

namespace volumes {

using base::Code;
using base::Result;
using base::Status;
using base::UniqueFd;

namespace {

std::string folder_of_pod(const std::string& root, const std::string& pod_uid) {
  return base::concat(root, "/pods/", pod_uid, "/volume-subpaths");
}

Status check(const std::string& path) {
  if (path.starts_with('/')) {
    return base::fail(Code::kInvalidArgument, "error SubPath `", path, "` must not be an absolute path");
  }
  for (size_t start = 0; start < path.size();) {
    const size_t end = std::min(path.find('/', start), path.size());
    if (std::string_view(path).substr(start, end - start) == "..") {
      return base::fail(Code::kInvalidArgument, "unable to provision SubPath `", path, "`: must not contain '..'");
    }
    start = end + 1;
  }
  return {};
}

Result<UniqueFd> open_in_volume(const UniqueFd& volume, const std::string& path) {
  Result<UniqueFd> found = base::sys::openat2(volume.get(), path, O_PATH, 0, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
  if (found || found.error().os_errno() != EXDEV) return found;
  return base::fail(Code::kInvalidArgument, "a link in it leads out of the volume");
}

// With this mode whatever the umask is.
Result<UniqueFd> make_folder(const UniqueFd& parent, const std::string& name, mode_t mode) {
  TRY(base::sys::mkdirat(parent.get(), name, mode));
  UniqueFd made = TRY(base::sys::openat(parent.get(), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  TRY(base::sys::fchmod(made.get(), mode));
  return made;
}

Result<UniqueFd> open_or_make(const UniqueFd& volume, const std::string& path) {
  Result<UniqueFd> present = open_in_volume(volume, path);
  if (present || present.error().code() != Code::kNotFound) return present;
  const mode_t mode = TRY(base::sys::fstat(volume.get())).st_mode & 07777;
  UniqueFd parent = TRY(base::sys::dup(volume.get()));
  for (size_t start = 0; start < path.size();) {
    const size_t end = std::min(path.find('/', start), path.size());
    const std::string name = path.substr(start, end - start);
    start = end + 1;
    if (name.empty() || name == ".") continue;
    present = open_in_volume(volume, path.substr(0, end));
    if (!present && present.error().code() == Code::kNotFound) present = make_folder(parent, name, mode);
    parent = TRY(std::move(present));
  }
  return parent;
}

Status unmount(const std::string& path) {
  while (TRY(is_mount_point(path))) {
    TRY(base::sys::umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW), "unmount ", path);
  }
  return {};
}

// A folder for a folder, a file for anything else.
Status make_target(const std::string& path, bool is_folder) {
  TRY(unmount(path));
  TRY(base::make_dirs(path.substr(0, path.rfind('/')), 0700));
  if (::unlink(path.c_str()) < 0 && errno == EISDIR) (void)::rmdir(path.c_str());
  if (is_folder) return base::sys::mkdirat(AT_FDCWD, path, 0700);
  TRY(base::sys::open(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0600));
  return {};
}

}  // namespace

Result<std::string> bind_sub_path(const std::string& root, const std::string& pod_uid, const SubPath& part) {
  TRY(check(part.path));
  const auto bind = [&]() -> Result<std::string> {
    const UniqueFd volume = TRY(base::sys::open(part.volume_path, O_PATH | O_DIRECTORY));
    const UniqueFd source = TRY(open_or_make(volume, part.path));
    const bool is_folder = S_ISDIR(TRY(base::sys::fstat(source.get())).st_mode);
    const UniqueFd mount = TRY(base::sys::open_tree(source.get(), "", OPEN_TREE_CLONE | AT_EMPTY_PATH | AT_RECURSIVE));
    std::string target =
        base::concat(folder_of_pod(root, pod_uid), "/", part.volume, "/", part.container, "/", part.index);
    TRY(make_target(target, is_folder));
    TRY(base::sys::move_mount(mount.get(), "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH));
    return target;
  };
  return TRY(bind(), "prepare subPath `", part.path, "` of volume ", part.volume);
}

Status remove_sub_paths(const std::string& root, const std::string& pod_uid) {
  const std::string folder = folder_of_pod(root, pod_uid);
  for (const std::string& volume : TRY(base::list_folder(folder))) {
    const std::string of_volume = base::join_path(folder, volume);
    for (const std::string& container : TRY(base::list_folder(of_volume))) {
      const std::string of_container = base::join_path(of_volume, container);
      for (const std::string& index : TRY(base::list_folder(of_container))) {
        TRY(unmount(base::join_path(of_container, index)));
      }
    }
  }
  return base::remove_tree(folder);
}

}  // namespace volumes
