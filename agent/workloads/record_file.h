// The files that keep what a run minds besides its pods: <state>/<folder>/<uid>.json, one JSON object each.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/api/meta.h"
#include "agent/pods/pod_owner.h"
#include "base/error.h"

namespace agent::workloads {

inline constexpr std::string_view kJobFolder = "jobs";
inline constexpr std::string_view kCronJobFolder = "cronjobs";

// The records of one kind. Written atomically; they survive a crash of the process.
class RecordFolder {
 public:
  RecordFolder(const pods::Paths& paths, std::string_view name);

  std::string path_of(const std::string& uid) const;
  base::Status write(const std::string& uid, const std::string& text) const;
  // Nothing when there is none.
  base::Result<std::optional<std::string>> read(const std::string& uid) const;
  base::Result<std::vector<std::string>> uids() const;
  base::Status forget(const std::string& uid) const;
  // Removes what writers left that died.
  base::Status sweep() const;

 private:
  std::string folder_;
};

// One record, or nothing when there is none. parse: of a text, and the path for messages.
template <typename Record>
base::Result<std::optional<Record>> read_record(const RecordFolder& folder, const std::string& uid,
                                                base::Result<Record> (*parse)(const std::string&, const std::string&)) {
  const std::optional<std::string> text = TRY(folder.read(uid));
  if (!text) return std::nullopt;
  return TRY(parse(*text, folder.path_of(uid)));
}

// All, sorted by namespace and name. metadata_of: of a record.
template <typename Record>
base::Result<std::vector<Record>> read_records(const RecordFolder& folder,
                                               base::Result<Record> (*parse)(const std::string&, const std::string&),
                                               const api::ObjectMeta& (*metadata_of)(const Record&)) {
  std::vector<Record> records;
  for (const std::string& uid : TRY(folder.uids())) {
    std::optional<Record> record = TRY(read_record(folder, uid, parse));
    if (record) records.push_back(*std::move(record));
  }
  std::ranges::sort(records, {}, [&](const Record& record) {
    const api::ObjectMeta& metadata = metadata_of(record);
    return std::pair(metadata.namespace_, metadata.name);
  });
  return records;
}

}  // namespace agent::workloads
