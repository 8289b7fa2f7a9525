#include <openssl/evp.h>

#include "agent/api/decode.h"
#include "base/concat.h"

namespace api {

namespace {

using Kind = Node::Kind;

Node scalar(Kind kind, std::string text) {
  Node node;
  node.kind = kind;
  node.text = std::move(text);
  return node;
}

std::string to_base64(const std::string& raw) {
  std::string text((raw.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock ends it with a NUL
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     reinterpret_cast<const unsigned char*>(raw.data()), static_cast<int>(raw.size()));
  text.resize(static_cast<size_t>(length));
  return text;
}

std::string_view enum_text(const Type& type, const void* value) {
  const int number = type.operations.enum_get(value);
  for (const EnumName& name : type.enum_names)
    if (name.value == number) return name.text;
  return {};
}

Node encode_value(const Type& type, const void* value);

void add_field(Node& map, std::string_view name, Node value) {
  map.entries.push_back({std::string(name), {}, std::move(value)});
}

Node encode_fields(const Type& type, const void* object) {
  Node map;
  map.kind = Kind::kMap;
  for (const Field& field : type.fields) {
    const void* const member = field.of(object);
    const Type& member_type = field.type();
    const bool is_object = member_type.shape == Shape::kObject;
    const bool always = field.is_required || (is_object && !field.omit_empty);
    if (always || !says_nothing(member_type, member)) add_field(map, field.name, encode_value(member_type, member));
  }
  return map;
}

Node encode_list(const Type& type, const void* list) {
  Node out;
  out.kind = Kind::kList;
  for (size_t i = 0; i < type.operations.size(list); ++i)
    out.items.push_back(encode_value(type.element(), type.operations.at(list, i)));
  return out;
}

Node encode_map(const Type& type, const void* map) {
  struct Context {
    Node out;
    const Type& element;
  } context{{}, type.element()};
  context.out.kind = Kind::kMap;
  type.operations.each(
      map,
      [](void* opaque, const std::string& key, const void* value) {
        auto& to = *static_cast<Context*>(opaque);
        add_field(to.out, key, encode_value(to.element, value));
      },
      &context);
  return std::move(context.out);
}

Node encode_value(const Type& type, const void* value) {
  switch (type.shape) {
    case Shape::kString:
      return scalar(Kind::kString, *static_cast<const std::string*>(value));
    case Shape::kBool:
      return scalar(Kind::kBool, *static_cast<const bool*>(value) ? "true" : "false");
    case Shape::kInt32:
      return scalar(Kind::kInteger, std::to_string(*static_cast<const int32_t*>(value)));
    case Shape::kInt64:
      return scalar(Kind::kInteger, std::to_string(*static_cast<const int64_t*>(value)));
    case Shape::kQuantity:
      return scalar(Kind::kString, static_cast<const Quantity*>(value)->to_string());
    case Shape::kTime:
      return scalar(Kind::kString, base::rfc3339(*static_cast<const Time*>(value)));
    case Shape::kIntOrString: {
      const auto& either = *static_cast<const IntOrString*>(value);
      return either.is_string ? scalar(Kind::kString, either.text)
                              : scalar(Kind::kInteger, std::to_string(either.number));
    }
    case Shape::kBytes:
      return scalar(Kind::kString, to_base64(static_cast<const Bytes*>(value)->raw));
    case Shape::kRaw: {
      Document document = parse_json(static_cast<const RawJson*>(value)->text);
      return document.root ? *std::move(document.root) : Node{};
    }
    case Shape::kEnum:
      return scalar(Kind::kString, std::string(enum_text(type, value)));
    case Shape::kOptional: {
      const void* const element = type.operations.get(value);
      return element == nullptr ? Node{} : encode_value(type.element(), element);
    }
    case Shape::kList:
      return encode_list(type, value);
    case Shape::kMap:
      return encode_map(type, value);
    case Shape::kObject:
      return encode_fields(type, value);
  }
  return {};
}

// The entry or item of a path such as "spec.containers[0].image[key]"; null where it is not there.
Node* step_into(Node& node, std::string_view& path) {
  const PathStep step = next_step(path);
  if (node.kind == Kind::kList) return step.index < node.items.size() ? &node.items[step.index] : nullptr;
  for (Entry& entry : node.entries)
    if (entry.key == step.name) return &entry.value;
  return nullptr;
}

}  // namespace

bool says_nothing(const Type& type, const void* value) {
  switch (type.shape) {
    case Shape::kString:
      return static_cast<const std::string*>(value)->empty();
    case Shape::kBool:
      return !*static_cast<const bool*>(value);
    case Shape::kInt32:
      return *static_cast<const int32_t*>(value) == 0;
    case Shape::kInt64:
      return *static_cast<const int64_t*>(value) == 0;
    case Shape::kEnum:
      return enum_text(type, value).empty();
    case Shape::kOptional:
      return type.operations.get(value) == nullptr;
    case Shape::kList:
    case Shape::kMap:
      return type.operations.size(value) == 0;
    case Shape::kObject:
      for (const Field& field : type.fields)
        if (!says_nothing(field.type(), field.of(value))) return false;
      return true;
    default:
      return false;
  }
}

Node encode(const Type& type, const void* value) {
  Node fields = encode_value(type, value);
  if (type.api_version.empty()) return fields;
  Node out;
  out.kind = Kind::kMap;
  add_field(out, "apiVersion", scalar(Kind::kString, std::string(type.api_version)));
  add_field(out, "kind", scalar(Kind::kString, std::string(type.name)));
  for (Entry& entry : fields.entries) out.entries.push_back(std::move(entry));
  return out;
}

void restore(Node& root, const std::vector<UnknownField>& unknown) {
  for (const UnknownField& field : unknown) {
    std::string_view path = field.path;
    Node* node = &root;
    while (node != nullptr && !is_last_step(path)) node = step_into(*node, path);
    if (node != nullptr && node->kind == Kind::kMap) add_field(*node, next_step(path).name, field.value);
  }
}

}  // namespace api
