#include "agent/workloads/job_record.h"

#include <fcntl.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/api/codec.h"
#include "base/file.h"
#include "base/path.h"
#include "base/sys.h"

namespace agent::workloads {

namespace {

using Json = nlohmann::json;

constexpr int kVersion = 1;
constexpr size_t kMaxRecord = 64UL << 20;
constexpr std::string_view kSuffix = ".json";

std::string folder_of(const pods::Paths& paths) { return base::join_path(paths.state, "jobs"); }
std::string path_of(const pods::Paths& paths, const std::string& uid) {
  return base::concat(folder_of(paths), "/", uid, kSuffix);
}

int64_t to_number(base::WallTime time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}
base::WallTime to_time(int64_t nanoseconds) { return base::WallTime(std::chrono::nanoseconds(nanoseconds)); }

Json to_json(const Failures& failures) { return {{"inARow", failures.in_a_row}, {"last", to_number(failures.last)}}; }

// The members of an object, each of the type of what it is read into; what is missing stays as it was.
class Members {
 public:
  explicit Members(const Json& object) : object_(object) {}

  template <typename T>
  void read(const char* name, T& value) {
    const auto found = object_.find(name);
    if (found == object_.end()) return;
    if constexpr (std::is_same_v<T, bool>)
      well_formed_ &= found->is_boolean();
    else if constexpr (std::is_integral_v<T>)
      well_formed_ &= found->is_number_integer();
    else
      well_formed_ &= found->is_string();
    if (well_formed_) value = found->template get<T>();
  }
  void read(const char* name, base::WallTime& time) {
    int64_t number = to_number(time);
    read(name, number);
    time = to_time(number);
  }
  void read(const char* name, std::set<int32_t>& indexes) {
    std::string text;
    read(name, text);
    const std::optional<IndexRanges> parsed = parse_indexes(text);
    well_formed_ &= parsed.has_value();
    for (const auto& [first, last] : parsed.value_or(IndexRanges()))
      for (int64_t index = first; index <= last; ++index) indexes.insert(indexes.end(), static_cast<int32_t>(index));
  }
  bool well_formed() const { return well_formed_; }

 private:
  const Json& object_;
  bool well_formed_ = true;
};

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
  members.read("succeededIndexes", progress.succeeded_indexes);
  members.read("failedIndexes", progress.failed_indexes);
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
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("job") || !json.contains("progress"))
    return base::fail(base::Code::kDataLoss, path, " is not the record of a job");
  JobRecord record;
  int version = 0;
  Members members(json);
  members.read("version", version);
  members.read("uid", record.uid);
  members.read("foreground", record.foreground);
  members.read("finished", record.finished);
  if (version > kVersion)
    return base::fail(base::Code::kFailedPrecondition, path, " was written by a newer nodeagent (record version ",
                      version, ", known are versions up to ", kVersion, ")");
  if (!members.well_formed() || record.uid.empty() || !parse(json["progress"], record.progress))
    return base::fail(base::Code::kDataLoss, path, " is not the record of a job");
  record.job = TRY(api::job_from_json(json["job"].dump()), "read ", path);
  return record;
}

std::string format_job(const JobRecord& record) {
  const Json json{{"version", kVersion},
                  {"uid", record.uid},
                  {"foreground", record.foreground},
                  {"finished", record.finished},
                  {"job", Json::parse(api::to_json(api::Object(record.job)), nullptr, /*allow_exceptions=*/false)},
                  {"progress", to_json(record.progress)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

base::Status write_job(const pods::Paths& paths, const JobRecord& record) {
  TRY(base::make_dirs(folder_of(paths), 0700));
  return base::write_file_atomic(path_of(paths, record.uid), format_job(record), 0600, base::Durability::kCrash);
}

base::Result<std::optional<JobRecord>> read_job(const pods::Paths& paths, const std::string& uid) {
  const std::string path = path_of(paths, uid);
  const base::Result<std::string> text = base::read_file(path, kMaxRecord);
  if (!text && text.error().code() == base::Code::kNotFound) return std::nullopt;
  if (!text) return std::unexpected(text.error());
  return TRY(parse_job(*text, path));
}

base::Result<std::vector<JobRecord>> read_jobs(const pods::Paths& paths) {
  std::vector<JobRecord> records;
  for (const std::string& name : TRY(base::list_folder(folder_of(paths)))) {
    if (name.starts_with('.') || !name.ends_with(kSuffix)) continue;
    std::optional<JobRecord> record = TRY(read_job(paths, name.substr(0, name.size() - kSuffix.size())));
    if (record) records.push_back(*std::move(record));
  }
  std::ranges::sort(records, {}, [](const JobRecord& record) {
    return std::pair(record.job.metadata.namespace_, record.job.metadata.name);
  });
  return records;
}

base::Status forget_job(const pods::Paths& paths, const std::string& uid) {
  const base::Status removed = base::sys::unlinkat(AT_FDCWD, path_of(paths, uid), 0);
  if (!removed && removed.error().code() != base::Code::kNotFound) return removed;
  return {};
}

}  // namespace agent::workloads
