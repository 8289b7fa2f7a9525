#include "base/file.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <ctime>

#include "base/path.h"
#include "base/sys.h"

namespace base {

namespace {

constexpr std::string_view kTemporary = ".tmp-";  // then the writer's pid, "-" and a number

}  // namespace

Result<std::string> read_fd(int fd, size_t max_bytes) {
  std::string data;
  size_t filled = 0;
  while (true) {
    if (filled == data.size()) data.resize(std::min(max_bytes + 1, std::max<size_t>(4096, filled * 2)));
    const size_t got = TRY(sys::read(fd, std::span(data).subspan(filled)));
    filled += got;
    if (got == 0) break;
    if (filled > max_bytes) return fail(Code::kResourceExhausted, "longer than ", max_bytes, " bytes");
  }
  data.resize(filled);
  return data;
}

Result<std::string> read_file(const std::string& path, size_t max_bytes) {
  const UniqueFd fd = TRY(sys::open(path, O_RDONLY));
  return TRY(read_fd(fd.get(), max_bytes), path);
}

namespace {

// Not a plain rename where there is a file already: ext4 then writes the new one out to disk first (mount option
// auto_da_alloc), which is dear and not what Durability::kCrash asks for. An exchange of the two names is as atomic.
Status put_in_place(const std::string& temporary, const std::string& path, Durability durability) {
  if (durability == Durability::kCrash && sys::renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_EXCHANGE)) {
    if (::unlink(temporary.c_str()) == 0) return {};
    // What was at the path is no file.
    const int error = errno;
    TRY(sys::renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_EXCHANGE));
    return fail_errno(error, "replace ", path);
  }
  // There is nothing at the path yet, or this file system cannot exchange.
  return sys::renameat2(AT_FDCWD, temporary, AT_FDCWD, path, 0);
}

}  // namespace

Status write_file_atomic(const std::string& path, std::string_view data, mode_t mode, Durability durability) {
  static std::atomic<unsigned> counter = 0;
  const std::string temporary = concat(path, kTemporary, ::getpid(), "-", counter++);
  const auto write = [&]() -> Status {
    const UniqueFd fd = TRY(sys::open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode));
    TRY(sys::write_all(fd.get(), data));
    if (durability == Durability::kPowerCut) TRY(sys::fsync(fd.get()));
    return put_in_place(temporary, path, durability);
  };
  Status written = write();
  if (!written) {
    ::unlink(temporary.c_str());
    return std::unexpected(std::move(written.error().add_context(concat("write ", path))));
  }
  if (durability == Durability::kPowerCut) {
    const size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
    const UniqueFd fd = TRY(sys::open(folder, O_RDONLY | O_DIRECTORY));
    TRY(sys::fsync(fd.get()), folder);
  }
  return {};
}

Status sweep_temporaries(const std::string& folder) {
  for (const std::string& name : TRY(list_folder(folder))) {
    const size_t at = name.rfind(kTemporary);
    if (at == std::string::npos) continue;
    pid_t writer = 0;
    const char* begin = name.data() + at + kTemporary.size();
    const auto [end, error] = std::from_chars(begin, name.data() + name.size(), writer);
    if (error != std::errc() || writer <= 0 || end == name.data() + name.size() || *end != '-') continue;
    if (::kill(writer, 0) == 0 || errno != ESRCH) continue;
    const Status removed = sys::unlinkat(AT_FDCWD, join_path(folder, name), 0);
    if (!removed && removed.error().os_errno() != ENOENT) return removed;
  }
  return {};
}

Status write_control_file(const std::string& path, std::string_view value) {
  return write_control_file_at(AT_FDCWD, path, value);
}

Status write_control_file_at(int dirfd, const std::string& name, std::string_view value) {
  const UniqueFd fd = TRY(sys::openat(dirfd, name, O_WRONLY));
  TRY(sys::write_all(fd.get(), value), "write \"", value, "\" to ", name);
  return {};
}

namespace {

int flock_operation(FileLock::Mode mode) { return mode == FileLock::Mode::kShared ? LOCK_SH : LOCK_EX; }

}  // namespace

Result<FileLock> FileLock::try_acquire(const std::string& path, Mode mode) {
  while (true) {
    UniqueFd fd = TRY(sys::open(path, O_RDWR | O_CREAT, 0600));
    if (::flock(fd.get(), flock_operation(mode) | LOCK_NB) < 0) {
      if (errno == EWOULDBLOCK) return fail(Code::kUnavailable, path, " is locked by another process");
      return fail_errno(errno, "lock ", path);
    }
    // Its last holder may have removed the file between our open and our lock.
    const struct stat held = TRY(sys::fstat(fd.get()));
    const Result<struct stat> named = sys::fstatat(AT_FDCWD, path, 0);
    if (named && named->st_ino == held.st_ino && named->st_dev == held.st_dev) return FileLock(std::move(fd));
  }
}

Result<FileLock> FileLock::acquire(const std::string& path, Mode mode, std::chrono::milliseconds wait) {
  // flock(2) has no time limit of its own, so a held lock is tried again with growing pauses until the deadline.
  const auto deadline = std::chrono::steady_clock::now() + wait;
  std::chrono::nanoseconds pause = std::chrono::microseconds(100);
  while (true) {
    Result<FileLock> lock = try_acquire(path, mode);
    if (lock || lock.error().code() != Code::kUnavailable) return lock;
    if (std::chrono::steady_clock::now() >= deadline) {
      return fail(Code::kDeadlineExceeded, "lock ", path, ": still held by another process after ", wait.count(),
                  " ms");
    }
    const struct timespec request{.tv_sec = 0, .tv_nsec = static_cast<long>(pause.count())};
    ::nanosleep(&request, nullptr);
    pause = std::min<std::chrono::nanoseconds>(pause * 2, std::chrono::milliseconds(20));
  }
}

}  // namespace base
