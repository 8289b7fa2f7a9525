// /dev of a container and its terminal.
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/path.h"
#include "base/sys.h"
#include "runtime/shim/rootfs.h"

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

struct Place {
  UniqueFd folder;
  std::string name;
};

Result<Place> place_of(int root, const std::string& path) {
  const std::string clean = base::clean_path(path);
  const size_t slash = clean.rfind('/');
  if (slash == std::string::npos || slash + 1 == clean.size()) {
    return fail(Code::kInvalidArgument, "not an absolute path: ", path);
  }
  const std::string parent = clean.substr(0, slash);
  return Place{TRY(base::mkdir_in_root(root, parent.empty() ? "/" : parent, 0755)), clean.substr(slash + 1)};
}

Result<mode_t> device_type(const oci::Device& device) {
  if (device.type == "c" || device.type == "u") return S_IFCHR;
  if (device.type == "b") return S_IFBLK;
  if (device.type == "p") return S_IFIFO;
  return fail(Code::kInvalidArgument, "device ", device.path, " has unknown type ", device.type);
}

// Where mknod is not allowed (a user namespace), the host's own node is bound.
Status bind_host_device(int root, const std::string& path) {
  const UniqueFd node = TRY(sys::open_tree(AT_FDCWD, path, OPEN_TREE_CLONE), "bind device ", path);
  const UniqueFd target = TRY(base::touch_in_root(root, path, 0644));
  return sys::move_mount(node.get(), "", target.get(), "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

Status make_device(int root, const oci::Device& device) {
  const mode_t type = TRY(device_type(device));
  const dev_t number = ::makedev(static_cast<unsigned>(device.major), static_cast<unsigned>(device.minor));
  const Place place = TRY(place_of(root, device.path));
  const mode_t mode = device.file_mode.value_or(0666) & 07777;
  if (::mknodat(place.folder.get(), place.name.c_str(), type | mode, number) < 0) {
    const int error = errno;
    if (error == EPERM) return bind_host_device(root, device.path);
    if (error != EEXIST) return fail_errno(error, "make device ", device.path);
    const struct stat present = TRY(sys::fstatat(place.folder.get(), place.name, AT_SYMLINK_NOFOLLOW));
    if ((present.st_mode & S_IFMT) == type && (type == S_IFIFO || present.st_rdev == number)) return {};
    return fail_errno(EEXIST, "make device ", device.path, ": something else is there");
  }
  if (::fchownat(place.folder.get(), place.name.c_str(), device.uid.value_or(0), device.gid.value_or(0),
                 AT_SYMLINK_NOFOLLOW) < 0) {
    return fail_errno(errno, "set the owner of device ", device.path);
  }
  return {};
}

Status make_link(int dev, const char* target, const char* name) {
  const Status made = sys::symlinkat(target, dev, name);
  if (!made && made.error().os_errno() != EEXIST) return made;
  return {};
}

}  // namespace

Status make_devices(int root, const oci::Spec& spec) {
  for (const oci::Mount& mount : spec.mounts) {
    if (mount.type == oci::kBind && base::clean_path(mount.destination) == "/dev") return {};
  }
  // runtime-spec config-linux.md, "Default Devices"; console and ptmx are seen to elsewhere.
  static const std::array<oci::Device, 6> kDefaults{{{"c", "/dev/null", 1, 3, {}, {}, {}},
                                                     {"c", "/dev/zero", 1, 5, {}, {}, {}},
                                                     {"c", "/dev/full", 1, 7, {}, {}, {}},
                                                     {"c", "/dev/random", 1, 8, {}, {}, {}},
                                                     {"c", "/dev/urandom", 1, 9, {}, {}, {}},
                                                     {"c", "/dev/tty", 5, 0, {}, {}, {}}}};
  // What the specification says itself comes first, so that its mode and owner hold.
  for (const oci::Device& device : spec.linux.devices) TRY(make_device(root, device));
  for (const oci::Device& device : kDefaults) TRY(make_device(root, device));
  const UniqueFd dev = TRY(base::mkdir_in_root(root, "dev", 0755));
  TRY(make_link(dev.get(), "/proc/self/fd", "fd"));
  TRY(make_link(dev.get(), "/proc/self/fd/0", "stdin"));
  TRY(make_link(dev.get(), "/proc/self/fd/1", "stdout"));
  TRY(make_link(dev.get(), "/proc/self/fd/2", "stderr"));
  TRY(make_link(dev.get(), "pts/ptmx", "ptmx"));
  if (base::open_in_root(root, "proc/kcore", O_PATH)) TRY(make_link(dev.get(), "/proc/kcore", "core"));
  return {};
}

Result<Console> open_console(int root, bool bind) {
  Console console;
  console.master = TRY(base::open_in_root(root, "dev/pts/ptmx", O_RDWR | O_NOCTTY), "make a terminal");
  int unlocked = 0;
  if (::ioctl(console.master.get(), TIOCSPTLCK, &unlocked) < 0) return fail_errno(errno, "unlock the terminal");
  const int slave = ::ioctl(console.master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0) return fail_errno(errno, "open the terminal");
  console.slave = UniqueFd(slave);
  if (!bind) return console;
  const UniqueFd mount = TRY(sys::open_tree(slave, "", OPEN_TREE_CLONE | AT_EMPTY_PATH), "bind the terminal");
  const UniqueFd target = TRY(base::touch_in_root(root, "dev/console", 0600), "make /dev/console");
  TRY(sys::move_mount(mount.get(), "", target.get(), "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH),
      "bind the terminal on /dev/console");
  return console;
}

}  // namespace runtime::shim
