#include "agent/workloads/list.h"

#include "agent/api/schema.h"
#include "agent/pods/pod_record.h"
#include "agent/workloads/pods_of.h"
#include "agent/workloads/record_file.h"

namespace agent::workloads {

namespace {

// Whether somebody holds the lock.
base::Result<bool> is_owned(const pods::Paths& paths, const std::string& uid) {
  const auto lock = pods::lock_pod(paths, uid);
  if (lock) return false;
  if (lock.error().code() == base::Code::kUnavailable) return true;
  return std::unexpected(lock.error());
}

template <typename Record>
base::Result<std::vector<Listed<Record>>> with_owners(const pods::Paths& paths, std::vector<Record> records) {
  std::vector<Listed<Record>> listed;
  for (Record& record : records) {
    const bool owned = !record.finished && TRY(is_owned(paths, record.uid));
    listed.push_back({std::move(record), owned});
  }
  return listed;
}

}  // namespace

base::Result<JobList> list_jobs(const pods::Paths& paths) {
  return JobList{.cron_jobs = TRY(with_owners(paths, TRY(read_cron_jobs(paths)))),
                 .jobs = TRY(with_owners(paths, TRY(read_jobs(paths))))};
}

base::Status sweep_job_records(const pods::Paths& paths) {
  TRY(RecordFolder(paths, kJobFolder).sweep());
  return RecordFolder(paths, kCronJobFolder).sweep();
}

api::Job with_status(const JobRecord& record) {
  const JobProgress& progress = record.progress;
  api::Job job = record.job;
  job.metadata.uid = record.uid;
  job.metadata.creation_timestamp = progress.start_time;
  job.status.start_time = progress.start_time;
  job.status.succeeded = progress.succeeded;
  job.status.failed = progress.failed;
  job.status.completed_indexes = format_indexes(progress.succeeded_indexes);
  if (job.spec.backoff_limit_per_index) job.status.failed_indexes = format_indexes(progress.failed_indexes);
  if (record.finished && progress.end) {
    api::JobCondition& condition = job.status.conditions.emplace_back();
    condition.type = progress.end->complete ? "Complete" : "Failed";
    condition.status = "True";
    condition.reason = progress.end->reason;
    condition.message = progress.end->message;
  }
  return job;
}

api::CronJob with_status(const CronRecord& record, const std::vector<Listed<JobRecord>>& jobs) {
  api::CronJob cron_job = record.cron_job;
  cron_job.metadata.uid = record.uid;
  cron_job.metadata.creation_timestamp = record.progress.created;
  cron_job.status.last_schedule_time = record.progress.last_schedule;
  for (const auto& [job, owned] : jobs) {
    const api::OwnerReference* const controller = controller_of(job.job.metadata);
    if (job.finished || controller == nullptr || controller->uid != record.uid) continue;
    const api::Type& type = api::type_of<api::Job>();
    cron_job.status.active.push_back({.api_version = std::string(type.api_version),
                                      .kind = std::string(type.name),
                                      .namespace_ = job.job.metadata.namespace_,
                                      .name = job.job.metadata.name,
                                      .uid = job.uid});
  }
  return cron_job;
}

}  // namespace agent::workloads
