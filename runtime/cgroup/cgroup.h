// Cgroup: one cgroup v2 directory that we made, by descriptor.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/unique_fd.h"
#include "runtime/cgroup/hierarchy.h"

namespace runtime::cgroup {

// Thread-safe: every call is a system call on the directory. Destruction closes the descriptor and leaves the cgroup.
class Cgroup {
 public:
  // Makes the cgroup ("/kubepods/besteffort/pod…/…") with its missing parents and hands the hierarchy's controllers
  // down to it, as far as they can be had. Existing: the same.
  static base::Result<Cgroup> create(const Hierarchy& hierarchy, const std::string& cgroup);
  // kNotFound when it is gone.
  static base::Result<Cgroup> open(const Hierarchy& hierarchy, const std::string& cgroup);

  const std::string& path() const { return path_; }  // absolute, below the mount point
  int fd() const { return directory_.get(); }
  // Removed since it was opened, whatever has its name now.
  bool is_gone() const;

  // Gone: nothing to kill, and empty.
  // SIGKILL for every process in it and below (cgroup.kill, Linux 5.14), whatever they fork meanwhile.
  base::Status kill() const;
  base::Status freeze(bool frozen) const;
  // Whether any process lives in it or below ("populated" of cgroup.events).
  base::Result<bool> populated() const;
  // Waits until it is empty; kDeadlineExceeded with the pids that are left.
  base::Status wait_empty(std::chrono::milliseconds wait) const;
  base::Result<std::vector<pid_t>> pids() const;
  // Makes a cgroup below it ("container") and moves the process there.
  base::Status move_below(const std::string& name, pid_t pid) const;

  // The content of a control file; kNotFound where its controller is not there.
  base::Result<std::string> read(const char* file) const;
  // A value of ours that stays with the cgroup: the extended attribute trusted.nodeagent.NAME.
  base::Status set_attribute(const std::string& name, const std::string& value) const;
  base::Result<std::string> attribute(const std::string& name) const;

 private:
  Cgroup(std::string path, base::UniqueFd directory) : path_(std::move(path)), directory_(std::move(directory)) {}
  std::string path_;
  base::UniqueFd directory_;
};

// Kills what is left in the cgroup, waits for it to be empty and removes it with all cgroups below it. Gone: ok.
base::Status remove(const Hierarchy& hierarchy, const std::string& cgroup, std::chrono::milliseconds wait);

// Removes the cgroup if neither processes nor cgroups are in it; anything else is left alone without an error.
void remove_if_unused(const Hierarchy& hierarchy, const std::string& cgroup);

}  // namespace runtime::cgroup
