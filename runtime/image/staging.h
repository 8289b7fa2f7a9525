// Staging: one import (or pull) under way: blobs and unpacked layers in a folder of their own below tmp/, which nobody
// else looks at, until publish() brings them into the store in one step. Destroying it removes what is left.
//
// Belongs to one thread. Holds the work lock shared for as long as it lives.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/unique_fd.h"
#include "runtime/image/digest.h"
#include "runtime/image/layer_stream.h"
#include "runtime/image/layout.h"
#include "runtime/image/store.h"

namespace runtime::image {

struct StagedFile {
  std::string path;
  std::string digest;
  uint64_t size = 0;
};

// Writes one staged file and hashes it on the way.
class BlobWriter {
 public:
  BlobWriter(std::string path, base::UniqueFd file) : path_(std::move(path)), file_(std::move(file)) {}
  base::Status write(std::span<const char> data);
  base::Result<StagedFile> finish();

 private:
  std::string path_;
  base::UniqueFd file_;
  Sha256 hash_;
  uint64_t size_ = 0;
};

// An image whose blobs are all staged.
struct NewImage {
  std::string id;
  IndexEntry entry;                     // without a reference
  std::vector<std::string> references;  // normalised
  std::vector<std::string> blobs;       // digests: manifest, configuration, layers
  std::vector<std::string> diff_ids;
  std::vector<std::string> layer_blobs;  // digests, as diff_ids
};

class Staging {
 public:
  static base::Result<std::unique_ptr<Staging>> create(const Layout& layout, const ImportOptions& options);
  ~Staging();
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  base::Result<std::unique_ptr<BlobWriter>> new_file();
  base::Result<StagedFile> add_document(std::string_view content);
  // The staged file is a blob of an image.
  void adopt_blob(const StagedFile& file) { blobs_[file.digest] = file; }

  // Unpacks those of the image's layers that neither the store nor this staging has.
  base::Status unpack_layers(const NewImage& image);
  // Makes the images part of the store, durably.
  base::Status publish(const std::vector<NewImage>& images);

  // Of this import: every stream of it draws on it.
  ExpansionBudget& budget() { return budget_; }

  // kCancelled when the caller wants the import to end.
  base::Status check_cancelled() const;
  void report(const Progress& progress) const;

 private:
  Staging(const Layout& layout, const ImportOptions& options, base::FileLock lock, std::string folder)
      : layout_(layout), options_(options), lock_(std::move(lock)), folder_(std::move(folder)) {}

  std::string staged_layer(const std::string& diff_id) const;
  base::Status unpack_layer_blob(const std::string& diff_id, const StagedFile& blob);
  // nullptr when done; else an image of which the store lost a layer since unpack_layers() saw it there.
  base::Result<const NewImage*> try_publish(const std::vector<NewImage>& images);
  // The following run under the index lock.
  bool layers_missing(const NewImage& image) const;
  base::Status bring_in(const std::vector<NewImage>& images);
  base::Status take_back(const std::vector<NewImage>& images, class Trash& trash);
  base::Status move_in(const NewImage& image);
  base::Status settle(const NewImage& image);
  base::Status settle_chain(const struct Chain& chain, const std::string& chain_id);
  base::Status sync_folders() const;

  const Layout& layout_;
  const ImportOptions& options_;
  base::FileLock lock_;
  std::string folder_;
  unsigned files_ = 0;
  ExpansionBudget budget_;
  std::map<std::string, StagedFile> blobs_;
};

// Enters the images into the index's entries: a reference moves from an older image to the new one.
std::vector<IndexEntry> with_images(std::vector<IndexEntry> entries, const std::vector<NewImage>& images);

// How long a store's locks are waited for.
constexpr std::chrono::milliseconds kLockWait = std::chrono::minutes(5);

}  // namespace runtime::image
