#include "runtime/cgroup/driver.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>

#include "base/file.h"
#include "base/log.h"
#include "base/path.h"
#include "base/sys.h"
#include "runtime/cgroup/missing.h"
#include "runtime/cgroup/values.h"

namespace runtime::cgroup {

using base::Code;
using base::Result;
using base::Status;

namespace {

constexpr int kMostRemovals = 100;  // in a row; then somebody does not want the cgroup

std::string trimmed(std::string text) {
  text.resize(text.find_last_not_of(" \n") + 1);
  return text;
}

bool is_cpuset(const std::string& file) { return file == "cpuset.cpus" || file == "cpuset.mems"; }

// What the parent leaves to its children, where that is likely to be why the kernel refuses a value.
std::string allowed_by_parent(const Cgroup& cgroup, const std::string& file) {
  if (!is_cpuset(file)) return {};
  const Result<std::string> parents =
      base::read_file(base::concat(cgroup.path(), "/../", file, ".effective"), 64UL << 10);
  if (!parents) return {};
  return base::concat("; ", trimmed(*parents), " can be chosen from");
}

// What is in use must fit: a limit below it makes the kernel kill. Tries to make it fit first (memory.reclaim, Linux
// 5.19), as far as that goes.
Status make_room(const Cgroup& cgroup, const Settings& settings) {
  const auto wanted = std::ranges::find(settings, "memory.max", &Setting::file);
  if (wanted == settings.end()) return {};
  const std::optional<uint64_t> limit = amount_in(wanted->value);
  const auto number = [&](const char* file) {
    const Result<std::string> text = cgroup.read(file);
    return text ? amount_in(*text) : std::nullopt;
  };
  if (!limit || number("memory.max") == limit) return {};
  const auto in_use = [&] { return number("memory.current").value_or(0); };
  uint64_t used = in_use();
  if (used > *limit) {
    (void)base::write_control_file_at(cgroup.fd(), "memory.reclaim", std::to_string(used - *limit));
    used = in_use();
  }
  if (used <= *limit) return {};
  return base::fail(Code::kFailedPrecondition, used, " bytes of memory are in use in cgroup ", cgroup.path(),
                    ": a limit of ", *limit, " would have its processes killed");
}

bool lowers_quota_below_burst(const Cgroup& cgroup, const Setting& setting) {
  if (setting.file != "cpu.max") return false;
  const std::optional<uint64_t> quota = amount_in(setting.value);
  const Result<std::string> burst = cgroup.read("cpu.max.burst");
  return quota && burst && amount_in(*burst).value_or(0) > *quota;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (true) {
    const size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

// io.max takes one device a write.
Status write_lines(const Cgroup& cgroup, const Setting& setting) {
  if (setting.value.empty()) return base::write_control_file_at(cgroup.fd(), setting.file, "\n");
  for (const std::string_view line : lines_of(setting.value)) {
    TRY(base::write_control_file_at(cgroup.fd(), setting.file, line));
  }
  return {};
}

// The kernel takes processors that the parent does not have as well, and leaves them out.
Status check_cpuset(const Cgroup& cgroup, const Setting& setting) {
  if (!is_cpuset(setting.file)) return {};
  const auto wanted = mask_in(setting.value);
  const Result<std::string> effective = cgroup.read((setting.file + ".effective").c_str());
  if (!wanted || wanted->empty() || !effective || mask_in(*effective) == wanted) return {};
  return base::fail(Code::kInvalidArgument, "cgroup ", cgroup.path(), " does not get ", setting.file, " ",
                    setting.value, " but ", trimmed(*effective), allowed_by_parent(cgroup, setting.file));
}

// What io.max says of each device that is to have other limits.
std::string limits_of_devices(const std::string& wanted, const std::string& now) {
  const auto device_of = [](std::string_view line) { return line.substr(0, line.find(' ')); };
  const std::vector<std::string_view> present = lines_of(now);
  std::string out;
  for (const std::string_view line : lines_of(wanted)) {
    const auto known = std::ranges::find(present, device_of(line), device_of);
    if (!out.empty()) out += '\n';
    out += known != present.end() ? std::string(*known)
                                  : base::concat(device_of(line), " rbps=max wbps=max riops=max wiops=max");
  }
  return out;
}

// What the files say of all that the settings change, in an order in which it can be written again.
Settings present_values(const Cgroup& cgroup, const Settings& settings) {
  const Result<std::string> idle = cgroup.read("cpu.idle");
  const bool is_idle = idle && trimmed(*idle) == "1";
  Settings out;
  const auto note = [&](const std::string& file, const std::string& wanted) {
    if (file == "cpu.weight" && is_idle) return;  // it has none
    const Result<std::string> text = cgroup.read(file.c_str());
    if (text) out.push_back({file, file == "io.max" ? limits_of_devices(wanted, *text) : trimmed(*text)});
  };
  for (const Setting& setting : settings) {
    note(setting.file, setting.value);
    // The kernel takes the one away with the other, and apply() the burst.
    if (setting.file == "cpu.idle") note("cpu.weight", {});
    if (setting.file == "cpu.max") note("cpu.max.burst", {});
  }
  return out;
}

}  // namespace

Result<DriverKind> resolve(DriverChoice choice, const Hierarchy& hierarchy) {
  if (choice == DriverChoice::kCgroupfs) return DriverKind::kCgroupfs;
  // On a hybrid node systemd keeps limits in cgroup v1.
  const bool all_is_v2 = hierarchy.mount_point() == "/sys/fs/cgroup";
  if (systemd_runs() && all_is_v2) return DriverKind::kSystemd;
  if (choice == DriverChoice::kAuto) return DriverKind::kCgroupfs;
  if (!systemd_runs()) {
    return base::fail(Code::kUnimplemented,
                      "--cgroup-driver=systemd: systemd does not run here (no /run/systemd/system); use cgroupfs");
  }
  return base::fail(Code::kUnimplemented, "--cgroup-driver=systemd: cgroup v2 is on ", hierarchy.mount_point(),
                    " and not all that systemd uses; boot with systemd.unified_cgroup_hierarchy=1, or use cgroupfs");
}

Status Leaf::settle() {
  placeholder_ = base::Child();
  for (const Later& later : later_) {
    const Status set = base::write_control_file_at(later.cgroup.fd(), later.setting.file, later.setting.value);
    // Gone with its last process.
    if (!set && set.error().os_errno() != ENOENT && set.error().os_errno() != ENODEV) {
      return base::fail_errno(set.error().os_errno(), "set ", later.setting.file, " of cgroup ", later.cgroup.path());
    }
  }
  later_.clear();
  return {};
}

Result<Cgroup> Driver::make(const std::string& cgroup, const Settings& settings) {
  if (const auto unit = unit_of(cgroup); unit && !unit->scope) return make_slice(*unit, settings);
  // A folder in a slice: systemd starts the slice.
  if (const auto slice = unit_of(cgroup.substr(0, cgroup.rfind('/'))); slice && !slice->scope) {
    TRY(make_slice(*slice, {}));
  }
  return make_folder(cgroup, settings);
}

Result<Cgroup> Driver::make_folder(const std::string& cgroup, const Settings& settings) {
  for (int attempt = 1;; ++attempt) {
    Result<Cgroup> made = Cgroup::create(hierarchy_, cgroup);
    const Status applied = made ? apply(*made, settings) : std::unexpected(made.error());
    if (applied) return made;
    // Somebody who tidies up may have removed it while it was empty.
    if (applied.error().code() != Code::kNotFound || attempt == kMostRemovals) return std::unexpected(applied.error());
  }
}

Result<Leaf> Driver::make_leaf(const std::string& cgroup, const Settings& settings) {
  if (const auto unit = unit_of(cgroup)) return make_scope(*unit, cgroup, settings);
  return Leaf(TRY(make(cgroup, settings)));
}

Status Driver::update(const std::string& cgroup, const Settings& settings) {
  TRY(check(settings));
  const Cgroup present = TRY(Cgroup::open(hierarchy_, cgroup));
  TRY(make_room(present, settings));
  const auto unit = unit_of(cgroup);
  const Settings wanted = unit && !unit->scope ? as_systemd_has_it(settings) : settings;
  const Settings before = present_values(present, wanted);
  Status changed = change(present, unit, wanted);
  if (changed || changed.error().code() == Code::kNotFound) return changed;
  const Status restored = change(present, unit, before);
  if (!restored) {
    changed.error().add_context(
        base::concat("what was before could not be set again either (", restored.error().to_string(), ")"));
  }
  return changed;
}

Status Driver::change(const Cgroup& cgroup, const std::optional<UnitPath>& unit, const Settings& settings) {
  if (unit) TRY(update_unit(*unit, settings));
  return apply(cgroup, settings);
}

Status Driver::remove(const std::string& cgroup, std::chrono::milliseconds wait) {
  if (const auto unit = unit_of(cgroup)) return remove_unit(*unit, wait);
  return cgroup::remove(hierarchy_, cgroup, wait);
}

void Driver::remove_if_unused(const std::string& cgroup) {
  const auto unit = unit_of(cgroup);
  if (!unit) {
    cgroup::remove_if_unused(hierarchy_, cgroup);
  } else if (!unit->scope) {  // an empty scope is removed by systemd itself
    const Status removed = remove_unused_slice(*unit);
    if (!removed) base::log::info({}, "remove ", unit->unit, ": ", removed.error().to_string());
  }
}

Status Driver::check(const Settings& settings) const {
  if (missing_ == MissingControllers::kWarn) return {};
  for (const Setting& setting : settings) {
    const std::string controller(controller_of(setting.file));
    if (hierarchy_.controllers().contains(controller) || !asks_for_something(setting)) continue;
    return base::fail(Code::kUnimplemented, setting.file, " cannot be set to ", setting.value, ": ",
                      why_missing(controller), "; --missing-controllers=warn runs the pod without");
  }
  return {};
}

Settings Driver::available(Settings settings) const {
  std::erase_if(settings, [&](const Setting& setting) {
    return !hierarchy_.controllers().contains(std::string(controller_of(setting.file)));
  });
  return settings;
}

Status Driver::for_each_child(const std::string& cgroup, const std::function<Status(const Cgroup&)>& visit) const {
  const std::string path = hierarchy_.path_of(cgroup);
  DIR* raw = ::opendir(path.c_str());
  if (raw == nullptr) return base::fail_errno(errno, "list cgroup ", path);
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(raw, ::closedir);
  while (true) {
    errno = 0;
    const struct dirent* entry = ::readdir(listing.get());
    if (entry == nullptr) return errno == 0 ? Status() : base::fail_errno(errno, "list cgroup ", path);
    const std::string_view name = entry->d_name;
    if (entry->d_type != DT_DIR || name == "." || name == "..") continue;
    const Result<Cgroup> child = Cgroup::open(hierarchy_, base::join_path(cgroup, name));
    if (!child && child.error().code() == Code::kNotFound) continue;  // gone since
    if (!child) return std::unexpected(child.error());
    TRY(visit(*child));
  }
}

Status Driver::apply(const Cgroup& cgroup, const Settings& settings) {
  for (const Setting& setting : settings) {
    // The kernel takes no quota below the burst; what the burst is to be comes after.
    if (lowers_quota_below_burst(cgroup, setting)) {
      TRY(base::write_control_file_at(cgroup.fd(), "cpu.max.burst", "0"), cgroup.path());
    }
    const Status written = write_lines(cgroup, setting);
    if (written) {
      TRY(check_cpuset(cgroup, setting));
      continue;
    }
    if (cgroup.is_gone()) return base::fail(Code::kNotFound, "cgroup ", cgroup.path(), " was removed meanwhile");
    if (written.error().os_errno() == ENOENT) {
      TRY(on_missing(cgroup, setting));
      continue;
    }
    return base::fail_errno(written.error().os_errno(), "set ", setting.file, " of cgroup ", cgroup.path(), " to ",
                            setting.value, allowed_by_parent(cgroup, setting.file));
  }
  return {};
}

Status Driver::on_missing(const Cgroup& cgroup, const Setting& setting) {
  if (!asks_for_something(setting)) return {};
  const std::string controller(controller_of(setting.file));
  const std::string why = hierarchy_.controllers().contains(controller)
                              ? why_not_handed_down(hierarchy_, cgroup, controller, setting.file)
                              : why_missing(controller);
  if (missing_ == MissingControllers::kFail) {
    return base::fail(Code::kUnimplemented, setting.file, " of cgroup ", cgroup.path(), " cannot be set to ",
                      setting.value, ": ", why, "; --missing-controllers=warn runs the pod without");
  }
  if (warned_.lock()->insert(controller).second) {
    base::log::warning({}, "limits are not enforced: ", why, " (", setting.file, " of ", cgroup.path(), " was to be ",
                       setting.value, ")");
  }
  return {};
}

}  // namespace runtime::cgroup
