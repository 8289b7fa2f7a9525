#include "volumes/mount_table.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "base/file.h"

namespace volumes {

namespace {

constexpr size_t kMountPointField = 4;

bool is_octal(std::string_view digits) {
  return std::ranges::all_of(digits, [](char digit) { return digit >= '0' && digit <= '7'; });
}

// Space, tab, newline and backslash are written as "\040" and the like.
std::string unescape(std::string_view field) {
  std::string out;
  for (size_t i = 0; i < field.size(); ++i) {
    if (field[i] == '\\' && i + 3 < field.size() && is_octal(field.substr(i + 1, 3))) {
      const int value = (field[i + 1] - '0') * 64 + (field[i + 2] - '0') * 8 + (field[i + 3] - '0');
      out += static_cast<char>(value);
      i += 3;
    } else {
      out += field[i];
    }
  }
  return out;
}

base::Result<std::vector<std::string>> current_mount_points() {
  return mount_points(TRY(base::read_file("/proc/self/mountinfo")));
}

}  // namespace

std::vector<std::string> mount_points(std::string_view mountinfo) {
  std::vector<std::string> points;
  while (!mountinfo.empty()) {
    const size_t end = std::min(mountinfo.find('\n'), mountinfo.size());
    std::string_view line = mountinfo.substr(0, end);
    mountinfo.remove_prefix(std::min(end + 1, mountinfo.size()));
    for (size_t field = 0; field < kMountPointField; ++field) {
      const size_t blank = line.find(' ');
      line.remove_prefix(blank == std::string_view::npos ? line.size() : blank + 1);
    }
    if (!line.empty() && line.front() != ' ') points.push_back(unescape(line.substr(0, line.find(' '))));
  }
  return points;
}

base::Result<bool> is_mount_point(const std::string& path) {
  struct statx info{};
  if (::statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &info) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return base::fail_errno(errno, "look at ", path);
  }
  if ((info.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) == 0)
    return base::fail(base::Code::kUnimplemented, "the kernel does not tell whether ", path,
                      " is a mount point (Linux 5.8 does)");
  return (info.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

base::Result<std::vector<std::string>> mounts_below(const std::string& folder) {
  std::vector<std::string> points = TRY(current_mount_points());
  std::erase_if(points, [&](const std::string& point) { return point != folder && !point.starts_with(folder + "/"); });
  std::ranges::reverse(points);
  return points;
}

}  // namespace volumes
