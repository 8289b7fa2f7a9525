// The options of an OCI mount ("nosuid", "rslave", "mode=755" …), sorted by who carries them out: the mount's
// attributes, its propagation, or the file system itself. mount(8), runtime-spec config.md "mounts".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace runtime::shim {

struct MountOptions {
  // MOUNT_ATTR_* to set and to clear, mount_setattr(2), on the mount itself and on everything below it.
  uint64_t set = 0;
  uint64_t clear = 0;
  uint64_t recursive_set = 0;
  uint64_t recursive_clear = 0;
  uint64_t propagation = 0;  // MS_PRIVATE, MS_SLAVE, MS_SHARED, MS_UNBINDABLE, or 0: not said
  bool propagation_recursive = false;
  std::vector<std::string> data;  // what is left, for fsconfig(2); a bind mount must have none
};

MountOptions parse_mount_options(const std::vector<std::string>& options);

// Propagation by name ("rslave"), as linux.rootfsPropagation has it; 0 for one that is none.
uint64_t propagation_flag(std::string_view name, bool* recursive);

}  // namespace runtime::shim
