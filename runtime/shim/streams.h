// The standard streams of a process in a container: the descriptors that it was given, the container's own /dev/null,
// or a terminal.
#pragma once

#include <sys/types.h>

#include "base/error.h"
#include "runtime/oci/spec.h"
#include "runtime/shim/child.h"

namespace runtime::shim {

// Onto 0, 1 and 2. A stream that is not wanted, or is the host's /dev/null, is the container's own.
base::Status place_streams(int root, const ChildStreams& streams, uid_t uid);

// A terminal in place of the three streams, of the size that the process asks for and its user's; its master goes to
// the shim. bind: also on /dev/console.
base::Status set_up_console(int root, int report, bool bind, const oci::Process& process);

// A session of its own; with a terminal, stdin becomes its controlling one.
base::Status start_session(bool terminal);

}  // namespace runtime::shim
