#include "agent/workloads/job_record.h"

#include "agent/api/codec.h"
#include "agent/workloads/record_file.h"
#include "agent/workloads/record_json.h"

namespace agent::workloads {

namespace {

constexpr std::string_view kAJob = "a job";

Json to_json(const Failures& failures) { return {{"inARow", failures.in_a_row}, {"last", to_number(failures.last)}}; }

void read(Members& members, const char* name, std::set<int32_t>& indexes) {
  std::string text;
  members.read(name, text);
  const std::optional<IndexRanges> parsed = parse_indexes(text);
  if (!parsed) return members.reject();
  for (const auto& [first, last] : *parsed)
    for (int64_t index = first; index <= last; ++index) indexes.insert(indexes.end(), static_cast<int32_t>(index));
}

bool parse(const Json& json, Failures& failures) {
  if (!json.is_object()) return false;
  Members members(json);
  members.read("inARow", failures.in_a_row);
  members.read("last", failures.last);
  return members.well_formed();
}

bool parse(const Json& json, IndexFailures& failures) {
  if (!parse(json, failures.all)) return false;
  Members members(json);
  members.read("counted", failures.counted);
  return members.well_formed();
}

bool parse(const Json& json, JobEnd& end) {
  if (!json.is_object()) return false;
  Members members(json);
  members.read("complete", end.complete);
  members.read("reason", end.reason);
  members.read("message", end.message);
  return members.well_formed();
}

// The parts that are objects and lists themselves.
bool parse_parts(const Json& json, JobProgress& progress) {
  if (json.contains("failures") && !parse(json["failures"], progress.failures)) return false;
  if (json.contains("end") && !parse(json["end"], progress.end.emplace())) return false;
  const Json index_failures = json.value("indexFailures", Json::object());
  for (const auto& [index, failures] : index_failures.items()) {
    const std::optional<IndexRanges> key = parse_indexes(index);
    if (!key || key->size() != 1 || !parse(failures, progress.index_failures[key->front().first])) return false;
  }
  for (const Json& uid : json.value("counted", Json::array())) {
    if (!uid.is_string()) return false;
    progress.counted.insert(uid.get<std::string>());
  }
  return true;
}

bool parse(const Json& json, JobProgress& progress) {
  if (!json.is_object()) return false;
  Members members(json);
  members.read("startTime", progress.start_time);
  members.read("succeeded", progress.succeeded);
  members.read("failed", progress.failed);
  read(members, "succeededIndexes", progress.succeeded_indexes);
  read(members, "failedIndexes", progress.failed_indexes);
  members.read("nextPod", progress.next_pod);
  members.read("lastExitCode", progress.last_exit_code);
  return members.well_formed() && parse_parts(json, progress);
}

Json to_json(const JobProgress& progress) {
  Json json{{"startTime", to_number(progress.start_time)},
            {"succeeded", progress.succeeded},
            {"failed", progress.failed},
            {"failures", to_json(progress.failures)},
            {"succeededIndexes", format_indexes(progress.succeeded_indexes)},
            {"failedIndexes", format_indexes(progress.failed_indexes)},
            {"counted", progress.counted},
            {"nextPod", progress.next_pod},
            {"lastExitCode", progress.last_exit_code}};
  for (const auto& [index, failures] : progress.index_failures) {
    Json& entry = json["indexFailures"][std::to_string(index)];
    entry = to_json(failures.all);
    entry["counted"] = failures.counted;
  }
  if (progress.end)
    json["end"] = {
        {"complete", progress.end->complete}, {"reason", progress.end->reason}, {"message", progress.end->message}};
  return json;
}

}  // namespace

base::Result<JobRecord> parse_job(const std::string& text, const std::string& path) {
  const Json json = TRY(parse_record(text, path, kAJob));
  JobRecord record;
  Members members(json);
  read_head(members, record);
  if (json.contains("endedAt")) members.read("endedAt", record.ended_at.emplace());
  if (!members.well_formed() || !json.contains("job") || !json.contains("progress") ||
      !parse(json["progress"], record.progress))
    return std::unexpected(not_a_record(path, kAJob));
  record.job = TRY(api::job_from_json(json["job"].dump()), "read ", path);
  return record;
}

std::string format_job(const JobRecord& record) {
  Json json = head_of(record);
  json["job"] = Json::parse(api::to_json(api::Object(record.job)), nullptr, /*allow_exceptions=*/false);
  json["progress"] = to_json(record.progress);
  if (record.ended_at) json["endedAt"] = to_number(*record.ended_at);
  return format_record(std::move(json));
}

base::Status write_job(const pods::Paths& paths, const JobRecord& record) {
  return RecordFolder(paths, kJobFolder).write(record.uid, format_job(record));
}

base::Result<std::optional<JobRecord>> read_job(const pods::Paths& paths, const std::string& uid) {
  return read_record(RecordFolder(paths, kJobFolder), uid, parse_job);
}

base::Result<std::vector<JobRecord>> read_jobs(const pods::Paths& paths) {
  const auto metadata_of = [](const JobRecord& record) -> const api::ObjectMeta& { return record.job.metadata; };
  return read_records<JobRecord>(RecordFolder(paths, kJobFolder), parse_job, metadata_of);
}

base::Status forget_job(const pods::Paths& paths, const std::string& uid) {
  return RecordFolder(paths, kJobFolder).forget(uid);
}

}  // namespace agent::workloads
