#include "volumes/host_path.h"

#include <sys/stat.h>

#include <cerrno>

#include "base/path.h"
#include "base/sys.h"

namespace volumes {

namespace {

struct Kind {
  mode_t type;
  const char* words;
};

Kind kind_of(HostPathCheck check) {
  switch (check) {
    case HostPathCheck::kNone:
      break;
    case HostPathCheck::kDirectoryOrCreate:
    case HostPathCheck::kDirectory:
      return {S_IFDIR, "directory"};
    case HostPathCheck::kFileOrCreate:
    case HostPathCheck::kFile:
      return {S_IFREG, "file"};
    case HostPathCheck::kSocket:
      return {S_IFSOCK, "socket file"};
    case HostPathCheck::kCharDevice:
      return {S_IFCHR, "character device"};
    case HostPathCheck::kBlockDevice:
      return {S_IFBLK, "block device"};
  }
  return {0, ""};
}

base::Status create(const HostPathSource& source) {
  if (source.check != HostPathCheck::kFileOrCreate) return base::make_dirs(source.path, 0755);
  auto made = base::sys::open(source.path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644);
  if (!made && made.error().os_errno() != EEXIST) return std::unexpected(std::move(made.error()));
  return {};
}

}  // namespace

base::Status set_up_host_path(const HostPathSource& source) {
  const Kind kind = kind_of(source.check);
  // Without a type nothing is checked, and a missing path becomes a folder, as containerd and CRI-O make it.
  const bool unchecked = source.check == HostPathCheck::kNone;
  const bool may_create =
      unchecked || source.check == HostPathCheck::kDirectoryOrCreate || source.check == HostPathCheck::kFileOrCreate;
  base::Result<struct stat> found = base::sys::fstatat(AT_FDCWD, source.path, 0);
  if (!found && found.error().os_errno() == ENOENT && may_create) {
    TRY(create(source), "make hostPath ", source.path);
    found = base::sys::fstatat(AT_FDCWD, source.path, 0);
  }
  if (!found && found.error().os_errno() != ENOENT)
    return base::internal::propagate(std::move(found).error(), "check hostPath " + source.path);
  if (found && unchecked) return {};
  if (!found || (found->st_mode & S_IFMT) != kind.type)
    return base::fail(base::Code::kFailedPrecondition, "hostPath type check failed: ", source.path, " is not a ",
                      kind.words);
  return {};
}

}  // namespace volumes
