#include "runtime/service/mount_sources.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "base/file.h"
#include "base/sys.h"

namespace runtime::service {

using base::Code;
using base::Result;
using base::Status;
using base::UniqueFd;

namespace {

bool has(const oci::Mount& mount, std::string_view option) {
  return std::ranges::find(mount.options, option) != mount.options.end();
}

// Without it what is mounted later would be seen on one side only, and nobody would know why.
Status check_sharing(const oci::Mount& mount) {
  const bool gives = has(mount, "rshared");
  if (!gives && !has(mount, "rslave")) return {};
  const UniqueFd source = TRY(base::sys::open(mount.source, O_PATH));
  struct statx info{};
  if (::statx(source.get(), "", AT_EMPTY_PATH, STATX_MNT_ID, &info) < 0) {
    return base::fail_errno(errno, "look at ", mount.source);
  }
  const std::string table = TRY(base::read_file("/proc/self/mountinfo"), "look at the mounts of the node");
  const Sharing sharing = sharing_of(table, info.stx_mnt_id);
  if (gives ? sharing.gives : sharing.takes) return {};
  return base::fail(Code::kFailedPrecondition, "mountPropagation ", gives ? "Bidirectional" : "HostToContainer", " of ",
                    mount.destination, ": the mount that ", mount.source, " lies on shares nothing (`findmnt -o ",
                    "TARGET,PROPAGATION -T ", mount.source, "` shows it, `mount --make-rshared` changes it)");
}

}  // namespace

Sharing sharing_of(std::string_view mountinfo, uint64_t mount_id) {
  const std::string start = std::to_string(mount_id) + " ";
  while (!mountinfo.empty()) {
    std::string_view line = mountinfo.substr(0, mountinfo.find('\n'));
    mountinfo.remove_prefix(std::min(line.size() + 1, mountinfo.size()));
    if (!line.starts_with(start)) continue;
    // The optional fields end with a single hyphen; no path before it holds a blank.
    line = line.substr(0, line.find(" - "));
    const bool gives = line.find(" shared:") != std::string_view::npos;
    return {.gives = gives, .takes = gives || line.find(" master:") != std::string_view::npos};
  }
  return {};
}

Result<UniqueFd> detach_source(const oci::Mount& mount) {
  const std::string what = base::concat("mount ", mount.source, " on ", mount.destination);
  TRY(check_sharing(mount), what);
  const unsigned recursive = has(mount, "rbind") ? AT_RECURSIVE : 0U;
  return TRY(base::sys::open_tree(AT_FDCWD, mount.source, OPEN_TREE_CLONE | recursive), what);
}

}  // namespace runtime::service
