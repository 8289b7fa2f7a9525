// LayerWalk: counts what a container's writable layer takes of the disk, a slice of time after the other.
#pragma once

#include <dirent.h>
#include <sys/stat.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/unique_fd.h"

namespace runtime::service {

struct LayerUsage {
  uint64_t bytes = 0;  // of blocks on the disk
  uint64_t inodes = 0;
  base::WallTime at;  // when it was counted
};

// Counts a folder with all that is in it, however deep. Other file systems and what links point to are left out; names
// that come or go meanwhile are no error. Of a file with several names each name counts for its part: together they are
// the file, without it being remembered. (All names of a file in a layer are in it: it is mounted with index=off.)
// Needs memory for the folders that are still to be listed only, of which there are at most 100,000.
class LayerWalk {
 public:
  // kNotFound when there is no such folder.
  static base::Result<LayerWalk> begin(const std::string& folder);

  // True when it is over, false when the time is: go on. Gets on a little (256 names of a folder) whatever the time.
  // kResourceExhausted: too many folders side by side, or no descriptors.
  base::Result<bool> go_on(base::Monotonic until);
  // All of it once the walk is over; `at` is left to the caller.
  LayerUsage usage() const;

 private:
  struct Folder {
    std::shared_ptr<const base::UniqueFd> base;
    std::string path;  // below base
  };
  struct Listing {
    std::unique_ptr<DIR, int (*)(DIR*)> names;
    Folder folder;
  };

  explicit LayerWalk(dev_t device) : device_(device) {}
  void count(const struct stat& info);
  base::Status open_next();
  base::Status list_some();
  base::Status look_at(const std::string& name);

  dev_t device_;
  uint64_t bytes_ = 0;
  uint64_t inodes_ = 0;
  double parts_of_bytes_ = 0;  // of files with several names
  double parts_of_inodes_ = 0;
  std::vector<Folder> pending_;
  std::optional<Listing> listing_;
};

}  // namespace runtime::service
