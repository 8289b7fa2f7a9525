#include "agent/api/document.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>

#include "base/concat.h"

namespace api {

namespace {

using Kind = Node::Kind;

bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

bool is_true(std::string_view text) {
  return one_of(text, {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"});
}

bool is_false(std::string_view text) {
  return one_of(text, {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N"});
}

bool all_digits(std::string_view text, int base) {
  if (text.empty()) return false;
  return std::ranges::all_of(text, [base](char c) {
    if (c >= '0' && c <= '9') return c - '0' < base;
    return base == 16 && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'));
  });
}

struct IntegerText {
  bool negative = false;
  int base = 10;
  std::string digits;
};

// YAML 1.1 integers: sign, 0x, 0o, 0b, a leading 0 for octal.
std::optional<IntegerText> split_integer(std::string_view text) {
  IntegerText out;
  out.negative = text.starts_with('-');
  if (out.negative || text.starts_with('+')) text.remove_prefix(1);
  const auto prefix = [&text](std::string_view lower, std::string_view upper) {
    if (!text.starts_with(lower) && !text.starts_with(upper)) return false;
    text.remove_prefix(2);
    return true;
  };
  if (prefix("0x", "0X")) {
    out.base = 16;
  } else if (prefix("0o", "0O")) {
    out.base = 8;
  } else if (prefix("0b", "0B")) {
    out.base = 2;
  } else if (text.size() > 1 && text.front() == '0') {
    out.base = 8;
    text.remove_prefix(1);
  }
  if (!all_digits(text, out.base)) return std::nullopt;
  out.digits = text;
  return out;
}

// Whether it is in 64 bits, with or without a sign.
bool fits(const IntegerText& integer) {
  const std::string digits = integer.negative ? "-" + integer.digits : integer.digits;
  const auto read = [&](auto value) {
    return std::from_chars(digits.data(), digits.data() + digits.size(), value, integer.base).ec == std::errc();
  };
  return read(int64_t{}) || (!integer.negative && read(uint64_t{}));
}

bool is_special_float(std::string_view text) {
  return one_of(text,
                {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN"});
}

bool is_float(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const auto skip_digits = [&text] {
    const size_t before = text.size();
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') text.remove_prefix(1);
    return before - text.size();
  };
  size_t digits = skip_digits();
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    digits += skip_digits();
  }
  if (digits == 0) return false;
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (skip_digits() == 0) return false;
  }
  return text.empty();
}

// Numbers may have "_" between their digits, but not begin with it.
std::string without_underscores(std::string_view text) {
  std::string plain(text);
  const bool may_be_number = !text.empty() && std::string_view("+-0123456789").find(text.front()) != text.npos;
  if (may_be_number) std::erase(plain, '_');
  return plain;
}

// What a whole number would be written as in JSON, without fraction and exponent, and still fit.
bool is_whole(double value) {
  constexpr double kWrittenOut = 1e21;
  return std::trunc(value) == value && std::abs(value) < kWrittenOut;
}

// The length of the UTF-8 sequence that text begins with; 0 where it begins with none (RFC 3629).
size_t utf8_length(std::string_view text) {
  const auto byte = [text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continues = [&](size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (!continues(1) || !continues(2)) return 0;
    const bool overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = first == 0xED && byte(1) > 0x9F;
    return overlong || surrogate ? 0 : 3;
  }
  if (first < 0xF0 || first > 0xF4 || !continues(1) || !continues(2) || !continues(3)) return 0;
  const bool overlong = first == 0xF0 && byte(1) < 0x90;
  const bool too_large = first == 0xF4 && byte(1) > 0x8F;
  return overlong || too_large ? 0 : 4;
}

// Why the bytes cannot be a manifest's text, and in which line; nothing when they can.
std::optional<Fault> not_text(std::string_view text) {
  int line = 1;
  while (!text.empty()) {
    const auto c = static_cast<unsigned char>(text.front());
    if (c == '\n') ++line;
    if (c < 0x20 && c != '\n' && c != '\t' && c != '\r')
      return Fault{line, 1, "", "contains a control character: this is not YAML or JSON text"};
    const size_t length = utf8_length(text);
    if (length == 0) return Fault{line, 1, "", "is not UTF-8 text"};
    text.remove_prefix(length);
  }
  return std::nullopt;
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (const Entry& entry : entries)
    if (entry.key == key) return &entry.value;
  return nullptr;
}

Kind resolve_plain(std::string_view text) {
  if (one_of(text, {"", "~", "null", "Null", "NULL"})) return Kind::kNull;
  if (is_true(text) || is_false(text)) return Kind::kBool;
  if (is_special_float(text)) return Kind::kFloat;
  constexpr std::string_view kBegins = "+-.0123456789";
  if (kBegins.find(text.front()) == std::string_view::npos) return Kind::kString;
  const std::string plain = without_underscores(text);
  const std::optional<IntegerText> integer = split_integer(plain);
  if (integer && fits(*integer)) return Kind::kInteger;
  if (!is_float(plain)) return Kind::kString;
  const double value = std::strtod(plain.c_str(), nullptr);
  if (!std::isfinite(value)) return Kind::kString;
  return is_whole(value) ? Kind::kInteger : Kind::kFloat;
}

std::optional<int64_t> integer_value(const Node& node) {
  if (node.kind != Kind::kInteger) return std::nullopt;
  const std::string plain = without_underscores(node.text);
  int64_t value = 0;
  if (const std::optional<IntegerText> split = split_integer(plain); split && fits(*split)) {
    const std::string digits = split->negative ? "-" + split->digits : split->digits;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, split->base);
    return error == std::errc() ? std::optional(value) : std::nullopt;
  }
  constexpr double kBeyond = 9223372036854775808.0;
  const double number = std::strtod(plain.c_str(), nullptr);
  if (!(std::abs(number) < kBeyond)) return std::nullopt;
  return static_cast<int64_t>(number);
}

TreeSize tree_size(const Node& node) {
  TreeSize size{.nodes = 1, .bytes = node.text.size()};
  const auto add = [&size](const Node& child) {
    const TreeSize of_child = tree_size(child);
    size.nodes += of_child.nodes;
    size.bytes += of_child.bytes;
  };
  for (const Node& item : node.items) add(item);
  for (const Entry& entry : node.entries) {
    size.bytes += entry.key.size();
    add(entry.value);
  }
  return size;
}

bool bool_value(const Node& node) { return is_true(node.text); }

std::string describe_kind(const Node& node) {
  switch (node.kind) {
    case Kind::kNull:
      return "nothing (null)";
    case Kind::kBool:
      return "the boolean " + node.text;
    case Kind::kInteger:
    case Kind::kFloat:
      return "the number " + node.text;
    case Kind::kString:
      return node.text.size() > 40 ? std::string("a string") : "the string \"" + node.text + "\"";
    case Kind::kList:
      return "a list";
    case Kind::kMap:
      return "a map";
  }
  return "something else";
}

std::string child_path(const std::string& path, std::string_view field) {
  return path.empty() ? std::string(field) : base::concat(path, ".", field);
}

std::string item_path(const std::string& path, size_t index) { return base::concat(path, "[", index, "]"); }

PathStep next_step(std::string_view& path) {
  PathStep step;
  if (path.starts_with('.')) path.remove_prefix(1);
  if (path.starts_with('[')) {
    const size_t end = std::min(path.find(']'), path.size());
    step.name = path.substr(1, end - 1);
    path.remove_prefix(std::min(end + 1, path.size()));
  } else {
    const size_t end = std::min(path.find_first_of(".["), path.size());
    step.name = path.substr(0, end);
    path.remove_prefix(end);
  }
  const auto [end, error] = std::from_chars(step.name.data(), step.name.data() + step.name.size(), step.index);
  if (error != std::errc() || end != step.name.data() + step.name.size())
    step.index = std::numeric_limits<size_t>::max();
  return step;
}

bool is_last_step(std::string_view path) {
  next_step(path);
  return path.empty();
}

Place locate(const Node& root, std::string_view path) {
  const Node* node = &root;
  Place place = root.place;
  while (!path.empty()) {
    const PathStep step = next_step(path);
    if (node->kind == Kind::kList) {
      if (step.index >= node->items.size()) return place;
      node = &node->items[step.index];
      place = node->place;
    } else {
      const auto entry = std::ranges::find(node->entries, step.name, &Entry::key);
      if (entry == node->entries.end()) return place;
      node = &entry->value;
      place = entry->place;
    }
  }
  return place;
}

bool TreeBuilder::count(TreeSize size, Place place) {
  if (limit_) return false;
  size_.nodes += size.nodes;
  size_.bytes += size.bytes;
  if (size_.bytes > kMaxTreeBytes)
    limit_ = Fault{place.line, place.column, "",
                   base::concat("too much text: more than ", kMaxTreeBytes >> 20, " MiB once aliases are expanded")};
  else if (size_.nodes > kMaxNodes)
    limit_ = Fault{place.line, place.column, "",
                   base::concat("too many values: more than ", kMaxNodes, " once aliases are expanded")};
  else if (stack_.size() > kMaxDepth)
    limit_ = Fault{place.line, place.column, "", base::concat("nested more than ", kMaxDepth, " levels deep")};
  return !limit_;
}

std::string TreeBuilder::path_here() const {
  if (stack_.empty()) return "";
  const Frame& top = stack_.back();
  if (top.node.kind == Kind::kList) return item_path(top.path, top.node.items.size());
  return top.pending ? child_path(top.path, top.pending->key) : top.path;
}

bool TreeBuilder::open(Kind kind, Place place) {
  Frame frame;
  frame.path = path_here();
  frame.node.kind = kind;
  frame.node.place = place;
  stack_.push_back(std::move(frame));
  return count({.nodes = 1}, place);
}

bool TreeBuilder::close() {
  Node node = std::move(stack_.back().node);
  stack_.pop_back();
  return attach(std::move(node));
}

bool TreeBuilder::scalar(Kind kind, Place place, std::string text) {
  Node node;
  node.kind = kind;
  node.place = place;
  node.text = std::move(text);
  return count({.nodes = 1, .bytes = node.text.size()}, place) && attach(std::move(node));
}

bool TreeBuilder::copy(const Node& node, Place place) {
  // last_ may point into what attach() is about to move, so the copy is made first.
  if (!count(tree_size(node), place)) return false;
  Node copied = node;
  copied.place = place;
  return attach(std::move(copied));
}

bool TreeBuilder::key(std::string text, Place place, bool may_repeat) {
  Frame& top = stack_.back();
  if (!count({.bytes = text.size()}, place)) return false;
  const auto [first, is_new] = top.key_lines.emplace(text, place.line);
  top.skip = !is_new && !may_repeat;
  if (top.skip) {
    std::string path = child_path(top.path, text);
    if (!count({.bytes = path.size()}, place)) return false;
    faults_.push_back(
        {place.line, place.column, std::move(path), base::concat("duplicate key, first set in line ", first->second)});
  }
  top.pending = Entry{std::move(text), place, {}};
  return !limit_;
}

bool TreeBuilder::attach(Node node) {
  if (limit_) return false;
  if (stack_.empty()) {
    root_ = std::move(node);
    last_ = &*root_;
    return true;
  }
  Frame& top = stack_.back();
  if (top.node.kind == Kind::kList) {
    top.node.items.push_back(std::move(node));
    last_ = &top.node.items.back();
    return true;
  }
  top.pending->value = std::move(node);
  if (top.skip) {
    last_ = nullptr;
  } else {
    top.node.entries.push_back(std::move(*top.pending));
    last_ = &top.node.entries.back().value;
  }
  top.pending.reset();
  top.skip = false;
  return true;
}

Document TreeBuilder::finish() && {
  if (limit_) return {std::nullopt, {std::move(*limit_)}};
  return {std::move(root_), std::move(faults_)};
}

namespace {

bool is_blank(std::string_view line) {
  const size_t first = line.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos || line[first] == '#';
}

// Where the JSON object that the text begins with ends, if another one follows it; 0: none does.
size_t end_of_first_json(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos || text[first] != '{') return 0;
  int depth = 0;
  bool in_string = false;
  for (size_t i = first; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n' && (in_string || text.substr(i + 1).starts_with("---"))) return 0;
    if (c == '"') in_string = !in_string;
    if (c == '\\' && in_string) ++i;
    if (c == '{' && !in_string) ++depth;
    if (c != '}' || in_string || --depth > 0) continue;
    const size_t next = text.find_first_not_of(kBlanks, i + 1);
    return next != std::string_view::npos && text[next] == '{' ? i + 1 : 0;
  }
  return 0;
}

}  // namespace

bool is_separator(std::string_view line) { return line.starts_with("---") && is_blank(line.substr(3)); }

std::optional<TextPart> DocumentParts::next() {
  TextPart part{.text = rest_, .line = line_};
  if (const size_t end = end_of_first_json(rest_); end > 0) {
    part.text = rest_.substr(0, end);
    rest_.remove_prefix(end);
    line_ += static_cast<int>(std::ranges::count(part.text, '\n'));
    return part;
  }
  bool holds_something = false;
  while (!rest_.empty()) {
    const std::string_view line = rest_.substr(0, std::min(rest_.find('\n'), rest_.size() - 1) + 1);
    const auto length = static_cast<size_t>(line.data() - part.text.data());
    rest_.remove_prefix(line.size());
    ++line_;
    if (!is_separator(line)) {
      holds_something = holds_something || !is_blank(line);
    } else if (holds_something) {
      part.text = part.text.substr(0, length);
      return part;
    } else {
      part = {.text = rest_, .line = line_};
    }
  }
  return holds_something ? std::optional(part) : std::nullopt;
}

Document parse_document(std::string_view text) {
  const auto unreadable = [](Fault fault) { return Document{std::nullopt, {std::move(fault)}}; };
  if (text.size() > kMaxDocumentBytes)
    return unreadable(
        {0, 0, "", base::concat("larger than ", kMaxDocumentBytes >> 20, " MiB: no apiserver takes such an object")});
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // a byte order mark
  if (std::optional<Fault> fault = not_text(text)) return unreadable(*std::move(fault));
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return unreadable({0, 0, "", "empty: there is no object in it"});
  if (text[first] != '{') return parse_yaml(text);
  Document json = parse_json(text);
  if (json.root) return json;
  Document yaml = parse_yaml(text);  // {apiVersion: v1, …} is YAML but not JSON
  return yaml.root ? yaml : json;
}

}  // namespace api
