// A root folder for volumes that are really mounted.
#pragma once

#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/vfs.h>

#include <string>
#include <vector>

#include "test/unit/temp_dir.h"
#include "volumes/mount_table.h"

namespace test {

// A root whose mounts go with it, however the test ends.
class MountedRoot {
 public:
  ~MountedRoot() {
    for (const std::string& point : volumes::mounts_below(dir_.path()).value_or(std::vector<std::string>()))
      ::umount2(point.c_str(), MNT_DETACH);
  }
  const std::string& path() const { return dir_.path(); }
  std::string operator/(const std::string& name) const { return dir_ / name; }

 private:
  TempDir dir_;
};

inline bool is_tmpfs(const std::string& path) {
  struct statfs info{};
  return ::statfs(path.c_str(), &info) == 0 && info.f_type == TMPFS_MAGIC;
}

}  // namespace test
