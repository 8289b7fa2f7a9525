#include "base/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <mutex>
#include <utility>

#include "base/clock.h"
#include "base/log_format.h"
#include "base/synchronized.h"

namespace base::log {

namespace {

// What spdlog is given is the finished datagram.
class JournalSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit JournalSink(JournalSocket socket) : socket_(std::move(socket)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    // A journal that is full or restarting loses lines; there is nowhere left to say so.
    (void)socket_.send({message.payload.data(), message.payload.size()});
  }
  void flush_() override {}

 private:
  JournalSocket socket_;
};

struct Output {
  std::shared_ptr<spdlog::logger> logger;
  Format format;
};

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

Format detect_format() {
  // getenv: init runs before there are other threads.
  if (stderr_is_journal(std::getenv("JOURNAL_STREAM"))) return Format::kJournal;
  return ::isatty(2) == 1 ? Format::kText : Format::kJson;
}

std::shared_ptr<const Output> make_output(Level level, Format format) {
  if (format == Format::kAuto) format = detect_format();
  std::shared_ptr<spdlog::sinks::sink> sink;
  if (format == Format::kJournal) {
    Result<JournalSocket> socket = JournalSocket::connect();
    if (socket) {
      sink = std::make_shared<JournalSink>(std::move(*socket));
    } else {
      format = Format::kJson;
    }
  }
  if (sink == nullptr) sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  auto logger = std::make_shared<spdlog::logger>("nodeagent", std::move(sink));
  // A text line is coloured as a whole by its level where stderr is a terminal.
  const char* pattern = format == Format::kText ? "%^%v%$" : "%v";
  // The carriage return is for a terminal that a container has in raw mode; otherwise it changes nothing there.
  logger->set_formatter(std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::local,
                                                                    ::isatty(2) == 1 ? "\r\n" : "\n"));
  logger->set_level(spdlog_level(level));
  logger->flush_on(spdlog::level::debug);
  logger->set_error_handler([](const std::string&) {});
  return std::make_shared<const Output>(Output{std::move(logger), format});
}

// The process's one log. Not destroyed: threads may still log while the process exits.
Synchronized<std::shared_ptr<const Output>>& current() {
  static auto& output = *new Synchronized<std::shared_ptr<const Output>>(make_output(Level::kWarning, Format::kText));
  return output;
}

std::string encode(Format format, Level level, const Fields& fields, std::string_view message) {
  switch (format) {
    case Format::kText:
      return text_line(level, fields, message, system_clock().wall());
    case Format::kJournal:
      return journal_datagram(level, fields, message);
    case Format::kAuto:
    case Format::kJson:
      break;
  }
  return json_line(level, fields, message, system_clock().wall());
}

}  // namespace

void init(Level level, Format format) noexcept {
  try {
    current().with([made = make_output(level, format)](auto& output) { output = made; });
  } catch (...) {
    return;  // out of memory, or a sink that cannot be made: the log stays as it was
  }
}

bool enabled(Level level) noexcept {
  try {
    return current().with([&](const auto& output) { return output->logger->should_log(spdlog_level(level)); });
  } catch (...) {
    return false;
  }
}

void write(Level level, const Fields& fields, std::string_view message) noexcept {
  try {
    const std::shared_ptr<const Output> output = current().with([](const auto& shared) { return shared; });
    if (!output->logger->should_log(spdlog_level(level))) return;
    output->logger->log(spdlog_level(level), spdlog::string_view_t(encode(output->format, level, fields, message)));
  } catch (...) {
    return;  // a line that cannot be written must not end the agent
  }
}

}  // namespace base::log
