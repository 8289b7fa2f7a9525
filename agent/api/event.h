// Event (core/v1): one thing that happened to a pod or to one of its containers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agent/api/enums.h"
#include "agent/api/meta.h"

namespace api {

struct ObjectReference {
  std::string api_version;
  std::string kind;
  std::string namespace_;
  std::string name;
  std::string uid;
  std::string resource_version;
  std::string field_path;  // "spec.containers{web}": the container it is about; empty: the whole object
  bool operator==(const ObjectReference&) const = default;
};

struct Event {
  ObjectMeta metadata;
  ObjectReference involved_object;
  std::string reason;  // "Started", "BackOff" …
  std::string message;
  EventType type = EventType::kNormal;
  int32_t count = 1;
  std::optional<Time> first_timestamp;
  std::optional<Time> last_timestamp;
  bool operator==(const Event&) const = default;
};

}  // namespace api
