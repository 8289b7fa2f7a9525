// The owner that `run --detach` leaves behind: this program again, in a session of its own, until the pod has ended.
#pragma once

#include "agent/api/pod.h"
#include "agent/cli/arguments.h"
#include "base/error.h"

namespace agent::cli {

// Returns when the new process has taken the pod over, with its reason when it could not.
base::Status leave_to_background_owner(const Globals& globals, const api::Pod& pod);

}  // namespace agent::cli
