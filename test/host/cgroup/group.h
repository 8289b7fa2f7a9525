// Group: a cgroup of a test's own, what can be run in it, and what the kernel says about it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "base/spawn.h"
#include "runtime/cgroup/cgroup.h"

namespace cgroup_test {

// After which something that should have happened has not.
constexpr std::chrono::seconds kLongest(30);

// True as soon as the condition holds, false when it does not within kLongest. For the kernel's counters, which nothing
// waits for.
bool eventually(const std::function<bool()>& condition);

// Whether cgroup v2 has these controllers here. If not, the case counts as skipped, with the reason; in the test VM,
// which has them all, it fails.
bool available(std::initializer_list<const char*> controllers);

// Whether the machine is the test VM. If not, the case counts as skipped, for the reason given.
bool in_test_vm(const char* why_not_here);

class Group {
 public:
  // "/nodeagent-test-<pid>" and, where told, a path below it ("/a/b").
  explicit Group(const std::string& below = "");
  // Kills what is left in "/nodeagent-test-<pid>" and removes it with all that is below.
  ~Group();
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  const runtime::cgroup::Hierarchy& hierarchy() const { return hierarchy_; }
  const runtime::cgroup::Cgroup& cgroup() const { return cgroup_; }

  // Writes a control file; fails the test when the kernel refuses.
  void set(const std::string& file, const std::string& value) const;
  // The content of a control file; fails the test when there is none.
  std::string get(const std::string& file) const;
  // The number behind "key " in a control file.
  uint64_t get(const std::string& file, const std::string& key) const;

  // A program of busybox that starts in the cgroup and is killed when the Child goes.
  base::Child start(const std::vector<std::string>& applet) const;
  // The same, run to its end, which must come within a minute; with what it wrote.
  base::Output run(const std::vector<std::string>& applet) const;

 private:
  runtime::cgroup::Hierarchy hierarchy_;
  runtime::cgroup::Cgroup cgroup_;
};

// The group's name below the mount point, "/nodeagent-test-…".
std::string name_of(const Group& group);

}  // namespace cgroup_test
