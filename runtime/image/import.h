// The four forms that an image can be imported from. Each reads its source into the staging and says which images it
// holds; unpacking and publishing are the same for all.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "runtime/image/staging.h"
#include "runtime/image/store.h"

namespace runtime::image {

// The files of an archive or an image folder, by the path they have there.
class ImageFiles {
 public:
  virtual ~ImageFiles() = default;
  virtual bool has(const std::string& path) const = 0;
  // The file as part of the staging, hashed. kInvalidArgument where it is missing.
  virtual base::Result<StagedFile> stage(const std::string& path) = 0;
};

// A tar archive (compressed or not), read to its end at once: an archive may hold its table of contents last.
base::Result<std::unique_ptr<ImageFiles>> open_archive(const std::string& path, Staging& staging);
// A folder, read as files are asked for.
base::Result<std::unique_ptr<ImageFiles>> open_folder(const std::string& path, Staging& staging);

// kInvalidArgument, kFailedPrecondition (platform). References are those that the source itself gives.
base::Result<std::vector<NewImage>> read_oci(ImageFiles& files, Staging& staging);
base::Result<std::vector<NewImage>> read_docker(ImageFiles& files, Staging& staging);
base::Result<NewImage> read_root_folder(const std::string& path, Staging& staging);

// All of them: finds out which form the path has.
base::Result<std::vector<NewImage>> read_images(const std::string& path, Staging& staging);

}  // namespace runtime::image
