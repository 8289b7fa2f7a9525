#include "runtime/service/oom_end.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "base/concat.h"
#include "base/file.h"
#include "base/log.h"
#include "cri-proto/service.h"
#include "runtime/cgroup/hierarchy.h"
#include "runtime/cgroup/names.h"
#include "runtime/shim/oom_kills.h"

namespace runtime::service {

using base::concat;

namespace {

std::string parent_of(std::string_view cgroup) { return std::string(cgroup.substr(0, cgroup.rfind('/'))); }

std::string name_of(std::string_view cgroup) { return std::string(cgroup.substr(cgroup.rfind('/') + 1)); }

// With systemd a container lies in a scope that is its own, too.
std::string outermost_of(const std::string& container_cgroup) {
  const auto unit = cgroup::unit_of(container_cgroup);
  return unit && unit->scope ? unit->cgroup : container_cgroup;
}

bool is_containers(const std::string& container_cgroup, std::string_view owner) {
  return owner == container_cgroup || owner == outermost_of(container_cgroup);
}

std::string pod_of(const std::string& container_cgroup) { return parent_of(outermost_of(container_cgroup)); }

std::optional<std::string> control_file(const std::string& cgroup, const char* name) {
  const auto hierarchy = cgroup::Hierarchy::find();
  if (!hierarchy || cgroup.empty()) return std::nullopt;
  const auto text = base::read_file(hierarchy->path_of(cgroup) + "/" + name, 4096);
  return text ? std::optional(*text) : std::nullopt;
}

// In the cgroup and all below it, those that are gone as well. False where it cannot be read.
bool nothing_was_killed_in(const std::string& cgroup) {
  const auto events = control_file(cgroup, "memory.events");
  return events && events->find("\noom_kill 0\n") != std::string::npos;
}

std::optional<uint64_t> memory_limit(const std::string& cgroup) {
  const auto text = control_file(cgroup, "memory.max");
  uint64_t bytes = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), bytes).ec != std::errc()) return std::nullopt;
  return bytes;
}

// As the kernel has it; what was asked for where systemd has removed the cgroup.
std::optional<uint64_t> own_limit(const ContainerRecord& record) {
  for (const std::string& cgroup : {outermost_of(record.cgroup), record.cgroup}) {
    if (const auto bytes = memory_limit(cgroup)) return bytes;
  }
  const int64_t asked = record.config ? record.config->linux().resources().memory_limit_in_bytes() : 0;
  return asked > 0 ? std::optional(static_cast<uint64_t>(asked)) : std::nullopt;
}

std::string reached(const std::string& container_cgroup, const ReachedLimit& limit) {
  if (limit.owner.empty()) return "a memory limit was reached";
  if (limit.both && limit.bytes) {
    return concat("the memory limit of ", binary_size(*limit.bytes), " of the container and its pod was reached");
  }
  const std::string of = limit.bytes ? concat("memory limit of ", binary_size(*limit.bytes)) : "memory limit";
  if (is_containers(container_cgroup, limit.owner)) return concat("the container's ", of, " was reached");
  if (limit.owner == pod_of(container_cgroup)) return concat("the pod's ", of, " was reached");
  return concat("the ", of, " of cgroup ", limit.owner, " was reached");
}

}  // namespace

std::string binary_size(uint64_t bytes) {
  constexpr uint64_t kStep = 1024;
  constexpr const char* kUnits[] = {"KiB", "MiB", "GiB"};
  size_t unit = 0;
  uint64_t scale = kStep;
  while (unit < 2 && bytes >= scale * kStep) {
    scale *= kStep;
    ++unit;
  }
  const uint64_t tenths = bytes / scale * 10 + bytes % scale * 10 / scale;
  const std::string fraction = tenths % 10 == 0 ? "" : concat(".", tenths % 10);
  return concat(tenths / 10, fraction, " ", kUnits[unit]);
}

std::string limit_owner_of(std::string_view container_cgroup, std::string_view logged) {
  for (std::string owner(container_cgroup); !owner.empty(); owner = parent_of(owner)) {
    // In a cgroup namespace our paths are shorter than the kernel's.
    if (logged.ends_with(owner)) return owner;
  }
  return {};
}

const cgroup::OomKill& worst_of(const std::vector<cgroup::OomKill>& kills) {
  return *std::ranges::max_element(
      kills, {}, [](const cgroup::OomKill& kill) { return std::pair(!kill.follower, kill.resident); });
}

std::string oom_message(const std::string& container_cgroup, const std::vector<cgroup::OomKill>& kills,
                        const ReachedLimit& limit) {
  const cgroup::OomKill& worst = worst_of(kills);
  std::set<pid_t> killed;
  for (const cgroup::OomKill& kill : kills) killed.insert(kill.pid);
  const std::string process = concat(worst.pid, " (", worst.name, ")");
  const std::string who = killed.size() == 1 ? concat("process ", process, " was killed")
                                             : concat(killed.size(), " processes were killed, the largest ", process);
  return concat(who, " with ", binary_size(worst.resident),
                " in memory: ", worst.whole_node ? cri::kNodeOutOfMemory : reached(container_cgroup, limit));
}

std::string out_of_memory(const ContainerRecord& record, uint32_t oom_kills) {
  const bool unknown = oom_kills == shim::kOomKillsUnknown;
  // Most containers end well: for those the kernel's log, which may be long, is not read.
  if (oom_kills == 0 || (unknown && nothing_was_killed_in(pod_of(record.cgroup)))) return {};
  const auto log = cgroup::read_oom_log();
  if (!log) base::log::debug({.container_id = record.id}, log.error().to_string());
  const auto kills =
      log ? cgroup::kills_in(*log, name_of(outermost_of(record.cgroup))) : std::vector<cgroup::OomKill>();
  if (kills.empty()) return unknown ? "" : "the kernel killed it, or a part of it, for lack of memory";
  const std::string owner = limit_owner_of(record.cgroup, worst_of(kills).limit_owner);
  const bool is_own = is_containers(record.cgroup, owner);
  const bool is_pods = owner == pod_of(record.cgroup);
  const std::optional<uint64_t> own = own_limit(record);
  ReachedLimit limit{.owner = owner, .bytes = is_own ? own : memory_limit(owner)};
  limit.both = (is_own || is_pods) && own && own == memory_limit(pod_of(record.cgroup));
  return oom_message(record.cgroup, kills, limit);
}

}  // namespace runtime::service
