// The device rules of a container, enforced by a BPF program on its cgroup (cgroup v2 has no device controller:
// https://docs.kernel.org/admin-guide/cgroup-v2.html, "Device controller").
//
// This is what makes CAP_MKNOD harmless, which containers have by default: a node that names the host's disk can be
// made, but not opened.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/synchronized.h"
#include "base/unique_fd.h"
#include "runtime/oci/spec.h"

namespace runtime::security {

// Owns the programs that it has loaded, by their instructions: nearly all containers of a node share one, and loading
// costs the kernel's verifier half a millisecond. Methods may be called from any thread.
class DeviceFilters {
 public:
  // Attaches the rules (linux.resources.devices) to the cgroup of this directory descriptor, in place of what an
  // earlier call attached to it; programs of parent cgroups go on to count. The last rule that fits decides; what no
  // rule fits is refused. Call it before the first process enters. The program stays for as long as the cgroup does,
  // with or without this process. Errors: kInvalidArgument for a rule with an unknown type or access; kUnimplemented
  // where the kernel has no cgroup BPF.
  base::Status attach(int cgroup, const std::vector<oci::DeviceRule>& rules);

 private:
  using Program = std::shared_ptr<const base::UniqueFd>;
  base::Result<Program> load(const std::string& instructions);

  base::Synchronized<std::map<std::string, Program>> programs_;
};

}  // namespace runtime::security
