// The kernel's log, with whatever names processes gave themselves: every kill that is made of it is one that a record
// tells of, and what a program wrote is none.
#include "runtime/cgroup/oom_log.h"
#include "test/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view rest = fuzz::text_of(data, size);
  runtime::cgroup::OomLogParser parser;
  while (!rest.empty()) {
    const std::string_view record = fuzz::take_until(rest, "\n");
    const size_t before = parser.kills().size();
    parser.add(record);
    const auto& kills = parser.kills();
    const bool killed = record.find("Killed process ") != std::string_view::npos;
    fuzz::require(kills.size() == before + (kills.size() > before && killed ? 1 : 0));
    if (kills.size() == before) continue;
    fuzz::require(record.substr(0, record.find(',')).find_first_not_of("01234567") == std::string_view::npos);
    fuzz::require(record.find("(" + kills.back().name + ") total-vm:") != std::string_view::npos);
  }
  for (const auto& kill : parser.kills()) {
    const std::string name = kill.cgroup.substr(kill.cgroup.rfind('/') + 1);
    fuzz::require(name.empty() || !runtime::cgroup::kills_in(parser.kills(), name).empty());
  }
  return 0;
}
