#include "runtime/image/settle.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <optional>

#include "base/path.h"
#include "base/sys.h"
#include "runtime/image/attributes.h"
#include "runtime/image/folder_stack.h"
#include "runtime/image/merged_view.h"

namespace runtime::image {

namespace {

using base::Code;
using base::fail;
using base::fail_errno;
using base::Result;
using base::Status;
using base::UniqueFd;

Result<std::vector<std::string>> names_in(int folder) {
  UniqueFd listed = TRY(base::sys::openat(folder, ".", O_RDONLY | O_DIRECTORY));
  DIR* raw = ::fdopendir(listed.get());
  if (raw == nullptr) return fail_errno(errno, "list folder");
  (void)listed.release();
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(raw, ::closedir);
  std::vector<std::string> names;
  while (const struct dirent* entry = ::readdir(listing.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  return names;
}

std::string joined(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : base::concat(folder, "/", name);
}

class Fixer {
 public:
  Fixer(const Chain& chain, int fix)
      : layer_(*chain.layer), below_(chain.below), chain_(chain), fix_(fix), stack_(fix) {}

  Result<bool> run();

 private:
  Status settle_implied(const std::string& path);
  Status settle_link(const std::string& path, const std::string& target);
  // Moves the layer's folder at `from` to `to`, where a lower layer's link points.
  Status graft(const std::string& from, const std::string& to);
  Status graft_entry(const std::string& from, const std::string& to, int source, const std::string& name);
  // The folder in the fix, with the looks that the finished image gives it.
  Result<int> folder_in_fix(const std::string& path);
  Status make_folder(int parent, const std::string& name, const std::string& path);
  Status link_into_fix(int source, const std::string& source_name, const std::string& path);
  bool hidden_by_layer(const std::string& path) const;
  bool is_grafted(const std::string& path) const;
  Status restore_times();

  const LayerOnDisk& layer_;
  MergedView below_;
  const Chain& chain_;
  int fix_;
  FolderStack stack_;
  std::map<std::string, std::string> grafts_;  // from -> to
  std::map<std::string, struct timespec> times_;
  bool touched_ = false;
};

// An opaque folder of the layer on the way hides all that lies below it.
bool Fixer::hidden_by_layer(const std::string& path) const {
  for (std::string_view folder = parent_of(path); !folder.empty(); folder = parent_of(folder)) {
    const Result<UniqueFd> opened =
        base::open_beneath_no_links(layer_.folder, std::string(folder), O_PATH | O_DIRECTORY);
    if (opened && is_opaque({.folder = opened->get(), .name = ""})) return true;
  }
  return false;
}

bool Fixer::is_grafted(const std::string& path) const {
  for (const auto& [from, to] : grafts_) {
    if (is_in(path, from)) return true;
  }
  return false;
}

// Looks are the layer's own where its archive described the folder, else the lower layers', else plain 0755.
Status Fixer::make_folder(int parent, const std::string& name, const std::string& path) {
  TRY(base::sys::mkdirat(parent, name, 0755));
  touched_ = true;
  const Place made{.folder = parent, .name = name};
  struct timespec time{};
  const Result<UniqueFd> own = base::open_beneath_no_links(layer_.folder, path, O_PATH | O_DIRECTORY);
  const bool implied = layer_.notes.implied.contains(path);
  MergedView::Found lower;
  if ((!own || implied) && !hidden_by_layer(path)) lower = TRY(below_.find(path));
  if (lower.exists && S_ISDIR(lower.info.st_mode)) {
    TRY(copy_folder_attributes({.folder = lower.folder.get(), .name = lower.name}, made), path);
    time = lower.info.st_mtim;
  } else if (own) {
    TRY(copy_folder_attributes({.folder = own->get(), .name = ""}, made), path);
    time = TRY(base::sys::fstat(own->get())).st_mtim;
  } else if (::fchmodat(parent, name.c_str(), 0755, 0) < 0) {
    return fail_errno(errno, "set the mode");
  }
  times_[path] = time;
  return {};
}

Result<int> Fixer::folder_in_fix(const std::string& path) {
  return stack_.walk(path, [this](int parent, const std::string& name, const std::string& folder, int why) -> Status {
    if (why != ENOENT) return fail_errno(why, "open folder ", folder);
    return make_folder(parent, name, folder);
  });
}

Status Fixer::link_into_fix(int source, const std::string& source_name, const std::string& path) {
  const int parent = TRY(folder_in_fix(std::string(parent_of(path))));
  const std::string name(last_of(path));
  touched_ = true;
  if (::unlinkat(parent, name.c_str(), 0) < 0 && errno != ENOENT) return fail_errno(errno, "replace ", path);
  if (::linkat(source, source_name.c_str(), parent, name.c_str(), 0) == 0) return {};
  return fail_errno(errno, "link ", path, " into its image");
}

Status Fixer::graft_entry(const std::string& from, const std::string& to, int source, const std::string& name) {
  const struct stat info = TRY(base::sys::fstatat(source, name, AT_SYMLINK_NOFOLLOW));
  if (!S_ISDIR(info.st_mode)) return link_into_fix(source, name, to);
  const bool implied = layer_.notes.implied.contains(from);
  if (implied) {
    const MergedView::Found lower = TRY(below_.find(to));
    if (lower.exists && S_ISLNK(lower.info.st_mode)) {
      const MergedView::Found target = TRY(below_.resolve(to, true));
      if (target.exists && S_ISDIR(target.info.st_mode)) return graft(from, target.path);
    }
  }
  const int folder = TRY(folder_in_fix(to));
  if (!implied) {
    TRY(copy_folder_attributes({.folder = source, .name = name}, {.folder = folder, .name = ""}), to);
    times_[to] = info.st_mtim;
  }
  if (is_opaque({.folder = source, .name = name})) TRY(set_opaque({.folder = folder, .name = ""}));
  return graft(from, to);
}

Status Fixer::graft(const std::string& from, const std::string& to) {
  const UniqueFd source = TRY(base::open_beneath_no_links(layer_.folder, from, O_RDONLY | O_DIRECTORY));
  TRY(folder_in_fix(to));
  for (const std::string& name : TRY(names_in(source.get()))) {
    TRY(graft_entry(joined(from, name), joined(to, name), source.get(), name));
  }
  return {};
}

Status Fixer::settle_implied(const std::string& path) {
  if (is_grafted(path) || hidden_by_layer(path)) return {};
  const MergedView::Found lower = TRY(below_.find(path));
  if (!lower.exists) return {};
  if (S_ISDIR(lower.info.st_mode)) {
    TRY(folder_in_fix(path));
    return {};
  }
  if (!S_ISLNK(lower.info.st_mode)) return {};
  // A link that leads to no folder is replaced by the layer's folder.
  const MergedView::Found target = TRY(below_.resolve(path, true));
  if (!target.exists || !S_ISDIR(target.info.st_mode)) return {};
  grafts_[path] = target.path;
  TRY(link_into_fix(lower.folder.get(), lower.name, path));
  return graft(path, target.path);
}

Status Fixer::settle_link(const std::string& path, const std::string& target) {
  const MergedView::Found found = TRY(below_.resolve(target, false));
  if (!found.exists || S_ISDIR(found.info.st_mode)) {
    return fail(Code::kInvalidArgument, "hard link to \"", target,
                "\", which is neither in its layer nor a file of one ", "below");
  }
  std::string place = path;
  for (const auto& [from, to] : grafts_) {
    if (is_in(path, from)) place = joined(to, path.substr(from.size() + 1));
  }
  return link_into_fix(found.folder.get(), found.name, place);
}

Status Fixer::restore_times() {
  for (const auto& [path, time] : times_) {
    const UniqueFd folder = TRY(base::open_beneath_no_links(fix_, path, O_PATH | O_DIRECTORY));
    TRY(set_mtime({.folder = folder.get(), .name = ""}, time), path);
  }
  return {};
}

Result<bool> Fixer::run() {
  // Sorted, so that a folder is settled before what it holds.
  for (const std::string& path : layer_.notes.implied) {
    if (!path.empty()) TRY(settle_implied(path), "settle folder ", path);
  }
  for (const auto& [path, target] : layer_.notes.links_across) TRY(settle_link(path, target), "entry \"", path, "\"");
  const bool root_differs = chain_.top && chain_.root_owner != nullptr && chain_.root_owner != chain_.layer;
  if (!touched_ && !root_differs) return false;
  TRY(restore_times());
  const int root = chain_.root_owner == nullptr ? layer_.folder : chain_.root_owner->folder;
  TRY(copy_folder_attributes({.folder = root, .name = ""}, {.folder = fix_, .name = ""}));
  return true;
}

}  // namespace

bool may_need_fix(const Chain& chain) {
  if (!chain.layer->notes.links_across.empty()) return true;
  if (chain.below.empty()) return false;
  const bool only_root_implied = chain.layer->notes.implied.size() == (chain.layer->notes.explicit_root() ? 0 : 1);
  return !only_root_implied || (chain.top && chain.root_owner != nullptr && chain.root_owner != chain.layer);
}

Result<bool> make_fix(const Chain& chain, int fix) { return Fixer(chain, fix).run(); }

}  // namespace runtime::image
