// The user's terminal, while a command in a container has it.
#pragma once

#include <termios.h>

#include <memory>

#include "base/error.h"
#include "base/unique_fd.h"
#include "cri-proto/local_runtime.h"

namespace agent::cli {

// Raw mode of standard input: every key goes to the command. Restored when the object goes.
class RawTerminal {
 public:
  // kFailedPrecondition when standard input is not a terminal.
  static base::Result<std::unique_ptr<RawTerminal>> enter();
  ~RawTerminal();
  // The container has ended, but not all that it wrote has been shown: that goes out as it is, and keys are ours again
  // (Ctrl-C is a signal).
  void take_keys_back() const;
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

 private:
  explicit RawTerminal(const struct termios& before) : before_(before) {}
  struct termios before_;
};

using cri::TerminalSize;
// Of standard output or input, whichever is a terminal; 80 by 24 where neither is.
TerminalSize terminal_size();

// Before any other thread is started, so that all have SIGWINCH blocked and a SizeChanges receives it.
base::Status block_size_changes();

// Changes of the window's size, readable as a descriptor.
class SizeChanges {
 public:
  static base::Result<SizeChanges> watch();
  int fd() const { return fd_.get(); }
  // Takes what has come: the size as it is now.
  TerminalSize take();

 private:
  explicit SizeChanges(base::UniqueFd fd) : fd_(std::move(fd)) {}
  base::UniqueFd fd_;
};

}  // namespace agent::cli
