#include "volumes/empty_dir.h"

#include "volumes/folder.h"

namespace volumes {

base::Status set_up_empty_dir(const EmptyDirSource& source, const std::string& path) {
  TRY(make_folder(path));
  if (source.memory) TRY(mount_memory(path, source.size_limit));
  return {};
}

}  // namespace volumes
