// FolderStack: the chain of open folders from a layer's root down to the one that was used last. Archives list folders
// in order, so that nearly every entry finds its parent already open; each further step opens or makes one component
// without following links.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/unique_fd.h"

namespace runtime::image {

class FolderStack {
 public:
  // root: borrowed; must stay open.
  explicit FolderStack(int root) : root_(root) {}

  // Walks to a folder ("" is the root, "a/b"). missing(parent descriptor, name, path, errno) is asked for a component
  // that is no folder (ENOTDIR) or not there (ENOENT); when it succeeds the component is opened again.
  // The descriptor is an O_PATH one and stays valid until the next call.
  template <typename Missing>
  base::Result<int> walk(std::string_view folder, Missing missing) {
    rewind_to(folder);
    while (path_.size() < folder.size()) {
      const size_t begin = path_.empty() ? 0 : path_.size() + 1;
      const size_t slash = folder.find('/', begin);
      const std::string path(folder.substr(0, slash));
      const std::string name = path.substr(begin);
      base::Result<base::UniqueFd> next = open_folder(top(), name);
      if (!next) {
        TRY(missing(top(), name, path, next.error().os_errno()));
        next = open_folder(top(), name);
      }
      if (!next) return std::unexpected(next.error());
      open_.emplace_back(begin, *std::move(next));
      path_ = path;
    }
    return top();
  }
  // Must be called when the folder at this path is removed or replaced.
  void forget(std::string_view path);

 private:
  static base::Result<base::UniqueFd> open_folder(int parent, const std::string& name);
  int top() const { return open_.empty() ? root_ : open_.back().second.get(); }
  // Closes what is not on the way to the folder.
  void rewind_to(std::string_view folder);
  void pop();

  int root_;
  std::string path_;                                     // of the last folder
  std::vector<std::pair<size_t, base::UniqueFd>> open_;  // where each component begins in path_, and its descriptor
};

// True for "a/b" in "a/b" and "a/b/c", not in "a/bc". Everything is in "".
bool is_in(std::string_view path, std::string_view folder);
// "a/b" of "a/b/c", "" of "a".
std::string_view parent_of(std::string_view path);
// "c" of "a/b/c".
std::string_view last_of(std::string_view path);

}  // namespace runtime::image
