// The files that hold manifests.
#pragma once

#include <string>

#include "base/error.h"

namespace agent::cli {

struct ManifestFile {
  std::string name;  // as faults are prefixed with: "<stdin>" for "-"
  std::string text;
};
base::Result<ManifestFile> read_manifest_file(const std::string& file);

}  // namespace agent::cli
