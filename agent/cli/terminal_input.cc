#include "agent/cli/terminal_input.h"

#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/sys.h"

namespace agent::cli {

namespace {

constexpr char kCtrlD = 4;  // what a terminal in its normal mode takes for the end of its input
constexpr char kCtrlP = 16;
constexpr char kCtrlQ = 17;

}  // namespace

base::Result<bool> TerminalInput::read(int from) {
  std::array<char, 4096> buffer{};
  const size_t got = TRY(base::sys::read(from, buffer), "read standard input");
  if (got > 0) return take({buffer.data(), got});
  open_ = false;
  pending_ = kCtrlD;
  return true;
}

bool TerminalInput::take(std::string_view typed) {
  if (keys_ == DetachKeys::kNone) {
    pending_.assign(typed);
    return true;
  }
  for (const char key : typed) {
    if (held_ctrl_p_ && key == kCtrlQ) return false;
    if (held_ctrl_p_) pending_ += kCtrlP;
    held_ctrl_p_ = key == kCtrlP;
    if (!held_ctrl_p_) pending_ += key;
  }
  return true;
}

void TerminalInput::write_to(int terminal) {
  if (pending_.empty()) return;
  const ssize_t written = ::write(terminal, pending_.data(), pending_.size());
  if (written > 0) pending_.erase(0, static_cast<size_t>(written));
  if (written < 0 && errno != EAGAIN && errno != EINTR) pending_.clear();
}

}  // namespace agent::cli
