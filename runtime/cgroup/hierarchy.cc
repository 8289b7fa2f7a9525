#include "runtime/cgroup/hierarchy.h"

#include "base/file.h"
#include "base/path.h"

namespace runtime::cgroup {

namespace {

// Calls visit with each piece of the text between separators; stops when it says false.
template <typename Visit>
void split(std::string_view text, char separator, Visit visit) {
  while (!text.empty()) {
    const size_t end = text.find(separator);
    if (!visit(text.substr(0, end))) return;
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

bool is_octal(std::string_view digits) { return digits.find_first_not_of("01234567") == std::string_view::npos; }

// mountinfo writes space, tab, newline and backslash as three octal digits (proc_pid_mountinfo(5)).
std::string unescape(std::string_view field) {
  std::string out;
  for (size_t i = 0; i < field.size(); ++i) {
    if (field[i] == '\\' && i + 3 < field.size() && is_octal(field.substr(i + 1, 3))) {
      out += static_cast<char>((field[i + 1] - '0') * 64 + (field[i + 2] - '0') * 8 + (field[i + 3] - '0'));
      i += 3;
    } else {
      out += field[i];
    }
  }
  return out;
}

}  // namespace

std::string find_cgroup2_mount(std::string_view mountinfo) {
  std::string found;
  split(mountinfo, '\n', [&](std::string_view line) {
    const size_t dash = line.find(" - ");
    if (dash == std::string_view::npos || !line.substr(dash + 3).starts_with("cgroup2 ")) return true;
    std::string mount_point;
    int field = 0;
    split(line, ' ', [&](std::string_view value) {
      if (field++ == 4) mount_point = unescape(value);
      return field <= 4;
    });
    if (found.empty() || mount_point == "/sys/fs/cgroup") found = mount_point;
    return true;
  });
  return found;
}

base::Result<Hierarchy> Hierarchy::find() {
  const std::string mountinfo = TRY(base::read_file("/proc/self/mountinfo"), "look for the cgroup v2 mount");
  std::string mount_point = find_cgroup2_mount(mountinfo);
  if (mount_point.empty()) {
    return base::fail(base::Code::kUnimplemented,
                      "no cgroup v2 hierarchy is mounted; boot with systemd.unified_cgroup_hierarchy=1 or run "
                      "`mount -t cgroup2 none /sys/fs/cgroup`");
  }
  const std::string listed = TRY(base::read_file(base::join_path(mount_point, "cgroup.controllers")));
  std::set<std::string> controllers;
  split(std::string_view(listed).substr(0, listed.find('\n')), ' ', [&](std::string_view name) {
    controllers.emplace(name);
    return true;
  });
  return Hierarchy(std::move(mount_point), std::move(controllers));
}

std::string Hierarchy::path_of(std::string_view cgroup) const { return base::join_path(mount_point_, cgroup); }

}  // namespace runtime::cgroup
