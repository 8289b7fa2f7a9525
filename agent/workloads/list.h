// The Jobs and CronJobs that are there.
#pragma once

#include <vector>

#include "agent/workloads/cron_record.h"
#include "agent/workloads/job_record.h"

namespace agent::workloads {

template <typename Record>
struct Listed {
  Record record;
  bool owned = false;  // a living process owns it
};
struct JobList {
  std::vector<Listed<CronRecord>> cron_jobs;
  std::vector<Listed<JobRecord>> jobs;
};

// Each kind sorted by namespace and name. A record that cannot be read is an error that names it.
base::Result<JobList> list_jobs(const pods::Paths& paths);

// Removes what owners left that died while they wrote a record.
base::Status sweep_job_records(const pods::Paths& paths);

// With the status that its progress amounts to.
api::Job with_status(const JobRecord& record);
// jobs: all that there are.
api::CronJob with_status(const CronRecord& record, const std::vector<Listed<JobRecord>>& jobs);

}  // namespace agent::workloads
