// What of a valid object nodeagent does not carry out yet. Internal to agent/api.
#pragma once

#include "agent/api/faults.h"

namespace api {

void check_support(const Pod& pod, FaultList& faults);
void check_support(const Object& object, FaultList& faults);

}  // namespace api
