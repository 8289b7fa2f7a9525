// Which fields of a valid pod nodeagent does not carry out yet. Internal to agent/api.
#pragma once

#include "agent/api/faults.h"

namespace api {

void check_support(const Pod& pod, FaultList& faults);

}  // namespace api
