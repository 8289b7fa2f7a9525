#include "agent/cli/exec_end.h"

#include <sys/eventfd.h>

#include <cerrno>

namespace agent::cli {

base::Result<std::unique_ptr<ExecEnd>> ExecEnd::watch(cri::ExecSession& session, const cri::CallContext& context) {
  base::UniqueFd ended(::eventfd(0, EFD_CLOEXEC));
  if (!ended) return base::fail_errno(errno, "make an eventfd");
  std::unique_ptr<ExecEnd> end(new ExecEnd(std::move(ended)));
  end->waiter_ = std::thread([end = end.get(), &session, &context] {
    end->status_ = session.wait(context);
    (void)::eventfd_write(end->ended_.get(), 1);
  });
  return end;
}

ExecEnd::~ExecEnd() {
  if (waiter_.joinable()) waiter_.join();
}

base::Result<int> ExecEnd::status() {
  if (waiter_.joinable()) waiter_.join();
  return status_;
}

}  // namespace agent::cli
