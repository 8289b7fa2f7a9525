// A pod's record <state>/pods/<uid>.json: what `ps` shows, and what the next owner goes on from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/api/pod.h"
#include "agent/pods/pod_owner.h"
#include "base/error.h"
#include "base/file.h"

namespace agent::pods {

struct PodRecord {
  api::Pod pod;  // with metadata.uid, and the status as last reported
  bool foreground = true;
  bool keep_record = false;  // Options::keep_record
  bool finished = false;
  std::string boot_id;  // base::boot_id() when it was written; empty: not known
  int owner_pid = 0;
  uint64_t owner_start = 0;  // field 22 of /proc/<pid>/stat: tells a process from a later one with the same pid

  // Nothing of what it tells of runs any more: the machine has been started again since. boot: base::boot_id().
  bool is_of_another_boot(const std::string& boot) const { return !boot_id.empty() && boot_id != boot; }
  // The process that wrote it is still there.
  bool owner_lives(const std::string& boot) const;
};

// When the process was started, in clock ticks after boot (proc_pid_stat(5)); 0 when there is none.
uint64_t process_start(int pid);

// kDataLoss when it is not a record; kFailedPrecondition when a newer version wrote it; both name the file.
base::Result<PodRecord> parse_record(const std::string& text, const std::string& path);
std::string format_record(const PodRecord& record);

base::Status write_record(const Paths& paths, const PodRecord& record);
// Nothing when there is none.
base::Result<std::optional<PodRecord>> read_record(const Paths& paths, const std::string& uid);
base::Result<std::vector<PodRecord>> read_records(const Paths& paths);
base::Status remove_record(const Paths& paths, const std::string& uid);

// The flock that makes its holder the pod's owner. Another process holds it: kUnavailable at once, or kDeadlineExceeded
// when it still does after `wait`.
base::Result<base::FileLock> lock_pod(const Paths& paths, const std::string& uid,
                                      std::chrono::milliseconds wait = std::chrono::milliseconds(0));
// Waits until the lock is free, or a moment has passed.
void wait_for_pod_lock(const Paths& paths, const std::string& uid, std::chrono::milliseconds moment);
// Removes what owners left that died before they had recorded their pod, or after they had forgotten it: half-written
// records, sockets and locks.
base::Status sweep_records(const Paths& paths);
// Removes the lock's file; the caller holds the lock.
base::Status remove_pod_lock(const Paths& paths, const std::string& uid);

}  // namespace agent::pods
