// What the kernel says in its log about processes that it killed for lack of memory (mm/oom_kill.c), read from
// /dev/kmsg (https://docs.kernel.org/admin-guide/abi-testing.html, dev-kmsg).
//
// One kill is up to three records, which others may stand between; of the first there are at most 10 in 5 s, and the
// last is there with memory.oom.group only, followed by a "Killed process" for each of the others:
//   oom-kill:constraint=CONSTRAINT_MEMCG,…,oom_memcg=/A,task_memcg=/A/B,task=NAME,pid=N,uid=N
//   Memory cgroup out of memory: Killed process N (NAME) total-vm:…kB, anon-rss:…kB, …
//   Tasks in /A/B are going to be killed due to memory.oom.group set
// A process chooses its own name and can make it look like any of the fields around it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace runtime::cgroup {

// The paths are from the root of the hierarchy, whatever cgroup namespace we are in.
struct OomKill {
  pid_t pid = 0;            // in the first pid namespace
  std::string name;         // the kernel's escapes left as they are ("\x0a"), so that it is printable ASCII
  uint64_t resident = 0;    // bytes: anonymous, file and shared memory
  std::string cgroup;       // of the process, or of the group that was killed with it; empty: the log does not say
  std::string limit_owner;  // the cgroup whose limit was reached; empty: none, or the log does not say
  bool whole_node = false;  // no limit was reached, the node's memory was full
  bool follower = false;    // it was not chosen itself: memory.oom.group
};

class OomLogParser {
 public:
  // One record as /dev/kmsg gives it, "priority,sequence,microseconds,flags;text…".
  void add(std::string_view record);
  const std::vector<OomKill>& kills() const { return kills_; }  // oldest first

 private:
  struct Announced {
    pid_t pid = 0;
    std::string cgroup;
    std::string limit_owner;
  };
  void add_kill(std::string_view text);
  void add_group(std::string_view text);

  std::vector<OomKill> kills_;
  std::optional<Announced> announced_;
  std::optional<OomKill> group_;  // what its members have in common, while they are being killed
};

// Those in the cgroup of this name (the last part of its path), or in one below it.
std::vector<OomKill> kills_in(const std::vector<OomKill>& kills, std::string_view cgroup_name);

// All that the log still holds. kPermissionDenied, kNotFound: it is not for us to read (kernel.dmesg_restrict, a
// container).
base::Result<std::vector<OomKill>> read_oom_log();

}  // namespace runtime::cgroup
