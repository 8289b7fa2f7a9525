// jobs: the Jobs and CronJobs that are there, from their records, as `ps` shows pods.
#include "agent/api/codec.h"
#include "agent/cli/commands.h"
#include "agent/cli/node.h"
#include "agent/cli/output.h"
#include "agent/workloads/list.h"
#include "base/concat.h"

namespace agent::cli {

namespace {

using Row = std::vector<std::string>;

std::string age(base::WallTime since) {
  const auto passed = base::system_clock().wall() - since;
  return short_duration(std::chrono::duration_cast<std::chrono::seconds>(passed).count());
}

// As kubectl shows it: "3/5"; without completions "1/1 of 3", where one of three pods has succeeded.
std::string completions_of(const api::Job& job) {
  const int32_t succeeded = job.status.succeeded;
  if (job.spec.completions) return base::concat(succeeded, "/", *job.spec.completions);
  const int32_t parallelism = job.spec.parallelism.value_or(1);
  return base::concat(succeeded, "/1", parallelism > 1 ? base::concat(" of ", parallelism) : "");
}

std::string status_word(const workloads::Listed<workloads::JobRecord>& job) {
  if (job.record.finished && job.record.progress.end) return job.record.progress.end->complete ? "Complete" : "Failed";
  if (job.record.finished) return "Stopped";
  return job.owned ? "Running" : "Unattended";
}

std::string status_word(const workloads::Listed<workloads::CronRecord>& cron_job) {
  if (cron_job.record.finished) return "Stopped";
  return cron_job.owned ? "Scheduled" : "Unattended";
}

std::vector<Row> table_of(const workloads::JobList& list) {
  std::vector<Row> rows{{"NAMESPACE", "NAME", "STATUS", "COMPLETIONS", "SCHEDULE", "LAST SCHEDULE", "AGE"}};
  for (const auto& each : list.cron_jobs) {
    const api::CronJob& cron_job = each.record.cron_job;
    const workloads::CronProgress& progress = each.record.progress;
    rows.push_back({cron_job.metadata.namespace_, "cronjob/" + cron_job.metadata.name, status_word(each), "-",
                    cron_job.spec.schedule, progress.last_schedule ? age(*progress.last_schedule) : "-",
                    age(progress.created)});
  }
  for (const auto& each : list.jobs) {
    const api::Job job = workloads::with_status(each.record);
    rows.push_back({job.metadata.namespace_, "job/" + job.metadata.name, status_word(each), completions_of(job), "-",
                    "-", age(each.record.progress.start_time)});
  }
  return rows;
}

// Kubernetes objects; whether one has lost its owner is in an annotation of ours, as with pods.
std::vector<api::Object> objects_of(const workloads::JobList& list) {
  std::vector<api::Object> objects;
  const auto add = [&](auto object, const auto& each) {
    object.metadata.annotations["nodeagent/unattended"] = each.owned || each.record.finished ? "false" : "true";
    objects.emplace_back(std::move(object));
  };
  for (const auto& each : list.cron_jobs) add(workloads::with_status(each.record, list.jobs), each);
  for (const auto& each : list.jobs) add(workloads::with_status(each.record), each);
  return objects;
}

std::string list_json(const std::vector<api::Object>& objects) {
  std::string out = R"({"apiVersion":"v1","kind":"List","items":[)";
  for (const api::Object& object : objects)
    out += base::concat(&object == &objects.front() ? "" : ",", to_json(object));
  return out + "]}\n";
}

}  // namespace

base::Result<int> jobs(const Globals& globals, const JobsArguments& arguments) {
  const workloads::JobList list = TRY(workloads::list_jobs(pod_paths(globals)));
  if (arguments.output == OutputFormat::kJson)
    TRY(print(list_json(objects_of(list))));
  else
    TRY(print(format_table(table_of(list))));
  return 0;
}

}  // namespace agent::cli
