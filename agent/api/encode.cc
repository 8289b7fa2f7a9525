// Described types to JSON and YAML.
#include <yaml-cpp/emitter.h>
#include <yaml-cpp/emittermanip.h>

#include <nlohmann/json.hpp>

#include "agent/api/codec.h"
#include "agent/api/describe.h"
#include "agent/api/document.h"
#include "agent/api/enums.h"

namespace api {

namespace {

using Json = nlohmann::ordered_json;

template <typename T>
Json encode_object(const T& object);

Json encode(const std::string& value) { return value; }
Json encode(bool value) { return value; }
Json encode(int32_t value) { return value; }
Json encode(int64_t value) { return value; }
Json encode(const Quantity& value) { return value.to_string(); }
Json encode(const Time& value) { return base::rfc3339(value); }
Json encode(const std::map<std::string, std::string>& map) {
  Json out = Json::object();
  for (const auto& [key, value] : map) out[key] = value;
  return out;
}

template <typename T>
Json encode(const T& value) {
  if constexpr (Enumeration<T>) {
    return std::string(enum_text(value));
  } else if constexpr (requires { value.has_value(); }) {
    return value.has_value() ? encode(*value) : Json(nullptr);
  } else if constexpr (requires { value.front(); }) {
    Json out = Json::array();
    for (const auto& item : value) out.push_back(encode(item));
    return out;
  } else {
    return encode_object(value);
  }
}

// Whether an optional member holds nothing and is left out. An std::optional with a value never does: "emptyDir: {}".
template <typename T>
bool holds_nothing(const T& member, const Json& encoded) {
  if constexpr (requires { member.has_value(); }) {
    return !member.has_value();
  } else {
    if (encoded.is_boolean()) return !encoded.get<bool>();
    if (encoded.is_number()) return encoded.get<int64_t>() == 0;
    if (encoded.is_string()) return encoded.get_ref<const std::string&>().empty();
    return encoded.empty();
  }
}

class FieldEncoder {
 public:
  explicit FieldEncoder(Json& out) : out_(out) {}

  void type_meta(std::string_view version, std::string_view kind) {
    out_["apiVersion"] = std::string(version);
    out_["kind"] = std::string(kind);
  }
  template <typename T>
  void required(std::string_view name, const T& member) {
    out_[std::string(name)] = encode(member);
  }
  template <typename T>
  void defaulted(std::string_view name, const T& member) {
    required(name, member);
  }
  template <typename T>
  void optional(std::string_view name, const T& member) {
    Json encoded = encode(member);
    if (!holds_nothing(member, encoded)) out_[std::string(name)] = std::move(encoded);
  }
  void later(LaterFields /*fields*/) {}

 private:
  Json& out_;
};

template <typename T>
Json encode_object(const T& object) {
  Json out = Json::object();
  FieldEncoder fields(out);
  describe(fields, object);
  return out;
}

// Text that is not UTF-8 (a container's own words in a message) has the broken bytes replaced.
std::string dump(const Json& json, int indent) { return json.dump(indent, ' ', false, Json::error_handler_t::replace); }

void emit(YAML::Emitter& out, const Json& json) {
  switch (json.type()) {
    case Json::value_t::object:
      if (json.empty()) out << YAML::Flow;
      out << YAML::BeginMap;
      for (const auto& [key, value] : json.items()) {
        if (resolve_plain(key) != Node::Kind::kString) out << YAML::DoubleQuoted;
        out << YAML::Key << key << YAML::Value;
        emit(out, value);
      }
      out << YAML::EndMap;
      break;
    case Json::value_t::array:
      if (json.empty()) out << YAML::Flow;
      out << YAML::BeginSeq;
      for (const Json& item : json) emit(out, item);
      out << YAML::EndSeq;
      break;
    case Json::value_t::string: {
      const auto& text = json.get_ref<const std::string&>();
      if (resolve_plain(text) != Node::Kind::kString) out << YAML::DoubleQuoted;
      out << text;
      break;
    }
    default:
      out << json.dump();
  }
}

}  // namespace

std::string to_json(const Pod& pod) { return dump(encode_object(pod), -1); }
std::string to_json_pretty(const Pod& pod) { return dump(encode_object(pod), 2); }
std::string to_json(const PodStatus& status) { return dump(encode_object(status), -1); }
std::string to_json(const Event& event) { return dump(encode_object(event), -1); }

std::string to_yaml(const Pod& pod) {
  YAML::Emitter out;
  emit(out, encode_object(pod));
  return std::string(out.c_str()) + "\n";
}

}  // namespace api
