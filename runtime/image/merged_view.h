// MergedView: what a path shows in layers put on top of each other, found by the rules of overlayfs (whiteouts, opaque
// folders, folders merge, all else hides) without mounting anything.
#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "base/unique_fd.h"

namespace runtime::image {

class MergedView {
 public:
  // Top-most first; borrowed descriptors of the layers' root folders.
  explicit MergedView(std::vector<int> layers) : layers_(std::move(layers)) {}

  struct Found {
    bool exists = false;
    struct stat info{};
    std::string path;       // where it really is, without links on the way
    base::UniqueFd folder;  // the folder that holds it, in the layer that shows it; the root itself for ""
    std::string name;       // in that folder; "" for the root
  };

  // The object itself; a symbolic link anywhere before its last component means "not there".
  base::Result<Found> find(const std::string& path) const;
  // As a process chrooted to the view would reach it: links before the last component are followed, and the last one
  // too when follow_last is set.
  base::Result<Found> resolve(const std::string& path, bool follow_last) const;

 private:
  std::vector<int> layers_;
};

}  // namespace runtime::image
