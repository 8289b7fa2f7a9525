// A process that does nothing, for what exists only as long as a process is in it, such as a scope of systemd's.
#pragma once

#include "base/spawn.h"

namespace base {

// Waits until it is killed, which the Child's destruction does, and never outlives the calling thread. It shares no
// memory with us, so that an OOM kill where it is put ends nothing else, and is itself no victim of one where that can
// be had; holds no descriptor; and no signal but SIGKILL reaches it.
Result<Child> start_placeholder();

}  // namespace base
