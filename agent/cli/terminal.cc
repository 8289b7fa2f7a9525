#include "agent/cli/terminal.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>

namespace agent::cli {

namespace {

sigset_t size_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGWINCH);
  return set;
}

}  // namespace

base::Result<std::unique_ptr<RawTerminal>> RawTerminal::enter() {
  struct termios before{};
  if (::tcgetattr(STDIN_FILENO, &before) < 0)
    return base::fail(base::Code::kFailedPrecondition, "standard input is not a terminal");
  struct termios raw = before;
  ::cfmakeraw(&raw);
  if (::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) < 0) return base::fail_errno(errno, "set the terminal to raw mode");
  return std::unique_ptr<RawTerminal>(new RawTerminal(before));
}

void RawTerminal::take_keys_back() const {
  struct termios mode = before_;
  mode.c_oflag &= ~static_cast<tcflag_t>(OPOST);
  (void)::tcsetattr(STDIN_FILENO, TCSANOW, &mode);
}

RawTerminal::~RawTerminal() { (void)::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_); }

TerminalSize terminal_size() {
  for (const int fd : {STDOUT_FILENO, STDIN_FILENO}) {
    struct winsize size{};
    if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) return {size.ws_col, size.ws_row};
  }
  return {};
}

base::Status block_size_changes() {
  const sigset_t set = size_signals();
  if (const int error = ::pthread_sigmask(SIG_BLOCK, &set, nullptr); error != 0)
    return base::fail_errno(error, "block SIGWINCH");
  return {};
}

base::Result<SizeChanges> SizeChanges::watch() {
  const sigset_t set = size_signals();
  base::UniqueFd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return base::fail_errno(errno, "receive SIGWINCH");
  return SizeChanges(std::move(fd));
}

TerminalSize SizeChanges::take() {
  struct signalfd_siginfo info{};
  while (::read(fd_.get(), &info, sizeof info) > 0) {
  }
  return terminal_size();
}

}  // namespace agent::cli
