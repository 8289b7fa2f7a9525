// The pod and container that a command line names.
#pragma once

#include <optional>
#include <string>

#include "agent/api/pod.h"
#include "agent/cli/arguments.h"
#include "agent/pods/pod_owner.h"
#include "base/error.h"
#include "cri-proto/service.h"

namespace agent::cli {

struct NamedContainer {
  pods::PodSummary pod;
  std::string container;
};
// container empty: the pod's first. kNotFound lists the containers there are.
base::Result<NamedContainer> find_container(const Globals& globals, const std::string& pod,
                                            const std::string& container);

// The CRI id of its running container; kFailedPrecondition when it does not run.
base::Result<std::string> running_container_id(cri::RuntimeService& runtime, const NamedContainer& named);

}  // namespace agent::cli
