// The user's standard streams joined by pipes to those of a command in a container. The command gets no descriptor of
// ours: through one it could read, change or give away the user's files and terminal (/proc/self/fd, fchmod, ioctl).
#pragma once

#include <array>
#include <string>

#include "base/unique_fd.h"
#include "cri-proto/local_runtime.h"

namespace agent::cli {

class ExecPipes {
 public:
  // take_input: what comes from standard input goes to the command; else it finds none.
  static base::Result<ExecPipes> create(bool take_input);

  // The command's ends, once.
  cri::ExecStreams take_commands() { return std::move(commands_); }

  // Copies until the command has ended and what it wrote has been passed on; its exit status. Where nobody reads ours
  // any more the command's pipe is closed, so that it gets SIGPIPE as it would in a shell.
  base::Result<int> copy(cri::ExecSession& session, const cri::CallContext& context);

 private:
  // What the command writes, and where it goes.
  struct Output {
    base::UniqueFd from;
    int to = -1;
  };

  ExecPipes() = default;
  base::Status step(int ended, bool& over);
  void read_input();
  void write_pending();
  static void copy_once(Output& output);
  static void copy_rest(Output& output);

  cri::ExecStreams commands_;
  base::UniqueFd input_;
  std::string pending_;  // read from standard input and not taken by the command yet; no more is read meanwhile
  bool input_ended_ = false;
  std::array<Output, 2> outputs_;
};

}  // namespace agent::cli
