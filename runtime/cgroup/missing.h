// Why a controller cannot be used, in words that say what to do about it.
#pragma once

#include <string>
#include <string_view>

#include "runtime/cgroup/cgroup.h"
#include "runtime/cgroup/hierarchy.h"

namespace runtime::cgroup {

// Of a controller that the cgroup v2 hierarchy does not have: it is bound to a cgroup v1 hierarchy, disabled at boot,
// or not part of the kernel.
std::string why_missing(std::string_view controller);
// The same from the text of /proc/cgroups (cgroups(7)). Pure: for tests.
std::string why_missing(std::string_view controller, std::string_view proc_cgroups);

// Of a file that the cgroup does not have although the hierarchy has its controller: a cgroup above does not hand it
// down, with who is to blame; or the kernel is too old for the file.
std::string why_not_handed_down(const Hierarchy& hierarchy, const Cgroup& cgroup, const std::string& controller,
                                const std::string& file);

}  // namespace runtime::cgroup
