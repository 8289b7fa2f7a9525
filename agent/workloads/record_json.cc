#include "agent/workloads/record_json.h"

namespace agent::workloads {

namespace {

constexpr int kVersion = 1;

}  // namespace

int64_t to_number(base::WallTime time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

base::WallTime to_time(int64_t nanoseconds) { return base::WallTime(std::chrono::nanoseconds(nanoseconds)); }

base::Error not_a_record(const std::string& path, std::string_view what) {
  return {base::Code::kDataLoss, base::concat(path, " is not the record of ", what)};
}

base::Result<Json> parse_record(const std::string& text, const std::string& path, std::string_view what) {
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return std::unexpected(not_a_record(path, what));
  int version = 0;
  Members members(json);
  members.read("version", version);
  if (!members.well_formed()) return std::unexpected(not_a_record(path, what));
  if (version > kVersion)
    return base::fail(base::Code::kFailedPrecondition, path, " was written by a newer nodeagent (record version ",
                      version, ", known are versions up to ", kVersion, ")");
  return json;
}

std::string format_record(Json record) {
  record["version"] = kVersion;
  return record.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace agent::workloads
