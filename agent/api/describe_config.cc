#include "agent/api/config.h"
#include "agent/api/schema.h"

namespace api {

template <>
const Type& Describe<ConfigMap>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ConfigMap::metadata>("metadata", "Name, namespace, labels and annotations."),
      optional<&ConfigMap::binary_data>(
          "binaryData", "Values of any bytes, as base64 in the text. A key stands here or in data, not in both."),
      optional<&ConfigMap::data>(
          "data",
          "Values in UTF-8 by key. Keys are of letters, digits, \"-\", \"_\" and \".\"; 1 MiB in all with binaryData."),
      optional<&ConfigMap::immutable>(
          "immutable", "Whether data and binaryData are fixed until the object is deleted; once true it stays true."),
  });
  static constexpr Type kType = object_type<ConfigMap>(
      "ConfigMap", "Settings that are not secret, for containers to read as files or environment variables.", kFields,
      "v1");
  return kType;
}

template <>
const Type& Describe<Secret>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&Secret::metadata>("metadata", "Name, namespace, labels and annotations."),
      optional<&Secret::data>(
          "data",
          "Values by key, as base64 in the text. Keys are of letters, digits, \"-\", \"_\" and \".\"; 1 MiB in all."),
      optional<&Secret::immutable>(
          "immutable", "Whether the values are fixed until the object is deleted; once true it stays true."),
      optional<&Secret::string_data>(
          "stringData",
          "Values in plain text, for convenience when writing: each replaces the value of its key in data."),
      optional<&Secret::type>("type",
                              "What the values are for; decides which keys must be there, such as "
                              "kubernetes.io/dockerconfigjson or kubernetes.io/tls."),
  });
  static constexpr Type kType = object_type<Secret>(
      "Secret", "Secret values, for containers to read as files or environment variables.", kFields, "v1");
  return kType;
}

}  // namespace api
