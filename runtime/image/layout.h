// Layout: where everything lies below <root>/images, and reading and writing it. Knows no locks: the caller holds those
// that store.h names.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/synchronized.h"
#include "runtime/image/image.h"
#include "runtime/image/metadata.h"
#include "runtime/image/unpack.h"

namespace runtime::image {

// Bytes: a manifest, index or configuration above this is refused.
constexpr size_t kLargestDocument = 16UL << 20;

// One line of index.json: a manifest under one reference, or under none.
struct IndexEntry {
  Descriptor manifest;     // without annotations
  std::string reference;   // normalised, or empty
  bool made_here = false;  // the manifest was made by an import: its digest means nothing elsewhere
  bool pinned = false;
  bool removed = false;  // removed while a container used it: collect() may take it
};

// An image as its documents have it.
struct StoredImage {
  std::string id;
  Descriptor manifest;
  Manifest content;
  ConfigDocument config;
  uint64_t size = 0;  // bytes on disk
};

class Layout {
 public:
  explicit Layout(std::string root) : root_(std::move(root)), images_(root_ + "/images") {}

  const std::string& images() const { return images_; }
  std::string temporary() const { return images_ + "/tmp"; }
  std::string blobs() const { return images_ + "/blobs/sha256"; }
  std::string blob(const std::string& digest) const;
  std::string layers() const { return images_ + "/layers"; }
  std::string layer(const std::string& diff_id) const;
  std::string chains() const { return images_ + "/chains"; }
  std::string chain(const std::string& chain_id) const;
  std::string short_names() const { return images_ + "/l"; }
  std::string index_lock() const { return root_ + "/locks/images-index"; }
  std::string work_lock() const { return root_ + "/locks/images-work"; }
  std::string hold_lock(const std::string& image_id) const;

  // Makes what is missing; kFailedPrecondition for a store of a newer version.
  base::Status prepare() const;

  base::Result<std::vector<IndexEntry>> read_index() const;
  // Durable when it returns.
  base::Status write_index(const std::vector<IndexEntry>& entries) const;

  // A small blob, checked against its digest (kDataLoss).
  base::Result<std::string> read_document(const std::string& digest) const;
  // kDataLoss where a document is missing or damaged. Kept in memory, since documents never change.
  base::Result<std::shared_ptr<const StoredImage>> load(const IndexEntry& entry) const;

  // The notes beside an unpacked layer; folder is layer(diff_id) or a staged one.
  static base::Result<LayerNotes> read_notes(const std::string& folder);
  static base::Status write_notes(const std::string& folder, const LayerNotes& notes);

  // The short name of layers/<x> or chains/<x>, made when it is missing.
  base::Result<std::string> short_name(const std::string& kind, const std::string& digest) const;
  void drop_short_name(const std::string& kind, const std::string& digest) const;

 private:
  std::string root_;
  std::string images_;
  mutable base::Synchronized<std::map<std::string, std::shared_ptr<const StoredImage>>> loaded_;  // by manifest digest
};

bool exists(const std::string& path);

// Chain IDs of the layers, lowest first: what identifies a layer together with all below it.
// https://github.com/opencontainers/image-spec/blob/main/config.md#layer-chainid
std::vector<std::string> chain_ids(const std::vector<std::string>& diff_ids);

}  // namespace runtime::image
