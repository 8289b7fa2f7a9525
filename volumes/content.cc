#include "volumes/content.h"

#include <fcntl.h>

#include <cerrno>

#include "base/path.h"
#include "base/sys.h"
#include "volumes/atomic_writer.h"
#include "volumes/folder.h"

namespace volumes {

namespace {

// No link is followed: what the volume shows stands behind links, and is swapped for other content.
base::Status make_mount_point(int volume, const std::string& path) {
  for (size_t end = path.find('/'); true; end = path.find('/', end + 1)) {
    const std::string upper = path.substr(0, end);
    const size_t slash = upper.rfind('/');
    const bool at_top = slash == std::string::npos;
    const base::UniqueFd parent =
        TRY(base::open_beneath_no_links(volume, at_top ? "" : upper.substr(0, slash), O_RDONLY | O_DIRECTORY));
    const base::Status made = base::sys::mkdirat(parent.get(), at_top ? upper : upper.substr(slash + 1), 0755);
    if (!made && made.error().os_errno() != EEXIST) return made;
    if (end == std::string::npos) break;
  }
  TRY(base::open_beneath_no_links(volume, path, O_RDONLY | O_DIRECTORY));
  return {};
}

}  // namespace

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
  for (const std::string& mount_point : source.mount_points)
    TRY(make_mount_point(volume.get(), mount_point), "make ", mount_point, " in ", path,
        " for the volume that is mounted there (it must not lie in what the volume itself shows)");
  return {};
}

}  // namespace volumes
