// The exit record: one small file a container, made and filled with zeros by the agent before the start, so that the
// shim needs no disk space to write how the container ended. It is what is left when the shim itself has gone.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "base/unique_fd.h"
#include "runtime/shim/protocol.h"

namespace runtime::shim {

inline constexpr uint32_t kRecordMagic = 0x5852414e;  // "NARX"

enum class Outcome : uint32_t {
  kNone = 0,     // never started
  kRunning = 1,  // started; no end is known
  kExited = 2,
  kStartFailed = 3,  // never executed: step, os_errno and detail say why; exit_code is 126, 127 or 128
};

// On disk in this layout; fields are only ever appended.
struct ExitRecord {
  uint32_t magic = kRecordMagic;
  uint32_t version = 1;
  Outcome outcome = Outcome::kNone;
  int32_t pid = 0;
  uint64_t process_start_time = 0;
  int64_t started_at_ns = 0;  // CLOCK_REALTIME
  int64_t finished_at_ns = 0;
  int32_t exit_code = 0;    // exit status, or 128 + exit_signal
  int32_t exit_signal = 0;  // the signal that ended it, else 0
  uint32_t code = 0;        // kStartFailed: gRPC status code
  int32_t os_errno = 0;
  Step step = Step::kNone;
  uint16_t reserved = 0;
  uint32_t reserved2 = 0;
  char container_id[kIdBytes] = {};
  char detail[kDetailBytes] = {};
  uint32_t oom_kills = 0;  // kExited: oom_kills.h
  uint32_t reserved3 = 0;
};

// Makes the file (kAlreadyExists if it is there) with its space allocated; the descriptor goes with StartRequest.
base::Result<base::UniqueFd> create_exit_record(const std::string& path);
// kNotFound: no such file; kDataLoss: not an exit record. A record nobody wrote yet has outcome kNone.
base::Result<ExitRecord> read_exit_record(const std::string& path);
// The shim's half: overwrites the record in place.
base::Status write_exit_record(int fd, const ExitRecord& record);

}  // namespace runtime::shim
