#include "runtime/image/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <vector>

#include "base/path.h"
#include "base/sys.h"
#include "runtime/image/attributes.h"
#include "runtime/image/folder_stack.h"
#include "runtime/image/tar_reader.h"

namespace runtime::image {

namespace {

using base::Code;
using base::fail;
using base::fail_errno;
using base::Result;
using base::Status;
using base::UniqueFd;

constexpr std::string_view kWhiteoutPrefix = ".wh.";
constexpr std::string_view kOpaqueName = ".wh..wh..opq";
constexpr std::string_view kAufsPrefix = ".wh..wh.";
constexpr uint64_t kBlock = 4096;

// What every type of entry has, read once.
struct Entry {
  struct archive_entry* raw = nullptr;
  std::string path;  // cleaned
  mode_t mode = 0;   // permission bits with setuid, setgid and sticky
  uid_t uid = 0;
  gid_t gid = 0;
  struct timespec mtime{};
  Xattrs xattrs;
};

Result<Xattrs> read_xattrs(struct archive_entry* raw) {
  Xattrs xattrs;
  archive_entry_xattr_reset(raw);
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  while (archive_entry_xattr_next(raw, &name, &value, &size) == ARCHIVE_OK) {
    if (TRY(wanted_xattr(name))) xattrs[name].assign(static_cast<const char*>(value), size);
  }
  return xattrs;
}

Result<Entry> read_entry(struct archive_entry* raw) {
  Entry entry{.raw = raw};
  entry.path = TRY(clean_entry_name(entry_name(raw)));
  entry.mode = archive_entry_perm(raw) & 07777U;
  const int64_t uid = archive_entry_uid(raw);
  const int64_t gid = archive_entry_gid(raw);
  // The highest id means "leave as it is" to chown(2) and is no one's.
  constexpr int64_t kNobodyId = UINT32_MAX;
  if (uid < 0 || uid >= kNobodyId || gid < 0 || gid >= kNobodyId) {
    return fail(Code::kInvalidArgument, "owner ", uid, ":", gid, " is out of range");
  }
  entry.uid = static_cast<uid_t>(uid);
  entry.gid = static_cast<gid_t>(gid);
  entry.mtime = {.tv_sec = archive_entry_mtime(raw), .tv_nsec = archive_entry_mtime_nsec(raw)};
  entry.xattrs = TRY(read_xattrs(raw));
  return entry;
}

template <typename Container>
void erase_in(Container& paths, const std::string& folder) {
  std::erase_if(paths, [&](const auto& element) {
    if constexpr (requires { element.first; }) {
      return is_in(element.first, folder);
    } else {
      return is_in(element, folder);
    }
  });
}

class Unpacker {
 public:
  Unpacker(TarReader& tar, int root) : tar_(tar), root_(root), folders_(root) {}

  Status start();
  Status add(const Entry& entry);
  Result<LayerNotes> finish();

 private:
  Result<int> parent_for(const std::string& path);
  Status make_implied(int parent, const std::string& name, const std::string& path, int why);
  Status clear_place(int parent, const std::string& name, const std::string& path);

  Status add_folder(const Entry& entry);
  Status add_file(const Entry& entry);
  Status add_hard_link(const Entry& entry, const std::string& target_name);
  Status add_symlink(const Entry& entry);
  Status add_node(const Entry& entry, mode_t type);
  Status add_whiteout(const std::string& folder, std::string_view name);
  Status add_opaque(const std::string& folder);

  Result<uint64_t> write_content(const Entry& entry, int file);
  Status set_attributes(const Entry& entry, const Place& place);
  Status drop_stale_notes();

  TarReader& tar_;
  int root_;
  FolderStack folders_;
  LayerNotes notes_;
  std::map<std::string, struct timespec> folder_times_;
};

Status Unpacker::start() {
  notes_.implied.insert("");
  notes_.inodes = 1;
  TRY(base::sys::fchown(root_, 0, 0));
  return base::sys::fchmod(root_, 0755);
}

// Makes a folder for entries below it: where nothing is, and where a file or a deletion mark is in the way. A symbolic
// link in the way is refused: its place and the file's would depend on who unpacks.
Status Unpacker::make_implied(int parent, const std::string& name, const std::string& path, int why) {
  bool hides_lower = false;
  if (why == ENOTDIR) {
    const struct stat info = TRY(base::sys::fstatat(parent, name, AT_SYMLINK_NOFOLLOW));
    if (S_ISLNK(info.st_mode)) {
      return fail(Code::kInvalidArgument, "goes through \"", path,
                  "\", which is a symbolic link in the same layer; refused");
    }
    hides_lower = is_whiteout(info);
    TRY(base::sys::unlinkat(parent, name, 0));
  } else if (why != ENOENT) {
    return fail_errno(why, "open folder ", path);
  }
  TRY(base::sys::mkdirat(parent, name, 0755));
  if (::fchownat(parent, name.c_str(), 0, 0, AT_SYMLINK_NOFOLLOW) < 0) return fail_errno(errno, "set the owner");
  if (::fchmodat(parent, name.c_str(), 0755, 0) < 0) return fail_errno(errno, "set the mode");
  if (hides_lower) TRY(set_opaque({.folder = parent, .name = name}));
  notes_.links_across.erase(path);
  notes_.implied.insert(path);
  notes_.inodes += 1;
  notes_.bytes += kBlock;
  return {};
}

Result<int> Unpacker::parent_for(const std::string& path) {
  return folders_.walk(parent_of(path),
                       [this](int parent, const std::string& name, const std::string& folder, int why) -> Status {
                         return make_implied(parent, name, folder, why);
                       });
}

// The last entry of a name wins: removes what an earlier one left there.
Status Unpacker::clear_place(int parent, const std::string& name, const std::string& path) {
  notes_.links_across.erase(path);
  if (::unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) return {};
  if (errno != EISDIR && errno != EPERM) return fail_errno(errno, "replace an earlier entry of this name");
  folders_.forget(path);
  erase_in(notes_.implied, path);
  erase_in(notes_.links_across, path);
  erase_in(folder_times_, path);
  return base::remove_tree(base::concat("/proc/self/fd/", parent, "/", name));
}

Status Unpacker::set_attributes(const Entry& entry, const Place& place) {
  for (const auto& [name, value] : entry.xattrs) TRY(set_xattr(place, name, value));
  return set_mtime(place, entry.mtime);
}

Status Unpacker::add_folder(const Entry& entry) {
  int parent = root_;
  std::string name = ".";
  if (!entry.path.empty()) {
    parent = TRY(parent_for(entry.path));
    name = last_of(entry.path);
    struct stat info{};
    const bool present = ::fstatat(parent, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
    if (!present || !S_ISDIR(info.st_mode)) {
      const bool hides_lower = present && is_whiteout(info);
      TRY(clear_place(parent, name, entry.path));
      TRY(base::sys::mkdirat(parent, name, 0700));
      if (hides_lower) TRY(set_opaque({.folder = parent, .name = name}));
      notes_.inodes += 1;
      notes_.bytes += kBlock;
    }
  }
  const UniqueFd folder = TRY(base::sys::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  const Place place{.folder = folder.get(), .name = ""};
  // A second entry of this folder replaces all that the first one said.
  if (folder_times_.contains(entry.path)) {
    for (const auto& [attribute, value] : TRY(list_xattrs(place))) {
      if (attribute != kOpaqueAttribute) TRY(remove_xattr(place, attribute));
    }
  }
  TRY(base::sys::fchown(folder.get(), entry.uid, entry.gid));
  TRY(base::sys::fchmod(folder.get(), entry.mode));
  for (const auto& [attribute, value] : entry.xattrs) TRY(set_xattr(place, attribute, value));
  notes_.implied.erase(entry.path);
  folder_times_[entry.path] = entry.mtime;
  return {};
}

// Writes the blocks where they belong, leaving holes between them; gives the bytes written.
Result<uint64_t> Unpacker::write_content(const Entry& entry, int file) {
  uint64_t written = 0;
  int64_t at = 0;
  while (const std::optional<TarReader::Block> block = TRY(tar_.block())) {
    if (block->data.empty()) continue;
    if (block->offset != at && ::lseek(file, block->offset, SEEK_SET) < 0) return fail_errno(errno, "seek");
    TRY(base::sys::write_all(file, {block->data.data(), block->data.size()}));
    at = block->offset + static_cast<int64_t>(block->data.size());
    written += block->data.size();
  }
  const int64_t size = archive_entry_size(entry.raw);
  if (at < size && ::ftruncate(file, size) < 0) return fail_errno(errno, "set the size ", size);
  return written;
}

Status Unpacker::add_file(const Entry& entry) {
  const int parent = TRY(parent_for(entry.path));
  const std::string name(last_of(entry.path));
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  Result<UniqueFd> file = base::sys::openat(parent, name, kFlags, 0600);
  if (!file && file.error().os_errno() == EEXIST) {
    TRY(clear_place(parent, name, entry.path));
    file = base::sys::openat(parent, name, kFlags, 0600);
  }
  if (!file) return std::unexpected(std::move(file).error());
  notes_.links_across.erase(entry.path);
  const uint64_t written = TRY(write_content(entry, file->get()));
  // Owner, then mode, then capabilities: each step takes away the later ones.
  TRY(base::sys::fchown(file->get(), entry.uid, entry.gid));
  TRY(base::sys::fchmod(file->get(), entry.mode));
  for (const auto& [attribute, value] : entry.xattrs) TRY(set_xattr({parent, name}, attribute, value));
  const struct timespec times[2] = {entry.mtime, entry.mtime};
  if (::futimens(file->get(), times) < 0) return fail_errno(errno, "set the time");
  notes_.inodes += 1;
  notes_.bytes += (written + kBlock - 1) / kBlock * kBlock;
  return {};
}

Status Unpacker::add_hard_link(const Entry& entry, const std::string& target_name) {
  const std::string target = TRY(clean_entry_name(target_name), "hard link to \"", target_name, "\"");
  if (target.empty() || target == entry.path) {
    return fail(Code::kInvalidArgument, "hard link to \"", target_name, "\", which cannot be linked to");
  }
  const int parent = TRY(parent_for(entry.path));
  const std::string name(last_of(entry.path));
  const std::string folder(parent_of(target));
  const Result<UniqueFd> target_parent =
      base::open_beneath_no_links(root_, folder.empty() ? "." : folder, O_PATH | O_DIRECTORY);
  if (!target_parent && target_parent.error().os_errno() == ELOOP) {
    return fail(Code::kInvalidArgument, "hard link to \"", target_name,
                "\", which goes through a symbolic link in the same layer; refused");
  }
  struct stat info{};
  const std::string target_last(last_of(target));
  if (!target_parent || ::fstatat(target_parent->get(), target_last.c_str(), &info, AT_SYMLINK_NOFOLLOW) < 0) {
    if (target_name.starts_with('/')) {
      return fail(Code::kInvalidArgument, "hard link to the absolute name \"", target_name,
                  "\", which is not in the layer; refused");
    }
    // A link to a name that is itself a link to a lower layer means the same file.
    const auto across = notes_.links_across.find(target);
    const std::string lower_target = across == notes_.links_across.end() ? target : across->second;
    TRY(clear_place(parent, name, entry.path));
    notes_.links_across[entry.path] = lower_target;
    return {};
  }
  if (S_ISDIR(info.st_mode) || is_whiteout(info)) {
    return fail(Code::kInvalidArgument, "hard link to \"", target_name, "\", which is ",
                S_ISDIR(info.st_mode) ? "a folder" : "deleted");
  }
  TRY(clear_place(parent, name, entry.path));
  if (::linkat(target_parent->get(), target_last.c_str(), parent, name.c_str(), 0) == 0) return {};
  return fail_errno(errno, "make a hard link to ", target);
}

Status Unpacker::add_symlink(const Entry& entry) {
  const int parent = TRY(parent_for(entry.path));
  const std::string name(last_of(entry.path));
  TRY(clear_place(parent, name, entry.path));
  TRY(base::sys::symlinkat(entry_symlink(entry.raw), parent, name));
  if (::fchownat(parent, name.c_str(), entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW) < 0) {
    return fail_errno(errno, "set the owner");
  }
  notes_.inodes += 1;
  return set_attributes(entry, {.folder = parent, .name = name});
}

Status Unpacker::add_node(const Entry& entry, mode_t type) {
  const dev_t device = type == S_IFIFO ? 0
                                       : makedev(static_cast<unsigned>(archive_entry_rdevmajor(entry.raw)),
                                                 static_cast<unsigned>(archive_entry_rdevminor(entry.raw)));
  if (type == S_IFCHR && device == makedev(0, 0)) {
    return fail(Code::kInvalidArgument, "a character device 0:0 is overlayfs' mark for a deleted file; refused");
  }
  const int parent = TRY(parent_for(entry.path));
  const std::string name(last_of(entry.path));
  TRY(clear_place(parent, name, entry.path));
  if (::mknodat(parent, name.c_str(), type | 0600U, device) < 0) return fail_errno(errno, "make a device or fifo");
  if (::fchownat(parent, name.c_str(), entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW) < 0) {
    return fail_errno(errno, "set the owner");
  }
  if (::fchmodat(parent, name.c_str(), entry.mode, 0) < 0) return fail_errno(errno, "set the mode");
  notes_.inodes += 1;
  return set_attributes(entry, {.folder = parent, .name = name});
}

// A whiteout speaks of the lower layers only: what this layer itself puts there stays, a folder without what was below.
Status Unpacker::add_whiteout(const std::string& folder, std::string_view hidden) {
  const std::string name(hidden);
  if (name.empty() || name == "." || name == "..") {
    return fail(Code::kInvalidArgument, "a whiteout of \"", name, "\"; refused");
  }
  const std::string path = folder.empty() ? name : base::concat(folder, "/", name);
  const int parent = TRY(parent_for(path));
  if (notes_.links_across.contains(path)) return {};
  struct stat info{};
  if (::fstatat(parent, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) {
    if (S_ISDIR(info.st_mode)) return set_opaque({.folder = parent, .name = name});
    return {};
  }
  if (::mknodat(parent, name.c_str(), S_IFCHR, makedev(0, 0)) < 0) return fail_errno(errno, "make a whiteout");
  notes_.inodes += 1;
  return {};
}

Status Unpacker::add_opaque(const std::string& folder) {
  if (folder.empty()) {
    notes_.opaque_root = true;
    return {};
  }
  const int opened = TRY(parent_for(base::concat(folder, "/x")));
  return set_opaque({.folder = opened, .name = ""});
}

Status Unpacker::add(const Entry& entry) {
  const std::string name(last_of(entry.path));
  if (name == kOpaqueName) return add_opaque(std::string(parent_of(entry.path)));
  if (name.starts_with(kAufsPrefix)) return {};
  if (name.starts_with(kWhiteoutPrefix)) {
    return add_whiteout(std::string(parent_of(entry.path)), std::string_view(name).substr(kWhiteoutPrefix.size()));
  }
  const auto type = archive_entry_filetype(entry.raw);
  const std::optional<std::string> link_target = entry_hardlink(entry.raw);
  if (entry.path.empty() && (link_target || type != AE_IFDIR)) {
    return fail(Code::kInvalidArgument, "the root must be a folder");
  }
  if (link_target) return add_hard_link(entry, *link_target);
  switch (type) {
    case AE_IFDIR:
      return add_folder(entry);
    case AE_IFREG:
      return add_file(entry);
    case AE_IFLNK:
      return add_symlink(entry);
    case AE_IFCHR:
      return add_node(entry, S_IFCHR);
    case AE_IFBLK:
      return add_node(entry, S_IFBLK);
    case AE_IFIFO:
      return add_node(entry, S_IFIFO);
    case AE_IFSOCK:
      return fail(Code::kInvalidArgument, "a socket, which no layer can hold");
    default:
      return fail(Code::kInvalidArgument, "an entry of unknown type ", static_cast<unsigned>(type));
  }
}

// Notes about places that a later entry took: a link whose folder has become a file, a folder that has gone.
Status Unpacker::drop_stale_notes() {
  std::erase_if(notes_.implied, [this](const std::string& path) {
    return !path.empty() && !base::open_beneath_no_links(root_, path, O_PATH | O_DIRECTORY);
  });
  std::erase_if(notes_.links_across, [this](const auto& link) {
    const std::string folder(parent_of(link.first));
    return !base::open_beneath_no_links(root_, folder.empty() ? "." : folder, O_PATH | O_DIRECTORY);
  });
  return {};
}

Result<LayerNotes> Unpacker::finish() {
  TRY(drop_stale_notes());
  // Folders' own times come last, since everything made in them changed those. Implied ones get a fixed time, so that
  // unpacking the same layer again gives the same folder.
  for (const std::string& path : notes_.implied) folder_times_.try_emplace(path);
  for (const auto& [path, time] : folder_times_) {
    const Result<UniqueFd> folder = base::open_beneath_no_links(root_, path.empty() ? "." : path, O_PATH | O_DIRECTORY);
    if (!folder) continue;  // replaced by a later entry
    TRY(set_mtime({.folder = folder->get(), .name = ""}, time), path);
  }
  return std::move(notes_);
}

}  // namespace

Result<std::string> clean_entry_name(std::string_view name) {
  std::string clean;
  if (name.empty()) return fail(Code::kInvalidArgument, "an entry without a name");
  std::string_view rest = name;
  while (!rest.empty()) {
    const size_t slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (clean.empty()) {
        return fail(Code::kInvalidArgument, "the name \"", name, "\" leads out of the image; refused");
      }
      clean = parent_of(clean);
      continue;
    }
    if (!clean.empty()) clean += '/';
    clean += part;
  }
  return clean;
}

Result<LayerNotes> unpack_layer(LayerStream& stream, int folder, std::function<Status()> tick) {
  TarReader tar(stream, std::move(tick));
  Unpacker unpacker(tar, folder);
  TRY(unpacker.start());
  while (struct archive_entry* raw = TRY(tar.next())) {
    const Entry entry = TRY(read_entry(raw), "entry \"", entry_name(raw), "\"");
    TRY(unpacker.add(entry), "entry \"", entry.path, "\"");
  }
  TRY(tar.drain());
  return unpacker.finish();
}

}  // namespace runtime::image
