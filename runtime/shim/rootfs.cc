#include "runtime/shim/rootfs.h"

#include <sys/mount.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "base/file.h"
#include "base/path.h"
#include "base/sys.h"
#include "runtime/shim/mount_options.h"

namespace runtime::shim {

using base::Code;
using base::concat;
using base::fail;
using base::fail_errno;
using base::Result;
using base::Status;
using base::UniqueFd;
namespace sys = base::sys;

namespace {

constexpr unsigned kMoveByDescriptor = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
constexpr size_t kMountDataBytes = 4096;  // mount(2): one page, with the closing NUL
constexpr long kProcMagic = 0x9fa0;       // PROC_SUPER_MAGIC

Status attach_mount(int mount, int target, const std::string& name) {
  TRY(sys::move_mount(mount, "", target, "", kMoveByDescriptor), "mount on ", name);
  return {};
}

// Carries out attributes and propagation on a detached mount.
Status apply_options(int mount, const MountOptions& options) {
  struct mount_attr attributes{};
  attributes.attr_set = options.recursive_set;
  attributes.attr_clr = options.recursive_clear;
  if (options.propagation_recursive) attributes.propagation = options.propagation;
  if (attributes.attr_set != 0 || attributes.attr_clr != 0 || attributes.propagation != 0) {
    TRY(sys::mount_setattr(mount, "", AT_EMPTY_PATH | AT_RECURSIVE, attributes));
  }
  attributes = {};
  attributes.attr_set = options.set;
  attributes.attr_clr = options.clear;
  if (!options.propagation_recursive) attributes.propagation = options.propagation;
  if (attributes.attr_set != 0 || attributes.attr_clr != 0 || attributes.propagation != 0) {
    TRY(sys::mount_setattr(mount, "", AT_EMPTY_PATH, attributes));
  }
  return {};
}

// The folder where a mount goes; made when it is missing.
Result<UniqueFd> folder_target(int root, const std::string& path) {
  Result<UniqueFd> present = base::open_in_root(root, path, O_PATH | O_DIRECTORY);
  if (present || present.error().os_errno() != ENOENT) return present;
  return base::mkdir_in_root(root, path, 0755);
}

Status bind_mount(int root, const oci::Mount& mount, int descriptor) {
  const MountOptions options = parse_mount_options(mount.options);
  if (!options.data.empty())
    return fail(Code::kInvalidArgument, "unknown option ", options.data[0], " of a bind mount");
  const struct stat source = TRY(sys::fstat(descriptor));
  const UniqueFd target = S_ISDIR(source.st_mode) ? TRY(folder_target(root, mount.destination))
                                                  : TRY(base::touch_in_root(root, mount.destination, 0644));
  TRY(apply_options(descriptor, options));
  return attach_mount(descriptor, target.get(), mount.destination);
}

Result<UniqueFd> make_filesystem(const oci::Mount& mount, const MountOptions& options) {
  const std::string type = mount.type == "cgroup" ? "cgroup2" : mount.type;
  const UniqueFd context = TRY(sys::fsopen(type.c_str()));
  if (!mount.source.empty()) TRY(sys::fsconfig_string(context.get(), "source", mount.source));
  for (const std::string& option : options.data) {
    const size_t equals = option.find('=');
    if (equals == std::string::npos) {
      TRY(sys::fsconfig_flag(context.get(), option.c_str()));
    } else {
      TRY(sys::fsconfig_string(context.get(), option.substr(0, equals).c_str(), option.substr(equals + 1)));
    }
  }
  TRY(sys::fsconfig_create(context.get()));
  return sys::fsmount(context.get(), static_cast<unsigned>(options.set));
}

// A procfs shows the pid namespace of whoever made it, and nobody who may make one must live in a shared one: its first
// process has left one for us as the root of a mount namespace (shared_init.h). A mount can be copied only from within.
Result<UniqueFd> clone_shared_proc(int proc_mounts, const MountOptions& options) {
  if (!options.data.empty()) {
    return fail(Code::kUnimplemented, "option ", options.data[0], " of the /proc of a shared pid namespace");
  }
  const UniqueFd root = TRY(sys::open("/", O_PATH | O_DIRECTORY));
  const UniqueFd ours = TRY(sys::open("/proc/self/ns/mnt", O_RDONLY));
  TRY(sys::setns(proc_mounts, CLONE_NEWNS), "enter the mount namespace of the pod's /proc");
  Result<UniqueFd> copy = sys::open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE);
  TRY(sys::setns(ours.get(), CLONE_NEWNS), "leave the mount namespace of the pod's /proc");
  TRY(sys::fchdir(root.get()));
  TRY(sys::chroot("."));
  struct mount_attr attributes{};
  attributes.attr_set = options.set;
  if (copy) TRY(sys::mount_setattr(copy->get(), "", AT_EMPTY_PATH, attributes));
  return copy;
}

Status filesystem_mount(int root, const oci::Mount& mount, int proc_mounts) {
  MountOptions options = parse_mount_options(mount.options);
  const UniqueFd target = TRY(folder_target(root, mount.destination));
  const UniqueFd made = mount.type == "proc" && proc_mounts >= 0 ? TRY(clone_shared_proc(proc_mounts, options))
                                                                 : TRY(make_filesystem(mount, options));
  options.set = 0;
  options.clear = 0;
  TRY(apply_options(made.get(), options));
  return attach_mount(made.get(), target.get(), mount.destination);
}

std::string escaped(std::string_view path, bool in_list) {
  std::string out;
  for (const char character : path) {
    if (character == ',' || character == '\\' || (in_list && character == ':')) out += '\\';
    out += character;
  }
  return out;
}

Status mount_overlay(const oci::Extension::Rootfs& rootfs, const std::string& target) {
  // Lower folders are named relative to the current folder, so that many of them fit into one page.
  const UniqueFd layers = TRY(sys::open(rootfs.layers_dir, O_PATH | O_DIRECTORY));
  TRY(sys::fchdir(layers.get()));
  const std::string data = overlay_data(rootfs);
  if (data.size() >= kMountDataBytes) {
    return fail(Code::kResourceExhausted, "the names of ", rootfs.lower.size(), " layers need ", data.size(),
                " bytes; the kernel takes ", kMountDataBytes - 1);
  }
  return sys::mount("overlay", target, "overlay", 0, data);
}

}  // namespace

std::string overlay_data(const oci::Extension::Rootfs& rootfs) {
  std::string data = "lowerdir=";
  for (size_t i = 0; i < rootfs.lower.size(); ++i) {
    if (i > 0) data += ':';
    data += escaped(rootfs.lower[i], true);
  }
  return concat(data, ",upperdir=", escaped(rootfs.upper, false), ",workdir=", escaped(rootfs.work, false),
                ",redirect_dir=off,metacopy=off,index=off");
}

Status detach_propagation() { return sys::mount("none", "/", nullptr, MS_SLAVE | MS_REC, ""); }

Result<UniqueFd> mount_root(const oci::Spec& spec) {
  const std::string& path = spec.root.path;
  if (spec.nodeagent && spec.nodeagent->rootfs) {
    TRY(mount_overlay(*spec.nodeagent->rootfs, path), "mount the root file system");
  } else {
    TRY(sys::mount(path, path, nullptr, MS_BIND | MS_REC, ""), "mount the root file system");
  }
  constexpr unsigned kRecursive = AT_EMPTY_PATH | AT_RECURSIVE;
  bool recursive = false;
  const std::string& wanted = spec.linux.rootfs_propagation;
  const uint64_t propagation = propagation_flag(wanted, &recursive);
  if (!wanted.empty() && propagation == 0) return fail(Code::kInvalidArgument, "unknown propagation ", wanted);
  UniqueFd root = TRY(sys::open(path, O_PATH | O_DIRECTORY), "open the root file system");
  struct mount_attr attributes{};
  // pivot_root takes no shared root; a root that is to be shared with nobody else has no other use either.
  attributes.propagation = propagation == 0 || propagation == MS_SHARED ? uint64_t{MS_SLAVE} : propagation;
  TRY(sys::mount_setattr(root.get(), "", recursive ? kRecursive : unsigned{AT_EMPTY_PATH}, attributes));
  return root;
}

Status mount_all(int root, const std::vector<oci::Mount>& mounts, const MountSources& sources) {
  const std::span<const UniqueFd> binds = sources.binds;
  size_t next_bind = 0;
  for (const oci::Mount& mount : mounts) {
    if (!mount.uid_mappings.empty() || !mount.gid_mappings.empty()) {
      return fail(Code::kUnimplemented, "mount ", mount.destination, ": id-mapped mounts are not supported");
    }
    if (mount.type != oci::kBind) {
      TRY(filesystem_mount(root, mount, sources.proc_mounts), "mount ", mount.type, " on ", mount.destination);
      continue;
    }
    if (next_bind == binds.size()) {
      return fail(Code::kInvalidArgument, "no descriptor came for bind mount ", mount.destination);
    }
    TRY(bind_mount(root, mount, binds[next_bind++].get()), "mount ", mount.destination);
  }
  if (next_bind != binds.size()) {
    return fail(Code::kInvalidArgument, binds.size(), " mount descriptors for ", next_bind, " bind mounts");
  }
  return {};
}

Status make_volumes(int root, const std::vector<std::string>& paths, const oci::User& user) {
  for (const std::string& path : paths) {
    const Result<UniqueFd> present = base::open_in_root(root, path, O_PATH | O_DIRECTORY);
    if (present) continue;
    if (present.error().os_errno() != ENOENT) {
      return fail_errno(present.error().os_errno(), "use the image's volume ", path);
    }
    const UniqueFd made = TRY(base::mkdir_in_root(root, path, 0755), "make the image's volume ", path);
    const UniqueFd folder = TRY(sys::openat(made.get(), ".", O_RDONLY | O_DIRECTORY));
    TRY(sys::fchown(folder.get(), user.uid, user.gid), "make the image's volume ", path);
  }
  return {};
}

Status write_sysctls(int root, const oci::Spec& spec) {
  for (const auto& [name, value] : spec.linux.sysctl) {
    std::string path = name;
    if (name.find('/') == std::string::npos) {
      for (char& character : path) {
        if (character == '.') character = '/';
      }
    }
    const UniqueFd file = TRY(base::open_in_root(root, concat("proc/sys/", path), O_WRONLY), "set sysctl ", name);
    struct statfs info{};
    if (::fstatfs(file.get(), &info) < 0) return fail_errno(errno, "set sysctl ", name);
    if (info.f_type != kProcMagic) return fail(Code::kFailedPrecondition, "sysctl ", name, ": /proc is not procfs");
    TRY(sys::write_all(file.get(), value), "set sysctl ", name, " to ", value);
  }
  return {};
}

Status mask_paths(int root, const std::vector<std::string>& paths) {
  UniqueFd empty_folder;  // one read-only tmpfs, mounted on the first folder and cloned for the others
  for (const std::string& path : paths) {
    const Result<UniqueFd> target = base::open_in_root(root, path, O_PATH);
    if (!target && (target.error().os_errno() == ENOENT || target.error().os_errno() == ENOTDIR)) continue;
    if (!target) return std::unexpected(target.error());
    const struct stat info = TRY(sys::fstat(target->get()), path);
    if (!S_ISDIR(info.st_mode)) {
      // Read-only, or root in the container could change the mode of the host's /dev/null.
      const UniqueFd null = TRY(sys::open_tree(AT_FDCWD, "/dev/null", OPEN_TREE_CLONE));
      struct mount_attr attributes{};
      attributes.attr_set = MOUNT_ATTR_RDONLY;
      TRY(sys::mount_setattr(null.get(), "", AT_EMPTY_PATH, attributes), "mask ", path);
      TRY(attach_mount(null.get(), target->get(), path), "mask ", path);
    } else if (!empty_folder) {
      const oci::Mount tmpfs{.destination = path, .type = "tmpfs", .source = "tmpfs"};
      empty_folder = TRY(make_filesystem(tmpfs, {.set = MOUNT_ATTR_RDONLY, .data = {"nr_inodes=2", "size=0"}}));
      TRY(attach_mount(empty_folder.get(), target->get(), path), "mask ", path);
    } else {
      const UniqueFd clone = TRY(sys::open_tree(empty_folder.get(), "", OPEN_TREE_CLONE | AT_EMPTY_PATH));
      TRY(attach_mount(clone.get(), target->get(), path), "mask ", path);
    }
  }
  return {};
}

Status make_paths_readonly(int root, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    const Result<UniqueFd> target = base::open_in_root(root, path, O_PATH);
    if (!target && (target.error().os_errno() == ENOENT || target.error().os_errno() == ENOTDIR)) continue;
    if (!target) return std::unexpected(target.error());
    const UniqueFd clone = TRY(sys::open_tree(target->get(), "", OPEN_TREE_CLONE | AT_EMPTY_PATH | AT_RECURSIVE), path);
    struct mount_attr attributes{};
    attributes.attr_set = MOUNT_ATTR_RDONLY;
    TRY(sys::mount_setattr(clone.get(), "", AT_EMPTY_PATH | AT_RECURSIVE, attributes), "make ", path, " read-only");
    TRY(attach_mount(clone.get(), target->get(), path), "make ", path, " read-only");
  }
  return {};
}

Status make_root_readonly(int root) {
  struct mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  return sys::mount_setattr(root, "", AT_EMPTY_PATH, attributes);
}

Status enter_root(int root) {
  TRY(sys::fchdir(root));
  // The old root ends up on top of the new one at the same place, pivot_root(2); what it still holds goes lazily.
  TRY(sys::pivot_root(".", "."));
  TRY(sys::umount2(".", MNT_DETACH));
  if (::chdir("/") < 0) return fail_errno(errno, "enter the new root");
  return {};
}

}  // namespace runtime::shim
