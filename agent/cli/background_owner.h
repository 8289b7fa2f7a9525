// The owner that `run --detach` leaves behind: this program again, in a session of its own, until the pod has ended.
#pragma once

#include "agent/cli/arguments.h"
#include "agent/cli/pod_documents.h"
#include "base/error.h"

namespace agent::cli {

// Returns when every container of the pod has been started: 0; or when the pod has failed to: the status that a
// foreground run would have, and why has been printed. An interrupt ends the waiting, which is said; the pod is then
// the owner's. An error means that there is no owner.
base::Result<int> leave_to_background_owner(const Globals& globals, const PodDocuments& documents);

}  // namespace agent::cli
