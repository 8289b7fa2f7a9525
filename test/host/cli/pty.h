// Pty: a user's terminal, of which the test is the other side.
#pragma once

#include <termios.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/spawn.h"
#include "base/unique_fd.h"

namespace cli_test {

class Pty {
 public:
  // columns by rows.
  Pty(unsigned short columns, unsigned short rows);

  // Starts the program in a session of its own with this as its controlling terminal and its standard streams.
  base::Child start(std::vector<std::string> arguments) const;
  void type(const std::string& keys) const;
  // The program's session is told, as when a user drags the window.
  void resize(unsigned short columns, unsigned short rows) const;
  // True as soon as the text has been shown; false when it has not in time.
  bool shows(const std::string& text, std::chrono::milliseconds wait = std::chrono::seconds(30));
  // Reads on until nobody has the terminal open any more: all that was ever shown.
  const std::string& shown_to_the_end();
  const std::string& shown() const { return shown_; }
  bool is_raw() const;
  // As it was before anything ran on it.
  bool is_as_before() const;

 private:
  // False at the end.
  bool read_more(int wait_ms);
  struct termios mode() const;

  base::UniqueFd master_;
  mutable base::UniqueFd slave_;  // kept open, so that its mode stays; closed before the end is waited for
  struct termios before_{};
  std::string shown_;
};

}  // namespace cli_test
