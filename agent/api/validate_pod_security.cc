#include <algorithm>

#include "agent/api/forms.h"
#include "agent/api/validate.h"

namespace api {

void validate_identity(const std::optional<int64_t>& id, const FieldPath& path, FaultList& faults) {
  constexpr int64_t kMax = 2147483647;
  if (id && (*id < 0 || *id > kMax)) faults.invalid(path, *id, "must be between 0 and 2147483647, inclusive");
}

}  // namespace api
