#include "agent/api/pod.h"
#include "agent/api/schema.h"

namespace api {

template <>
const Type& Describe<Pod>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&Pod::metadata>("metadata", "@Pod.metadata@"),
      optional<&Pod::spec>("spec", "@Pod.spec@"),
      optional<&Pod::status>("status", "@Pod.status@").omitted_when_empty(),
  });
  static constexpr Type kType = object_type<Pod>("Pod", "@Pod@", kFields, "v1");
  return kType;
}

}  // namespace api
