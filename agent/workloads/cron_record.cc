#include "agent/workloads/cron_record.h"

#include "agent/api/codec.h"
#include "agent/workloads/record_file.h"
#include "agent/workloads/record_json.h"

namespace agent::workloads {

namespace {

constexpr std::string_view kACronJob = "a CronJob";

}  // namespace

base::Result<CronRecord> parse_cron_job(const std::string& text, const std::string& path) {
  const Json json = TRY(parse_record(text, path, kACronJob));
  CronRecord record;
  Members members(json);
  read_head(members, record);
  members.read("created", record.progress.created);
  if (json.contains("lastSchedule")) members.read("lastSchedule", record.progress.last_schedule.emplace());
  if (!members.well_formed() || !json.contains("cronJob")) return std::unexpected(not_a_record(path, kACronJob));
  record.cron_job = TRY(api::cron_job_from_json(json["cronJob"].dump()), "read ", path);
  return record;
}

std::string format_cron_job(const CronRecord& record) {
  Json json = head_of(record);
  json["cronJob"] = Json::parse(api::to_json(api::Object(record.cron_job)), nullptr, /*allow_exceptions=*/false);
  json["created"] = to_number(record.progress.created);
  if (record.progress.last_schedule) json["lastSchedule"] = to_number(*record.progress.last_schedule);
  return format_record(std::move(json));
}

base::Status write_cron_job(const pods::Paths& paths, const CronRecord& record) {
  return RecordFolder(paths, kCronJobFolder).write(record.uid, format_cron_job(record));
}

base::Result<std::optional<CronRecord>> read_cron_job(const pods::Paths& paths, const std::string& uid) {
  return read_record(RecordFolder(paths, kCronJobFolder), uid, parse_cron_job);
}

base::Result<std::vector<CronRecord>> read_cron_jobs(const pods::Paths& paths) {
  const auto metadata_of = [](const CronRecord& record) -> const api::ObjectMeta& { return record.cron_job.metadata; };
  return read_records<CronRecord>(RecordFolder(paths, kCronJobFolder), parse_cron_job, metadata_of);
}

base::Status forget_cron_job(const pods::Paths& paths, const std::string& uid) {
  return RecordFolder(paths, kCronJobFolder).forget(uid);
}

}  // namespace agent::workloads
