// Where everything of the runtime lies; the one place that knows the layout (docs/architecture.md, "State on disk").
#pragma once

#include <string>

#include "base/path.h"
#include "runtime/cgroup/names.h"

namespace runtime::service {

struct Paths {
  std::string root;      // --root
  std::string state;     // --state
  std::string instance;  // --instance
  cgroup::DriverKind cgroup_driver = cgroup::DriverKind::kCgroupfs;

  std::string sandboxes() const { return base::join_path(state, "sandboxes"); }
  std::string sandbox(const std::string& id) const { return base::join_path(sandboxes(), id); }
  std::string netns(const std::string& sandbox) const { return base::join_path(this->sandbox(sandbox), "netns"); }
  std::string shm(const std::string& sandbox) const { return base::join_path(this->sandbox(sandbox), "shm"); }
  std::string containers(const std::string& sandbox) const {
    return base::join_path(this->sandbox(sandbox), "containers");
  }
  // The container's bundle: records, config.json, exit record.
  std::string container(const std::string& sandbox, const std::string& id) const {
    return base::join_path(containers(sandbox), id);
  }
  // Writable layers lie on the root's disk, not in --state, which is memory.
  std::string writable_layers() const { return base::join_path(root, "containers"); }
  std::string writable_layer(const std::string& container) const {
    return base::join_path(writable_layers(), container);
  }
  // The files that containers may write to by a bind mount, resolv.conf and hostname: beside the writable layers, so
  // that a pod cannot fill the node's memory with them.
  std::string managed_files(const std::string& sandbox) const { return writable_layer(sandbox); }
  // In each of these folders, a symbolic link to the --state whose records tell whether it is still needed.
  static constexpr const char* kStateMark = "state";
  std::string seccomp_filters() const { return base::join_path(state, "seccomp"); }
  std::string network() const { return base::join_path(root, "network"); }
  std::string locks() const { return base::join_path(root, "locks"); }
  std::string sandbox_lock(const std::string& id) const { return base::join_path(sandbox_locks(), id); }
  // Held by whoever makes or removes what the pods' cgroups lie in.
  std::string cgroup_lock() const { return base::join_path(locks(), "cgroups"); }
  std::string sandbox_locks() const { return base::join_path(locks(), "sandboxes"); }

  // Cgroups, below the cgroup v2 mount. An instance other than the default has a tree of its own.
  std::string cgroup_root() const { return instance == "nodeagent" ? "/" : "/" + instance; }
  cgroup::Naming cgroup_names() const { return {.driver = cgroup_driver, .instance = instance}; }
};

}  // namespace runtime::service
