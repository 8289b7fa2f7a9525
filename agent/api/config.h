// ConfigMap and Secret (core/v1, Kubernetes 1.36). What a field means stands in
// describe_config.cc.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "agent/api/meta.h"

namespace api {

struct ConfigMap {
  ObjectMeta metadata;
  std::map<std::string, Bytes> binary_data;
  std::map<std::string, std::string> data;
  std::optional<bool> immutable;
  bool operator==(const ConfigMap&) const = default;
};

struct Secret {
  ObjectMeta metadata;
  std::map<std::string, Bytes> data;
  std::optional<bool> immutable;
  std::map<std::string, std::string> string_data;
  std::string type = "Opaque";
  bool operator==(const Secret&) const = default;
};

}  // namespace api
