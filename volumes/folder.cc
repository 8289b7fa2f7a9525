#include "volumes/folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>

#include <algorithm>
#include <cerrno>

#include "base/path.h"
#include "base/sys.h"
#include "volumes/mount_table.h"

namespace volumes {

namespace {

constexpr mode_t kMode = 0777;

base::Result<int64_t> node_memory() {
  struct sysinfo info{};
  if (::sysinfo(&info) != 0) return base::fail_errno(errno, "read the node's memory size");
  return static_cast<int64_t>(info.totalram) * info.mem_unit;
}

base::Status mount_tmpfs(int64_t size, const std::string& path) {
  const base::UniqueFd fs = TRY(base::sys::fsopen("tmpfs"));
  TRY(base::sys::fsconfig_string(fs.get(), "size", std::to_string(size)));
  TRY(base::sys::fsconfig_string(fs.get(), "mode", "0777"));
  // Kernels before 6.4 do not know the flag; there the files may be swapped out, as with any kubelet.
  const base::Status no_swap = base::sys::fsconfig_flag(fs.get(), "noswap");
  if (!no_swap && no_swap.error().os_errno() != EINVAL) return no_swap;
  TRY(base::sys::fsconfig_create(fs.get()));
  const base::UniqueFd mount = TRY(base::sys::fsmount(fs.get(), 0));
  return base::sys::move_mount(mount.get(), "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);
}

}  // namespace

// Under another name until its mode is right, since mkdir(2) is subject to the umask: a folder of this name is whole.
base::Status make_folder(const std::string& path) {
  const auto present = base::sys::fstatat(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW);
  if (present && S_ISDIR(present->st_mode)) return {};
  if (present) return base::fail(base::Code::kFailedPrecondition, path, " is not a directory");
  if (present.error().os_errno() != ENOENT) return std::unexpected(present.error());
  const size_t slash = path.rfind('/');
  TRY(base::make_dirs(path.substr(0, slash), 0755));
  // No volume's name begins with a dot. One that is there was left by a process that died here.
  const std::string partial = base::concat(path.substr(0, slash), "/.new-", path.substr(slash + 1));
  const base::Status made = base::sys::mkdirat(AT_FDCWD, partial, kMode);
  if (!made && made.error().os_errno() != EEXIST) return made;
  const base::UniqueFd folder = TRY(base::sys::open(partial, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  TRY(base::sys::fchmod(folder.get(), kMode));
  return base::sys::renameat2(AT_FDCWD, partial, AT_FDCWD, path, RENAME_NOREPLACE);
}

base::Status mount_memory(const std::string& path, std::optional<int64_t> limit) {
  if (TRY(is_mount_point(path))) return {};
  int64_t size = TRY(node_memory());
  if (limit && *limit > 0) size = std::min(size, *limit);
  TRY(mount_tmpfs(size, path), "mount a tmpfs of ", size, " bytes on ", path);
  return {};
}

base::Status tear_down_folder(const std::string& path) {
  // Below it, too: what a container with mountPropagation Bidirectional mounted there outlives the container.
  for (const std::string& point : TRY(mounts_below(path)))
    TRY(base::sys::umount2(point, UMOUNT_NOFOLLOW), "unmount ", point);
  // The mount table knows it by another name where a symbolic link leads to it.
  while (TRY(is_mount_point(path))) TRY(base::sys::umount2(path, UMOUNT_NOFOLLOW), "unmount ", path);
  return base::remove_tree(path);
}

}  // namespace volumes
