// Store: the images of one --root, content-addressed.
//
// On disk (<root>/images, mode 0700):
//   oci-layout, index.json, blobs/sha256/   an OCI image layout; one index entry per reference
//   layers/<diff-id>/fs                     each layer unpacked by itself
//   chains/<chain-id>/fs                    what a layer needs from those below it, settled (runtime/image/settle.h)
//   l/<short name>                          symbolic links to both, for overlayfs' lowerdir=
//   tmp/                                    imports under way and what is being removed
// A layer, a blob or an image is whole or absent, also after a power cut: it is made in tmp/, synced and renamed in,
// and index.json is replaced last.
//
// Thread-safe, and safe between processes. <root>/locks/images-index is held (flock) for as long as index.json or what
// it refers to changes; <root>/locks/images-work is held shared by whoever has files in tmp/, so that open() sweeps
// leftovers only when nobody does. Lock order: work before index.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "runtime/image/image.h"
#include "runtime/image/reference.h"

namespace runtime::image {

// How far an import has come with one layer.
struct Progress {
  std::string layer;  // diff ID, or the archive's path while it is being read
  int64_t done_bytes = 0;
  int64_t total_bytes = 0;  // 0 where unknown
};

struct ImportOptions {
  // The reference to give the image; empty: the names that the archive holds. Refused (kInvalidArgument) where the
  // archive holds several images.
  std::string name;
  std::function<void(const Progress&)> progress;  // may be empty; called on the importing thread
  std::function<bool()> cancelled;                // may be empty; true ends the import with kCancelled
};

struct Imported {
  std::string id;                       // "sha256:…"
  std::vector<std::string> references;  // normalised; empty where neither the archive nor the caller named the image
};

// Tells whether a container uses the image with this ID. Called under the index lock, while nobody can hold() the
// image: it has to look at what is on record then.
using InUse = std::function<bool(const std::string& image_id)>;

struct Removed {
  std::vector<std::string> untagged;  // normalised references that are gone
  bool deleted = false;               // the image itself went too
};

struct Usage {
  uint64_t bytes = 0;
  uint64_t inodes = 0;
};

class Store {
 public:
  // Opens or makes the store below root and removes what interrupted imports and removals left.
  // kFailedPrecondition: written by a newer version.
  static base::Result<std::unique_ptr<Store>> open(const std::string& root);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Brings in every image of a docker-archive, an oci-archive (either compressed or not), an OCI layout folder, or a
  // root folder. kInvalidArgument: not an image, damaged or hostile; kFailedPrecondition: for another platform;
  // kResourceExhausted: disk full. Nothing is left behind by a failure.
  base::Result<std::vector<Imported>> import(const std::string& path, const ImportOptions& options);

  // By reference, by image ID with or without "sha256:", or by a prefix of an ID that fits only one image (at least
  // three digits). A reference wins over a prefix. kNotFound; kInvalidArgument for an ambiguous prefix.
  base::Result<Image> resolve(const std::string& reference_or_id) const;
  // Sorted by first reference, unnamed ones last.
  base::Result<std::vector<Image>> list() const;

  // By reference: takes that reference away; by ID: all of the image's. When no reference is left the image goes, with
  // every blob and layer that no other image needs. An image in use loses its references only, stays in list() without
  // them, and goes with the first collect() that finds it unused. kNotFound.
  base::Result<Removed> remove(const std::string& reference_or_id, const InUse& in_use);
  // Deletes the images that remove() had to leave and that nobody uses any more; gives their IDs.
  base::Result<std::vector<std::string>> collect(const InUse& in_use);

  // Keeps remove() and collect() of every process from deleting the image while the lock lives: for the time between
  // resolving an image and having the container on record.
  base::Result<base::FileLock> hold(const std::string& image_id) const;

  base::Status set_pinned(const std::string& reference_or_id, bool pinned);

  // The image's layers for an overlay mount.
  base::Result<LowerLayers> lower_layers(const Image& image) const;

  // Writes the image as an uncompressed oci-archive. By reference: under that name; by ID: under all its names.
  base::Status export_archive(const std::string& reference_or_id, int fd) const;

  // What the whole store takes; layers as estimated when they were unpacked (blocks of 4 KiB).
  base::Result<Usage> usage() const;

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace runtime::image
