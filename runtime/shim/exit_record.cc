#include "runtime/shim/exit_record.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/sys.h"
#include "runtime/shim/frame_io.h"

namespace runtime::shim {

using base::Code;
using base::fail;
using base::fail_errno;
using base::Result;
using base::Status;
using base::UniqueFd;

namespace {

// Larger than the record is today: the file's space is taken once, whatever a later shim appends.
constexpr size_t kRecordFileBytes = 4096;
static_assert(sizeof(ExitRecord) <= kRecordFileBytes);
constexpr size_t kFirstVersionBytes = 64;  // up to container_id

}  // namespace

Result<UniqueFd> create_exit_record(const std::string& path) {
  UniqueFd fd = TRY(base::sys::open(path, O_RDWR | O_CREAT | O_EXCL, 0600), "make the exit record");
  // Written, not only allocated: a file system that copies on write may refuse an allocated block when it is full.
  const std::array<char, kRecordFileBytes> zeros{};
  TRY(base::sys::write_all(fd.get(), {zeros.data(), zeros.size()}), "make the exit record ", path);
  return fd;
}

Result<ExitRecord> read_exit_record(const std::string& path) {
  const UniqueFd fd = TRY(base::sys::open(path, O_RDONLY), "read the exit record");
  ExitRecord record;
  const ssize_t got = ::pread(fd.get(), &record, sizeof(record), 0);
  if (got < 0) return fail_errno(errno, "read the exit record ", path);
  if (static_cast<size_t>(got) < kFirstVersionBytes)
    return fail(Code::kDataLoss, path, " is no exit record: too short");
  if (record.magic == 0 && record.outcome == Outcome::kNone) return ExitRecord{};
  if (record.magic != kRecordMagic) return fail(Code::kDataLoss, path, " is no exit record");
  record.container_id[kIdBytes - 1] = '\0';
  record.detail[kDetailBytes - 1] = '\0';
  return record;
}

Status write_exit_record(int fd, const ExitRecord& record) {
  ssize_t written = 0;
  do {
    written = ::pwrite(fd, &record, sizeof(record), 0);
  } while (written < 0 && errno == EINTR);
  if (written != static_cast<ssize_t>(sizeof(record))) {
    return fail_errno(written < 0 ? errno : ENOSPC, "write the exit record");
  }
  return {};
}

}  // namespace runtime::shim
