#include "runtime/shim/cri_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/sys.h"

namespace runtime::shim {

using base::Result;
using base::Status;
using base::UniqueFd;

namespace {

constexpr int kLogFlags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW;
constexpr mode_t kLogMode = 0640;

void put_digits(char* at, int digits, long value) {
  for (int i = digits - 1; i >= 0; --i) {
    at[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

}  // namespace

std::string_view LogClock::format(const struct timespec& now) {
  if (now.tv_sec != second_) {
    struct tm utc{};
    ::gmtime_r(&now.tv_sec, &utc);
    std::memcpy(text_.data(), "0000-00-00T00:00:00.000000000Z", kLength);
    put_digits(&text_[0], 4, utc.tm_year + 1900);
    put_digits(&text_[5], 2, utc.tm_mon + 1);
    put_digits(&text_[8], 2, utc.tm_mday);
    put_digits(&text_[11], 2, utc.tm_hour);
    put_digits(&text_[14], 2, utc.tm_min);
    put_digits(&text_[17], 2, utc.tm_sec);
    second_ = now.tv_sec;
  }
  put_digits(&text_[20], 9, now.tv_nsec);
  return {text_.data(), kLength};
}

Result<LogWriter> LogWriter::open(std::string path) {
  UniqueFd file;
  if (!path.empty()) file = TRY(base::sys::open(path, kLogFlags, kLogMode), "open the log");
  LogWriter writer(std::move(file));
  writer.path_ = std::move(path);
  return writer;
}

Status LogWriter::reopen() {
  if (path_.empty()) return {};
  file_ = TRY(base::sys::open(path_, kLogFlags, kLogMode), "reopen the log");
  return {};
}

void LogWriter::write(std::span<const LogLine> lines) {
  if (!file_) return;
  while (!lines.empty()) {
    const size_t done = write_some(lines);
    lines = lines.subspan(done);
    if (lines.empty() || done > 0) continue;
    // The line at the front cannot be written; the ones behind it may fit, since they may be shorter.
    ++dropped_;
    lines = lines.subspan(1);
  }
}

// The number of whole lines written. What was written of one more is taken out again.
size_t LogWriter::write_some(std::span<const LogLine> lines) {
  std::array<struct iovec, 64UL * 4> parts;
  size_t count = 0;
  const auto add = [&](std::string_view text) {
    if (!text.empty()) parts[count++] = {const_cast<char*>(text.data()), text.size()};
  };
  lines = lines.first(std::min<size_t>(lines.size(), 64));
  for (const LogLine& line : lines) {
    add(line.header);
    add(line.first);
    add(line.second);
    add("\n");
  }
  ssize_t written = 0;
  do {
    written = ::writev(file_.get(), parts.data(), static_cast<int>(count));
  } while (written < 0 && errno == EINTR);
  size_t rest = written < 0 ? 0 : static_cast<size_t>(written);
  size_t whole = 0;
  while (whole < lines.size() && rest >= lines[whole].size()) rest -= lines[whole++].size();
  struct stat info{};
  // Nobody else appends to this file, so what is torn is at its end.
  if (rest > 0 && ::fstat(file_.get(), &info) == 0) {
    (void)::ftruncate(file_.get(), info.st_size - static_cast<off_t>(rest));
  }
  return whole;
}

uint64_t LogWriter::size() const {
  struct stat info{};
  return file_ && ::fstat(file_.get(), &info) == 0 ? static_cast<uint64_t>(info.st_size) : 0;
}

LogBatch::LogBatch(LogWriter& writer, std::string_view stream, const struct timespec& now) : writer_(writer) {
  const std::string_view time = writer.clock().format(now);
  std::memcpy(header_.data(), time.data(), time.size());
  size_t at = time.size();
  header_[at++] = ' ';
  std::memcpy(&header_[at], stream.data(), stream.size());
  at += stream.size();
  header_[at++] = ' ';
  header_[at] = 'F';
  header_[at + 1] = ' ';
  partial_header_ = header_;
  partial_header_[at] = 'P';
  header_length_ = at + 2;
}

void LogBatch::line(std::string_view first, std::string_view second, bool partial) {
  lines_[count_++] = {std::string_view(partial ? partial_header_.data() : header_.data(), header_length_), first,
                      second};
  if (!first.empty() || count_ == lines_.size()) flush();
}

void LogBatch::flush() {
  writer_.write({lines_.data(), count_});
  count_ = 0;
}

}  // namespace runtime::shim
