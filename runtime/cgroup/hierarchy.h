// Where on this machine cgroup v2 is mounted and which controllers it has
// (https://docs.kernel.org/admin-guide/cgroup-v2.html).
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/error.h"

namespace runtime::cgroup {

// The file systems that /proc/self/mountinfo lists, as far as cgroups matter. Pure: for tests.
// Gives the mount point of the first cgroup2 mount, preferring /sys/fs/cgroup; empty when there is none.
std::string find_cgroup2_mount(std::string_view mountinfo);

class Hierarchy {
 public:
  // kUnimplemented, saying what to do, when no cgroup v2 hierarchy is mounted.
  static base::Result<Hierarchy> find();

  const std::string& mount_point() const { return mount_point_; }
  // Names from cgroup.controllers of the root: "cpu", "memory" …; on a hybrid node often only a few of them.
  const std::set<std::string>& controllers() const { return controllers_; }
  // The absolute folder of a cgroup given as "/kubepods/besteffort/…".
  std::string path_of(std::string_view cgroup) const;

 private:
  Hierarchy(std::string mount_point, std::set<std::string> controllers)
      : mount_point_(std::move(mount_point)), controllers_(std::move(controllers)) {}
  std::string mount_point_;
  std::set<std::string> controllers_;
};

}  // namespace runtime::cgroup
