#include "runtime/cgroup/missing.h"

#include "base/file.h"
#include "base/path.h"

namespace runtime::cgroup {

namespace {

// The next word of the text, which loses it.
std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(" \t"));
  text.remove_prefix(word.size());
  return word;
}

bool has_word(std::string_view text, std::string_view wanted) {
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find_first_of(" \n"));
    if (word == wanted) return true;
    text.remove_prefix(std::min(word.size() + 1, text.size()));
  }
  return false;
}

// "blkio" in cgroup v1 and in /proc/cgroups is "io" in v2.
std::string_view v1_name(std::string_view controller) { return controller == "io" ? "blkio" : controller; }

// Up to five of the processes that live in a cgroup.
std::string processes_in(const std::string& path) {
  constexpr size_t kShown = 5;
  const base::Result<std::string> text = base::read_file(base::join_path(path, "cgroup.procs"));
  if (!text) return {};
  std::string shown;
  size_t count = 0;
  std::string_view rest = *text;
  while (!rest.empty() && count < kShown) {
    const std::string_view pid = rest.substr(0, rest.find('\n'));
    shown += base::concat(count++ == 0 ? "" : ", ", pid);
    rest.remove_prefix(std::min(pid.size() + 1, rest.size()));
  }
  return rest.empty() ? shown : shown + ", …";
}

}  // namespace

std::string why_missing(std::string_view controller) {
  const base::Result<std::string> text = base::read_file("/proc/cgroups");
  return why_missing(controller, text ? std::string_view(*text) : std::string_view());
}

std::string why_missing(std::string_view controller, std::string_view proc_cgroups) {
  while (!proc_cgroups.empty()) {
    std::string_view line = proc_cgroups.substr(0, proc_cgroups.find('\n'));
    proc_cgroups.remove_prefix(std::min(line.size() + 1, proc_cgroups.size()));
    if (take_word(line) != v1_name(controller)) continue;
    const std::string_view hierarchy = take_word(line);
    take_word(line);  // how many cgroups there are
    const std::string_view enabled = take_word(line);
    if (enabled == "0") {
      return base::concat("the controller ", controller,
                          " was disabled when the node was started (cgroup_disable=", v1_name(controller),
                          " on the kernel's command line)");
    }
    if (hierarchy != "0") {
      return base::concat("the controller ", controller,
                          " belongs to cgroup v1 on this node; start it with systemd.unified_cgroup_hierarchy=1 "
                          "cgroup_no_v1=all on the kernel's command line");
    }
    return base::concat("cgroup v2 does not have the controller ", controller,
                        " here: this node is a container itself, or its cgroups are another's to hand out");
  }
  return base::concat("this kernel has no controller ", controller);
}

std::string why_not_handed_down(const Hierarchy& hierarchy, const Cgroup& cgroup, const std::string& controller,
                                const std::string& file) {
  // From below the mount point down to the parent of the cgroup.
  const std::string& path = cgroup.path();
  size_t end = hierarchy.mount_point().size();
  while (true) {
    const std::string above = path.substr(0, end);
    const base::Result<std::string> handed_down = base::read_file(base::join_path(above, "cgroup.subtree_control"));
    if (handed_down && !has_word(*handed_down, controller)) {
      const std::string lives_there = end == hierarchy.mount_point().size() ? "" : processes_in(above);
      if (!lives_there.empty()) {
        return base::concat("cgroup ", above, " cannot hand the controller ", controller,
                            " down: processes that are not nodeagent's live in it (", lives_there, ")");
      }
      return base::concat("cgroup ", above, " does not hand the controller ", controller,
                          " down (cgroup.subtree_control)");
    }
    end = path.find('/', end + 1);
    if (end == std::string::npos) break;
  }
  return base::concat("this kernel's controller ", controller, " has no ", file);
}

}  // namespace runtime::cgroup
