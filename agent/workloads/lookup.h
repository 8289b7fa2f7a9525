// What a command line names, and has stopped or removed: a pod, or a workload as kubectl names it: "job/pi",
// "deployment/web".
#pragma once

#include <string>
#include <vector>

#include "agent/pods/pod_owner.h"
#include "base/error.h"

namespace agent::workloads {

struct Named {
  std::string name;                    // "default/web", as it is printed; of a workload "deployment/web"
  std::vector<pods::PodSummary> pods;  // the pod, or those of the workload
  // Of a Job or a CronJob: what is done is done to it as a whole. Empty otherwise.
  std::string job_uid;
  std::string cron_job_uid;
};

// As pods::find_pod() where it is a pod, in any namespace where it is a workload. kNotFound where it is neither;
// kFailedPrecondition where the name fits several namespaces.
base::Result<Named> find(const pods::Paths& paths, const std::string& reference);

// Returns when it has been stopped.
base::Status stop(const pods::Deps& deps, const pods::Options& options, const Named& named,
                  const pods::StopRequest& request);
// kFailedPrecondition when it has not ended and force is false.
base::Status remove(const pods::Deps& deps, const pods::Options& options, const Named& named, bool force);

}  // namespace agent::workloads
