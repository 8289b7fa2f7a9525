// LogStreamer: shows what several containers write while they run, on a thread of its own.
//
// Reads the containers' log files as inotify tells that they grow; every run of a container has its own file. All state
// belongs to the thread "log-streamer"; the public functions may be called from any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace agent::cli {

class LogStreamer {
 public:
  // Gets whole lines, on the streamer's thread; false: nobody reads any more, and nothing further is handed over.
  using Sink = std::function<bool(const std::string& container, bool is_stderr, std::string_view line)>;

  static base::Result<std::unique_ptr<LogStreamer>> start(Sink sink);
  // Stops without showing what has not been read.
  ~LogStreamer();
  LogStreamer(const LogStreamer&) = delete;
  LogStreamer& operator=(const LogStreamer&) = delete;

  // from_end: what is in the file already has been shown by someone else. A container's earlier file is read to its end
  // and closed.
  void follow(const std::string& container, const std::string& path, bool from_end);
  // Of containers that have ended: returns when all that they wrote has been handed over, and closes their files.
  void finish(const std::vector<std::string>& containers);

 private:
  struct Impl;
  explicit LogStreamer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace agent::cli
