#include "agent/cli/manifest_file.h"

#include <unistd.h>

#include "base/file.h"

namespace agent::cli {

base::Result<ManifestFile> read_manifest_file(const std::string& file) {
  constexpr size_t kLimit = 11UL << 20;  // beyond what the decoder takes, so that it says so
  if (file == "-")
    return ManifestFile{"<stdin>", TRY(base::read_fd(STDIN_FILENO, kLimit), "read the manifest from standard input")};
  return ManifestFile{file, TRY(base::read_file(file, kLimit))};
}

}  // namespace agent::cli
