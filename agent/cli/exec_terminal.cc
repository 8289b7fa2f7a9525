#include "agent/cli/exec_terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "agent/cli/exec_end.h"
#include "agent/cli/terminal.h"
#include "base/sys.h"

namespace agent::cli {

namespace {

constexpr char kEndOfInput = 4;  // Ctrl-D: what a terminal in its normal mode takes for the end of its input

sigset_t size_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGWINCH);
  return set;
}

// Changes of the window's size, readable as a descriptor. SIGWINCH is blocked.
base::Result<base::UniqueFd> size_changes() {
  const sigset_t set = size_signals();
  base::UniqueFd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return base::fail_errno(errno, "receive SIGWINCH");
  return fd;
}

// One loop over both terminals. Input that the command does not take yet is kept, and no more is read meanwhile.
class Copier {
 public:
  Copier(cri::ExecSession& session, base::UniqueFd master, base::UniqueFd resized, int ended, bool take_input)
      : session_(session),
        master_(std::move(master)),
        resized_(std::move(resized)),
        ended_(ended),
        input_open_(take_input) {}

  base::Status run() {
    while (TRY(step())) {
    }
    return {};
  }

 private:
  base::Result<bool> step() {
    const bool want_input = input_open_ && pending_.empty();
    const auto master_events = static_cast<short>(POLLIN | (pending_.empty() ? 0 : POLLOUT));
    std::array<struct pollfd, 4> ready{{{.fd = want_input ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0},
                                        {.fd = master_.get(), .events = master_events, .revents = 0},
                                        {.fd = resized_.get(), .events = POLLIN, .revents = 0},
                                        {.fd = ended_, .events = POLLIN, .revents = 0}}};
    if (::poll(ready.data(), ready.size(), -1) < 0) {
      if (errno == EINTR) return true;
      return base::fail_errno(errno, "wait for the terminal");
    }
    if (ready[2].revents != 0) resize();
    if (ready[0].revents != 0) TRY(read_input());
    if ((ready[1].revents & POLLOUT) != 0) write_pending();
    if ((ready[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && !TRY(copy_output())) return false;
    if (ready[3].revents == 0) return true;
    while (TRY(copy_output(), "show the command's last output") && more_output()) {
    }
    return false;
  }

  void resize() {
    struct signalfd_siginfo info{};
    while (::read(resized_.get(), &info, sizeof info) > 0) {
    }
    const TerminalSize size = terminal_size();
    (void)session_.resize(size.columns, size.rows);  // the command may have just ended
  }

  base::Status read_input() {
    std::array<char, 4096> buffer{};
    const size_t got = TRY(base::sys::read(STDIN_FILENO, buffer), "read standard input");
    if (got == 0) {
      input_open_ = false;
      pending_ = kEndOfInput;
    } else {
      pending_.assign(buffer.data(), got);
    }
    write_pending();
    return {};
  }

  void write_pending() {
    const ssize_t written = ::write(master_.get(), pending_.data(), pending_.size());
    if (written > 0) pending_.erase(0, static_cast<size_t>(written));
    if (written < 0 && errno != EAGAIN && errno != EINTR) pending_.clear();  // the command has closed its terminal
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
  const base::UniqueFd resized_;
  const int ended_;
  bool input_open_;
  std::string pending_;
};

}  // namespace

base::Status block_size_changes() {
  const sigset_t set = size_signals();
  if (const int error = ::pthread_sigmask(SIG_BLOCK, &set, nullptr); error != 0)
    return base::fail_errno(error, "block SIGWINCH");
  return {};
}

base::Result<int> run_on_terminal(cri::ExecSession& session, bool take_input, const cri::CallContext& context) {
  base::UniqueFd master = session.take_terminal();
  if (!master) return base::fail(base::Code::kInternal, "the runtime gave the command no terminal");
  const int flags = ::fcntl(master.get(), F_GETFL);
  if (flags < 0 || ::fcntl(master.get(), F_SETFL, flags | O_NONBLOCK) < 0)
    return base::fail_errno(errno, "make the command's terminal non-blocking");
  std::unique_ptr<RawTerminal> raw;
  if (take_input && ::isatty(STDIN_FILENO) == 1) raw = TRY(RawTerminal::enter());
  base::UniqueFd resized = TRY(size_changes());
  const TerminalSize size = terminal_size();
  (void)session.resize(size.columns, size.rows);  // a command that has ended already has no use for it

  const std::unique_ptr<ExecEnd> end = TRY(ExecEnd::watch(session, context));
  Copier copier(session, std::move(master), std::move(resized), end->fd(), take_input);
  TRY(copier.run());
  return end->status();
}

}  // namespace agent::cli
