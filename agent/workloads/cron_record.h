// A CronJob's record <state>/cronjobs/<uid>.json: what the next owner goes on from. Who holds the flock on
// <root>/locks/pods/<uid> owns it, as with pods and jobs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/api/workload.h"
#include "agent/pods/pod_owner.h"
#include "agent/workloads/cron.h"
#include "base/error.h"

namespace agent::workloads {

struct CronRecord {
  std::string uid;
  api::CronJob cron_job;
  CronProgress progress;
  bool foreground = true;  // it goes when it is stopped
  bool finished = false;   // it was stopped, and stays listed until it is removed
};

// kDataLoss when it is not a record; kFailedPrecondition when a newer version wrote it; both name the file.
base::Result<CronRecord> parse_cron_job(const std::string& text, const std::string& path);
std::string format_cron_job(const CronRecord& record);

base::Status write_cron_job(const pods::Paths& paths, const CronRecord& record);
// Nothing when there is none.
base::Result<std::optional<CronRecord>> read_cron_job(const pods::Paths& paths, const std::string& uid);
base::Result<std::vector<CronRecord>> read_cron_jobs(const pods::Paths& paths);
base::Status forget_cron_job(const pods::Paths& paths, const std::string& uid);

}  // namespace agent::workloads
