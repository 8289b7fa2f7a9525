// The two readers of /proc/self/mountinfo agree: the cgroup2 mount is one of the mount points.
#include <algorithm>

#include "runtime/cgroup/hierarchy.h"
#include "test/fuzz/fuzz.h"
#include "volumes/mount_table.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  const std::vector<std::string> points = volumes::mount_points(text);
  fuzz::require(std::ranges::none_of(points, [](const std::string& point) { return point.empty(); }));
  const std::string cgroup2 = runtime::cgroup::find_cgroup2_mount(text);
  fuzz::require(cgroup2.empty() || std::ranges::find(points, cgroup2) != points.end());
  return 0;
}
