#include "agent/api/decode.h"

#include <openssl/evp.h>

#include <algorithm>
#include <limits>

#include "base/concat.h"

namespace api {

namespace {

using Kind = Node::Kind;

// RFC 4648 with padding, line breaks allowed, as Go's encoding/base64 reads it; nothing when it is not that.
std::optional<std::string> from_base64(std::string_view written) {
  std::string text;
  for (const char c : written)
    if (c != '\n' && c != '\r') text += c;
  if (text.size() % 4 != 0) return std::nullopt;
  const size_t padding = text.size() - std::min(text.size(), text.find_last_not_of('=') + 1);
  if (padding > 2) return std::nullopt;
  const auto is_digit = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  };
  if (!std::all_of(text.begin(), text.end() - static_cast<std::ptrdiff_t>(padding), is_digit)) return std::nullopt;
  std::string raw(text.size() / 4 * 3, '\0');
  const int length =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(raw.data()), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  if (length < 0) return std::nullopt;
  raw.resize(static_cast<size_t>(length) - padding);
  return raw;
}

class Decoder {
 public:
  // The path is that of the node; it grows and shrinks with the walk, so that no copy is made where nothing is wrong.
  Decoder(std::string path, FaultList& faults, std::vector<UnknownField>* unknown, size_t* room)
      : path_(std::move(path)), faults_(faults), unknown_(unknown), room_(room) {}

  void read(const Node& node, const Type& type, void* out) {
    switch (type.shape) {
      case Shape::kString:
        return read_string(node, *static_cast<std::string*>(out));
      case Shape::kBool:
        if (node.kind != Kind::kBool) return wrong_type(node, "true or false");
        *static_cast<bool*>(out) = bool_value(node);
        return;
      case Shape::kInt32:
        return read_integer(node, *static_cast<int32_t*>(out));
      case Shape::kInt64:
        return read_integer(node, *static_cast<int64_t*>(out));
      case Shape::kQuantity:
        return read_quantity(node, *static_cast<Quantity*>(out));
      case Shape::kTime:
        return read_time(node, *static_cast<Time*>(out));
      case Shape::kIntOrString:
        return read_int_or_string(node, *static_cast<IntOrString*>(out));
      case Shape::kBytes:
        return read_bytes(node, *static_cast<Bytes*>(out));
      case Shape::kRaw:
        if (take(tree_size(node).bytes, node)) static_cast<RawJson*>(out)->text = to_json(node);
        return;
      case Shape::kEnum:
        return read_enum(node, type, out);
      case Shape::kOptional:
        return read_optional(node, type, out);
      case Shape::kList:
        return read_list(node, type, out);
      case Shape::kMap:
        return read_map(node, type, out);
      case Shape::kObject:
        return read_object(node, type, out);
    }
  }

  void read_object(const Node& node, const Type& type, void* out) {
    if (node.kind != Kind::kMap) return wrong_type(node, "a map");
    for (const Entry& entry : node.entries) {
      if (faults_.full()) return;
      const size_t length = descend(entry.key);
      if (const Field* field = type.find(entry.key)) {
        if (!type.api_version.empty() && length == 0) in_status_ = entry.key == "status";
        if (entry.value.kind != Kind::kNull) read_field(entry.value, *field, out);
      } else if (type.api_version.empty() || (entry.key != "apiVersion" && entry.key != "kind")) {
        unknown_field(entry, type);
      }
      path_.resize(length);
    }
  }

 private:
  static bool is_number(const Node& node) { return node.kind == Kind::kInteger || node.kind == Kind::kFloat; }

  void read_field(const Node& node, const Field& field, void* out) {
    const Type& type = field.type();
    const Type& enumeration = type.shape == Shape::kOptional ? type.element() : type;
    const bool is_refused = enumeration.shape == Shape::kEnum && node.kind == Kind::kString &&
                            (field.empty_is_value || !node.text.empty()) && !has_name(enumeration, node.text);
    if (is_refused)
      refuse_value(node, field, enumeration);
    else
      read(node, type, field.member(out));
  }

  // What is seen of an object may be new; nobody checks it.
  void refuse_value(const Node& node, const Field& field, const Type& enumeration) {
    if (in_status_) return;
    const std::string path = field.fault_place == FaultPlace::kField ? path_ : fault_path(path_, field.fault_place);
    std::vector<std::string_view> supported(field.supported.begin(), field.supported.end());
    if (supported.empty()) {
      for (const EnumName& name : enumeration.enum_names)
        if (!name.text.empty()) supported.push_back(name.text);
      std::ranges::sort(supported);
    }
    std::string message = unsupported_value(node.text, supported);
    if (field.empty_is_missing && node.text.empty()) message = "Required value";
    if (field.fault_kind == FaultKind::kInvalid)
      message =
          base::concat("Invalid value: \"", node.text, "\": must be '", supported[0], "' or '", supported[1], "'");
    faults_.add(path, std::move(message), node.place.line, node.place.column);
  }

  static std::string fault_path(const std::string& path, FaultPlace place) {
    if (place == FaultPlace::kParent) return path.substr(0, path.rfind('.'));
    const size_t open = path.rfind('[');
    const size_t close = path.rfind(']');
    return path.substr(0, open) + (place == FaultPlace::kList ? std::string() : path.substr(close + 1));
  }

  void read_string(const Node& node, std::string& out) {
    if (node.kind == Kind::kString) {
      if (!node.text.empty() && take(node.text.size(), node)) out = node.text;
      return;
    }
    const bool is_scalar = node.kind != Kind::kList && node.kind != Kind::kMap;
    wrong_type(
        node, "a string",
        is_scalar && !node.text.empty() ? base::concat("; write it in quotes: \"", node.text, "\"") : std::string());
  }

  template <typename Integer>
  void read_integer(const Node& node, Integer& out) {
    if (!is_number(node)) return wrong_type(node, "a whole number");
    const std::optional<int64_t> value = integer_value(node);
    if (!value || *value < std::numeric_limits<Integer>::min() || *value > std::numeric_limits<Integer>::max())
      return wrong_type(node, sizeof(Integer) == 4 ? "a whole number of 32 bits" : "a whole number of 64 bits");
    if (*value != 0) out = static_cast<Integer>(*value);
  }

  void read_quantity(const Node& node, Quantity& out) {
    if (node.kind != Kind::kString && !is_number(node)) return wrong_type(node, "a quantity such as 64Mi");
    std::string_view text = node.text;
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    text = text.substr(0, text.find_last_not_of(' ') + 1);
    const std::optional<int64_t> number = integer_value(node);  // 0x10 is 16
    base::Result<Quantity> parsed = Quantity::parse(number ? std::to_string(*number) : std::string(text));
    if (!parsed.has_value()) return fault(node, parsed.error().message());
    out = *parsed;
  }

  void read_time(const Node& node, Time& out) {
    if (node.kind != Kind::kString) return wrong_type(node, "a time such as \"2026-11-22T09:50:16Z\"");
    const std::optional<Time> time = parse_time(node.text);
    if (!time)
      return fault(node, base::concat("Invalid value: \"", node.text,
                                      "\": not a time as RFC 3339 has it: 2026-11-22T09:50:16Z"));
    out = *time;
  }

  void read_int_or_string(const Node& node, IntOrString& out) {
    if (node.kind == Kind::kString) {
      out = IntOrString::of(node.text);
    } else if (is_number(node)) {
      int32_t number = 0;
      read_integer(node, number);
      out = IntOrString::of(number);
    } else {
      wrong_type(node, "a whole number or a string");
    }
  }

  void read_bytes(const Node& node, Bytes& out) {
    if (node.kind == Kind::kList) return read_byte_list(node, out);
    if (node.kind != Kind::kString) return wrong_type(node, "a string in base64");
    std::optional<std::string> raw = from_base64(node.text);
    // The value is not shown: it is a secret's.
    if (!raw)
      return fault(node, "Invalid value: not base64 (RFC 4648, with its \"=\" padding); plain text goes in stringData");
    out.raw = *std::move(raw);
  }

  // As Go takes them as well: [104, 105].
  void read_byte_list(const Node& node, Bytes& out) {
    std::string raw;
    for (const Node& item : node.items) {
      const std::optional<int64_t> value = item.kind == Kind::kNull ? 0 : integer_value(item);
      if (!value || *value < 0 || *value > std::numeric_limits<uint8_t>::max())
        return wrong_type(item, "a number of 8 bits, or a string in base64 in place of the list");
      raw += static_cast<char>(*value);
    }
    if (take(raw.size(), node)) out.raw = std::move(raw);
  }

  // Of an unknown text the field told; "" is not said: the default stands.
  void read_enum(const Node& node, const Type& type, void* out) {
    if (node.kind != Kind::kString) return wrong_type(node, "a string");
    for (const EnumName& name : type.enum_names)
      if (name.text == node.text) return type.operations.enum_set(out, name.value);
  }

  void read_optional(const Node& node, const Type& type, void* out) {
    const Type& element = type.element();
    const size_t before = faults_.list().size();
    if (element.shape == Shape::kEnum && node.kind == Kind::kString && node.text.empty() && !has_name(element, ""))
      return;
    if (!take(element.size, node)) return;
    read(node, element, type.operations.emplace(out));
    // A value that could not be read is none; of an object, what could be read is kept.
    const bool is_partly_read =
        node.kind == Kind::kMap && (element.shape == Shape::kObject || element.shape == Shape::kMap);
    if (faults_.list().size() != before && !is_partly_read) type.operations.reset(out);
  }

  static bool has_name(const Type& enumeration, std::string_view text) {
    return std::ranges::any_of(enumeration.enum_names, [&](const EnumName& name) { return name.text == text; });
  }

  void read_list(const Node& node, const Type& type, void* out) {
    if (node.kind != Kind::kList) return wrong_type(node, "a list");
    if (!take(node.items.size() * type.element().size, node)) return;
    type.operations.reserve(out, node.items.size());
    for (size_t i = 0; i < node.items.size() && !faults_.full(); ++i) {
      const size_t length = path_.size();
      path_ += base::concat("[", i, "]");
      void* const item = type.operations.append(out);
      if (node.items[i].kind != Kind::kNull) read(node.items[i], type.element(), item);
      path_.resize(length);
    }
  }

  void read_map(const Node& node, const Type& type, void* out) {
    if (node.kind != Kind::kMap) return wrong_type(node, "a map");
    constexpr size_t kTreeNode = 64;  // of a map, beside key and value
    for (const Entry& entry : node.entries) {
      if (faults_.full() || !take(kTreeNode + entry.key.size() + type.element().size, node)) return;
      const size_t length = path_.size();
      path_ += base::concat("[", entry.key, "]");
      void* const value = type.operations.insert(out, entry.key);
      if (entry.value.kind != Kind::kNull) read(entry.value, type.element(), value);
      path_.resize(length);
    }
  }

  void unknown_field(const Entry& entry, const Type& type) {
    if (unknown_ != nullptr) {
      unknown_->push_back({path_, entry.value});
      return;
    }
    std::vector<std::string_view> names;
    for (const Field& field : type.fields) names.push_back(field.name);
    const std::string_view near = nearest(entry.key, names);
    faults_.add(
        path_,
        near.empty() ? std::string("unknown field") : base::concat("unknown field; did you mean \"", near, "\"?"),
        entry.place.line, entry.place.column);
  }

  // False: there is no room for so many bytes more, which is a fault, and told once.
  bool take(size_t bytes, const Node& node) {
    if (room_ == nullptr) return true;
    if (bytes > *room_ && !is_room_used_up_) fault(node, "too large: the object takes too much memory once it is read");
    is_room_used_up_ = is_room_used_up_ || bytes > *room_;
    if (!is_room_used_up_) *room_ -= bytes;
    return !is_room_used_up_;
  }

  // The path's length to come back to.
  size_t descend(std::string_view name) {
    const size_t length = path_.size();
    if (length > 0) path_ += '.';
    path_ += name;
    return length;
  }

  void wrong_type(const Node& node, std::string_view expected, std::string_view hint = {}) {
    fault(node, base::concat("expected ", expected, ", found ", describe_kind(node), hint));
  }
  void fault(const Node& node, std::string message) {
    faults_.add(path_, std::move(message), node.place.line, node.place.column);
  }

  std::string path_;
  FaultList& faults_;
  std::vector<UnknownField>* unknown_;
  size_t* room_;
  bool is_room_used_up_ = false;
  bool in_status_ = false;  // of the object itself
};

}  // namespace

void decode(const Node& node, const std::string& path, const Type& type, void* object, FaultList& faults,
            std::vector<UnknownField>* unknown, size_t* room) {
  Decoder(path, faults, unknown, room).read_object(node, type, object);
}

}  // namespace api
