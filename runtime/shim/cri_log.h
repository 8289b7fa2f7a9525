// The CRI log format: "2026-01-01T00:00:00.000000000Z stdout F text", one line an output line; a longer one is cut into
// pieces with the tag P, the last of which has F. Output that ends without a newline stays tagged P.
// (kubernetes/cri-api, "kubelet CRI logging design")
#pragma once

#include <array>
#include <cstdint>
#include <ctime>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/unique_fd.h"
#include "runtime/shim/line_buffer.h"

namespace runtime::shim {

// Cuts a stream of bytes into lines. Memory: at most max_line bytes, none after trim() while no line is unfinished.
class LineSplitter {
 public:
  explicit LineSplitter(uint32_t max_line) : max_line_(max_line), pending_(max_line) {}

  // Calls emit(first, second, partial) for each line, whose text is first + second (without the newline). Both views
  // are valid only during the call.
  template <typename Emit>
  void feed(std::string_view data, Emit&& emit) {
    while (!data.empty()) {
      const size_t newline = data.find('\n');
      size_t length = newline == std::string_view::npos ? data.size() : newline;
      while (pending_.size() + length > max_line_) {
        const size_t taken = max_line_ - pending_.size();
        emit(pending_.text(), data.substr(0, taken), true);
        pending_.clear();
        data.remove_prefix(taken);
        length -= taken;
      }
      if (newline == std::string_view::npos) {
        // Without memory to wait for the rest it goes out as a piece of its own.
        if (!pending_.append(data)) emit(data, std::string_view(), true);
        return;
      }
      emit(pending_.text(), data.substr(0, length), false);
      pending_.clear();
      data.remove_prefix(length + 1);
    }
  }

  // What has come of an unfinished line.
  std::string_view pending() const { return pending_.text(); }

  // The end of the stream: what has no newline goes out as it is.
  template <typename Emit>
  void finish(Emit&& emit) {
    if (pending_.size() > 0) emit(pending_.text(), std::string_view(), true);
    pending_.release();
  }

  // Gives back memory that holds no unfinished line.
  void trim() {
    if (pending_.size() == 0) pending_.release();
  }

 private:
  uint32_t max_line_;
  LineBuffer pending_;
};

// Formats times as the log has them; the part down to the second is kept between calls.
class LogClock {
 public:
  static constexpr size_t kLength = 30;  // "2026-01-01T00:00:00.000000000Z"
  std::string_view format(const struct timespec& now);

 private:
  time_t second_ = -1;
  std::array<char, kLength> text_{};
};

// One line on its way into a log; header includes the time, stream and tag.
struct LogLine {
  std::string_view header;
  std::string_view first;
  std::string_view second;
  size_t size() const { return header.size() + first.size() + second.size() + 1; }
};

// Appends lines to one log file. A line that cannot be written (full disk) is dropped and counted, never torn.
class LogWriter {
 public:
  // path: in the mount namespace of the shim; empty: every line is discarded.
  static base::Result<LogWriter> open(std::string path);
  // On a file that is already open for appending.
  explicit LogWriter(base::UniqueFd file) : file_(std::move(file)) {}

  // The file has been renamed: goes on in a new one of the same name. The old one is kept when that fails.
  base::Status reopen();
  void write(std::span<const LogLine> lines);
  uint64_t dropped() const { return dropped_; }
  // Bytes in the file now; 0 where lines are discarded.
  uint64_t size() const;
  LogClock& clock() { return clock_; }

 private:
  size_t write_some(std::span<const LogLine> lines);

  std::string path_;
  base::UniqueFd file_;
  LogClock clock_;
  uint64_t dropped_ = 0;
};

// Lines of one stream and one time, gathered so that many small ones cost one system call.
class LogBatch {
 public:
  LogBatch(LogWriter& writer, std::string_view stream, const struct timespec& now);
  LogBatch(const LogBatch&) = delete;
  LogBatch& operator=(const LogBatch&) = delete;
  // `first` may go away after the call; `second` must stay until flush().
  void line(std::string_view first, std::string_view second, bool partial);
  void flush();

 private:
  LogWriter& writer_;
  std::array<char, 48> header_{};  // "<time> stdout F "
  std::array<char, 48> partial_header_{};
  size_t header_length_ = 0;
  std::array<LogLine, 64> lines_;
  size_t count_ = 0;
};

}  // namespace runtime::shim
