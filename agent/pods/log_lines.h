// Containers' log files as CRI has them: "2026-11-22T09:50:16.123456789Z stdout F text". Pure.
// Source: https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace agent::pods {

struct LogLine {
  std::string_view time;
  bool is_stderr = false;
  bool partial = false;  // the container's line goes on in the next one of the same stream
  std::string_view text;
};

// One line without its end; nothing when it is not in the format.
std::optional<LogLine> parse_log_line(std::string_view line);

// Where the last `count` lines of the container begin in the file's text; a line that was logged in parts counts once.
size_t tail_offset(std::string_view log, uint64_t count);

// From the bytes of a log file, in whatever pieces they are read, to what the container wrote.
class LogDecoder {
 public:
  // is_stderr; text with its end of line, or without one for a part of a line.
  using Sink = std::function<void(bool is_stderr, std::string_view text)>;

  struct Options {
    bool timestamps = false;   // before each line
    bool whole_lines = false;  // hold parts back until their line is complete
  };
  LogDecoder(Options options, Sink sink) : options_(options), sink_(std::move(sink)) {}

  void feed(std::string_view bytes);
  // The file has ended: hands over what is held back.
  void finish();

 private:
  struct Stream {
    std::string held;      // parts, with whole_lines
    bool in_line = false;  // the last one was a part
  };
  void line(std::string_view line);

  Options options_;
  Sink sink_;
  std::string rest_;  // of a line whose end has not been read
  Stream out_;
  Stream err_;
};

}  // namespace agent::pods
