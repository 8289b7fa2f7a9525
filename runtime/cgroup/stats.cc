#include "runtime/cgroup/stats.h"

#include <fcntl.h>

#include <charconv>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/sys.h"

namespace runtime::cgroup {

using base::Result;

namespace {

// The content of a cgroup's file; nullopt where its controller is not there.
Result<std::optional<std::string>> read(const Cgroup& cgroup, const char* name) {
  Result<base::UniqueFd> fd = base::sys::openat(cgroup.fd(), name, O_RDONLY);
  if (!fd) {
    if (fd.error().code() == base::Code::kNotFound) return std::optional<std::string>();
    return std::unexpected(std::move(fd).error());
  }
  return std::optional(TRY(base::read_fd(fd->get()), name, " of ", cgroup.path()));
}

std::optional<uint64_t> number(std::string_view text) {
  uint64_t value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) return std::nullopt;
  return value;
}

// The value of "key value" in a flat keyed file.
std::optional<uint64_t> keyed(std::string_view text, std::string_view key) {
  size_t at = 0;
  while (at < text.size()) {
    const std::string_view line = text.substr(at, text.find('\n', at) - at);
    if (line.starts_with(key) && line.size() > key.size() && line[key.size()] == ' ') {
      return number(line.substr(key.size() + 1));
    }
    at += line.size() + 1;
  }
  return std::nullopt;
}

}  // namespace

Result<Stats> read_stats(const Cgroup& cgroup) {
  Stats stats;
  if (const auto text = TRY(read(cgroup, "cpu.stat"))) {
    if (const auto microseconds = keyed(*text, "usage_usec")) stats.cpu_usage_ns = *microseconds * 1000;
  }
  if (const auto text = TRY(read(cgroup, "memory.current"))) stats.memory_usage = number(*text);
  if (const auto text = TRY(read(cgroup, "memory.stat"))) {
    stats.memory_rss = keyed(*text, "anon");
    stats.page_faults = keyed(*text, "pgfault");
    stats.major_page_faults = keyed(*text, "pgmajfault");
    if (stats.memory_usage) {
      const uint64_t inactive = keyed(*text, "inactive_file").value_or(0);
      stats.memory_working_set = *stats.memory_usage > inactive ? *stats.memory_usage - inactive : 0;
    }
  }
  if (const auto text = TRY(read(cgroup, "memory.swap.current"))) stats.swap_usage = number(*text);
  if (const auto text = TRY(read(cgroup, "pids.current"))) stats.processes = number(*text);
  return stats;
}

}  // namespace runtime::cgroup
