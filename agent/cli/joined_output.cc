#include "agent/cli/joined_output.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/sys.h"

namespace agent::cli {

JoinedOutput::JoinedOutput(std::string log, bool from_now, int to)
    : path_(std::move(log)), to_(to), from_now_(from_now), decoder_({}, [this](bool, std::string_view text) {
        if (written_) written_ = show(decoded_, text);
        decoded_ += text.size();
      }) {}

void JoinedOutput::attached(uint64_t bytes) {
  if (from_now_) log_at_ = bytes;
  from_now_ = false;
  log_end_ = bytes;
  copied_ = 0;
}

base::Status JoinedOutput::catch_up() {
  if (!log_) log_ = base::sys::open(path_, O_RDONLY).value_or(base::UniqueFd());
  std::array<char, 65536> buffer{};
  const size_t wanted = std::min<uint64_t>(buffer.size(), log_end_ - log_at_);
  const ssize_t got = ::pread(log_.get(), buffer.data(), wanted, static_cast<off_t>(log_at_));
  // Without a log, or with one that cannot be read, there are the copies.
  if (got <= 0) {
    log_end_ = log_at_;
    return {};
  }
  log_at_ += static_cast<uint64_t>(got);
  decoder_.feed({buffer.data(), static_cast<size_t>(got)});
  return written_;
}

base::Status JoinedOutput::copy(std::string_view text) {
  const uint64_t position = decoded_ + copied_;
  copied_ += text.size();
  return show(position, text);
}

base::Status JoinedOutput::finish() {
  // Never attached, and what there was before is someone else's.
  if (from_now_) return {};
  log_end_ = std::numeric_limits<uint64_t>::max();
  while (behind()) TRY(catch_up());
  return {};
}

base::Status JoinedOutput::show(uint64_t position, std::string_view text) {
  const uint64_t end = position + text.size();
  if (end <= shown_) return {};
  text.remove_prefix(shown_ > position ? shown_ - position : 0);
  TRY(base::sys::write_all(to_, text), "show the container's output");
  shown_ = end;
  return {};
}

}  // namespace agent::cli
