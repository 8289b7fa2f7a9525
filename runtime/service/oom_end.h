// How a container's end is told where the kernel killed processes of it for lack of memory: the reason OOMKilled and a
// message that names the process, its size, and whose memory it was that had run out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/cgroup/oom_log.h"
#include "runtime/service/records.h"

namespace runtime::service {

// The message; empty where none was killed. oom_kills: what the shim counted (runtime/shim/oom_kills.h). Reads the
// kernel's log and the limit, if there is something to tell; what cannot be read is left out. The number of processes
// is that of the log: with memory.oom.group the kernel counts one twice that is still dying.
std::string out_of_memory(const ContainerRecord& record, uint32_t oom_kills);

// --- its parts, pure ---

// Which cgroup above (or at) a container's own, "/kubepods/pod1/c1", the kernel's log means by a path that begins at
// the root of the hierarchy; empty: none of them.
std::string limit_owner_of(std::string_view container_cgroup, std::string_view logged);

struct ReachedLimit {
  std::string owner;              // limit_owner_of(); empty: not known
  std::optional<uint64_t> bytes;  // not known where the cgroup is gone
  bool both = false;              // the container and its pod have the same one: only this container has memory
};
// kills: of one container, at least one. The process that is named is the largest of those that were chosen, which drag
// others with them: after them as their group, or before them because those were looked at first.
const cgroup::OomKill& worst_of(const std::vector<cgroup::OomKill>& kills);
std::string oom_message(const std::string& container_cgroup, const std::vector<cgroup::OomKill>& kills,
                        const ReachedLimit& limit);

// "512 MiB", "1.5 GiB", "300 KiB".
std::string binary_size(uint64_t bytes);

}  // namespace runtime::service
