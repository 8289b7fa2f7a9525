#include "agent/cli/exec_terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "agent/cli/exec_end.h"
#include "agent/cli/terminal.h"
#include "agent/cli/terminal_input.h"
#include "base/sys.h"

namespace agent::cli {

namespace {

// One loop over both terminals.
class Copier {
 public:
  Copier(cri::ExecSession& session, base::UniqueFd master, SizeChanges resized, int ended, bool take_input)
      : session_(session),
        master_(std::move(master)),
        resized_(std::move(resized)),
        ended_(ended),
        input_(TerminalInput::DetachKeys::kNone) {
    if (!take_input) input_.close();
  }

  base::Status run() {
    while (TRY(step())) {
    }
    return {};
  }

 private:
  base::Result<bool> step() {
    const auto master_events = static_cast<short>(POLLIN | (input_.has_pending() ? POLLOUT : 0));
    std::array<struct pollfd, 4> ready{{{.fd = input_.wants_more() ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0},
                                        {.fd = master_.get(), .events = master_events, .revents = 0},
                                        {.fd = resized_.fd(), .events = POLLIN, .revents = 0},
                                        {.fd = ended_, .events = POLLIN, .revents = 0}}};
    if (::poll(ready.data(), ready.size(), -1) < 0) {
      if (errno == EINTR) return true;
      return base::fail_errno(errno, "wait for the terminal");
    }
    if (ready[2].revents != 0) resize();
    if (ready[0].revents != 0) TRY(input_.read(STDIN_FILENO));
    input_.write_to(master_.get());
    if ((ready[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && !TRY(copy_output())) return false;
    if (ready[3].revents == 0) return true;
    while (TRY(copy_output(), "show the command's last output") && more_output()) {
    }
    return false;
  }

  void resize() {
    const TerminalSize size = resized_.take();
    (void)session_.resize(size.columns, size.rows);  // the command may have just ended
  }

  bool more_output() const {
    struct pollfd ready{.fd = master_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&ready, 1, 0) > 0 && (ready.revents & POLLIN) != 0;
  }

  // False when the command has closed its terminal (EIO).
  base::Result<bool> copy_output() {
    std::array<char, 65536> buffer{};
    const ssize_t got = ::read(master_.get(), buffer.data(), buffer.size());
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return false;
    if (got > 0) TRY(base::sys::write_all(STDOUT_FILENO, {buffer.data(), static_cast<size_t>(got)}));
    return true;
  }

  cri::ExecSession& session_;
  const base::UniqueFd master_;
  SizeChanges resized_;
  const int ended_;
  TerminalInput input_;
};

}  // namespace

base::Result<int> run_on_terminal(cri::ExecSession& session, bool take_input, const cri::CallContext& context) {
  base::UniqueFd master = session.take_terminal();
  if (!master) return base::fail(base::Code::kInternal, "the runtime gave the command no terminal");
  const int flags = ::fcntl(master.get(), F_GETFL);
  if (flags < 0 || ::fcntl(master.get(), F_SETFL, flags | O_NONBLOCK) < 0)
    return base::fail_errno(errno, "make the command's terminal non-blocking");
  std::unique_ptr<RawTerminal> raw;
  if (take_input && ::isatty(STDIN_FILENO) == 1) raw = TRY(RawTerminal::enter());
  SizeChanges resized = TRY(SizeChanges::watch());
  const TerminalSize size = terminal_size();
  (void)session.resize(size.columns,
                       size.rows);  // it may have changed since; a command that has ended has no use for it
  const std::unique_ptr<ExecEnd> end = TRY(ExecEnd::watch(session, context));
  Copier copier(session, std::move(master), std::move(resized), end->fd(), take_input);
  TRY(copier.run());
  return end->status();
}

}  // namespace agent::cli
