// Event (core/v1): one thing that happened to a pod or to one of its containers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/api/meta.h"

namespace api {

enum class EventType : uint8_t { kNormal, kWarning };

struct ObjectReference {
  std::string kind;
  std::string namespace_;
  std::string name;
  std::string uid;
  std::string field_path;  // "spec.containers{web}": the container it is about; empty: the whole object
  bool operator==(const ObjectReference&) const = default;
};

struct Event {
  ObjectReference involved_object;
  std::string reason;  // "Started", "BackOff" …
  std::string message;
  EventType type = EventType::kNormal;
  int32_t count = 1;
  std::optional<Time> first_timestamp;
  std::optional<Time> last_timestamp;
  bool operator==(const Event&) const = default;
};

std::string_view to_string(EventType value);

}  // namespace api
