// How cgroups are named, by nodeagent itself and by systemd. Pure.
//
// With cgroupfs they lie as a kubelet lays them out: "/kubepods/burstable/pod<uid>/<container>". With systemd each is a
// unit, and the name of a slice says in which other ones it lies:
// "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod<uid>.slice/nodeagent-<container>.scope/container".
// An instance other than the default has a tree of its own: "/NAME/kubepods/…", "/NAME.slice/NAME-kubepods.slice/…".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace runtime::cgroup {

enum class DriverKind : uint8_t {
  kCgroupfs,  // we make folders and write to their files
  kSystemd,   // we ask systemd for slices and scopes
};

// What a user may choose: resolve() in driver.h.
enum class DriverChoice : uint8_t { kAuto, kCgroupfs, kSystemd };

enum class Qos : uint8_t { kGuaranteed, kBurstable, kBestEffort };

struct Naming {
  DriverKind driver = DriverKind::kCgroupfs;
  std::string instance = "nodeagent";

  std::string kubepods() const;
  std::string qos(Qos qos) const;  // of guaranteed pods: kubepods itself
  std::string pod(Qos qos, std::string_view uid) const;
  // A folder, also in a slice: nothing is to be held to anything, so there is nothing that systemd could keep.
  std::string shim(std::string_view sandbox) const;
  // What is only ours and may be removed when no pod is left: before each, all that lies in it.
  std::vector<std::string> common() const;
};

// Of a container in a pod's cgroup, whoever named that: in a slice it is a unit, whatever our own driver is.
std::string container_cgroup(const std::string& pod_cgroup, std::string_view id);

// From what CRI's cgroup_parent says: "/kubepods/…" as it is; a slice, with or without the ones it lies in, as the path
// that systemd gives it. kInvalidArgument: no clean absolute path, or a slice that cannot lie there.
base::Result<std::string> pod_cgroup_of(const std::string& cgroup_parent);

// The unit of systemd that a cgroup is, or lies in and is delegated by.
struct UnitPath {
  std::string unit;    // "kubepods.slice", "nodeagent-….scope"
  std::string cgroup;  // the unit's
  bool scope = false;
};
// nullopt for a cgroup that is none of systemd's: its name has neither ending, and it is in no scope.
std::optional<UnitPath> unit_of(const std::string& cgroup);

// "/a.slice/a-b.slice" for "a-b.slice"; kInvalidArgument for what is no slice's name.
base::Result<std::string> slice_path(std::string_view slice);

}  // namespace runtime::cgroup
