// The part of Driver that asks systemd. docs/architecture.md, "systemd", says what it relies on.
#include <dirent.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "base/file.h"
#include "base/path.h"
#include "runtime/cgroup/driver.h"
#include "runtime/cgroup/unit_properties.h"
#include "runtime/cgroup/values.h"

namespace runtime::cgroup {

using base::Code;
using base::FileLock;
using base::Result;
using base::Status;
using Clock = std::chrono::steady_clock;

namespace {

// Whoever starts units has it shared, whoever removes slices that nobody uses has it alone: systemd has no call that
// stops a slice only if nothing is in it.
constexpr const char* kLock = "/run/nodeagent-units.lock";
constexpr std::chrono::seconds kLockWait{60};
constexpr std::chrono::seconds kEndWait{10};
constexpr int kStartPause = 20;  // ms

std::string name_of_slice(const UnitPath& scope) {
  const std::string slice = scope.cgroup.substr(0, scope.cgroup.rfind('/'));
  return unit_of(slice)->unit;  // of a scope only where there is one
}

Status check_runs(const std::string& unit) {
  if (systemd_runs()) return {};
  return base::fail(
      Code::kUnimplemented, unit, " is a unit of systemd's by its name, but systemd does not run here (no ",
      "/run/systemd/system): use --cgroup-driver=cgroupfs, and with a kubelet its cgroupDriver: cgroupfs");
}

void append(UnitProperties& to, UnitProperties&& more) { std::ranges::move(more, std::back_inserter(to)); }

// Those that the files do not say already; who changes one, changes the unit before the file.
Settings changed(const std::string& path, Settings settings) {
  std::erase_if(settings, [&](const Setting& setting) {
    const Result<std::string> present = base::read_file(base::join_path(path, setting.file), 64UL << 10);
    return present && *present == setting.value + "\n";
  });
  return settings;
}

// What compares a scope with its neighbours, and systemd may have no property for; inside of it there is nothing to
// compare.
Settings among_neighbours(const Settings& settings) {
  Settings out;
  std::ranges::copy_if(settings, std::back_inserter(out), [](const Setting& setting) {
    return setting.file == "cpu.idle" || setting.file == "io.weight";
  });
  return out;
}

bool contains(const Cgroup& cgroup, pid_t process) {
  const Result<std::vector<pid_t>> pids = cgroup.pids();
  return pids && std::ranges::find(*pids, process) != pids->end();
}

bool has_cgroups(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::opendir(path.c_str()), ::closedir);
  if (!listing) return false;
  while (const struct dirent* entry = ::readdir(listing.get())) {
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.') return true;
  }
  return false;
}

}  // namespace

Result<UnitProperties> Driver::properties_of(const Settings& settings) {
  return to_properties(settings, needs_version(settings) ? TRY(systemd_.version()) : 0);
}

Result<Cgroup> Driver::make_slice(const UnitPath& unit, const Settings& wanted) {
  TRY(check_runs(unit.unit));
  const Settings settings = as_systemd_has_it(wanted);
  // Until it is what it should be: an empty slice is whoever's who tidies up.
  const FileLock lock = TRY(FileLock::acquire(kLock, FileLock::Mode::kShared, kLockWait));
  const bool present = ::access(hierarchy_.path_of(unit.cgroup).c_str(), F_OK) == 0;
  if (!present || !settings.empty()) {
    Status done = present ? update_unit(unit, settings) : start_slice(unit, settings);
    // It was started by another process, or as the parent of another slice; or its cgroup is none of systemd's.
    if (!done && done.error().code() == Code::kAlreadyExists) done = update_unit(unit, settings);
    if (!done && done.error().code() == Code::kNotFound) done = start_slice(unit, settings);
    TRY(std::move(done));
  }
  return make_folder(unit.cgroup, settings);
}

Status Driver::start_slice(const UnitPath& unit, const Settings& settings) {
  UnitProperties wanted = slice_properties();
  append(wanted, TRY(properties_of(settings)));
  TRY(systemd_.start(unit.unit, wanted), "have systemd start ", unit.unit);
  return {};
}

Status Driver::update_unit(const UnitPath& unit, const Settings& settings) {
  TRY(check_runs(unit.unit));
  const Settings to_tell = unit.scope ? settings : changed(hierarchy_.path_of(unit.cgroup), settings);
  TRY(systemd_.set(unit.unit, TRY(properties_of(to_tell))), "tell systemd what ", unit.unit, " is held to");
  if (unit.scope) TRY(apply(TRY(Cgroup::open(hierarchy_, unit.cgroup)), among_neighbours(settings)));
  return {};
}

Status Driver::start_scope(const UnitPath& unit, const Settings& settings, pid_t placeholder) {
  UnitProperties wanted = scope_properties(unit.unit, name_of_slice(unit), static_cast<uint32_t>(placeholder));
  append(wanted, TRY(properties_of(settings)));
  // systemd's default would be a limit.
  if (std::ranges::find(wanted, "TasksMax", &UnitProperty::name) == wanted.end()) {
    wanted.push_back({"TasksMax", UINT64_MAX});
  }
  for (const auto end = Clock::now() + kEndWait;; (void)::poll(nullptr, 0, kStartPause)) {
    Status started = systemd_.start(unit.unit, wanted);
    if (started || started.error().code() != Code::kAlreadyExists) return started;
    // It may be ours, asked for on a connection that broke before the answer; systemd may yet have to come to it.
    const Result<Cgroup> present = Cgroup::open(hierarchy_, unit.cgroup);
    if (present && contains(*present, placeholder)) return {};
    if (present && present->populated().value_or(false)) {
      TRY(remove_unit(unit, kEndWait), "end what was left of it");
    } else if (Clock::now() >= end) {
      TRY(systemd_.stop(unit.unit, Systemd::Stop::kWithAllInside), "end what was left of it");
      return systemd_.start(unit.unit, wanted);
    }
  }
}

Result<Leaf> Driver::make_scope(const UnitPath& unit, const std::string& cgroup, const Settings& settings) {
  TRY(check_runs(unit.unit));
  base::Child placeholder = TRY(base::start_placeholder(), "hold the place in ", unit.unit);
  {
    const FileLock lock = TRY(FileLock::acquire(kLock, FileLock::Mode::kShared, kLockWait));
    TRY(start_scope(unit, settings, placeholder.pid()), "have systemd start ", unit.unit);
  }
  const Cgroup scope = TRY(Cgroup::open(hierarchy_, unit.cgroup));
  if (cgroup != unit.cgroup) {
    TRY(apply(scope, among_neighbours(settings)));
    // Controllers are handed down only by a cgroup that no process is in itself.
    TRY(scope.move_below(cgroup.substr(unit.cgroup.size() + 1), placeholder.pid()));
  }
  Leaf leaf(TRY(Cgroup::create(hierarchy_, cgroup)));
  leaf.placeholder_ = std::move(placeholder);
  TRY(apply(leaf.cgroup(), settings));
  const auto processes = std::ranges::find(settings, "pids.max", &Setting::file);
  if (processes == settings.end()) return leaf;
  const std::optional<uint64_t> most = amount_in(processes->value);
  if (!most || *most == kNoLimit) return leaf;
  // For as long as the placeholder is counted as well.
  for (const std::string& path : {unit.cgroup, cgroup}) {
    Cgroup counting = TRY(Cgroup::open(hierarchy_, path));
    const Status raised = base::write_control_file_at(counting.fd(), processes->file, std::to_string(*most + 1));
    if (raised) leaf.later_.push_back({std::move(counting), *processes});
  }
  return leaf;
}

Status Driver::remove_unit(const UnitPath& unit, std::chrono::milliseconds wait) {
  const Result<Cgroup> present = Cgroup::open(hierarchy_, unit.cgroup);
  if (!present && present.error().code() != Code::kNotFound) return std::unexpected(present.error());
  // A scope is gone with its cgroup.
  if (!present && unit.scope) return {};
  if (present && TRY(present->populated())) {
    TRY(present->kill(), "end what is left in ", present->path());
    TRY(present->wait_empty(wait));
  }
  // It notices by itself that a scope is empty, but not when the cgroup is removed before it has looked.
  if (systemd_runs()) TRY(systemd_.stop(unit.unit, Systemd::Stop::kWithAllInside), "have systemd stop ", unit.unit);
  return cgroup::remove(hierarchy_, unit.cgroup, wait);
}

Status Driver::remove_unused_slice(const UnitPath& unit) {
  const Result<Cgroup> present = Cgroup::open(hierarchy_, unit.cgroup);
  if (!present || has_cgroups(present->path())) return {};
  const FileLock lock = TRY(FileLock::acquire(kLock, FileLock::Mode::kExclusive, kLockWait));
  if (has_cgroups(present->path()) || TRY(present->populated())) return {};
  if (systemd_runs()) TRY(systemd_.stop(unit.unit, Systemd::Stop::kAlone));
  cgroup::remove_if_unused(hierarchy_, unit.cgroup);
  ::unlink(kLock);
  return {};
}

}  // namespace runtime::cgroup
