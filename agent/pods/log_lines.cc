#include "agent/pods/log_lines.h"

#include "base/concat.h"

namespace agent::pods {

namespace {

constexpr size_t kLongestHeld = 1UL << 20;  // bytes; longer lines are shown in several

// Cuts the text up to the next space off the front.
std::string_view take_word(std::string_view& line) {
  const size_t space = line.find(' ');
  const std::string_view word = line.substr(0, space);
  line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
  return word;
}

}  // namespace

std::optional<LogLine> parse_log_line(std::string_view line) {
  LogLine out;
  out.time = take_word(line);
  const std::string_view stream = take_word(line);
  const std::string_view tags = take_word(line);
  if (out.time.empty() || (stream != "stdout" && stream != "stderr")) return std::nullopt;
  const std::string_view first_tag = tags.substr(0, tags.find(':'));
  if (first_tag != "F" && first_tag != "P") return std::nullopt;
  out.is_stderr = stream == "stderr";
  out.partial = first_tag == "P";
  out.text = line;
  return out;
}

size_t tail_offset(std::string_view log, uint64_t count) {
  size_t begin = log.size();  // of the earliest line taken so far
  uint64_t taken = 0;
  size_t end = log.size();
  while (end > 0) {
    const size_t text_end = log[end - 1] == '\n' ? end - 1 : end;
    const size_t previous = text_end == 0 ? std::string_view::npos : log.rfind('\n', text_end - 1);
    const size_t start = previous == std::string_view::npos ? 0 : previous + 1;
    const std::optional<LogLine> line = parse_log_line(log.substr(start, text_end - start));
    // Seen from the end, a complete line begins a new one; a part belongs to what was taken before, unless the log
    // ends on it.
    const bool begins_another = !line || !line->partial || taken == 0;
    if (begins_another) {
      if (taken == count) break;
      ++taken;
    }
    begin = start;
    end = start;
  }
  return begin;
}

void LogDecoder::feed(std::string_view bytes) {
  for (;;) {
    const size_t end = bytes.find('\n');
    if (end == std::string_view::npos) break;
    if (rest_.empty()) {
      line(bytes.substr(0, end));
    } else {
      rest_ += bytes.substr(0, end);
      line(rest_);
      rest_.clear();
    }
    bytes.remove_prefix(end + 1);
  }
  rest_ += bytes;
}

void LogDecoder::finish() {
  if (!rest_.empty()) line(std::exchange(rest_, {}));
  for (Stream* stream : {&out_, &err_}) {
    if (!stream->held.empty()) sink_(stream == &err_, std::exchange(stream->held, {}) + "\n");
    stream->in_line = false;
  }
}

void LogDecoder::line(std::string_view line) {
  const std::optional<LogLine> parsed = parse_log_line(line);
  if (!parsed) return sink_(false, base::concat(line, "\n"));
  Stream& stream = parsed->is_stderr ? err_ : out_;
  std::string text;
  if (options_.timestamps && !stream.in_line) text = base::concat(parsed->time, " ");
  text += parsed->text;
  if (!parsed->partial) text += '\n';
  stream.in_line = parsed->partial;
  if (!options_.whole_lines) return sink_(parsed->is_stderr, text);
  stream.held += text;
  if (!parsed->partial) return sink_(parsed->is_stderr, std::exchange(stream.held, {}));
  if (stream.held.size() > kLongestHeld) sink_(parsed->is_stderr, std::exchange(stream.held, {}) + "\n");
}

}  // namespace agent::pods
