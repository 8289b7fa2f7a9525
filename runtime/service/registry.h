// Registry: all sandboxes and containers of this --state, in memory and on disk.
//
// Thread-safe; readers get copies (the CRI configs inside are shared and never change). The disk is the truth that
// several processes share: what another process changed is noticed by its state.json being another file, and a record
// that says "running" is settled against the container's exit record and its shim being alive.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/synchronized.h"
#include "cri-proto/service.h"
#include "runtime/service/paths.h"
#include "runtime/service/records.h"

namespace runtime::service {

class Registry {
 public:
  Registry(Paths paths, std::string boot_id) : paths_(std::move(paths)), boot_id_(std::move(boot_id)) {}

  // Reads what is new or changed on disk and forgets what is gone. A record that cannot be read is an error only where
  // it is asked for by id; the others stay usable.
  base::Status refresh();
  // The same for the sandbox that has this id, or whose container has it, where it is known and the id is whole;
  // otherwise for all of them.
  base::Status refresh(const std::string& id);

  // By id or unique prefix. kNotFound names what was asked for; kInvalidArgument where a prefix fits several.
  base::Result<SandboxRecord> sandbox(const std::string& id);
  base::Result<ContainerRecord> container(const std::string& id);
  std::vector<SandboxRecord> sandboxes();
  std::vector<ContainerRecord> containers();
  std::vector<ContainerRecord> containers_of(const std::string& sandbox);

  // Makes the folder and its files. kAlreadyExists, naming the holder, when another sandbox (not stopped) has the same
  // pod and attempt, or another container of the sandbox the same name and attempt.
  base::Status add(SandboxRecord record);
  base::Status add(ContainerRecord record);
  // Changes the record under the lock, then saves it, with its config where that was replaced; gives the new one.
  base::Result<SandboxRecord> update_sandbox(const std::string& id, const std::function<void(SandboxRecord&)>& change);
  base::Result<ContainerRecord> update_container(const std::string& id,
                                                 const std::function<void(ContainerRecord&)>& change);
  // Removes the folder (renamed aside first) and forgets the record. Missing: ok.
  base::Status remove_sandbox(const std::string& id);
  base::Status remove_container(const std::string& id);

  // Waits until the container has exited; kDeadlineExceeded, or kCancelled when the context is stopped.
  base::Result<ContainerRecord> wait_exited(const cri::CallContext& context, const std::string& id);

  // From now on exits of the sandbox's containers come by update_container (a shim connection is followed), so that
  // readers need not look at the disk for them.
  void set_followed(const std::string& sandbox, bool followed);

  // The ids of all sandboxes and containers that have a folder, whether or not their records can be read.
  base::Result<std::set<std::string>> ids_on_disk() const;

  const Paths& paths() const { return paths_; }
  const std::string& boot_id() const { return boot_id_; }

 private:
  // Tells one version of a state.json from the next: it is replaced, never rewritten.
  struct Stamp {
    uint64_t inode = 0;
    int64_t modified = 0;  // ns
    bool operator==(const Stamp&) const = default;
  };
  template <typename Record>
  struct Entry {
    Record record;
    Stamp stamp;
    bool followed = false;  // sandboxes only
  };
  struct Tables {
    std::map<std::string, Entry<SandboxRecord>> sandboxes;
    std::map<std::string, Entry<ContainerRecord>> containers;
  };

  static std::optional<Stamp> stamp_of(const std::string& folder);
  base::Status refresh_sandbox(const std::string& id);
  // The caller holds saving_ for these and for save_…().
  base::Status load_changed_sandbox(const std::string& id);
  base::Status load_changed_container(const std::string& sandbox, const std::string& id);
  void settle(ContainerRecord& record) const;
  // Of one sandbox, or of all where `only` is empty.
  void forget_missing(const std::string& only);
  void settle_unfollowed(const std::string& only);
  base::Status save_sandbox(const std::string& id);
  base::Status save_container(const std::string& id);

  const Paths paths_;
  const std::string boot_id_;
  base::Synchronized<Tables> tables_;
  std::condition_variable changed_;
  // Orders the reads and writes of state files, so that what is in the tables is what was read or written last. Taken
  // before the tables' lock; held across reads and writes in --state, which is memory.
  std::mutex saving_;
};

// Notes that the container has ended: how, and when (ns since the epoch). oom: what out_of_memory() says; with another
// exit code than 0 the reason is then OOMKilled.
void record_exit(ContainerRecord& record, int exit_code, int64_t finished_at, std::string oom = {});
// The same where nobody can say how: exit code 137, reason ContainerStatusUnknown.
void record_lost(ContainerRecord& record, int64_t now);

// The start time of a process (field 22 of /proc/<pid>/stat, clock ticks since boot); nullopt when it does not run.
std::optional<uint64_t> process_start_time(pid_t pid);

}  // namespace runtime::service
