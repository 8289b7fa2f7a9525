// A log file shows the same in whatever pieces it is read; the last N lines begin where a line begins.
#include "agent/pods/log_lines.h"
#include "test/fuzz/fuzz.h"

namespace {

using agent::pods::LogDecoder;

// Pieces of `step` bytes.
std::string shown(LogDecoder::Options options, std::string_view log, size_t step) {
  std::string out;
  LogDecoder decoder(options, [&out](bool is_stderr, std::string_view text) {
    out += is_stderr ? 'e' : 'o';
    out += text;
  });
  for (size_t at = 0; at < log.size(); at += step) decoder.feed(log.substr(at, step));
  decoder.finish();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view log = fuzz::text_of(data, size);
  for (const bool timestamps : {false, true}) {
    for (const bool whole_lines : {false, true}) {
      const LogDecoder::Options options{.timestamps = timestamps, .whole_lines = whole_lines};
      const std::string at_once = shown(options, log, log.size() + 1);
      fuzz::require(shown(options, log, 1) == at_once && shown(options, log, 7) == at_once);
    }
  }
  size_t before = log.size();
  for (const uint64_t count : {uint64_t{0}, uint64_t{1}, uint64_t{2}, uint64_t{10}, UINT64_MAX}) {
    const size_t begin = agent::pods::tail_offset(log, count);
    fuzz::require(begin <= before);
    fuzz::require(begin == 0 || begin == log.size() || log[begin - 1] == '\n');
    before = begin;
  }
  fuzz::require(before == 0 && agent::pods::tail_offset(log, 0) == log.size());
  return 0;
}
