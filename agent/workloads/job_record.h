// A job's record <state>/jobs/<uid>.json: what the next owner goes on from. Who holds the flock on
// <root>/locks/pods/<uid> owns the job, as with pods.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/api/workload.h"
#include "agent/pods/pod_owner.h"
#include "agent/workloads/job.h"
#include "base/error.h"

namespace agent::workloads {

struct JobRecord {
  std::string uid;
  api::Job job;
  JobProgress progress;
  bool foreground = true;                  // its pods go when they have been counted, and it with its end
  bool finished = false;                   // it has ended and stays listed until it is removed
  std::optional<base::WallTime> ended_at;  // where finished
};

// kDataLoss when it is not a record; kFailedPrecondition when a newer version wrote it; both name the file.
base::Result<JobRecord> parse_job(const std::string& text, const std::string& path);
std::string format_job(const JobRecord& record);

base::Status write_job(const pods::Paths& paths, const JobRecord& record);
// Nothing when there is none.
base::Result<std::optional<JobRecord>> read_job(const pods::Paths& paths, const std::string& uid);
base::Result<std::vector<JobRecord>> read_jobs(const pods::Paths& paths);
base::Status forget_job(const pods::Paths& paths, const std::string& uid);

}  // namespace agent::workloads
