// YAML text to a Document, through libyaml's events: the scanner and parser that kubectl's YAML library was made from,
// so that both take and refuse the same text.
#include <yaml.h>

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include "agent/api/document.h"
#include "base/concat.h"

namespace api {

namespace {

using Kind = Node::Kind;

Place place_of(const yaml_mark_t& mark) { return {static_cast<int>(mark.line) + 1, static_cast<int>(mark.column) + 1}; }

std::string_view text_of(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

// A scalar's kind from its tag and style; of a tag that is not YAML's own, text. Nothing: the value is not of its tag.
std::optional<Kind> kind_of(std::string_view tag, bool is_plain, std::string_view value) {
  constexpr std::string_view kStandard = "tag:yaml.org,2002:";
  if (tag.empty()) return is_plain ? resolve_plain(value) : Kind::kString;
  const std::string_view name = tag.starts_with(kStandard) ? tag.substr(kStandard.size()) : std::string_view();
  if (name == "binary") return std::nullopt;
  const Kind kind = resolve_plain(value);
  const bool is_number = kind == Kind::kInteger || kind == Kind::kFloat;
  if (name == "int") return kind == Kind::kInteger ? std::optional(kind) : std::nullopt;
  if (name == "float") return is_number ? std::optional(kind) : std::nullopt;
  if (name == "bool") return kind == Kind::kBool ? std::optional(kind) : std::nullopt;
  if (name == "null") return kind == Kind::kNull ? std::optional(kind) : std::nullopt;
  return Kind::kString;
}

// A key that is no text becomes one: yes is "true", 0x10 is "16".
std::string key_text(Kind kind, std::string_view value) {
  const Node node{kind, {}, std::string(value), {}, {}};
  if (kind == Kind::kBool) return bool_value(node) ? "true" : "false";
  if (const std::optional<int64_t> number = integer_value(node)) return std::to_string(*number);
  return node.text;
}

bool is_merge_key(const Entry& entry) { return entry.key == "<<"; }

// What "<<: *base" or "<<: [*a, *b]" stands for, the map of most weight last; none: it is not made of maps.
std::vector<Node> merge_sources(Node value) {
  std::vector<Node> sources;
  if (value.kind == Kind::kMap)
    sources.push_back(std::move(value));
  else
    sources.assign(std::make_move_iterator(value.items.rbegin()), std::make_move_iterator(value.items.rend()));
  const bool all_maps = std::ranges::all_of(sources, [](const Node& node) { return node.kind == Kind::kMap; });
  return all_maps ? std::move(sources) : std::vector<Node>();
}

// Puts the entries of merged maps in the place of "<<". As with kubectl's library, whatever comes later in the file
// wins: a merged map also over what is set above it. A "<<" that merges nothing is left, to be refused.
void apply_merge_keys(Node& map) {
  if (std::ranges::none_of(map.entries, is_merge_key)) return;
  std::vector<Entry> merged;
  std::unordered_map<std::string, size_t> places;
  const auto set = [&](Entry entry) {
    const auto [place, is_new] = places.emplace(entry.key, merged.size());
    if (is_new)
      merged.push_back(std::move(entry));
    else
      merged[place->second] = std::move(entry);
  };
  for (Entry& entry : map.entries) {
    std::vector<Node> sources = is_merge_key(entry) ? merge_sources(entry.value) : std::vector<Node>();
    for (Node& source : sources)
      for (Entry& from_source : source.entries) set(std::move(from_source));
    if (sources.empty()) set(std::move(entry));
  }
  map.entries = std::move(merged);
}

// One document's events being made a tree.
class TreeReader {
 public:
  // False: stop, the document cannot be read further.
  bool take(const yaml_event_t& event) {
    const Place place = place_of(event.start_mark);
    switch (event.type) {
      case YAML_ALIAS_EVENT:
        return alias(std::string(text_of(event.data.alias.anchor)), place);
      case YAML_SCALAR_EVENT:
        return scalar(event, place);
      case YAML_SEQUENCE_START_EVENT:
        return open(Kind::kList, place, text_of(event.data.sequence_start.anchor));
      case YAML_MAPPING_START_EVENT:
        return open(Kind::kMap, place, text_of(event.data.mapping_start.anchor));
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        return close();
      default:
        return true;
    }
  }

  Document finish() && {
    if (stopped_) return {std::nullopt, {*std::move(stopped_)}};
    return std::move(builder_).finish();
  }

 private:
  bool alias(const std::string& anchor, Place place) {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) return stop(place, "this alias names nothing that was complete before it");
    if (!builder_.in_map_awaiting_key()) return builder_.copy(found->second, place);
    return key(found->second.kind, found->second.text, place);
  }

  bool scalar(const yaml_event_t& event, Place place) {
    const std::string_view value(reinterpret_cast<const char*>(event.data.scalar.value), event.data.scalar.length);
    const std::string_view tag = text_of(event.data.scalar.tag);
    const std::optional<Kind> kind = kind_of(tag, event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE, value);
    if (!kind) return stop(place, base::concat("the value is not of its tag ", tag, ", or that is not supported"));
    const std::string anchor(text_of(event.data.scalar.anchor));
    if (builder_.in_map_awaiting_key()) {
      if (!anchor.empty()) anchors_[anchor] = Node{*kind, place, std::string(value), {}, {}};
      return key(*kind, value, place);
    }
    return builder_.scalar(*kind, place, std::string(value)) && remember(anchor);
  }

  bool key(Kind kind, std::string_view value, Place place) {
    if (kind == Kind::kNull || kind == Kind::kList || kind == Kind::kMap) return stop(place, "a key must be a string");
    return builder_.key(key_text(kind, value), place, value == "<<");
  }

  // Tags of lists and maps say nothing to kubectl.
  bool open(Kind kind, Place place, std::string_view anchor) {
    if (builder_.in_map_awaiting_key())
      return stop(place, "a key must be a string, not a list or a map; quote a value that begins with { or [");
    open_anchors_.emplace_back(anchor);
    return builder_.open(kind, place);
  }

  bool close() {
    builder_.amend_open(apply_merge_keys);
    if (!builder_.close()) return false;
    const std::string anchor = std::move(open_anchors_.back());
    open_anchors_.pop_back();
    return remember(anchor);
  }

  bool remember(const std::string& anchor) {
    const Node* node = builder_.last_finished();
    if (anchor.empty() || node == nullptr) return true;
    if (!builder_.count(tree_size(*node), node->place)) return false;
    anchors_[anchor] = *node;
    return true;
  }

  bool stop(Place place, std::string message) {
    stopped_ = Fault{place.line, place.column, "", std::move(message)};
    return false;
  }

  TreeBuilder builder_;
  std::unordered_map<std::string, Node> anchors_;
  std::vector<std::string> open_anchors_;
  std::optional<Fault> stopped_;
};

// Owns the parser; next() gives an event that lives until the next call, null after the last or an error.
class EventStream {
 public:
  explicit EventStream(std::string_view text) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
  }
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;
  ~EventStream() {
    forget();
    yaml_parser_delete(&parser_);
  }

  const yaml_event_t* next() {
    forget();
    has_event_ = yaml_parser_parse(&parser_, &event_) == 1;
    return has_event_ && event_.type != YAML_STREAM_END_EVENT ? &event_ : nullptr;
  }

  // What ended the stream early; nothing when it came to its end.
  std::optional<Fault> error() const {
    if (parser_.error == YAML_NO_ERROR) return std::nullopt;
    const Place place = place_of(parser_.problem_mark);
    std::string message = base::concat("not YAML: ", parser_.problem == nullptr ? "no memory" : parser_.problem);
    if (parser_.context != nullptr)
      message += base::concat(", ", parser_.context, " that began in line ", parser_.context_mark.line + 1);
    if (message.find("cannot start any token") != std::string::npos)
      message += "; a tab cannot indent, and @ and ` begin nothing: quote the value";
    return Fault{place.line, place.column, "", std::move(message)};
  }

 private:
  void forget() {
    if (has_event_) yaml_event_delete(&event_);
    has_event_ = false;
  }

  yaml_parser_t parser_{};
  yaml_event_t event_{};
  bool has_event_ = false;
};

Document unreadable(Fault fault) { return {std::nullopt, {std::move(fault)}}; }

struct ReadDocument {
  Document document;
  bool ended_by_dots = false;
};

// The document whose start was the last event.
ReadDocument read_one(EventStream& events) {
  TreeReader reader;
  bool ended_by_dots = false;
  for (const yaml_event_t* event = events.next(); event != nullptr; event = events.next()) {
    const bool is_end = event->type == YAML_DOCUMENT_END_EVENT;
    ended_by_dots = is_end && event->data.document_end.implicit == 0;
    if (is_end || !reader.take(*event)) break;
  }
  return {std::move(reader).finish(), ended_by_dots};
}

}  // namespace

Document parse_yaml(std::string_view text) {
  EventStream events(text);
  std::optional<Document> only;
  while (const yaml_event_t* event = events.next()) {
    if (event->type != YAML_DOCUMENT_START_EVENT) continue;
    ReadDocument read = read_one(events);
    if (std::optional<Fault> error = events.error()) return unreadable(*std::move(error));
    if (!read.document.root) return std::move(read.document);
    if (read.document.root->kind == Kind::kNull) continue;  // "---" with nothing after it
    if (only) {
      const Place place = read.document.root->place;
      return unreadable(
          {place.line, place.column, "", "a second document begins here without a line that is only ---"});
    }
    // What follows a "..." is not looked at, as kubectl does not.
    if (read.ended_by_dots) return std::move(read.document);
    only = std::move(read.document);
  }
  if (std::optional<Fault> error = events.error()) return unreadable(*std::move(error));
  if (only) return *std::move(only);
  return unreadable({0, 0, "", "empty: there is no object in it"});
}

}  // namespace api
