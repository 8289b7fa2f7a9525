#include "runtime/cgroup/hierarchy.h"

#include <catch2/catch.hpp>

using runtime::cgroup::find_cgroup2_mount;

TEST_CASE("the cgroup v2 mount is found") {
  CHECK(find_cgroup2_mount("") == "");
  CHECK(find_cgroup2_mount("24 1 0:22 / /sys rw - sysfs sysfs rw\n") == "");
  CHECK(find_cgroup2_mount("30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n") ==
        "/sys/fs/cgroup");
  // A hybrid node: a tmpfs and v1 controllers, v2 beside them.
  CHECK(find_cgroup2_mount("30 24 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
                           "31 30 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
                           "32 30 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n") ==
        "/sys/fs/cgroup/unified");
  // The usual place wins over one mounted earlier.
  CHECK(find_cgroup2_mount("32 30 0:28 / /mnt/a rw - cgroup2 x rw\n30 24 0:26 / /sys/fs/cgroup rw - cgroup2 x rw\n") ==
        "/sys/fs/cgroup");
  CHECK(find_cgroup2_mount("32 30 0:28 / /mnt/with\\040space rw - cgroup2 x rw\n") == "/mnt/with space");
  // Optional fields before the dash may be missing or many.
  CHECK(find_cgroup2_mount("32 30 0:28 / /c rw shared:1 master:2 propagate_from:3 - cgroup2 x rw") == "/c");
}
