#include "runtime/image/pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/sys.h"
#include "base/unique_fd.h"
#include "runtime/image/attributes.h"

namespace runtime::image {

namespace {

using base::Code;
using base::fail;
using base::fail_errno;
using base::Result;
using base::Status;
using base::UniqueFd;

using EntryPtr = std::unique_ptr<struct archive_entry, void (*)(struct archive_entry*)>;

class Packer {
 public:
  explicit Packer(const Sink& sink) : sink_(sink), archive_(archive_write_new(), archive_write_free) {}

  Status open();
  Status add_root(int root);
  Status add_folder(int folder, const std::string& path);
  Status close();

 private:
  static la_ssize_t put(struct archive* archive, void* self, const void* data, size_t size);
  Status check(int outcome);
  Status add(int parent, const std::string& name, const std::string& path);
  Status describe(struct archive_entry* entry, const Place& place, const struct stat& info);
  Status add_content(int file, const struct stat& info);

  const Sink& sink_;
  std::unique_ptr<struct archive, int (*)(struct archive*)> archive_;
  std::optional<base::Error> sink_failure_;
  std::map<std::pair<dev_t, ino_t>, std::string> linked_;  // files with several names: the first one met
  std::vector<char> buffer_ = std::vector<char>(1UL << 20);
};

la_ssize_t Packer::put(struct archive* /*archive*/, void* self_pointer, const void* data, size_t size) {
  auto* self = static_cast<Packer*>(self_pointer);
  Status written = self->sink_({static_cast<const char*>(data), size});
  if (written) return static_cast<la_ssize_t>(size);
  self->sink_failure_ = std::move(written).error();
  return -1;
}

Status Packer::check(int outcome) {
  // ARCHIVE_WARN: a name that is no UTF-8, which is written as the bytes it is.
  if (outcome == ARCHIVE_OK || outcome == ARCHIVE_WARN) return {};
  if (sink_failure_) return std::unexpected(*sink_failure_);
  const char* text = archive_error_string(archive_.get());
  return fail(Code::kInternal, "write the archive: ", text == nullptr ? "no details" : text);
}

Status Packer::open() {
  archive_write_set_format_pax(archive_.get());
  archive_write_set_bytes_per_block(archive_.get(), 1 << 20);
  archive_write_set_bytes_in_last_block(archive_.get(), 512);
  return check(archive_write_open(archive_.get(), this, nullptr, &Packer::put, nullptr));
}

Status Packer::close() { return check(archive_write_close(archive_.get())); }

Status Packer::describe(struct archive_entry* entry, const Place& place, const struct stat& info) {
  archive_entry_set_mode(entry, info.st_mode);
  archive_entry_set_uid(entry, info.st_uid);
  archive_entry_set_gid(entry, info.st_gid);
  archive_entry_set_mtime(entry, info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
  archive_entry_set_rdev(entry, info.st_rdev);
  for (const auto& [name, value] : TRY(list_xattrs(place))) {
    if (!TRY(wanted_xattr(name))) continue;
    archive_entry_xattr_add_entry(entry, name.c_str(), value.data(), value.size());
  }
  return {};
}

// libarchive leaves out what lies in the entry's holes, but wants to be given it.
Status Packer::add_content(int file, const struct stat& info) {
  for (off_t left = info.st_size; left > 0;) {
    const size_t got = TRY(base::sys::read(file, buffer_));
    if (got == 0) return fail(Code::kAborted, "the file became shorter while it was read");
    const size_t wanted = std::min(got, static_cast<size_t>(left));
    if (archive_write_data(archive_.get(), buffer_.data(), wanted) < 0) return check(ARCHIVE_FATAL);
    left -= static_cast<off_t>(wanted);
  }
  return {};
}

void add_data_ranges(struct archive_entry* entry, int file, off_t size) {
  off_t at = ::lseek(file, 0, SEEK_HOLE);
  if (at < 0 || at >= size) {
    ::lseek(file, 0, SEEK_SET);
    return;  // no holes
  }
  at = 0;
  while (at < size) {
    const off_t data = ::lseek(file, at, SEEK_DATA);
    if (data < 0) break;
    const off_t hole = ::lseek(file, data, SEEK_HOLE);
    archive_entry_sparse_add_entry(entry, data, hole - data);
    at = hole;
  }
  if (archive_entry_sparse_count(entry) == 0) archive_entry_sparse_add_entry(entry, size, 0);
  ::lseek(file, 0, SEEK_SET);
}

Status Packer::add(int parent, const std::string& name, const std::string& path) {
  const struct stat info = TRY(base::sys::fstatat(parent, name, AT_SYMLINK_NOFOLLOW));
  if (S_ISSOCK(info.st_mode)) return fail(Code::kInvalidArgument, "a socket, which no image can hold: remove it first");
  const EntryPtr entry(archive_entry_new(), archive_entry_free);
  archive_entry_set_pathname(entry.get(), path.c_str());
  TRY(describe(entry.get(), {.folder = parent, .name = name}, info));
  if (!S_ISDIR(info.st_mode) && info.st_nlink > 1) {
    const auto [first, is_new] = linked_.try_emplace({info.st_dev, info.st_ino}, path);
    if (!is_new) {
      archive_entry_set_hardlink(entry.get(), first->second.c_str());
      return check(archive_write_header(archive_.get(), entry.get()));
    }
  }
  if (S_ISLNK(info.st_mode)) {
    archive_entry_set_symlink(entry.get(), TRY(base::sys::readlinkat(parent, name)).c_str());
  }
  if (S_ISREG(info.st_mode)) {
    const UniqueFd file = TRY(base::sys::openat(parent, name, O_RDONLY | O_NOFOLLOW));
    archive_entry_set_size(entry.get(), info.st_size);
    add_data_ranges(entry.get(), file.get(), info.st_size);
    TRY(check(archive_write_header(archive_.get(), entry.get())));
    TRY(add_content(file.get(), info));
    return check(archive_write_finish_entry(archive_.get()));
  }
  TRY(check(archive_write_header(archive_.get(), entry.get())));
  if (!S_ISDIR(info.st_mode)) return {};
  const UniqueFd folder = TRY(base::sys::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  return add_folder(folder.get(), path);
}

Status Packer::add_root(int root) {
  const EntryPtr entry(archive_entry_new(), archive_entry_free);
  archive_entry_set_pathname(entry.get(), "./");
  const struct stat info = TRY(base::sys::fstat(root));
  TRY(describe(entry.get(), {.folder = root, .name = ""}, info));
  return check(archive_write_header(archive_.get(), entry.get()));
}

Status Packer::add_folder(int folder, const std::string& path) {
  DIR* raw = ::fdopendir(TRY(base::sys::openat(folder, ".", O_RDONLY | O_DIRECTORY)).release());
  if (raw == nullptr) return fail_errno(errno, "list folder");
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(raw, ::closedir);
  std::vector<std::string> names;
  while (const struct dirent* entry = ::readdir(listing.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  std::ranges::sort(names);
  for (const std::string& name : names) {
    const std::string inner = base::concat(path, "/", name);
    TRY(add(folder, name, inner), inner);
  }
  return {};
}

}  // namespace

Status pack_folder(const std::string& folder, const Sink& sink) {
  Packer packer(sink);
  TRY(packer.open());
  const UniqueFd root = TRY(base::sys::open(folder, O_RDONLY | O_DIRECTORY));
  TRY(packer.add_root(root.get()));
  TRY(packer.add_folder(root.get(), "."), "pack ", folder);
  return packer.close();
}

}  // namespace runtime::image
