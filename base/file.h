// Whole files: read with a limit, written atomically; and the flock that guards what several processes share.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/unique_fd.h"

namespace base {

// The whole file; kResourceExhausted when it is longer than max_bytes.
Result<std::string> read_file(const std::string& path, size_t max_bytes = 64UL << 20);
Result<std::string> read_fd(int fd, size_t max_bytes = 64UL << 20);

enum class Durability {
  kCrash,     // atomic against a crash of the process, for state that no reboot outlives
  kPowerCut,  // also on disk when the call returns (fsync of file and folder)
};
// Writes a temporary sibling and renames it over the path: a reader sees the old or the new content, never a part.
Status write_file_atomic(const std::string& path, std::string_view data, mode_t mode, Durability durability);
// Removes the temporary files in the folder whose writers died before they could rename them.
Status sweep_temporaries(const std::string& folder);
// Writes to an existing file in one write(2): cgroup and /proc control files.
Status write_control_file(const std::string& path, std::string_view value);
Status write_control_file_at(int dirfd, const std::string& name, std::string_view value);

// An exclusive or shared flock(2) on a file that is made if missing; held until the object goes. Whoever holds it
// exclusively may remove the file: the next one to come makes it anew.
class FileLock {
 public:
  enum class Mode { kShared, kExclusive };
  // Waits until the deadline passes (kDeadlineExceeded, naming the path).
  static Result<FileLock> acquire(const std::string& path, Mode mode, std::chrono::milliseconds wait);
  // kUnavailable at once when another process holds it.
  static Result<FileLock> try_acquire(const std::string& path, Mode mode);
  int fd() const { return fd_.get(); }

 private:
  explicit FileLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace base
