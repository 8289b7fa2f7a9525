// What is typed on the user's terminal, on its way to a terminal in a container.
#pragma once

#include <string>

#include "base/error.h"

namespace agent::cli {

// Input that the container does not take yet is kept, and no more is read meanwhile. One thread's.
class TerminalInput {
 public:
  enum class DetachKeys : bool {
    kNone,
    kCtrlPCtrlQ,  // as docker and podman have them; a Ctrl-P waits for the key after it
  };
  explicit TerminalInput(DetachKeys keys) : keys_(keys) {}

  // Standard input is to be polled.
  bool wants_more() const { return open_ && pending_.empty(); }
  bool has_pending() const { return !pending_.empty(); }
  void close() { open_ = false; }
  // Forgets what the container did not take.
  void drop_pending() { pending_.clear(); }

  // Reads from the descriptor once; its end becomes Ctrl-D. False: the detach keys were typed.
  base::Result<bool> read(int from);
  // Writes what is pending, as far as the terminal takes it; all is dropped when that is closed.
  void write_to(int terminal);

 private:
  // False as read().
  bool take(std::string_view typed);

  const DetachKeys keys_;
  bool open_ = true;
  bool held_ctrl_p_ = false;
  std::string pending_;
};

}  // namespace agent::cli
