#include "agent/api/config.h"
#include "agent/api/schema.h"

namespace api {

template <>
const Type& Describe<ConfigMap>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ConfigMap::metadata>("metadata", "@ConfigMap.metadata@"),
      optional<&ConfigMap::binary_data>("binaryData", "@ConfigMap.binaryData@"),
      optional<&ConfigMap::data>("data", "@ConfigMap.data@"),
      optional<&ConfigMap::immutable>("immutable", "@ConfigMap.immutable@"),
  });
  static constexpr Type kType = object_type<ConfigMap>("ConfigMap", "@ConfigMap@", kFields, "v1");
  return kType;
}

template <>
const Type& Describe<Secret>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&Secret::metadata>("metadata", "@Secret.metadata@"),
      optional<&Secret::data>("data", "@Secret.data@"),
      optional<&Secret::immutable>("immutable", "@Secret.immutable@"),
      optional<&Secret::string_data>("stringData", "@Secret.stringData@"),
      optional<&Secret::type>("type", "@Secret.type@"),
  });
  static constexpr Type kType = object_type<Secret>("Secret", "@Secret@", kFields, "v1");
  return kType;
}

}  // namespace api
