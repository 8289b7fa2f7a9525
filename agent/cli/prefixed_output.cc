#include "agent/cli/prefixed_output.h"

#include <unistd.h>

#include <algorithm>

#include "agent/cli/output.h"
#include "base/concat.h"

namespace agent::cli {

void PrefixedOutput::add(const std::vector<std::string>& sources) {
  state_.with([&](State& state) {
    for (const std::string& source : sources) state.longest = std::max(state.longest, source.size());
    for (const std::string& source : sources) {
      for (const int fd : {STDOUT_FILENO, STDERR_FILENO})
        state.prefixes[{source, fd}] = line_prefix(source, state.longest, state.count, wants_colour(fd));
      ++state.count;
    }
  });
}

void PrefixedOutput::remove(const std::vector<std::string>& sources) {
  state_.with([&](State& state) {
    for (const std::string& source : sources)
      for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) state.prefixes.erase({source, fd});
  });
}

bool PrefixedOutput::write(const std::string& source, bool is_stderr, std::string_view line) const {
  const int fd = is_stderr ? STDERR_FILENO : STDOUT_FILENO;
  const std::string text = state_.with([&](const State& state) {
    const auto prefix = state.prefixes.find({source, fd});
    return base::concat(prefix == state.prefixes.end() ? "" : prefix->second, line);
  });
  return write_lines(fd, text).has_value();
}

}  // namespace agent::cli
