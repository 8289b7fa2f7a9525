// What a cloned child (or the two of them, second_stage.h) tells the shim between clone and execve, over a
// SOCK_SEQPACKET pair that closes on exec:
//
//   child                                     shim
//   kConsole + the terminal's master  ------>          only with a terminal
//   kExecuting                        ------>          everything is prepared; execve comes next
//   (the socket closes)               ------>          execve succeeded: the container is started
//   or at any time kFailed            ------>          why; the child ends itself
//
// A socket that closes without kExecuting means that the child was killed on the way. The pod's own pid 1 reports in
// the same way, with kProcMounts and a descriptor first (shared_init.h).
#pragma once

#include <cstdint>

#include "base/error.h"
#include "base/unique_fd.h"
#include "runtime/shim/protocol.h"

namespace runtime::shim {

enum class ReportType : uint32_t { kConsole = 1, kExecuting = 2, kFailed = 3, kProcMounts = 4 };

struct ChildReport {
  ReportType type = ReportType::kFailed;
  Step step = Step::kNone;
  uint16_t reserved = 0;
  uint32_t code = 0;  // gRPC status code
  int32_t os_errno = 0;
  int32_t exit_code = 0;  // 126, 127 or 128
  char detail[kDetailBytes] = {};
};

// A step's failure as it goes back to the shim.
struct StepFailure {
  Step step;
  int exit_code;
  base::Error error;
};

struct ReportPair {
  base::UniqueFd ours;
  base::UniqueFd childs;
};
base::Result<ReportPair> open_report_pair();

struct ReceivedReport {
  ChildReport report;
  base::UniqueFd descriptor;
};
enum class Reception { kReport, kNothingYet, kClosed };
// flags: MSG_DONTWAIT, or 0 to wait. What is no report at all ends the conversation as well.
Reception receive_report(int socket, int flags, ReceivedReport& received);

base::Status send_report(int socket, const ChildReport& report, int descriptor = -1);
// Reports the failure and ends the process.
[[noreturn]] void fail_child(int socket, const StepFailure& failure);

}  // namespace runtime::shim
