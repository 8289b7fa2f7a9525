// How one log line looks in each format: pure functions, and the way to the journal.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/unique_fd.h"

namespace base::log {

// "10:06:39.123 warning: message pod=web namespace=default", without a newline; control characters are escaped, so that
// nothing that a pod can influence writes to the terminal. Local time.
std::string text_line(Level level, const Fields& fields, std::string_view message, WallTime time);

// {"time":"…Z","level":"warning","message":"…","pod":"web"}: one line, always valid JSON (bytes that are not UTF-8
// become U+FFFD).
std::string json_line(Level level, const Fields& fields, std::string_view message, WallTime time);

// One datagram of the journal's native protocol (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/): MESSAGE, PRIORITY,
// SYSLOG_IDENTIFIER and POD_NAME, POD_NAMESPACE, CONTAINER_NAME, SANDBOX_ID, CONTAINER_ID.
std::string journal_datagram(Level level, const Fields& fields, std::string_view message);

class JournalSocket {
 public:
  static constexpr std::string_view kPath = "/run/systemd/journal/socket";
  static Result<JournalSocket> connect(std::string_view path = kPath);
  // Never waits: kUnavailable when the journal does not keep up. Too long for a datagram: sent as a sealed memfd.
  Status send(std::string_view datagram) const;

 private:
  explicit JournalSocket(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

// True when stderr is the journal's stream: JOURNAL_STREAM is "device:inode" of it (systemd.exec(5)).
bool stderr_is_journal(const char* journal_stream);

}  // namespace base::log
