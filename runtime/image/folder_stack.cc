#include "runtime/image/folder_stack.h"

#include <fcntl.h>

#include "base/sys.h"

namespace runtime::image {

bool is_in(std::string_view path, std::string_view folder) {
  if (folder.empty()) return true;
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

std::string_view parent_of(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view last_of(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

base::Result<base::UniqueFd> FolderStack::open_folder(int parent, const std::string& name) {
  return base::sys::openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
}

void FolderStack::pop() {
  const size_t begin = open_.back().first;
  path_.resize(begin == 0 ? 0 : begin - 1);
  open_.pop_back();
}

void FolderStack::rewind_to(std::string_view folder) {
  while (!open_.empty() && !is_in(folder, path_)) pop();
}

void FolderStack::forget(std::string_view path) {
  while (!open_.empty() && is_in(path_, path)) pop();
}

}  // namespace runtime::image
