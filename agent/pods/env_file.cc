#include <utility>

#include "agent/pods/env.h"

namespace agent::pods {

namespace {

using base::Code;

// Blanks as an environment file knows them.
constexpr std::string_view kBlanks = " \t";

std::string_view without_leading_blanks(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

// Reads an environment file variable by variable.
class EnvFileReader {
 public:
  explicit EnvFileReader(std::string_view text) : rest_(text) {}

  struct Variable {
    std::string_view name;
    std::string value;
  };
  // Nothing at the end.
  base::Result<std::optional<Variable>> next() {
    while (!rest_.empty()) {
      const std::string_view line = without_leading_blanks(take_line());
      if (line.empty() || line.front() == '#') continue;
      return TRY(read_variable(line));
    }
    return std::nullopt;
  }

 private:
  std::string_view take_line() {
    ++line_;
    const size_t end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  std::unexpected<base::Error> invalid(int line, const char* why) const {
    return base::fail(Code::kInvalidArgument, "invalid environment variable format at line ", line, ": ", why);
  }

  base::Result<Variable> read_variable(std::string_view line) {
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos) return invalid(line_, "missing '='");
    const std::string_view name = line.substr(0, equals);
    if (name.empty()) return invalid(line_, "empty variable name");
    if (kBlanks.contains(name.back())) return invalid(line_, "whitespace before '=' is not allowed");
    const std::string_view value = line.substr(equals + 1);
    // As a shell has it: NAME= 'value' sets it to nothing.
    if (!value.empty() && kBlanks.contains(value.front())) return Variable{name, ""};
    if (!value.starts_with('\'')) return invalid(line_, "value must be enclosed in single quotes");
    return Variable{name, TRY(read_quoted(value.substr(1)))};
  }

  // What stands before the closing quote, in this line or a later one.
  base::Result<std::string> read_quoted(std::string_view text) {
    const int first_line = line_;
    std::string value;
    size_t quote = text.find('\'');
    while (quote == std::string_view::npos) {
      value.append(text).append("\n");
      if (rest_.empty()) return invalid(first_line, "unclosed single quote");
      text = take_line();
      quote = text.find('\'');
    }
    const std::string_view after = without_leading_blanks(text.substr(quote + 1));
    if (!after.empty() && after.front() != '#') return invalid(line_, "unexpected content after closing quote");
    return value.append(text.substr(0, quote));
  }

  std::string_view rest_;
  int line_ = 0;
};

}  // namespace

base::Result<std::optional<std::string>> env_file_value(std::string_view text, std::string_view name) {
  EnvFileReader reader(text);
  while (auto variable = TRY(reader.next())) {
    if (variable->name != name) continue;
    if (variable->value.empty()) return std::nullopt;
    return std::move(variable->value);
  }
  return std::nullopt;
}

}  // namespace agent::pods
