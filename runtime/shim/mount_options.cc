#include "runtime/shim/mount_options.h"

#include <linux/mount.h>
#include <sys/mount.h>

#include <array>

namespace runtime::shim {

namespace {

struct Attribute {
  std::string_view name;
  uint64_t set;
  uint64_t clear;
};

constexpr std::array<Attribute, 16> kAttributes{{
    {"ro", MOUNT_ATTR_RDONLY, 0},
    {"rw", 0, MOUNT_ATTR_RDONLY},
    {"nosuid", MOUNT_ATTR_NOSUID, 0},
    {"suid", 0, MOUNT_ATTR_NOSUID},
    {"nodev", MOUNT_ATTR_NODEV, 0},
    {"dev", 0, MOUNT_ATTR_NODEV},
    {"noexec", MOUNT_ATTR_NOEXEC, 0},
    {"exec", 0, MOUNT_ATTR_NOEXEC},
    {"nosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0},
    {"symfollow", 0, MOUNT_ATTR_NOSYMFOLLOW},
    {"nodiratime", MOUNT_ATTR_NODIRATIME, 0},
    {"diratime", 0, MOUNT_ATTR_NODIRATIME},
    {"relatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
    {"noatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME},
    {"atime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
    {"strictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME},
}};

// A later option takes back what an earlier one said.
bool apply(std::string_view option, uint64_t& set, uint64_t& clear) {
  for (const Attribute& attribute : kAttributes) {
    if (attribute.name != option) continue;
    set = (set & ~attribute.clear) | attribute.set;
    clear = (clear & ~(attribute.set & ~attribute.clear)) | attribute.clear;
    return true;
  }
  return false;
}

}  // namespace

uint64_t propagation_flag(std::string_view name, bool* recursive) {
  *recursive = name.starts_with('r');
  if (*recursive) name.remove_prefix(1);
  if (name == "private") return MS_PRIVATE;
  if (name == "slave") return MS_SLAVE;
  if (name == "shared") return MS_SHARED;
  if (name == "unbindable") return MS_UNBINDABLE;
  return 0;
}

MountOptions parse_mount_options(const std::vector<std::string>& options) {
  MountOptions parsed;
  for (const std::string& option : options) {
    // Whether the whole tree is bound is decided by who made the descriptor.
    if (option == "bind" || option == "rbind" || option == "defaults" || option.empty()) continue;
    if (apply(option, parsed.set, parsed.clear)) continue;
    if (option.starts_with('r') && apply(option.substr(1), parsed.recursive_set, parsed.recursive_clear)) continue;
    bool recursive = false;
    if (const uint64_t propagation = propagation_flag(option, &recursive); propagation != 0) {
      parsed.propagation = propagation;
      parsed.propagation_recursive = recursive;
      continue;
    }
    parsed.data.push_back(option);
  }
  return parsed;
}

}  // namespace runtime::shim
