#include "volumes/content.h"

#include <fcntl.h>

#include "base/sys.h"
#include "volumes/atomic_writer.h"
#include "volumes/folder.h"

namespace volumes {

const char* content_folder(ContentKind kind) {
  switch (kind) {
    case ContentKind::kConfigMap:
      break;
    case ContentKind::kSecret:
      return "kubernetes.io~secret";
    case ContentKind::kDownwardApi:
      return "kubernetes.io~downward-api";
    case ContentKind::kProjected:
      return "kubernetes.io~projected";
  }
  return "kubernetes.io~configmap";
}

base::Status set_up_content(const ContentSource& source, const std::string& path) {
  TRY(check_files(source.files));
  TRY(make_folder(path));
  // Sized as the node's memory, as the kubelet has it: containers cannot write there, so the content (which may grow,
  // and is there twice during a swap) is all that it ever holds, and no update fails for want of room.
  if (source.kind != ContentKind::kConfigMap) TRY(mount_memory(path, std::nullopt));
  const base::UniqueFd volume = TRY(base::sys::open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  TRY(write_files(volume.get(), source.files), "write the files of ", path);
  return {};
}

}  // namespace volumes
