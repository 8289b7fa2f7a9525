// What every Kubernetes object carries (meta/v1).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"

namespace api {

// metav1.Time: whole seconds when written.
using Time = base::WallTime;

struct ObjectMeta {
  std::string name;
  std::string namespace_ = "default";
  std::string uid;  // empty: the source has not given one yet
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
  int64_t generation = 0;
  std::optional<Time> creation_timestamp;
  std::optional<Time> deletion_timestamp;
  std::optional<int64_t> deletion_grace_period_seconds;

  bool operator==(const ObjectMeta&) const = default;
};

}  // namespace api
