#include "agent/cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

namespace agent::cli {

base::Result<std::unique_ptr<RawTerminal>> RawTerminal::enter() {
  struct termios before{};
  if (::tcgetattr(STDIN_FILENO, &before) < 0)
    return base::fail(base::Code::kFailedPrecondition, "standard input is not a terminal");
  struct termios raw = before;
  ::cfmakeraw(&raw);
  if (::tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) < 0) return base::fail_errno(errno, "set the terminal to raw mode");
  return std::unique_ptr<RawTerminal>(new RawTerminal(before));
}

RawTerminal::~RawTerminal() { (void)::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_); }

TerminalSize terminal_size() {
  for (const int fd : {STDOUT_FILENO, STDIN_FILENO}) {
    struct winsize size{};
    if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) return {size.ws_col, size.ws_row};
  }
  return {};
}

}  // namespace agent::cli
