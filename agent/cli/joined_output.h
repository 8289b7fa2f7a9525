// What one run of a container on a terminal writes, from its log first and then from live copies, to the user's
// terminal: every byte once, in order, and as it is.
#pragma once

#include <cstdint>
#include <string>

#include "agent/pods/log_lines.h"
#include "base/error.h"
#include "base/unique_fd.h"

namespace agent::cli {

// One thread's. An error of the functions is the terminal's: its reader has gone.
class JoinedOutput {
 public:
  // from_now: what was written before the first attach has been shown by someone else. to: a descriptor.
  JoinedOutput(std::string log, bool from_now, int to);

  // Copies come from now on, and go on where the log's first `bytes` bytes end (cri::AttachedStreams).
  void attached(uint64_t bytes);
  // The log has something that comes before the next copy.
  bool behind() const { return log_at_ < log_end_; }
  // Shows the next piece of that.
  base::Status catch_up();
  base::Status copy(std::string_view text);
  // No more copies come: shows what is in the log now.
  base::Status finish();

 private:
  base::Status show(uint64_t position, std::string_view text);

  const std::string path_;
  const int to_;
  bool from_now_;
  base::UniqueFd log_;
  uint64_t log_at_ = 0;   // bytes of the file that have been read
  uint64_t log_end_ = 0;  // bytes of it that come before the copies
  pods::LogDecoder decoder_;
  // Places in what the container has written; what comes from two sources is shown from one.
  uint64_t decoded_ = 0;  // where what has been read of the log ends
  uint64_t copied_ = 0;   // since the last attach
  uint64_t shown_ = 0;
  base::Status written_;  // of the decoder's sink
};

}  // namespace agent::cli
