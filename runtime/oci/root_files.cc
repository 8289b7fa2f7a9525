#include "runtime/oci/root_files.h"

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <utility>

#include "base/path.h"
#include "base/sys.h"

namespace runtime::oci {
namespace {

constexpr int kMaxLinks = 40;       // as the kernel's own limit (path_resolution(7))
constexpr size_t kMaxParts = 4096;  // a path of names waiting to be walked, links included
constexpr const char* kOpaqueAttribute = "trusted.overlay.opaque";

base::Result<base::UniqueFd> open_regular(int folder, const std::string& name, std::string_view path) {
  // The type first: opening a device or a FIFO can have effects.
  const struct stat before = TRY(base::sys::fstatat(folder, name, AT_SYMLINK_NOFOLLOW));
  if (!S_ISREG(before.st_mode)) {
    return base::fail(base::Code::kInvalidArgument, "the image's ", path, " is not a regular file");
  }
  return base::sys::openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
}

std::unexpected<base::Error> missing(std::string_view path) {
  return std::unexpected(base::Error(base::Code::kNotFound, base::concat("the image has no ", path), ENOENT));
}

// --- one folder ---

std::string relative(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  return path.empty() ? "." : std::string(path);
}

// --- layers ---

// The folders of one path that together make the merged folder, top layer first.
using Folders = std::vector<base::UniqueFd>;

struct Entry {
  struct stat info{};
  std::shared_ptr<Folders> folder;  // the merged folder, when it is one
  int parent = -1;                  // a descriptor of the layer's folder that holds it; lives as long as the walk
};

bool is_whiteout(const struct stat& info) {
  return S_ISCHR(info.st_mode) && major(info.st_rdev) == 0 && minor(info.st_rdev) == 0;
}

// The descriptors are O_PATH, on which fgetxattr fails; their /proc link is the way that path_resolution(7) leaves.
bool is_opaque(int folder) {
  char value = 0;
  const std::string path = base::concat("/proc/self/fd/", folder);
  return ::getxattr(path.c_str(), kOpaqueAttribute, &value, 1) == 1 && value == 'y';
}

// The entry of one name in a merged folder; nullopt when nothing is there.
base::Result<std::optional<Entry>> find(const Folders& folders, const std::string& name) {
  Entry entry;
  for (const base::UniqueFd& layer : folders) {
    const base::Result<struct stat> info = base::sys::fstatat(layer.get(), name, AT_SYMLINK_NOFOLLOW);
    if (!info) {
      if (info.error().code() == base::Code::kNotFound) continue;
      return std::unexpected(info.error());
    }
    if (is_whiteout(*info)) break;
    const bool is_folder = S_ISDIR(info->st_mode);
    if (entry.folder && !is_folder) break;  // hidden by the folder above it
    if (entry.parent < 0) {
      entry.info = *info;
      entry.parent = layer.get();
    }
    if (!is_folder) break;
    if (!entry.folder) entry.folder = std::make_shared<Folders>();
    entry.folder->push_back(TRY(base::sys::openat(layer.get(), name, O_PATH | O_DIRECTORY | O_NOFOLLOW)));
    if (is_opaque(entry.folder->back().get())) break;
  }
  if (entry.parent < 0) return std::nullopt;
  return entry;
}

// Puts the parts of a path before those that are still to be walked; `parts` is a stack, its back comes next.
void push_parts(std::string_view path, std::vector<std::string>& parts) {
  std::vector<std::string> names;
  while (!path.empty()) {
    const size_t slash = path.find('/');
    const std::string_view name = path.substr(0, slash);
    if (!name.empty() && name != ".") names.emplace_back(name);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  parts.insert(parts.end(), std::make_move_iterator(names.rbegin()), std::make_move_iterator(names.rend()));
}

// A walk through the merged view. `here` is the chain of merged folders from the root to where we are: what ".." goes
// back through, and what keeps the descriptors of entries open.
struct Walk {
  std::vector<std::shared_ptr<Folders>> here;
  std::vector<std::string> parts;
  int links = 0;
};

struct Found {
  struct stat info{};
  std::shared_ptr<Folders> holder;  // keeps `parent` open; null for the root itself
  int parent = -1;
  std::string name;
};

base::Result<Found> resolve(const std::shared_ptr<Folders>& root, std::string_view path) {
  Walk walk{.here = {root}, .parts = {}, .links = 0};
  push_parts(path, walk.parts);
  Found found;
  if (root->empty()) return missing(path);
  found.info = TRY(base::sys::fstat(root->front().get()));
  while (!walk.parts.empty()) {
    const std::string name = std::move(walk.parts.back());
    walk.parts.pop_back();
    if (name == "..") {
      if (walk.here.size() > 1) walk.here.pop_back();
      found = {.info = TRY(base::sys::fstat(walk.here.back()->front().get())), .holder = {}, .parent = -1, .name = {}};
      continue;
    }
    const std::optional<Entry> entry = TRY(find(*walk.here.back(), name), "look up ", path, " in the image");
    if (!entry) return missing(path);
    if (S_ISLNK(entry->info.st_mode)) {
      if (++walk.links > kMaxLinks || walk.parts.size() > kMaxParts) {
        return base::fail(base::Code::kInvalidArgument, "the image's ", path, " has too many symbolic links");
      }
      const std::string target = TRY(base::sys::readlinkat(entry->parent, name), "look up ", path, " in the image");
      if (target.starts_with('/')) walk.here.resize(1);
      push_parts(target, walk.parts);
      // A link may end in "/" or "..": what it leads to is known only when its parts are walked.
      found = {.info = TRY(base::sys::fstat(walk.here.back()->front().get())), .holder = {}, .parent = -1, .name = {}};
      continue;
    }
    found = {.info = entry->info, .holder = walk.here.back(), .parent = entry->parent, .name = name};
    if (entry->folder) {
      walk.here.push_back(entry->folder);
    } else if (!walk.parts.empty()) {
      return missing(path);  // a file where a folder would have to be
    }
  }
  return found;
}

}  // namespace

base::Result<base::UniqueFd> FolderRoot::open(std::string_view path) const {
  const base::UniqueFd there = TRY(base::open_in_root(folder_.get(), relative(path), O_PATH));
  const struct stat info = TRY(base::sys::fstat(there.get()));
  if (!S_ISREG(info.st_mode)) {
    return base::fail(base::Code::kInvalidArgument, "the image's ", path, " is not a regular file");
  }
  return base::open_in_root(folder_.get(), relative(path), O_RDONLY | O_NONBLOCK | O_NOCTTY);
}

base::Result<struct stat> FolderRoot::stat(std::string_view path) const {
  const base::UniqueFd there = TRY(base::open_in_root(folder_.get(), relative(path), O_PATH));
  return base::sys::fstat(there.get());
}

LayeredRoot::LayeredRoot(std::vector<base::UniqueFd> layers)
    : layers_(std::make_shared<std::vector<base::UniqueFd>>(std::move(layers))) {}

base::Result<base::UniqueFd> LayeredRoot::open(std::string_view path) const {
  const Found found = TRY(resolve(layers_, path));
  if (found.parent < 0) {
    return base::fail(base::Code::kInvalidArgument, "the image's ", path, " is not a regular file");
  }
  return open_regular(found.parent, found.name, path);
}

base::Result<struct stat> LayeredRoot::stat(std::string_view path) const { return TRY(resolve(layers_, path)).info; }

base::Result<std::vector<base::UniqueFd>> open_layers(const std::string& folder,
                                                      const std::vector<std::string>& names) {
  std::vector<base::UniqueFd> layers;
  layers.reserve(names.size());
  for (const std::string& name : names) {
    layers.push_back(TRY(base::sys::open(base::join_path(folder, name), O_PATH | O_DIRECTORY), "open an image layer"));
  }
  return layers;
}

}  // namespace runtime::oci
