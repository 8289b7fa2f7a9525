#include "base/path.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <ctime>
#include <memory>
#include <vector>

#include "base/sys.h"

namespace base {

namespace {

constexpr uint64_t kInRoot = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
constexpr std::string_view kRemovingPrefix = ".removing-";

// The path's components without "." and empty ones; ".." is kept (the kernel resolves it below the root).
std::vector<std::string> components(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (!part.empty() && part != ".") parts.emplace_back(part);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return parts;
}

// The folder `parent_path` under root, made with its parents where missing.
//
// Each step re-resolves the whole prefix in the root, so that a symbolic link met on the way is followed inside it.
Result<UniqueFd> make_folder(int root, const std::vector<std::string>& parts, mode_t mode) {
  UniqueFd here = TRY(sys::openat2(root, ".", O_PATH | O_DIRECTORY, 0, kInRoot));
  std::string prefix;
  for (const std::string& part : parts) {
    prefix = prefix.empty() ? part : concat(prefix, "/", part);
    Result<UniqueFd> next = sys::openat2(root, prefix, O_PATH | O_DIRECTORY, 0, kInRoot);
    if (!next && next.error().os_errno() == ENOENT) {
      const Status made = sys::mkdirat(here.get(), part, mode);
      // EEXIST: another process made it meanwhile, or it is a dangling link, which the next open reports.
      if (!made && made.error().os_errno() != EEXIST) return std::unexpected(made.error());
      next = sys::openat2(root, prefix, O_PATH | O_DIRECTORY, 0, kInRoot);
    }
    here = TRY(std::move(next));
  }
  return here;
}

// Calls visit with the name of everything in the folder; what visit removes or adds may be missed, but nothing else.
template <typename Visit>
Status for_each_entry(int folder, Visit visit) {
  // Its own open file, since the position in a folder belongs to that.
  UniqueFd own = TRY(sys::openat(folder, ".", O_RDONLY | O_DIRECTORY));
  DIR* raw = ::fdopendir(own.get());
  if (raw == nullptr) return fail_errno(errno, "list folder");
  (void)own.release();
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(raw, ::closedir);
  while (true) {
    errno = 0;
    const struct dirent* entry = ::readdir(listing.get());
    if (entry == nullptr) {
      if (errno != 0) return fail_errno(errno, "list folder");
      return {};
    }
    const std::string name = entry->d_name;
    if (name != "." && name != "..") TRY(visit(name));
  }
}

// Removes one thing if it is no folder; true when it is gone.
Result<bool> unlink_unless_folder(int folder, const std::string& name) {
  Status removed = sys::unlinkat(folder, name, 0);
  if (removed || removed.error().os_errno() == ENOENT) return true;
  if (removed.error().os_errno() == EISDIR) return false;
  return std::unexpected(std::move(removed).error());
}

// Opens a folder to empty it. RESOLVE_NO_XDEV: a bind mount has the device number of what it shows, and what it shows
// is not ours to remove.
Result<UniqueFd> open_to_empty(int parent, const std::string& name) {
  Result<UniqueFd> folder =
      sys::openat2(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS);
  if (!folder && folder.error().os_errno() == EXDEV) folder.error().add_context("something is mounted on it");
  return folder;
}

// Removes what is in the folder. However deep a tree somebody has built there, two descriptors do: the folders found in
// a folder are moved up to the top one, and are then removed in a later pass.
Status empty_folder(int top) {
  uint64_t number = 0;
  const auto move_up = [&](int from, const std::string& name) -> Status {
    while (true) {
      Status moved = sys::renameat2(from, name, top, concat(number++), RENAME_NOREPLACE);
      if (moved || moved.error().os_errno() != EEXIST) return moved;
    }
  };
  bool again = true;
  while (again) {
    again = false;
    TRY(for_each_entry(top, [&](const std::string& name) -> Status {
      if (TRY(unlink_unless_folder(top, name))) return {};
      const UniqueFd folder = TRY(open_to_empty(top, name));
      TRY(for_each_entry(folder.get(), [&](const std::string& inner) -> Status {
        if (TRY(unlink_unless_folder(folder.get(), inner), name)) return {};
        again = true;
        TRY(move_up(folder.get(), inner), name);
        return {};
      }));
      return sys::unlinkat(top, name, AT_REMOVEDIR);
    }));
  }
  return {};
}

std::pair<std::string, std::string> split_parent(const std::string& path) {
  const std::string clean = clean_path(path);
  const size_t slash = clean.rfind('/');
  if (slash == std::string::npos) return {".", clean};
  return {slash == 0 ? "/" : clean.substr(0, slash), clean.substr(slash + 1)};
}

// One process at a time empties a folder that was renamed aside, and says so by a flock on it: two would each stumble
// over what the other has just removed.
Status remove_renamed(int parent, const std::string& name) {
  const Result<UniqueFd> folder = open_to_empty(parent, name);
  if (!folder && folder.error().os_errno() == ENOENT) return {};
  if (!folder) return std::unexpected(folder.error());
  if (::flock(folder->get(), LOCK_EX | LOCK_NB) < 0) {
    if (errno == EWOULDBLOCK) return {};
    return fail_errno(errno, "lock ", name);
  }
  TRY(empty_folder(folder->get()), name);
  const Status removed = sys::unlinkat(parent, name, AT_REMOVEDIR);
  if (!removed && removed.error().os_errno() != ENOENT) return removed;
  return {};
}

}  // namespace

Result<UniqueFd> open_in_root(int root, const std::string& path, int flags, mode_t mode) {
  return sys::openat2(root, path.empty() ? "." : path, static_cast<uint64_t>(flags), mode, kInRoot);
}

Result<UniqueFd> open_beneath_no_links(int root, const std::string& path, int flags, mode_t mode) {
  return sys::openat2(root, path.empty() ? "." : path, static_cast<uint64_t>(flags), mode,
                      kInRoot | RESOLVE_NO_SYMLINKS);
}

Result<UniqueFd> mkdir_in_root(int root, const std::string& path, mode_t mode) {
  return make_folder(root, components(path), mode);
}

Result<UniqueFd> touch_in_root(int root, const std::string& path, mode_t mode) {
  std::vector<std::string> parts = components(path);
  if (parts.empty()) return fail_errno(EISDIR, "create file ", path);
  const Result<UniqueFd> present = open_in_root(root, path, O_PATH);
  if (!present && present.error().os_errno() == ENOENT) {
    parts.pop_back();
    const UniqueFd parent = TRY(make_folder(root, parts, 0755), "create the parent folder of ", path);
    // O_NOFOLLOW is not wanted: a dangling link is resolved in the root by openat2 and its target made.
    TRY(sys::openat2(root, path, O_CREAT | O_WRONLY | O_NONBLOCK, mode, kInRoot));
  }
  return open_in_root(root, path, O_PATH);
}

Status make_dirs(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) == 0 || errno == EEXIST) return {};
  if (errno != ENOENT) return fail_errno(errno, "create folder ", path);
  const auto [parent, name] = split_parent(path);
  if (parent == path) return fail_errno(ENOENT, "create folder ", path);
  TRY(make_dirs(parent, mode));
  if (::mkdir(path.c_str(), mode) < 0 && errno != EEXIST) return fail_errno(errno, "create folder ", path);
  return {};
}

Status remove_tree(const std::string& path) {
  const auto [parent_path, name] = split_parent(path);
  Result<UniqueFd> parent = sys::open(parent_path, O_RDONLY | O_DIRECTORY);
  if (!parent && parent.error().os_errno() == ENOENT) return {};
  if (!parent) return std::unexpected(std::move(parent).error());
  // Looked at first: what is not a folder of ours stays where it is.
  const Result<UniqueFd> present = open_to_empty(parent->get(), name);
  if (!present && present.error().os_errno() == ENOENT) return {};
  if (!present) return fail_errno(present.error().os_errno(), "remove folder ", path);
  struct timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const std::string aside = concat(kRemovingPrefix, name.substr(0, 200), "-", now.tv_sec, ".", now.tv_nsec);
  const Status renamed = sys::renameat2(parent->get(), name, parent->get(), aside, 0);
  if (!renamed && renamed.error().os_errno() == ENOENT) return {};
  if (!renamed) return renamed;
  TRY(remove_renamed(parent->get(), aside), "remove ", path);
  return {};
}

Status sweep_removed(const std::string& folder) {
  const UniqueFd parent = TRY(sys::open(folder, O_RDONLY | O_DIRECTORY));
  std::vector<std::string> names;
  TRY(for_each_entry(parent.get(),
                     [&](const std::string& name) -> Status {
                       if (name.starts_with(kRemovingPrefix)) names.push_back(name);
                       return {};
                     }),
      folder);
  for (const std::string& name : names) TRY(remove_renamed(parent.get(), name));
  return {};
}

Result<std::vector<std::string>> list_folder(const std::string& path) {
  std::vector<std::string> names;
  const Result<UniqueFd> folder = sys::open(path, O_RDONLY | O_DIRECTORY);
  if (!folder && folder.error().os_errno() == ENOENT) return names;
  if (!folder) return std::unexpected(folder.error());
  TRY(for_each_entry(folder->get(),
                     [&](const std::string& name) -> Status {
                       names.push_back(name);
                       return {};
                     }),
      path);
  return names;
}

std::string join_path(std::string_view folder, std::string_view name) {
  while (folder.size() > 1 && folder.ends_with('/')) folder.remove_suffix(1);
  while (name.starts_with('/')) name.remove_prefix(1);
  if (folder == "/") return concat("/", name);
  return concat(folder, "/", name);
}

std::string clean_path(std::string_view path) {
  const bool absolute = path.starts_with('/');
  std::vector<std::string> kept;
  for (std::string& part : components(path)) {
    if (part != "..") {
      kept.push_back(std::move(part));
    } else if (!kept.empty() && kept.back() != "..") {
      kept.pop_back();
    } else if (!absolute) {
      kept.push_back(std::move(part));
    }
  }
  std::string out = absolute ? "/" : "";
  for (size_t i = 0; i < kept.size(); ++i) {
    if (i > 0) out += '/';
    out += kept[i];
  }
  return out.empty() ? "." : out;
}

}  // namespace base
