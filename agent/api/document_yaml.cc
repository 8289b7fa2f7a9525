// YAML text to a Document, through yaml-cpp's event parser.
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <unordered_map>
#include <unordered_set>

#include "agent/api/document.h"
#include "base/concat.h"

namespace api {

namespace {

using Kind = Node::Kind;

// Thrown out of yaml-cpp's parser to end it early; caught in parse_yaml() below.
struct StopParsing {};

Place place_of(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

// A scalar's kind from its tag: "?" is an unquoted scalar, "!" a quoted one. Nothing: an unknown tag.
std::optional<Kind> kind_of(const std::string& tag, const std::string& value) {
  constexpr std::string_view kStandard = "tag:yaml.org,2002:";
  if (tag == "!" || tag == "tag:yaml.org,2002:str") return Kind::kString;
  if (tag.empty() || tag == "?") return resolve_plain(value);
  if (!tag.starts_with(kStandard)) return std::nullopt;
  const std::string_view name = std::string_view(tag).substr(kStandard.size());
  if (name == "int" || name == "bool" || name == "float" || name == "null") return resolve_plain(value);
  return std::nullopt;
}

// yaml-cpp makes "\\N" and "\\_" of a quoted scalar one byte each, in Latin-1; everything else it makes is UTF-8.
std::string mend_utf8(const std::string& text) {
  const std::string_view rest = text;
  std::string out;
  for (size_t i = 0; i < rest.size();) {
    const size_t length = utf8_length(rest.substr(i));
    if (length == 0) out += '\xC2';
    out += rest.substr(i, std::max<size_t>(length, 1));
    i += std::max<size_t>(length, 1);
  }
  return out;
}

bool is_merge_key(const Entry& entry) { return entry.key == "<<"; }

// Adds what "<<: *base" stands for: the entries of the named map (or maps) that the map itself does not set.
void apply_merge_keys(Node& map) {
  const auto merge = std::find_if(map.entries.begin(), map.entries.end(), is_merge_key);
  if (merge == map.entries.end()) return;
  std::vector<Node> sources;
  if (merge->value.kind == Kind::kMap) {
    sources.push_back(merge->value);
  } else if (merge->value.kind == Kind::kList) {
    sources = merge->value.items;
  }
  const bool all_maps =
      std::all_of(sources.begin(), sources.end(), [](const Node& node) { return node.kind == Kind::kMap; });
  if (sources.empty() || !all_maps) return;  // left as it is: "<<" is then refused as an unknown field
  map.entries.erase(merge);
  std::unordered_set<std::string> keys;
  for (const Entry& entry : map.entries) keys.insert(entry.key);
  for (Node& source : sources)
    for (Entry& entry : source.entries)
      if (keys.insert(entry.key).second) map.entries.push_back(std::move(entry));
}

class YamlHandler final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { start_ = mark; }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (builder_.in_map_awaiting_key()) return check(builder_.key("null", place_of(mark)));
    check(builder_.scalar(Kind::kNull, place_of(mark), ""));
    remember(anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) stop(mark, "this alias names nothing that was complete before it");
    if (builder_.in_map_awaiting_key()) {
      if (found->second.kind == Kind::kList || found->second.kind == Kind::kMap) stop(mark, "a key must be a string");
      return check(builder_.key(found->second.text, place_of(mark)));
    }
    check(builder_.copy(found->second, place_of(mark)));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& written) override {
    const std::string value = mend_utf8(written);
    const std::optional<Kind> kind = kind_of(tag, value);
    if (!kind) stop(mark, base::concat("the tag ", tag, " is not supported"));
    if (builder_.in_map_awaiting_key()) {
      if (anchor != 0) anchors_[anchor] = Node{*kind, place_of(mark), value, {}, {}};
      return check(builder_.key(value, place_of(mark)));
    }
    check(builder_.scalar(*kind, place_of(mark), value));
    remember(anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(Kind::kList, mark, tag, "tag:yaml.org,2002:seq", anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(Kind::kMap, mark, tag, "tag:yaml.org,2002:map", anchor);
  }
  void OnMapEnd() override { close(); }

  const YAML::Mark& start() const { return start_; }

  Document finish() && {
    if (stopped_) return {std::nullopt, {*std::move(stopped_)}};
    return std::move(builder_).finish();
  }

 private:
  void open(Kind kind, const YAML::Mark& mark, const std::string& tag, std::string_view standard,
            YAML::anchor_t anchor) {
    if (builder_.in_map_awaiting_key()) stop(mark, "a key must be a string, not a list or a map");
    if (!tag.empty() && tag != "?" && tag != "!" && tag != standard)
      stop(mark, base::concat("the tag ", tag, " is not supported"));
    check(builder_.open(kind, place_of(mark)));
    open_anchors_.push_back(anchor);
  }

  void close() {
    builder_.amend_open(apply_merge_keys);
    check(builder_.close());
    const YAML::anchor_t anchor = open_anchors_.back();
    open_anchors_.pop_back();
    remember(anchor);
  }

  void remember(YAML::anchor_t anchor) {
    const Node* node = builder_.last_finished();
    if (anchor == 0 || node == nullptr) return;
    check(builder_.count(tree_size(*node), node->place));
    anchors_[anchor] = *node;
  }

  [[noreturn]] void stop(const YAML::Mark& mark, std::string message) {
    stopped_ = Fault{mark.line + 1, mark.column + 1, "", std::move(message)};
    throw StopParsing{};
  }
  static void check(bool within_limits) {
    if (!within_limits) throw StopParsing{};
  }

  TreeBuilder builder_;
  YAML::Mark start_;
  std::unordered_map<YAML::anchor_t, Node> anchors_;
  std::vector<YAML::anchor_t> open_anchors_;
  std::optional<Fault> stopped_;
};

Document unreadable(Place place, std::string message) {
  return {std::nullopt, {Fault{place.line, place.column, "", std::move(message)}}};
}

}  // namespace

Document parse_yaml(std::string_view text) {
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    std::optional<Document> only;
    int last_start = -1;
    for (;;) {
      YamlHandler handler;
      bool more = false;
      try {
        more = parser.HandleNextDocument(handler);
      } catch (const StopParsing&) {
        return std::move(handler).finish();
      }
      if (!more) break;
      // Before what ends a list or a map and was never opened, yaml-cpp finds one empty document after the other.
      if (handler.start().pos <= last_start)
        return unreadable(place_of(handler.start()), "not YAML: nothing may follow the document here");
      last_start = handler.start().pos;
      Document document = std::move(handler).finish();
      if (!document.root || document.root->kind == Kind::kNull) continue;  // "---" with nothing after it
      if (only)
        return unreadable(document.root->place,
                          "a second document begins here: nodeagent takes one pod a file; split it at the --- lines");
      only = std::move(document);
    }
    if (!only) return unreadable({}, "empty: there is no pod in it");
    return *std::move(only);
  } catch (const YAML::Exception& error) {
    const std::string_view message = error.msg;
    return unreadable(error.mark.is_null() ? Place{} : place_of(error.mark), base::concat("not YAML: ", message));
  } catch (const std::exception& error) {
    return unreadable({}, base::concat("not YAML: ", error.what()));
  }
}

}  // namespace api
