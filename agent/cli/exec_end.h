// The end of a command in a container, as a descriptor that a loop can poll.
#pragma once

#include <memory>
#include <thread>

#include "base/unique_fd.h"
#include "cri-proto/local_runtime.h"

namespace agent::cli {

// Owns the thread that waits for the command; session and context must outlive it.
class ExecEnd {
 public:
  static base::Result<std::unique_ptr<ExecEnd>> watch(cri::ExecSession& session, const cri::CallContext& context);
  // Waits for the command's end.
  ~ExecEnd();
  ExecEnd(const ExecEnd&) = delete;
  ExecEnd& operator=(const ExecEnd&) = delete;

  // Readable once the command has ended.
  int fd() const { return ended_.get(); }
  // Waits for the end: the command's exit status, or why it is not known.
  base::Result<int> status();

 private:
  explicit ExecEnd(base::UniqueFd ended) : ended_(std::move(ended)) {}

  const base::UniqueFd ended_;
  base::Result<int> status_ = 0;  // the thread's until it is joined
  std::thread waiter_;
};

}  // namespace agent::cli
