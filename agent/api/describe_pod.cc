#include "agent/api/pod.h"
#include "agent/api/schema.h"

namespace api {

template <>
const Type& Describe<Pod>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&Pod::metadata>("metadata", "Name, namespace, labels and annotations."),
      optional<&Pod::spec>("spec", "What should run."),
      optional<&Pod::status>("status", "What is seen of it; ignored in files.").omitted_when_empty(),
  });
  static constexpr Type kType = object_type<Pod>(
      "Pod", "Containers that run together on one node and share its network address and volumes.", kFields, "v1");
  return kType;
}

}  // namespace api
