// What a command line names: a pod, or a workload as kubectl names it: "job/pi", "deployment/web".
#pragma once

#include <string>
#include <vector>

#include "agent/pods/pod_owner.h"
#include "base/error.h"

namespace agent::workloads {

struct Named {
  std::string name;                    // "default/web", as it is printed; of a workload "deployment/web"
  std::string job_uid;                 // of a Job: what is done is done to it as a whole; empty otherwise
  std::vector<pods::PodSummary> pods;  // the pod, or those of the workload
};

// As pods::find_pod() where it is a pod, in any namespace where it is a workload. kNotFound where it is neither;
// kFailedPrecondition where the name fits several namespaces.
base::Result<Named> find(const pods::Paths& paths, const std::string& reference);

}  // namespace agent::workloads
