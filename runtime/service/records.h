// What the runtime keeps about sandboxes and containers, in memory and under --state.
//
// <state>/sandboxes/<id>/                 0700, renamed aside before it is removed
//   config.pb                             the CRI PodSandboxConfig; rewritten when its resources are updated
//   state.json                            what changes; rewritten atomically
//   shim.sock  netns  shm/                socket of the shim, pin of the network namespace, the pod's /dev/shm
//   containers/<id>/{config.pb,state.json,config.json,exit}
// No pod survives a reboot, so nothing here is fsynced. Whether a shim still lives is told by the boot id, its pid and
// its start time.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "cri-proto/messages.h"

namespace runtime::service {

namespace v1 = ::runtime::v1;

// The version of the state files' format that this program writes. A newer one is refused, an older one is read.
inline constexpr int kStateVersion = 1;

struct SandboxRecord {
  enum class State {
    kCreating,  // RunPodSandbox has begun; what of it exists is undone when no process works on it any more
    kReady,
    kNotReady,  // stopped, or its shim is gone
  };

  std::string id;
  std::shared_ptr<const v1::PodSandboxConfig> config;
  std::string runtime_handler;
  State state = State::kCreating;
  int64_t created_at = 0;  // ns since the epoch
  pid_t shim_pid = 0;
  uint64_t shim_start_time = 0;  // clock ticks since boot, field 22 of /proc/<pid>/stat: with the pid, an identity
  std::string cgroup_parent;     // of its containers, "/kubepods/besteffort/pod…"
  std::string shim_cgroup;
  bool host_network = false;
  std::vector<std::string> addresses;  // the primary one first
};

struct ContainerRecord {
  enum class State { kCreated, kRunning, kExited };

  std::string id;
  std::string sandbox_id;
  std::shared_ptr<const v1::ContainerConfig> config;
  std::string image_id;   // config digest
  std::string image_ref;  // what ContainerStatus reports: the repo digest where there is one
  std::string cgroup;
  std::string log_path;  // absolute; empty: no log
  int stop_signal = 0;   // of the image or the config
  uint32_t uid = 0;      // the resolved user
  uint32_t gid = 0;
  std::vector<uint32_t> groups;
  State state = State::kCreated;
  int64_t created_at = 0;  // ns since the epoch
  int64_t started_at = 0;
  int64_t finished_at = 0;
  pid_t pid = 0;  // of the main process, in the host's pid namespace
  int exit_code = 0;
  std::string reason;  // "Completed", "Error", "StartError" …
  std::string message;
};

// Both forms are JSON; what was read is checked field by field (kDataLoss names the fault, kFailedPrecondition a state
// of a newer version). The CRI configs are kept apart, in config.pb.
std::string encode(const SandboxRecord& record, const std::string& boot_id);
std::string encode(const ContainerRecord& record);

// From a sandbox's or container's folder. boot_id: empty where an older version did not write it.
base::Result<SandboxRecord> load_sandbox(const std::string& folder, std::string* boot_id);
base::Result<ContainerRecord> load_container(const std::string& folder);

// Writes config.pb (first) and state.json.
base::Status create_files(const std::string& folder, const SandboxRecord& record, const std::string& boot_id);
base::Status create_files(const std::string& folder, const ContainerRecord& record);
// Rewrites state.json.
base::Status save(const std::string& folder, const SandboxRecord& record, const std::string& boot_id);
base::Status save(const std::string& folder, const ContainerRecord& record);
// Rewrites config.pb.
base::Status save_config(const std::string& folder, const SandboxRecord& record);
base::Status save_config(const std::string& folder, const ContainerRecord& record);

}  // namespace runtime::service
