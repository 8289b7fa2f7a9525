// The user's terminal joined to that of a command in a container.
#pragma once

#include "cri-proto/local_runtime.h"

namespace agent::cli {

// Copies both ways, and sizes, until the command has ended; its exit status. take_input: what is typed goes to it, and
// the user's terminal is in raw mode meanwhile. block_size_changes() has been called.
base::Result<int> run_on_terminal(cri::ExecSession& session, bool take_input, const cri::CallContext& context);

}  // namespace agent::cli
