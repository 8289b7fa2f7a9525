// What of the store no image needs, moved out of the way under the index lock and deleted after it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "runtime/image/layout.h"

namespace runtime::image {

// Blobs (by digest), layers (by diff ID) and chains (by chain ID).
struct Needs {
  std::set<std::string> blobs;
  std::set<std::string> layers;
  std::set<std::string> chains;
};
void add_needs(Needs& needs, const StoredImage& image);

// A folder below tmp/ that takes what goes; its destruction deletes that. It also marks, for the next open(), that a
// removal was under way. The caller holds the work lock for as long as this lives.
class Trash {
 public:
  static base::Result<Trash> create(const Layout& layout);
  Trash(Trash&& other) noexcept : folder_(std::exchange(other.folder_, {})) {}
  ~Trash();
  Trash& operator=(Trash&&) = delete;

  // Takes what is in `unwanted` and not in `wanted`, with its short names.
  base::Status take(const Layout& layout, const Needs& unwanted, const Needs& wanted);

 private:
  explicit Trash(std::string folder) : folder_(std::move(folder)) {}
  std::string folder_;
};

// Everything that the store holds.
base::Result<Needs> all_present(const Layout& layout);

// Under the index lock: moves those of the candidates into the trash that no image of the index needs; nothing where an
// image is damaged, since it may need anything.
base::Status discard_unneeded(const Layout& layout, const Needs& candidates, Trash& trash);

// Under the exclusive work and index locks: deletes what interrupted imports and removals left.
base::Status sweep(const Layout& layout);

}  // namespace runtime::image
