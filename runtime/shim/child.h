// What runs in a process that the shim has just cloned, up to its execve. Neither function returns.
#pragma once

#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "runtime/shim/handover.h"

namespace runtime::shim {

struct SharedPid;  // shared_init.h

// The three standard streams; with a terminal all are -1 and the terminal takes their place.
struct ChildStreams {
  int in = -1;
  int out = -1;
  int err = -1;
};

struct ContainerChild {
  int config = -1;                            // memfd: config.json
  const std::vector<base::UniqueFd>* mounts;  // detached bind mounts
  ChildStreams streams;
  int report = -1;              // child_report.h
  int inherited_oom_score = 0;  // oom_score_adj where the config says none
  // To end up in the pod's shared pid namespace, where others live: both; else neither.
  const SharedPid* shared_pid = nullptr;
  const Handover* handover = nullptr;
};
// A container's main process (container_init.cc): already in its cgroup and in a new mount namespace; and in its pid
// namespace, unless that is the pod's shared one.
[[noreturn]] void run_container_child(const ContainerChild& child);

struct ExecChild {
  int process = -1;            // memfd: the OCI process object
  int container_pidfd = -1;    // whose mount, cgroup and pid namespaces to join
  const char* seccomp_filter;  // path, may be empty
  bool terminal = false;
  ChildStreams streams;
  int report = -1;
  int inherited_oom_score = 0;
  const Handover* handover = nullptr;
};
// A process that joins a container (exec_child.cc): already in its cgroup.
[[noreturn]] void run_exec_child(const ExecChild& child);

}  // namespace runtime::shim
