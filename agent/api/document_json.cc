// JSON text to a Document, through nlohmann's SAX parser. That parser tells no positions, so its input is fed through
// an iterator that keeps the place of the token being read.
#include <iterator>
#include <nlohmann/json.hpp>

#include "agent/api/document.h"

namespace api {

namespace {

using Kind = Node::Kind;

// Where the current token began. Follows just enough of JSON's grammar: strings, punctuation, bare words and numbers.
class TokenTracker {
 public:
  void feed(char c) {
    if (in_string_) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        in_string_ = false;
      }
    } else {
      const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                        c == '+' || c == '.';
      in_string_ = c == '"';
      if (in_string_ || c == '{' || c == '[' || (word && !in_word_)) token_ = {line_, column_};
      in_word_ = word;
    }
    if (c == '\n') {
      ++line_;
      column_ = 1;
    } else {
      ++column_;
    }
  }
  Place token() const { return token_; }

 private:
  int line_ = 1;
  int column_ = 1;
  Place token_;
  bool in_string_ = false;
  bool escaped_ = false;
  bool in_word_ = false;
};

class TrackingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  TrackingIterator(const char* at, TokenTracker* tracker) : at_(at), tracker_(tracker) {}
  reference operator*() const { return *at_; }
  TrackingIterator& operator++() {
    tracker_->feed(*at_++);
    return *this;
  }
  TrackingIterator operator++(int) {
    const TrackingIterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const TrackingIterator& a, const TrackingIterator& b) { return a.at_ == b.at_; }

 private:
  const char* at_;
  TokenTracker* tracker_;
};

// The SAX events of nlohmann::json, in its naming.
class JsonHandler {
 public:
  explicit JsonHandler(const TokenTracker& tracker) : tracker_(tracker) {}

  bool null() { return builder_.scalar(Kind::kNull, here(), "null"); }
  bool boolean(bool value) { return builder_.scalar(Kind::kBool, here(), value ? "true" : "false"); }
  bool number_integer(int64_t value) { return builder_.scalar(Kind::kInteger, here(), std::to_string(value)); }
  bool number_unsigned(uint64_t value) { return builder_.scalar(Kind::kInteger, here(), std::to_string(value)); }
  bool number_float(double /*value*/, const std::string& text) { return builder_.scalar(Kind::kFloat, here(), text); }
  bool string(std::string& value) { return builder_.scalar(Kind::kString, here(), std::move(value)); }
  bool binary(std::vector<uint8_t>& /*value*/) { return false; }
  bool start_object(size_t /*size*/) { return builder_.open(Kind::kMap, here()); }
  bool key(std::string& value) { return builder_.key(std::move(value), here()); }
  bool end_object() { return builder_.close(); }
  bool start_array(size_t /*size*/) { return builder_.open(Kind::kList, here()); }
  bool end_array() { return builder_.close(); }
  bool parse_error(size_t /*position*/, const std::string& /*token*/, const nlohmann::detail::exception& error) {
    std::string_view what = error.what();
    if (const size_t end = what.find("] "); what.starts_with('[') && end != std::string_view::npos)
      what.remove_prefix(end + 2);
    if (const size_t end = what.find(": "); what.starts_with("parse error") && end != std::string_view::npos)
      what.remove_prefix(end + 2);
    error_ = Fault{here().line, here().column, "", base::concat("not JSON: ", what)};
    return false;
  }

  Document finish(bool parsed) && {
    if (!parsed && error_) return {std::nullopt, {*std::move(error_)}};
    return std::move(builder_).finish();
  }

 private:
  Place here() const { return tracker_.token(); }

  const TokenTracker& tracker_;
  TreeBuilder builder_;
  std::optional<Fault> error_;
};

}  // namespace

Document parse_json(std::string_view text) {
  TokenTracker tracker;
  JsonHandler handler(tracker);
  bool parsed = false;
  try {
    const char* const begin = text.data();
    parsed = nlohmann::json::sax_parse(TrackingIterator(begin, &tracker),
                                       TrackingIterator(begin + text.size(), &tracker), &handler);
  } catch (const std::exception& exception) {
    return {std::nullopt, {Fault{tracker.token().line, tracker.token().column, "", exception.what()}}};
  }
  return std::move(handler).finish(parsed);
}

}  // namespace api
