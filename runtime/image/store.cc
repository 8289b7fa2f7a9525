#include "runtime/image/store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/log.h"
#include "base/path.h"
#include "base/sys.h"
#include "runtime/image/digest.h"
#include "runtime/image/export.h"
#include "runtime/image/garbage.h"
#include "runtime/image/import.h"
#include "runtime/image/layout.h"
#include "runtime/image/staging.h"

namespace runtime::image {

namespace {

using base::Code;
using base::fail;
using base::FileLock;
using base::Result;
using base::Status;

constexpr size_t kShortestIdPrefix = 3;

// What a name given by a user means in this store.
struct Target {
  std::string id;
  std::string reference;  // where it was a reference with a tag that the store has
};

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

struct Store::Impl {
  explicit Impl(const std::string& root) : layout(root) {}

  // The images of these entries, one for each ID; damaged ones are left out with a warning.
  std::vector<Image> images_of(const std::vector<IndexEntry>& entries) const;
  Result<Target> find(const std::vector<IndexEntry>& entries, const std::string& text) const;
  std::optional<Target> find_reference(const std::vector<IndexEntry>& entries, const std::string& text) const;
  Result<std::string> id_of(const IndexEntry& entry) const;
  // The entry's image ID, or what stands for it where the image is damaged.
  std::string id_or_manifest(const IndexEntry& entry) const;
  // False where somebody holds the image, or a container uses it. On true nobody can take hold before the index lock
  // is released.
  bool is_free(const std::string& id, const InUse& in_use) const;
  Result<Trash> delete_images(const std::vector<IndexEntry>& entries, const std::set<std::string>& ids);

  Layout layout;
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::string& root) {
  auto impl = std::make_unique<Impl>(root);
  const Layout& layout = impl->layout;
  TRY(base::make_dirs(root + "/locks", 0700), "prepare the image store");
  const Result<FileLock> alone = FileLock::try_acquire(layout.work_lock(), FileLock::Mode::kExclusive);
  if (!alone && alone.error().code() != Code::kUnavailable) return std::unexpected(alone.error());
  const FileLock index = TRY(FileLock::acquire(layout.index_lock(), FileLock::Mode::kExclusive, kLockWait));
  TRY(layout.prepare());
  if (alone) TRY(sweep(layout), "clean up the image store");
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

// --- reading ---

Result<std::string> Store::Impl::id_of(const IndexEntry& entry) const {
  const auto image = TRY(layout.load(entry));
  return image->id;
}

std::string Store::Impl::id_or_manifest(const IndexEntry& entry) const {
  const Result<std::string> id = id_of(entry);
  return id ? *id : entry.manifest.digest;
}

std::vector<Image> Store::Impl::images_of(const std::vector<IndexEntry>& entries) const {
  std::map<std::string, Image> by_id;
  for (const IndexEntry& entry : entries) {
    const auto stored = layout.load(entry);
    if (!stored) {
      base::log::warning({}, "image store: ", stored.error().to_string());
      continue;
    }
    Image& image = by_id[(*stored)->id];
    if (image.id.empty()) {
      image.id = (*stored)->id;
      image.manifest_digest = entry.manifest.digest;
      image.size = (*stored)->size;
      image.config = (*stored)->config.config;
      image.diff_ids = (*stored)->config.diff_ids;
    }
    image.pinned = image.pinned || entry.pinned;
    if (entry.reference.empty()) continue;
    const Result<Reference> reference = Reference::parse(entry.reference);
    if (!reference) continue;
    if (!reference->tag.empty() && reference->digest.empty()) image.repo_tags.push_back(entry.reference);
    const std::string digest = entry.made_here ? reference->digest : entry.manifest.digest;
    if (!digest.empty()) image.repo_digests.push_back(base::concat(reference->repository(), "@", digest));
  }
  std::vector<Image> images;
  for (auto& [id, image] : by_id) {
    std::ranges::sort(image.repo_tags);
    std::ranges::sort(image.repo_digests);
    const auto repeated = std::ranges::unique(image.repo_digests);
    image.repo_digests.erase(repeated.begin(), repeated.end());
    images.push_back(std::move(image));
  }
  std::ranges::stable_sort(images, [](const Image& a, const Image& b) {
    if (a.repo_tags.empty() || b.repo_tags.empty()) return !a.repo_tags.empty();
    return a.repo_tags.front() < b.repo_tags.front();
  });
  return images;
}

std::optional<Target> Store::Impl::find_reference(const std::vector<IndexEntry>& entries,
                                                  const std::string& text) const {
  const Result<Reference> wanted = Reference::parse(text);
  if (!wanted) return std::nullopt;
  const std::string normalised = wanted->normalised();
  for (const IndexEntry& entry : entries) {
    if (entry.reference == normalised) return Target{.id = id_or_manifest(entry), .reference = normalised};
  }
  if (wanted->digest.empty()) return std::nullopt;
  // The digest decides; the tag beside it is only informative.
  for (const IndexEntry& entry : entries) {
    const Result<Reference> has = Reference::parse(entry.reference);
    if (!has || has->repository() != wanted->repository()) continue;
    const bool same = entry.made_here ? has->digest == wanted->digest : entry.manifest.digest == wanted->digest;
    if (same) return Target{.id = id_or_manifest(entry), .reference = ""};
  }
  return std::nullopt;
}

Result<Target> Store::Impl::find(const std::vector<IndexEntry>& entries, const std::string& text) const {
  if (std::optional<Target> target = find_reference(entries, text)) return *std::move(target);
  std::string_view hex = text;
  if (hex.starts_with("sha256:")) hex.remove_prefix(7);
  if (hex.size() < kShortestIdPrefix || !is_hex(hex)) {
    // What is neither name nor ID is told so, rather than "not found".
    if (const Result<Reference> parsed = Reference::parse(text); !parsed) return std::unexpected(parsed.error());
    return fail(Code::kNotFound, "image ", text, " is not in the store");
  }
  std::set<std::string> ids;
  for (const IndexEntry& entry : entries) {
    const std::string id = id_or_manifest(entry);
    if (hex_of(id).starts_with(hex)) ids.insert(id);
  }
  if (ids.empty()) return fail(Code::kNotFound, "image ", text, " is not in the store");
  if (ids.size() > 1) return fail(Code::kInvalidArgument, "image ID ", text, " fits ", ids.size(), " images");
  return Target{.id = *ids.begin(), .reference = ""};
}

Result<Image> Store::resolve(const std::string& reference_or_id) const {
  const std::vector<IndexEntry> entries = TRY(impl_->layout.read_index());
  const Target target = TRY(impl_->find(entries, reference_or_id));
  std::vector<IndexEntry> own;
  for (const IndexEntry& entry : entries) {
    if (impl_->id_or_manifest(entry) != target.id) continue;
    TRY(impl_->layout.load(entry), "image ", reference_or_id);
    own.push_back(entry);
  }
  return std::move(impl_->images_of(own).front());
}

Result<std::vector<Image>> Store::list() const { return impl_->images_of(TRY(impl_->layout.read_index())); }

Result<LowerLayers> Store::lower_layers(const Image& image) const {
  const Layout& layout = impl_->layout;
  LowerLayers lower{.folder = layout.short_names()};
  const std::vector<std::string> chains = chain_ids(image.diff_ids);
  bool root_found = false;
  bool hidden = false;
  for (size_t i = image.diff_ids.size(); i-- > 0;) {
    const std::string folder = layout.layer(image.diff_ids[i]);
    const LayerNotes notes = TRY(Layout::read_notes(folder), "image ", image.id);
    if (!hidden) {
      if (exists(layout.chain(chains[i]))) lower.names.push_back(TRY(layout.short_name("chains", chains[i])));
      lower.names.push_back(TRY(layout.short_name("layers", image.diff_ids[i])));
    }
    hidden = hidden || notes.opaque_root;
    if (!root_found && notes.explicit_root()) {
      const struct stat info = TRY(base::sys::fstatat(AT_FDCWD, folder + "/fs", AT_SYMLINK_NOFOLLOW));
      lower.root_mode = info.st_mode & 07777U;
      lower.root_uid = info.st_uid;
      lower.root_gid = info.st_gid;
      lower.root_mtime = info.st_mtim;
      root_found = true;
    }
  }
  if (lower.names.empty()) return fail(Code::kInvalidArgument, "image ", image.id, " has no layers");
  return lower;
}

Status Store::export_archive(const std::string& reference_or_id, int fd) const {
  // The shared work lock keeps the blobs from being deleted (though not from being moved aside: then the export fails).
  const FileLock work = TRY(FileLock::acquire(impl_->layout.work_lock(), FileLock::Mode::kShared, kLockWait));
  const std::vector<IndexEntry> entries = TRY(impl_->layout.read_index());
  const Target target = TRY(impl_->find(entries, reference_or_id));
  std::vector<std::string> references;
  std::shared_ptr<const StoredImage> chosen;
  for (const IndexEntry& entry : entries) {
    if (impl_->id_or_manifest(entry) != target.id) continue;
    if (!target.reference.empty() && entry.reference != target.reference) continue;
    const auto image = TRY(impl_->layout.load(entry), "export ", reference_or_id);
    if (chosen == nullptr) chosen = image;
    if (!entry.reference.empty()) references.push_back(entry.reference);
  }
  TRY(write_oci_archive(impl_->layout, *chosen, references, fd), "export ", reference_or_id);
  return {};
}

Result<Usage> Store::usage() const {
  const Layout& layout = impl_->layout;
  Usage usage;
  const Needs present = TRY(all_present(layout));
  for (const std::string& digest : present.blobs) {
    const auto info = base::sys::fstatat(AT_FDCWD, layout.blob(digest), AT_SYMLINK_NOFOLLOW);
    if (!info) continue;  // removed meanwhile
    usage.bytes += static_cast<uint64_t>(info->st_blocks) * 512;
    usage.inodes += 1;
  }
  for (const std::string& diff_id : present.layers) {
    const auto notes = Layout::read_notes(layout.layer(diff_id));
    if (!notes) continue;
    usage.bytes += notes->bytes;
    usage.inodes += notes->inodes;
  }
  return usage;
}

// --- changing ---

Result<std::vector<Imported>> Store::import(const std::string& path, const ImportOptions& options) {
  std::string name;
  if (!options.name.empty()) {
    const Reference reference = TRY(Reference::parse(options.name), "import ", path);
    if (!reference.digest.empty()) {
      return fail(Code::kInvalidArgument, "import ", path,
                  ": an imported image cannot be named by a digest: ", options.name);
    }
    name = reference.normalised();
  }
  // What is read and what is written are two places: a disk without space is the store's.
  const auto stored = [&](auto done) {
    const int error = done ? 0 : done.error().os_errno();
    if (error == ENOSPC || error == EDQUOT) {
      done.error().add_context(base::concat("write to the image store ", impl_->layout.images()));
    }
    return done;
  };
  const std::unique_ptr<Staging> staging = TRY(stored(Staging::create(impl_->layout, options)), "import ", path);
  std::vector<NewImage> images = TRY(stored(read_images(path, *staging)), "import ", path);
  if (images.empty()) return fail(Code::kInvalidArgument, "import ", path, ": it holds no image");
  if (!name.empty()) {
    std::set<std::string> ids;
    for (const NewImage& image : images) ids.insert(image.id);
    if (ids.size() > 1) {
      return fail(Code::kInvalidArgument, "import ", path, ": it holds ", ids.size(),
                  " images, which cannot all be called ", options.name);
    }
    images.resize(1);
    images[0].references = {name};
  }
  for (const NewImage& image : images) TRY(stored(staging->unpack_layers(image)), "import ", path);
  TRY(stored(staging->publish(images)), "import ", path);
  std::map<std::string, Imported> by_id;
  for (const NewImage& image : images) {
    Imported& imported = by_id[image.id];
    imported.id = image.id;
    imported.references.insert(imported.references.end(), image.references.begin(), image.references.end());
  }
  std::vector<Imported> all;
  for (auto& [id, imported] : by_id) all.push_back(std::move(imported));
  return all;
}

bool Store::Impl::is_free(const std::string& id, const InUse& in_use) const {
  // The hold first: who lets go of it has put its container on record before.
  const std::string path = layout.hold_lock(id);
  std::optional<FileLock> alone;
  if (exists(path)) {
    Result<FileLock> taken = FileLock::try_acquire(path, FileLock::Mode::kExclusive);
    if (!taken) return false;
    alone = std::move(*taken);
  }
  return !in_use || !in_use(id);
}

// Takes the images' entries and all that only they need. Runs under the index lock, the work lock shared; the caller
// lets the trash go after the index lock, since deleting takes its time.
Result<Trash> Store::Impl::delete_images(const std::vector<IndexEntry>& entries, const std::set<std::string>& ids) {
  Needs unwanted;
  std::vector<IndexEntry> kept;
  for (const IndexEntry& entry : entries) {
    if (!ids.contains(id_or_manifest(entry))) {
      kept.push_back(entry);
    } else if (const auto image = layout.load(entry); image) {
      add_needs(unwanted, **image);
    } else {
      // What a damaged image needed is whatever nobody else does.
      unwanted = TRY(all_present(layout));
    }
  }
  // Before the index, so that an interruption between the two is noticed by the next open().
  Trash trash = TRY(Trash::create(layout));
  TRY(layout.write_index(kept));
  TRY(discard_unneeded(layout, unwanted, trash));
  for (const std::string& id : ids) ::unlink(layout.hold_lock(id).c_str());
  return trash;
}

Result<Removed> Store::remove(const std::string& reference_or_id, const InUse& in_use) {
  const Layout& layout = impl_->layout;
  const FileLock work = TRY(FileLock::acquire(layout.work_lock(), FileLock::Mode::kShared, kLockWait));
  std::optional<Trash> trash;
  const FileLock index = TRY(FileLock::acquire(layout.index_lock(), FileLock::Mode::kExclusive, kLockWait));
  std::vector<IndexEntry> entries = TRY(layout.read_index());
  const Target target = TRY(impl_->find(entries, reference_or_id));
  Removed removed;
  bool has_name_left = false;
  for (IndexEntry& entry : entries) {
    if (impl_->id_or_manifest(entry) != target.id || entry.reference.empty()) continue;
    if (!target.reference.empty() && entry.reference != target.reference) {
      has_name_left = true;
    } else {
      removed.untagged.push_back(std::exchange(entry.reference, ""));
    }
  }
  if (!has_name_left && impl_->is_free(target.id, in_use)) {
    trash.emplace(TRY(impl_->delete_images(entries, {target.id}), "remove image ", reference_or_id));
    removed.deleted = true;
    return removed;
  }
  for (IndexEntry& entry : entries) {
    if (!has_name_left && impl_->id_or_manifest(entry) == target.id) entry.removed = true;
  }
  TRY(layout.write_index(with_images(std::move(entries), {})), "remove image ", reference_or_id);
  return removed;
}

Result<std::vector<std::string>> Store::collect(const InUse& in_use) {
  const Layout& layout = impl_->layout;
  const FileLock work = TRY(FileLock::acquire(layout.work_lock(), FileLock::Mode::kShared, kLockWait));
  std::optional<Trash> trash;
  const FileLock index = TRY(FileLock::acquire(layout.index_lock(), FileLock::Mode::kExclusive, kLockWait));
  const std::vector<IndexEntry> entries = TRY(layout.read_index());
  std::set<std::string> ids;
  for (const IndexEntry& entry : entries) {
    if (entry.removed) ids.insert(impl_->id_or_manifest(entry));
  }
  for (const IndexEntry& entry : entries) {
    if (!entry.reference.empty()) ids.erase(impl_->id_or_manifest(entry));
  }
  std::erase_if(ids, [&](const std::string& id) { return !impl_->is_free(id, in_use); });
  if (!ids.empty()) trash.emplace(TRY(impl_->delete_images(entries, ids), "collect removed images"));
  return std::vector<std::string>(ids.begin(), ids.end());
}

Result<FileLock> Store::hold(const std::string& image_id) const {
  const Layout& layout = impl_->layout;
  const FileLock index = TRY(FileLock::acquire(layout.index_lock(), FileLock::Mode::kShared, kLockWait));
  const std::vector<IndexEntry> entries = TRY(layout.read_index());
  const bool present =
      std::ranges::any_of(entries, [&](const IndexEntry& entry) { return impl_->id_or_manifest(entry) == image_id; });
  if (!present) return fail(Code::kNotFound, "image ", image_id, " is not in the store");
  return FileLock::acquire(layout.hold_lock(image_id), FileLock::Mode::kShared, kLockWait);
}

Status Store::set_pinned(const std::string& reference_or_id, bool pinned) {
  const Layout& layout = impl_->layout;
  const FileLock index = TRY(FileLock::acquire(layout.index_lock(), FileLock::Mode::kExclusive, kLockWait));
  std::vector<IndexEntry> entries = TRY(layout.read_index());
  const Target target = TRY(impl_->find(entries, reference_or_id));
  for (IndexEntry& entry : entries) {
    if (impl_->id_or_manifest(entry) == target.id) entry.pinned = pinned;
  }
  return layout.write_index(entries);
}

}  // namespace runtime::image
