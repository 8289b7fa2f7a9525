#include "base/sysctl.h"

#include <algorithm>

namespace base {

namespace {

std::string with_separators_swapped(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (c == '/' || c == '.') c = c == '/' ? '.' : '/';
  }
  return out;
}

}  // namespace

std::string sysctl_with_dots(std::string_view name) {
  const size_t separator = name.find_first_of("./");
  const bool has_slashes = separator != std::string_view::npos && name[separator] == '/';
  return has_slashes ? with_separators_swapped(name) : std::string(name);
}

SysctlOwner owner_of_sysctl(std::string_view name) {
  if (name.starts_with("net.")) return SysctlOwner::kNetworkNamespace;
  const bool is_of_ipc = name == "kernel.sem" || name.starts_with("kernel.shm") || name.starts_with("kernel.msg") ||
                         name.starts_with("fs.mqueue.");
  return is_of_ipc ? SysctlOwner::kIpcNamespace : SysctlOwner::kNode;
}

std::optional<std::string> sysctl_file(std::string_view name) {
  std::string file = with_separators_swapped(name);
  for (size_t start = 0; start <= file.size();) {
    const size_t end = std::min(file.find('/', start), file.size());
    const std::string_view part = std::string_view(file).substr(start, end - start);
    if (part.empty() || part == "." || part == ".." || part.find('\0') != std::string_view::npos) return std::nullopt;
    start = end + 1;
  }
  return file;
}

}  // namespace base
