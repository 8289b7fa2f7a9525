#include "runtime/image/staging.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

#include "base/path.h"
#include "base/sys.h"
#include "runtime/image/garbage.h"
#include "runtime/image/layer_stream.h"
#include "runtime/image/settle.h"

namespace runtime::image {

namespace {

using base::Code;
using base::fail;
using base::fail_errno;
using base::FileLock;
using base::Result;
using base::Status;
using base::UniqueFd;

// A power cut after this leaves everything that was written so far.
Status sync_file_system(const std::string& folder) {
  const UniqueFd opened = TRY(base::sys::open(folder, O_RDONLY | O_DIRECTORY));
  if (::syncfs(opened.get()) < 0) return fail_errno(errno, "sync the file system of ", folder);
  return {};
}

Status sync_folder(const std::string& folder) {
  const UniqueFd opened = TRY(base::sys::open(folder, O_RDONLY | O_DIRECTORY));
  TRY(base::sys::fsync(opened.get()), folder);
  return {};
}

// Moves a staged folder or file in, unless it is already there: the content is the same by its name.
Status move_unless_present(const std::string& from, const std::string& to) {
  if (!exists(from) || exists(to)) return {};
  return base::sys::renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

Result<UniqueFd> open_root_of(const std::string& folder) {
  return base::sys::open(folder + "/fs", O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

}  // namespace

Status BlobWriter::write(std::span<const char> data) {
  hash_.update(data);
  size_ += data.size();
  return base::sys::write_all(file_.get(), {data.data(), data.size()});
}

Result<StagedFile> BlobWriter::finish() {
  file_.reset();
  return StagedFile{.path = path_, .digest = hash_.finish(), .size = size_};
}

Result<std::unique_ptr<Staging>> Staging::create(const Layout& layout, const ImportOptions& options) {
  static std::atomic<unsigned> counter = 0;
  FileLock lock = TRY(FileLock::acquire(layout.work_lock(), FileLock::Mode::kShared, kLockWait));
  const std::string folder = base::concat(layout.temporary(), "/import-", ::getpid(), "-", counter++);
  // The number of a process that died here long ago may be ours now.
  TRY(base::remove_tree(folder));
  TRY(base::make_dirs(folder, 0700));
  std::unique_ptr<Staging> staging(new Staging(layout, options, std::move(lock), folder));
  TRY(base::make_dirs(folder + "/files", 0700));
  TRY(base::make_dirs(folder + "/layers", 0700));
  TRY(base::make_dirs(folder + "/chains", 0700));
  return staging;
}

// A failure leaves a folder below tmp/, which the next open() sweeps.
Staging::~Staging() { (void)base::remove_tree(folder_); }

Status Staging::check_cancelled() const {
  if (options_.cancelled && options_.cancelled()) return fail(Code::kCancelled, "the import was cancelled");
  return {};
}

void Staging::report(const Progress& progress) const {
  if (options_.progress) options_.progress(progress);
}

std::string Staging::staged_layer(const std::string& diff_id) const {
  return base::concat(folder_, "/layers/", hex_of(diff_id));
}

Result<std::unique_ptr<BlobWriter>> Staging::new_file() {
  std::string path = base::concat(folder_, "/files/", files_++);
  UniqueFd file = TRY(base::sys::open(path, O_WRONLY | O_CREAT | O_EXCL, 0600));
  return std::make_unique<BlobWriter>(std::move(path), std::move(file));
}

Result<StagedFile> Staging::add_document(std::string_view content) {
  const std::unique_ptr<BlobWriter> writer = TRY(new_file());
  TRY(writer->write(content));
  return writer->finish();
}

Status Staging::unpack_layer_blob(const std::string& diff_id, const StagedFile& blob) {
  const std::string folder = staged_layer(diff_id);
  TRY(base::remove_tree(folder));
  TRY(base::make_dirs(folder + "/fs", 0700));
  const UniqueFd root = TRY(open_root_of(folder));
  UniqueFd file = TRY(base::sys::open(blob.path, O_RDONLY));
  ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  const std::unique_ptr<LayerStream> stream =
      TRY(LayerStream::start(std::move(file), LayerStream::Origin::kStaged, budget_));
  Progress progress{.layer = diff_id, .total_bytes = static_cast<int64_t>(blob.size)};
  const LayerNotes notes = TRY(unpack_layer(*stream, root.get(), [&]() -> Status {
    progress.done_bytes = stream->consumed();
    report(progress);
    return check_cancelled();
  }));
  if (stream->digest() != diff_id) {
    return fail(Code::kInvalidArgument, "the layer's content is ", stream->digest(), " but the image says ", diff_id,
                ": the archive is damaged");
  }
  return Layout::write_notes(folder, notes);
}

Status Staging::unpack_layers(const NewImage& image) {
  for (size_t i = 0; i < image.diff_ids.size(); ++i) {
    const std::string& diff_id = image.diff_ids[i];
    if (exists(layout_.layer(diff_id)) || exists(staged_layer(diff_id) + "/layer.json")) continue;
    TRY(unpack_layer_blob(diff_id, blobs_.at(image.layer_blobs[i])), "unpack layer ", i + 1, " of ",
        image.diff_ids.size());
  }
  return {};
}

bool Staging::layers_missing(const NewImage& image) const {
  return std::ranges::any_of(image.diff_ids, [this](const std::string& diff_id) {
    return !exists(layout_.layer(diff_id)) && !exists(staged_layer(diff_id));
  });
}

Status Staging::move_in(const NewImage& image) {
  for (const std::string& diff_id : image.diff_ids) {
    TRY(move_unless_present(staged_layer(diff_id), layout_.layer(diff_id)));
    TRY(layout_.short_name("layers", diff_id));
  }
  for (const std::string& digest : image.blobs) {
    // Also over one that is there: should that be damaged, this mends it.
    const std::string& staged = blobs_.at(digest).path;
    if (exists(staged)) TRY(base::sys::renameat2(AT_FDCWD, staged, AT_FDCWD, layout_.blob(digest), 0));
  }
  return {};
}

Status Staging::settle_chain(const Chain& chain, const std::string& chain_id) {
  const std::string staged = base::concat(folder_, "/chains/", hex_of(chain_id));
  TRY(base::make_dirs(staged + "/fs", 0700));
  const UniqueFd root = TRY(open_root_of(staged));
  if (!TRY(make_fix(chain, root.get()))) return base::remove_tree(staged);
  TRY(sync_file_system(staged));
  TRY(base::sys::renameat2(AT_FDCWD, staged, AT_FDCWD, layout_.chain(chain_id), 0));
  TRY(layout_.short_name("chains", chain_id));
  return {};
}

Status Staging::settle(const NewImage& image) {
  const std::vector<std::string> chains = chain_ids(image.diff_ids);
  std::vector<UniqueFd> opened;
  std::vector<std::unique_ptr<LayerOnDisk>> layers;
  std::vector<int> below;
  const LayerOnDisk* root_owner = nullptr;
  for (size_t i = 0; i < image.diff_ids.size(); ++i) {
    const std::string folder = layout_.layer(image.diff_ids[i]);
    opened.push_back(TRY(open_root_of(folder)));
    layers.push_back(std::make_unique<LayerOnDisk>());
    layers.back()->folder = opened.back().get();
    layers.back()->notes = TRY(Layout::read_notes(folder));
    const LayerOnDisk& layer = *layers.back();
    if (layer.notes.explicit_root()) root_owner = &layer;
    if (layer.notes.opaque_root) below.clear();
    const Chain chain{.layer = &layer, .below = below, .root_owner = root_owner, .top = i + 1 == image.diff_ids.size()};
    below.insert(below.begin(), layer.folder);
    if (may_need_fix(chain) && !exists(layout_.chain(chains[i]))) {
      TRY(settle_chain(chain, chains[i]), "put layer ", i + 1, " on those below it");
    }
    if (exists(layout_.chain(chains[i]))) {
      opened.push_back(TRY(open_root_of(layout_.chain(chains[i]))));
      below.insert(below.begin(), opened.back().get());
    }
  }
  return {};
}

Status Staging::sync_folders() const {
  for (const std::string& folder : {layout_.blobs(), layout_.layers(), layout_.chains(), layout_.short_names()}) {
    TRY(sync_folder(folder));
  }
  return {};
}

Status Staging::bring_in(const std::vector<NewImage>& images) {
  for (const NewImage& image : images) {
    TRY(move_in(image));
    TRY(settle(image));
  }
  TRY(sync_folders());
  const std::vector<IndexEntry> entries = TRY(layout_.read_index());
  return layout_.write_index(with_images(entries, images));
}

// Takes out again what was brought in before a failure, except what other images need.
Status Staging::take_back(const std::vector<NewImage>& images, Trash& trash) {
  Needs candidates;
  for (const NewImage& image : images) {
    candidates.blobs.insert(image.blobs.begin(), image.blobs.end());
    candidates.layers.insert(image.diff_ids.begin(), image.diff_ids.end());
    for (std::string& chain : chain_ids(image.diff_ids)) candidates.chains.insert(std::move(chain));
  }
  return discard_unneeded(layout_, candidates, trash);
}

Result<const NewImage*> Staging::try_publish(const std::vector<NewImage>& images) {
  // Made beforehand, since a full disk may be what fails.
  Trash trash = TRY(Trash::create(layout_));
  const FileLock lock = TRY(FileLock::acquire(layout_.index_lock(), FileLock::Mode::kExclusive, kLockWait));
  for (const NewImage& image : images) {
    if (layers_missing(image)) return &image;
  }
  Status brought_in = bring_in(images);
  if (brought_in) return nullptr;
  if (Status taken_back = take_back(images, trash); !taken_back) brought_in.error().add_also(taken_back.error());
  return std::unexpected(std::move(brought_in).error());
}

Status Staging::publish(const std::vector<NewImage>& images) {
  while (true) {
    TRY(sync_file_system(folder_));
    const NewImage* incomplete = TRY(try_publish(images));
    if (incomplete == nullptr) return {};
    TRY(check_cancelled());
    TRY(unpack_layers(*incomplete));
  }
}

namespace {

bool is_same_manifest(const IndexEntry& entry, const NewImage& image) {
  return entry.manifest.digest == image.entry.manifest.digest;
}

void add_image(std::vector<IndexEntry>& entries, const NewImage& image) {
  IndexEntry made = image.entry;
  for (IndexEntry& entry : entries) {
    if (!is_same_manifest(entry, image)) continue;
    made.pinned = made.pinned || entry.pinned;
    // The same bytes came from elsewhere: then its digest does mean something there.
    made.made_here = made.made_here && entry.made_here;
    entry.removed = false;
  }
  for (const std::string& reference : image.references) {
    for (IndexEntry& entry : entries) {
      // An older image that loses its last name stays, without one.
      if (entry.reference == reference) entry.reference.clear();
    }
    made.reference = reference;
    entries.push_back(made);
  }
  const bool present =
      std::ranges::any_of(entries, [&](const IndexEntry& entry) { return is_same_manifest(entry, image); });
  if (!present) entries.push_back(made);
}

}  // namespace

std::vector<IndexEntry> with_images(std::vector<IndexEntry> entries, const std::vector<NewImage>& images) {
  for (const NewImage& image : images) add_image(entries, image);
  // An entry without a name is only kept where the image has no named one, and only once.
  std::vector<IndexEntry> kept;
  for (const IndexEntry& entry : entries) {
    const auto same = [&](const IndexEntry& other) { return other.manifest.digest == entry.manifest.digest; };
    const bool named =
        std::ranges::any_of(entries, [&](const IndexEntry& other) { return same(other) && !other.reference.empty(); });
    if (entry.reference.empty() && (named || std::ranges::any_of(kept, same))) continue;
    kept.push_back(entry);
  }
  return kept;
}

}  // namespace runtime::image
