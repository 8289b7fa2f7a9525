#include "runtime/shim/oom_kills.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "base/file.h"
#include "base/sys.h"

namespace runtime::shim {

uint32_t oom_kills_in(std::string_view events) {
  constexpr std::string_view kKey = "oom_kill ";
  while (!events.empty()) {
    const std::string_view line = events.substr(0, events.find('\n'));
    events.remove_prefix(std::min(events.size(), line.size() + 1));
    if (!line.starts_with(kKey)) continue;
    uint64_t count = 0;
    std::from_chars(line.data() + kKey.size(), line.data() + line.size(), count);
    return static_cast<uint32_t>(std::min<uint64_t>(count, kOomKillsUnknown - 1));
  }
  return 0;
}

uint32_t count_oom_kills(int cgroup) {
  const auto file = base::sys::openat(cgroup, "memory.events", O_RDONLY);
  if (file) {
    const auto events = base::read_fd(file->get(), 4096);
    return events ? oom_kills_in(*events) : kOomKillsUnknown;
  }
  const bool there = ::faccessat(cgroup, "cgroup.procs", F_OK, 0) == 0;
  return there ? 0 : kOomKillsUnknown;
}

}  // namespace runtime::shim
