// How many of a container's processes the kernel has killed for lack of memory, whoever's limit it was: "oom_kill" of
// the memory.events of its cgroup (https://docs.kernel.org/admin-guide/cgroup-v2.html).
//
// Read once, when the main process has been reaped: the kernel counts a kill before it sends the signal. The file is
// not watched. Each time that a container reclaims memory at its limit is an event too, so a page cache that fills the
// limit would wake the shim a hundred times a second; and an event that comes within 10 ms of another is told late,
// which is what a kill does. Where systemd is faster in removing the cgroup, the agent asks the kernel's log.
#pragma once

#include <cstdint>
#include <string_view>

namespace runtime::shim {

// The cgroup was gone before it could be read: systemd removes a scope as soon as its last process has ended.
inline constexpr uint32_t kOomKillsUnknown = UINT32_MAX;

// Of the cgroup's folder. 0 as well where the cgroup has no memory controller.
uint32_t count_oom_kills(int cgroup);

// The content of memory.events; 0 where it does not say.
uint32_t oom_kills_in(std::string_view events);

}  // namespace runtime::shim
