#include "runtime/image/attributes.h"

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <cerrno>
#include <string_view>
#include <vector>

#include "base/sys.h"

namespace runtime::image {

using base::Code;
using base::fail;
using base::fail_errno;
using base::Result;
using base::Status;

namespace {

// The xattr calls know no descriptor and name; the magic link of our own descriptor stands for the folder, and the
// l-variants do not follow the name.
std::string xattr_path(const Place& place) {
  return base::concat("/proc/self/fd/", place.folder, "/", place.name.empty() ? "." : place.name);
}

bool is_overlay_attribute(std::string_view name) {
  return name.starts_with("trusted.overlay.") || name.starts_with("user.overlay.");
}

}  // namespace

Result<bool> wanted_xattr(const std::string& name) {
  if (is_overlay_attribute(name)) {
    return fail(Code::kInvalidArgument, "the extended attribute ", name,
                " is overlayfs' own; a layer must not bring it");
  }
  const std::string_view text = name;
  return !(text == "security.selinux" || text == "security.ima" || text == "security.evm" ||
           text == "system.nfs4_acl" || text.starts_with("btrfs."));
}

Status set_xattr(const Place& place, const std::string& name, const std::string& value) {
  if (::lsetxattr(xattr_path(place).c_str(), name.c_str(), value.data(), value.size(), 0) == 0) return {};
  return fail_errno(errno, "set extended attribute ", name);
}

Status remove_xattr(const Place& place, const std::string& name) {
  if (::lremovexattr(xattr_path(place).c_str(), name.c_str()) == 0) return {};
  return fail_errno(errno, "remove extended attribute ", name);
}

Result<Xattrs> list_xattrs(const Place& place) {
  const std::string path = xattr_path(place);
  std::vector<char> names(65536);  // XATTR_LIST_MAX
  const ssize_t length = ::llistxattr(path.c_str(), names.data(), names.size());
  if (length < 0 && errno == EOPNOTSUPP) return Xattrs{};
  if (length < 0) return fail_errno(errno, "list extended attributes");
  Xattrs found;
  std::vector<char> value(65536);  // XATTR_SIZE_MAX
  for (std::string_view rest(names.data(), static_cast<size_t>(length)); !rest.empty();) {
    const std::string name(rest.substr(0, rest.find('\0')));
    rest.remove_prefix(name.size() + 1);
    const ssize_t size = ::lgetxattr(path.c_str(), name.c_str(), value.data(), value.size());
    if (size < 0) return fail_errno(errno, "read extended attribute ", name);
    found.emplace(name, std::string(value.data(), static_cast<size_t>(size)));
  }
  return found;
}

Status set_mtime(const Place& place, const struct timespec& mtime) {
  const struct timespec times[2] = {mtime, mtime};
  const int flags = place.name.empty() ? AT_EMPTY_PATH : AT_SYMLINK_NOFOLLOW;
  if (::utimensat(place.folder, place.name.c_str(), times, flags) == 0) return {};
  return fail_errno(errno, "set the time");
}

bool is_opaque(const Place& folder) {
  char value = 0;
  return ::lgetxattr(xattr_path(folder).c_str(), kOpaqueAttribute, &value, 1) == 1 && value == 'y';
}

Status set_opaque(const Place& folder) { return set_xattr(folder, kOpaqueAttribute, "y"); }

bool is_whiteout(const struct stat& info) { return S_ISCHR(info.st_mode) && info.st_rdev == makedev(0, 0); }

Status copy_folder_attributes(const Place& from, const Place& to) {
  const struct stat info =
      TRY(base::sys::fstatat(from.folder, from.name, from.name.empty() ? AT_EMPTY_PATH : AT_SYMLINK_NOFOLLOW));
  const Xattrs xattrs = TRY(list_xattrs(from));
  const std::string path = xattr_path(to);
  if (::lchown(path.c_str(), info.st_uid, info.st_gid) < 0) return fail_errno(errno, "set the owner");
  if (::chmod(path.c_str(), info.st_mode & 07777U) < 0) return fail_errno(errno, "set the mode");
  for (const auto& [name, value] : xattrs) {
    if (is_overlay_attribute(name)) continue;
    TRY(set_xattr(to, name, value));
  }
  return set_mtime(to, info.st_mtim);
}

}  // namespace runtime::image
