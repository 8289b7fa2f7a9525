// Reading files of a container's root before that root is mounted anywhere: overlay exists only inside the container's
// own mount namespace, so the agent looks a path up through the image's layers as overlayfs would show it.
#pragma once

#include <sys/stat.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/unique_fd.h"

namespace runtime::oci {

// A container's root as a tree of files.
class RootFiles {
 public:
  RootFiles() = default;
  RootFiles(const RootFiles&) = delete;
  RootFiles& operator=(const RootFiles&) = delete;
  virtual ~RootFiles() = default;

  // Opens a regular file for reading, as a process chrooted there would find it (links stay inside). The path may start
  // with a slash or not. kNotFound when there is no such file, kInvalidArgument when it is not a regular file.
  virtual base::Result<base::UniqueFd> open(std::string_view path) const = 0;
  // The attributes of what is there, after following links; kNotFound when nothing is.
  virtual base::Result<struct stat> stat(std::string_view path) const = 0;
};

// A root that is one folder on the host.
class FolderRoot : public RootFiles {
 public:
  explicit FolderRoot(base::UniqueFd folder) : folder_(std::move(folder)) {}
  base::Result<base::UniqueFd> open(std::string_view path) const override;
  base::Result<struct stat> stat(std::string_view path) const override;

 private:
  base::UniqueFd folder_;
};

// The merged view of overlay layers (Documentation/filesystems/overlayfs.rst): folders of the same path are one; a
// character device 0/0 hides the name in the layers below it; a folder with trusted.overlay.opaque=y hides those below.
// Symbolic links are resolved in the merged view, at most 40 of them. Immutable after construction: any thread.
class LayeredRoot : public RootFiles {
 public:
  // Folder descriptors (O_PATH will do), top layer first; a container's upper folder may be the first of them.
  explicit LayeredRoot(std::vector<base::UniqueFd> layers);
  base::Result<base::UniqueFd> open(std::string_view path) const override;
  base::Result<struct stat> stat(std::string_view path) const override;

 private:
  std::shared_ptr<std::vector<base::UniqueFd>> layers_;  // never changed
};

// Descriptors for LayeredRoot of the layers that Extension::Rootfs and image::LowerLayers name: our own folders, whose
// names may be links. Top first, as given.
base::Result<std::vector<base::UniqueFd>> open_layers(const std::string& folder, const std::vector<std::string>& names);

}  // namespace runtime::oci
