// The pod's namespaces, which the shim enters itself and thereby keeps alive.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "runtime/shim/shared_init.h"

namespace runtime::shim {

struct SandboxOptions {
  std::string hostname;
  bool host_network = false;
  bool host_ipc = false;
  bool host_uts = false;
  bool shared_pid = false;
  std::vector<std::pair<std::string, std::string>> sysctls;  // file below /proc/sys, value
};

struct Sandbox {
  std::optional<SharedPid> shared_pid;
  int inherited_oom_score = 0;  // the agent's, for containers that do not say theirs
  int oom_score = 0;
};

inline constexpr int kWantedOomScore = -998;

// Unshares, names the host, brings the loopback up, sets the sysctls and, if asked, starts the shared pid 1.
base::Result<Sandbox> set_up_sandbox(const SandboxOptions& options);

}  // namespace runtime::shim
