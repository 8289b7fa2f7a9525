#include "agent/cli/output.h"

#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "base/concat.h"
#include "base/sys.h"

namespace agent::cli {

namespace {

// Characters, not bytes: UTF-8 continuation bytes take no column.
size_t width(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

std::string format_table(const std::vector<std::vector<std::string>>& rows) {
  constexpr size_t kGap = 2;
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      line.append(widths[i] - width(row[i]) + kGap, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

bool wants_colour(int fd) {
  // getenv: read before there are other threads that could change the environment; nothing here ever does.
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool forbidden = no_color != nullptr && *no_color != '\0';
  const bool dumb = term != nullptr && std::string_view(term) == "dumb";
  return !forbidden && !dumb && ::isatty(fd) == 1;
}

std::string line_prefix(std::string_view name, size_t longest, size_t index, bool colour) {
  constexpr std::array<std::string_view, 6> kColours{"36", "33", "32", "35", "34", "31"};
  const std::string padded = base::concat(name, std::string(longest - std::min(longest, name.size()), ' '), " | ");
  if (!colour) return padded;
  return base::concat("\x1b[", kColours[index % kColours.size()], "m", padded, "\x1b[0m");
}

std::string short_duration(int64_t seconds) {
  constexpr int64_t kMinute = 60;
  constexpr int64_t kHour = 60 * kMinute;
  constexpr int64_t kDay = 24 * kHour;
  seconds = std::max<int64_t>(seconds, 0);
  if (seconds < 2 * kMinute) return base::concat(seconds, "s");
  if (seconds < 2 * kHour) return base::concat(seconds / kMinute, "m");
  if (seconds < 2 * kDay) return base::concat(seconds / kHour, "h");
  return base::concat(seconds / kDay, "d");
}

std::string short_size(uint64_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits{"B", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  size_t unit = 0;
  for (; value >= 999.95 && unit + 1 < kUnits.size(); ++unit) value /= 1000;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f " : "%.1f ", value);
  return text.data() + std::string(kUnits[unit]);
}

base::Status write_lines(int fd, std::string_view text) {
  struct termios mode{};
  const bool raw = ::tcgetattr(fd, &mode) == 0 && (mode.c_oflag & OPOST) == 0;
  if (!raw) return base::sys::write_all(fd, text);
  std::string out;
  for (const char character : text) {
    if (character == '\n') out += '\r';
    out += character;
  }
  return base::sys::write_all(fd, out);
}

base::Status print(std::string_view text) { return base::sys::write_all(STDOUT_FILENO, text); }

void print_error(std::string_view text) {
  // Where even standard error is gone, nobody is left to tell.
  (void)write_lines(STDERR_FILENO, text);
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\u%04x", static_cast<unsigned>(c));
      out += escaped.data();
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace agent::cli
