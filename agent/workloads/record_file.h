// The files that keep what a run minds besides its pods: <state>/<folder>/<uid>.json, one JSON object each.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/pods/pod_owner.h"
#include "base/clock.h"
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

}  // namespace agent::workloads
