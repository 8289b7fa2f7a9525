// What containers' writable layers take of the disk: counted by walking through them, and remembered.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/synchronized.h"
#include "cri-proto/service.h"

namespace runtime::service {

struct LayerUsage {
  uint64_t bytes = 0;  // of blocks on the disk
  uint64_t inodes = 0;
  base::WallTime at;  // when it was counted
};

// Counts a folder with all that is in it, however deep; a file with several names once. Other file systems and what
// links point to are left out. Names that come or go meanwhile are no error. kNotFound when there is no such folder;
// kDeadlineExceeded or kCancelled as the context says.
base::Result<LayerUsage> count_layer(const cri::CallContext& context, const std::string& folder);

// When the next walk is due: not before ten seconds, nor before a hundred times as long as the last one took.
base::Monotonic next_walk(base::Monotonic began, base::Monotonic ended);

// Thread-safe. One walk of a layer at a time.
class LayerUsages {
 public:
  explicit LayerUsages(const base::Clock& clock) : clock_(clock) {}

  // As it was counted last, after a walk if one is due; nullopt where it could not be counted yet.
  std::optional<LayerUsage> of(const cri::CallContext& context, const std::string& container,
                               const std::string& folder);
  // Forgets all others.
  void keep_only(const std::set<std::string>& containers);

 private:
  struct Entry {
    std::optional<LayerUsage> usage;
    std::optional<base::Monotonic> next;
    bool walking = false;
  };
  const base::Clock& clock_;
  base::Synchronized<std::map<std::string, Entry>> entries_;
};

}  // namespace runtime::service
