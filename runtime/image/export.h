// An image of the store as an oci-archive.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "runtime/image/layout.h"

namespace runtime::image {

// Writes oci-layout, index.json (one entry for each reference, or one without a name) and the image's blobs, each
// checked against its digest while it is copied (kDataLoss).
base::Status write_oci_archive(const Layout& layout, const StoredImage& image,
                               const std::vector<std::string>& references, int out);

}  // namespace runtime::image
