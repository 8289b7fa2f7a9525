// Driver: makes the cgroups of pods and containers, holds them to their limits, and removes them.
//
// Level-triggered: what is there already is put right (controllers that were taken away below us, limits that somebody
// changed), so that every call may be repeated, by any process.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/placeholder.h"
#include "base/synchronized.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/cgroup/hierarchy.h"
#include "runtime/cgroup/names.h"
#include "runtime/cgroup/settings.h"
#include "runtime/cgroup/systemd.h"

namespace runtime::cgroup {

// What becomes of a limit that this node cannot enforce.
enum class MissingControllers {
  kFail,  // kUnimplemented, naming the controller and why it is missing
  kWarn,  // a warning in the log, once a controller
};

// Auto: systemd's where systemd is process 1 and has all of cgroup v2. kUnimplemented when it is chosen and is not.
base::Result<DriverKind> resolve(DriverChoice choice, const Hierarchy& hierarchy);

// A cgroup that processes are to be started in. systemd keeps a scope only while a process is in it, so one that only
// waits holds the place.
class Leaf {
 public:
  const Cgroup& cgroup() const { return cgroup_; }
  // As soon as a process was started in it: takes the one away that held the place. Without this the cgroup goes with
  // the Leaf.
  base::Status settle();

 private:
  friend class Driver;
  // What counts processes is set when only those are in it that are to be counted.
  struct Later {
    Cgroup cgroup;
    Setting setting;
  };
  explicit Leaf(Cgroup cgroup) : cgroup_(std::move(cgroup)) {}
  Cgroup cgroup_;
  base::Child placeholder_;
  std::vector<Later> later_;
};

// Thread-safe. Cgroups are named by their path below the mount point: "/kubepods/burstable/pod…". Those that are units
// of systemd's by their name (names.h) are made, changed and removed by asking it, whatever our own driver is; what it
// has no property for, or rounds, is then written to the files.
class Driver {
 public:
  Driver(Hierarchy hierarchy, MissingControllers missing) : hierarchy_(std::move(hierarchy)), missing_(missing) {}

  const Hierarchy& hierarchy() const { return hierarchy_; }

  // The cgroup of a pod, or of what pods lie in, with its missing parents and every controller; then holds it to the
  // settings. Existing: put right.
  base::Result<Cgroup> make(const std::string& cgroup, const Settings& settings);

  // The same of a cgroup for processes. A scope of that name that is still there is ended first. Not to outlive the
  // calling thread before it is settled.
  base::Result<Leaf> make_leaf(const std::string& cgroup, const Settings& settings);

  // Changes what an existing cgroup is held to, while processes run in it; all of it or nothing. kNotFound when it is
  // gone. kFailedPrecondition where memory is to be limited to less than what is in use and cannot be reclaimed: the
  // kernel would kill for it.
  base::Status update(const std::string& cgroup, const Settings& settings);

  // kUnimplemented, naming the controller, when one of the settings could not be carried out on this node (and kFail):
  // to be asked before anything is made.
  base::Status check(const Settings& settings) const;

  // Those of the settings whose controllers this node has: for what no pod has asked for.
  Settings available(Settings settings) const;

  // Shows the cgroups directly below, each open only for as long as that takes; the visitor's error ends it. kNotFound
  // when the cgroup itself is gone.
  base::Status for_each_child(const std::string& cgroup, const std::function<base::Status(const Cgroup&)>& visit) const;

  // See the functions of the same names in cgroup.h.
  base::Status remove(const std::string& cgroup, std::chrono::milliseconds wait);
  void remove_if_unused(const std::string& cgroup);

 private:
  // units.cc
  base::Result<UnitProperties> properties_of(const Settings& settings);
  base::Result<Cgroup> make_slice(const UnitPath& unit, const Settings& settings);
  base::Status start_slice(const UnitPath& unit, const Settings& settings);
  base::Result<Leaf> make_scope(const UnitPath& unit, const std::string& cgroup, const Settings& settings);
  base::Status start_scope(const UnitPath& unit, const Settings& settings, pid_t placeholder);
  base::Status update_unit(const UnitPath& unit, const Settings& settings);
  base::Status remove_unit(const UnitPath& unit, std::chrono::milliseconds wait);
  base::Status remove_unused_slice(const UnitPath& unit);

  base::Result<Cgroup> make_folder(const std::string& cgroup, const Settings& settings);
  base::Status change(const Cgroup& cgroup, const std::optional<UnitPath>& unit, const Settings& settings);
  // kNotFound when it is gone.
  base::Status apply(const Cgroup& cgroup, const Settings& settings);
  base::Status on_missing(const Cgroup& cgroup, const Setting& setting);

  const Hierarchy hierarchy_;
  const MissingControllers missing_;
  base::Synchronized<std::set<std::string>> warned_;  // controllers
  Systemd systemd_;
};

}  // namespace runtime::cgroup
