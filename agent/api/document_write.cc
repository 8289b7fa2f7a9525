// Document trees to JSON and YAML text.
#include <yaml.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "agent/api/document.h"

namespace api {

namespace {

using Kind = Node::Kind;

// The escaping of JSON is the library's.
std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string number_text(const Node& node) {
  if (const std::optional<int64_t> value = integer_value(node)) return std::to_string(*value);
  return nlohmann::json(std::strtod(node.text.c_str(), nullptr)).dump();
}

std::vector<const Entry*> entries_of(const Node& map, Order order) {
  std::vector<const Entry*> entries;
  for (const Entry& entry : map.entries) entries.push_back(&entry);
  if (order == Order::kSorted)
    std::ranges::stable_sort(entries, [](const Entry* a, const Entry* b) { return a->key < b->key; });
  return entries;
}

class JsonWriter {
 public:
  JsonWriter(bool pretty, Order order) : pretty_(pretty), order_(order) {}

  void write(const Node& node) {
    switch (node.kind) {
      case Kind::kNull:
        out_ += "null";
        break;
      case Kind::kBool:
        out_ += bool_value(node) ? "true" : "false";
        break;
      case Kind::kInteger:
      case Kind::kFloat:
        out_ += number_text(node);
        break;
      case Kind::kString:
        out_ += quoted(node.text);
        break;
      case Kind::kList:
        write_all('[', ']', node.items.size(), [&](size_t i) { write(node.items[i]); });
        break;
      case Kind::kMap: {
        const std::vector<const Entry*> entries = entries_of(node, order_);
        write_all('{', '}', entries.size(), [&](size_t i) {
          out_ += quoted(entries[i]->key);
          out_ += pretty_ ? ": " : ":";
          write(entries[i]->value);
        });
        break;
      }
    }
  }
  std::string take() && { return std::move(out_); }

 private:
  void write_all(char open, char close, size_t count, const auto& write_one) {
    out_ += open;
    depth_ += 1;
    for (size_t i = 0; i < count; ++i) {
      if (i > 0) out_ += ',';
      new_line();
      write_one(i);
    }
    depth_ -= 1;
    if (count > 0) new_line();
    out_ += close;
  }
  void new_line() {
    if (pretty_) out_.append("\n").append(depth_ * 2, ' ');
  }

  bool pretty_;
  Order order_;
  size_t depth_ = 0;
  std::string out_;
};

// libyaml's emitter into a string.
class YamlWriter {
 public:
  explicit YamlWriter(Order order) : order_(order) {
    yaml_emitter_initialize(&emitter_);
    yaml_emitter_set_output(&emitter_, append, &out_);
    yaml_emitter_set_unicode(&emitter_, 1);
    yaml_emitter_set_width(&emitter_, -1);
  }
  YamlWriter(const YamlWriter&) = delete;
  YamlWriter& operator=(const YamlWriter&) = delete;
  ~YamlWriter() { yaml_emitter_delete(&emitter_); }

  std::string write(const Node& node) && {
    yaml_event_t event;
    yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING);
    emit(event);
    yaml_document_start_event_initialize(&event, nullptr, nullptr, nullptr, 1);
    emit(event);
    value(node);
    yaml_document_end_event_initialize(&event, 1);
    emit(event);
    yaml_stream_end_event_initialize(&event);
    emit(event);
    return std::move(out_);
  }

 private:
  static int append(void* out, unsigned char* bytes, size_t count) {
    static_cast<std::string*>(out)->append(reinterpret_cast<const char*>(bytes), count);
    return 1;
  }

  void emit(yaml_event_t& event) { yaml_emitter_emit(&emitter_, &event); }

  void value(const Node& node) {
    switch (node.kind) {
      case Kind::kNull:
        return scalar("null", YAML_PLAIN_SCALAR_STYLE);
      case Kind::kBool:
        return scalar(bool_value(node) ? "true" : "false", YAML_PLAIN_SCALAR_STYLE);
      case Kind::kInteger:
      case Kind::kFloat:
        return scalar(number_text(node), YAML_PLAIN_SCALAR_STYLE);
      case Kind::kString:
        return string(node.text);
      case Kind::kList: {
        yaml_event_t event;
        const auto style = node.items.empty() ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE;
        yaml_sequence_start_event_initialize(&event, nullptr, nullptr, 1, style);
        emit(event);
        for (const Node& item : node.items) value(item);
        yaml_sequence_end_event_initialize(&event);
        return emit(event);
      }
      case Kind::kMap: {
        yaml_event_t event;
        const auto style = node.entries.empty() ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE;
        yaml_mapping_start_event_initialize(&event, nullptr, nullptr, 1, style);
        emit(event);
        for (const Entry* entry : entries_of(node, order_)) {
          string(entry->key);
          value(entry->value);
        }
        yaml_mapping_end_event_initialize(&event);
        return emit(event);
      }
    }
  }

  // Quoted where it would be read as something else than text; lines stay lines.
  void string(const std::string& text) {
    const std::string sound = nlohmann::json::parse(quoted(text)).get<std::string>();
    if (resolve_plain(sound) != Kind::kString || sound == "<<" || sound == "=") {
      scalar(sound, YAML_DOUBLE_QUOTED_SCALAR_STYLE);
    } else {
      scalar(sound, sound.find('\n') == std::string::npos ? YAML_PLAIN_SCALAR_STYLE : YAML_LITERAL_SCALAR_STYLE);
    }
  }

  void scalar(const std::string& text, yaml_scalar_style_t style) {
    yaml_event_t event;
    yaml_scalar_event_initialize(&event, nullptr, nullptr, reinterpret_cast<const unsigned char*>(text.data()),
                                 static_cast<int>(text.size()), 1, 1, style);
    emit(event);
  }

  std::string out_;
  Order order_;
  yaml_emitter_t emitter_{};
};

}  // namespace

std::string to_json(const Node& node) {
  JsonWriter writer(false, Order::kAsIs);
  writer.write(node);
  return std::move(writer).take();
}

std::string to_json_pretty(const Node& node, Order order) {
  JsonWriter writer(true, order);
  writer.write(node);
  return std::move(writer).take() + "\n";
}

std::string to_yaml(const Node& node, Order order) { return YamlWriter(order).write(node); }

}  // namespace api
