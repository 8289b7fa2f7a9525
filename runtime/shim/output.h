// Output: what a container writes, pumped from its pipes (or terminal) into its log and to attached clients.
//
// A turn reads at most one buffer of one stream, so that a container that floods its log leaves the others their share.
// The buffer is one for the whole shim. A full disk drops and counts lines; an attached client that is behind by more
// than its pipe holds is cut off: neither ever holds the container up.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "runtime/shim/cri_log.h"
#include "runtime/shim/loop.h"

namespace runtime::shim {

class OutputOwner {
 public:
  virtual ~OutputOwner() = default;
  // Every stream has reached its end, and all of it is in the log.
  virtual void output_ended() = 0;
};

class Output {
 public:
  Output(Loop& loop, OutputOwner& owner, LogWriter log, uint32_t max_line, std::span<char> buffer)
      : loop_(loop), owner_(owner), log_(std::move(log)), max_line_(max_line), buffer_(buffer) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output();

  // name: "stdout" or "stderr", and has static lifetime. The descriptor becomes non-blocking.
  base::Status add_stream(std::string_view name, base::UniqueFd fd);
  // Copies go to the descriptor from now on, after what has come of an unfinished line; it becomes non-blocking.
  base::Status attach(std::string_view name, base::UniqueFd client);
  base::Status reopen_log() { return log_.reopen(); }
  // What is in the log; the first byte that a client gets which attaches now comes right after it.
  uint64_t log_bytes() const { return log_.size(); }
  uint64_t dropped_lines() const { return log_.dropped(); }
  bool ended() const { return open_streams_ == 0; }
  // Reads what is there now and closes the streams, whoever still holds their other ends.
  void cut();
  void trim();

 private:
  struct Stream final : Watcher {
    Stream(Output& output, std::string_view stream_name, base::UniqueFd stream_fd)
        : owner(output), name(stream_name), fd(std::move(stream_fd)), splitter(output.max_line_) {}
    void ready() override { owner.pump(*this); }
    Output& owner;
    std::string_view name;
    base::UniqueFd fd;
    LineSplitter splitter;
  };
  struct Client {
    std::string_view name;
    base::UniqueFd fd;
  };
  void pump(Stream& stream);
  // False when nothing more can be read at the moment.
  bool read_once(Stream& stream);
  void log(Stream& stream, std::string_view data);
  void copy_to_clients(std::string_view name, std::string_view data);
  void close_stream(Stream& stream);

  Loop& loop_;
  OutputOwner& owner_;
  LogWriter log_;
  uint32_t max_line_;
  std::span<char> buffer_;
  std::vector<std::unique_ptr<Stream>> streams_;
  size_t open_streams_ = 0;
  std::vector<Client> clients_;
};

}  // namespace runtime::shim
