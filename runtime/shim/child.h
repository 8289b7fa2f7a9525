// What runs in a process that the shim has just cloned, up to its execve. Neither function returns.
#pragma once

#include <string>
#include <vector>

#include "base/unique_fd.h"

namespace runtime::shim {

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
};
// A container's main process (container_init.cc): already in its cgroup and in new mount and pid namespaces.
[[noreturn]] void run_container_child(const ContainerChild& child);

struct ExecChild {
  int process = -1;            // memfd: the OCI process object
  int container_pidfd = -1;    // whose mount and cgroup namespaces to join; the pid namespace is joined already
  const char* seccomp_filter;  // path, may be empty
  bool terminal = false;
  ChildStreams streams;
  int report = -1;
  int inherited_oom_score = 0;
};
[[noreturn]] void run_exec_child(const ExecChild& child);

}  // namespace runtime::shim
