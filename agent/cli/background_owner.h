// The owner that `run --detach` leaves behind: this program again, in a session of its own, until all has
// ended.
#pragma once

#include <string>
#include <vector>

#include "agent/cli/arguments.h"
#include "agent/cli/run_documents.h"
#include "base/error.h"

namespace agent::cli {

struct BackgroundStart {
  int status = 0;                    // as a foreground run would have; why has been printed
  std::vector<std::string> started;  // pods, "namespace/name", sorted
};

// Returns when everything that is to run first has been started, or has failed to. An interrupt ends the waiting, which
// is said; everything is then the owner's. An error means that there is no owner.
base::Result<BackgroundStart> leave_to_background_owner(const Globals& globals, const RunDocuments& documents);

}  // namespace agent::cli
