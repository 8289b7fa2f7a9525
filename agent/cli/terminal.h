// The user's terminal, while a command in a container has it.
#pragma once

#include <termios.h>

#include <memory>

#include "base/error.h"

namespace agent::cli {

// Raw mode of standard input: every key goes to the command. Restored when the object goes.
class RawTerminal {
 public:
  // kFailedPrecondition when standard input is not a terminal.
  static base::Result<std::unique_ptr<RawTerminal>> enter();
  ~RawTerminal();
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

 private:
  explicit RawTerminal(const struct termios& before) : before_(before) {}
  struct termios before_;
};

struct TerminalSize {
  unsigned columns = 80;
  unsigned rows = 24;
};
// Of standard output or input, whichever is a terminal; 80 by 24 where neither is.
TerminalSize terminal_size();

}  // namespace agent::cli
