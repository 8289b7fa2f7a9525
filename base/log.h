// Logging through spdlog: text on a terminal, one JSON object a line otherwise (or journal fields under systemd).
// A line carries the object it speaks of as fields, so that everything about one pod can be found by its name.
// Logging never throws and never fails: a line that cannot be written is lost.
#pragma once

#include <string>
#include <string_view>

#include "base/concat.h"

namespace base::log {

enum class Level { kDebug, kInfo, kWarning, kError };
// kAuto: journal fields where stderr is the journal, text where it is a terminal, else JSON. kJournal falls back to
// JSON where no journal listens.
enum class Format { kAuto, kText, kJson, kJournal };

// What a line is about; empty fields are left out.
struct Fields {
  std::string pod;
  std::string pod_namespace;
  std::string container;
  std::string sandbox_id;
  std::string container_id;
};

// Once, at the start of the process and before it has threads; before it, warnings and errors go to stderr as text.
void init(Level level, Format format) noexcept;

// Whether lines of this level are written at all (for those that are dear to make).
bool enabled(Level level) noexcept;

void write(Level level, const Fields& fields, std::string_view message) noexcept;

template <typename... Pieces>
void debug(const Fields& fields, const Pieces&... pieces) {
  if (enabled(Level::kDebug)) write(Level::kDebug, fields, concat(pieces...));
}
template <typename... Pieces>
void info(const Fields& fields, const Pieces&... pieces) {
  if (enabled(Level::kInfo)) write(Level::kInfo, fields, concat(pieces...));
}
template <typename... Pieces>
void warning(const Fields& fields, const Pieces&... pieces) {
  write(Level::kWarning, fields, concat(pieces...));
}
template <typename... Pieces>
void error(const Fields& fields, const Pieces&... pieces) {
  write(Level::kError, fields, concat(pieces...));
}

}  // namespace base::log
