#include "runtime/image/merged_view.h"

#include <fcntl.h>

#include <cerrno>
#include <deque>
#include <memory>

#include "base/sys.h"
#include "runtime/image/attributes.h"
#include "runtime/image/folder_stack.h"

namespace runtime::image {

using base::Result;
using base::UniqueFd;

namespace {

constexpr int kMostLinks = 40;  // as the kernel has it (path_resolution(7))

// A folder of the view: the folders that merge there, top-most first.
using Merged = std::vector<UniqueFd>;

struct Component {
  bool exists = false;
  struct stat info{};
  const UniqueFd* holder = nullptr;  // the folder in the layer that shows it
  Merged inside;                     // where it is a folder
};

Result<Component> look_up(const Merged& folder, const std::string& name) {
  Component found;
  for (const UniqueFd& layer : folder) {
    struct stat info{};
    if (::fstatat(layer.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) < 0) {
      if (errno == ENOENT) continue;
      return base::fail_errno(errno, "look at ", name);
    }
    if (is_whiteout(info)) break;
    if (found.exists && !S_ISDIR(info.st_mode)) break;
    if (!found.exists) {
      found.exists = true;
      found.info = info;
      found.holder = &layer;
    }
    if (!S_ISDIR(info.st_mode)) break;
    found.inside.push_back(TRY(base::sys::openat(layer.get(), name, O_PATH | O_DIRECTORY | O_NOFOLLOW)));
    if (is_opaque({.folder = layer.get(), .name = name})) break;
  }
  return found;
}

void push_components(std::deque<std::string>& todo, std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (!part.empty() && part != ".") parts.emplace_back(part);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  todo.insert(todo.begin(), parts.begin(), parts.end());
}

enum class Links { kRefuse, kFollowParents, kFollowAll };

Result<MergedView::Found> walk(const std::vector<int>& layers, const std::string& path, Links links) {
  // The folders from the root down to where we are, so that ".." in a link can go back.
  std::vector<std::unique_ptr<Merged>> way;
  way.push_back(std::make_unique<Merged>());
  for (const int layer : layers) way[0]->push_back(TRY(base::sys::openat(layer, ".", O_PATH | O_DIRECTORY)));
  std::deque<std::string> todo;
  push_components(todo, path);
  MergedView::Found here;
  if (!layers.empty()) {
    here.exists = true;
    here.folder = TRY(base::sys::dup(way[0]->front().get()));
    here.info = TRY(base::sys::fstat(here.folder.get()));
  }
  for (int followed = 0; !todo.empty();) {
    const std::string name = todo.front();
    todo.pop_front();
    if (name == "..") {
      if (way.size() > 1) {
        way.pop_back();
        here.path = parent_of(here.path);
      }
      continue;
    }
    Component next = TRY(look_up(*way.back(), name));
    const bool last = todo.empty();
    if (!next.exists) return MergedView::Found{};
    if (S_ISLNK(next.info.st_mode) && (last ? links == Links::kFollowAll : links != Links::kRefuse)) {
      if (++followed > kMostLinks) return base::fail_errno(ELOOP, "follow links in ", path);
      const std::string target = TRY(base::sys::readlinkat(next.holder->get(), name));
      if (target.starts_with('/')) {
        way.resize(1);
        here.path.clear();
      }
      push_components(todo, target);
      continue;
    }
    here.exists = true;
    here.info = next.info;
    here.folder = TRY(base::sys::dup(next.holder->get()));
    here.name = name;
    if (last && !S_ISDIR(next.info.st_mode)) {
      here.path = here.path.empty() ? name : base::concat(here.path, "/", name);
      return here;
    }
    if (!S_ISDIR(next.info.st_mode)) return MergedView::Found{};
    here.path = here.path.empty() ? name : base::concat(here.path, "/", name);
    way.push_back(std::make_unique<Merged>(std::move(next.inside)));
  }
  return here;
}

}  // namespace

Result<MergedView::Found> MergedView::find(const std::string& path) const {
  return walk(layers_, path, Links::kRefuse);
}

Result<MergedView::Found> MergedView::resolve(const std::string& path, bool follow_last) const {
  Found found = TRY(walk(layers_, path, follow_last ? Links::kFollowAll : Links::kFollowParents));
  // A link may have ended in ".." or "/": only its path is right then, so it is looked up again by that.
  if (found.exists && !found.path.empty() && S_ISDIR(found.info.st_mode)) return find(found.path);
  return found;
}

}  // namespace runtime::image
