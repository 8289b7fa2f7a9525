#include "runtime/cgroup/driver.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <optional>

#include "base/file.h"
#include "base/log.h"
#include "base/path.h"
#include "base/sys.h"
#include "runtime/cgroup/missing.h"

namespace runtime::cgroup {

using base::Code;
using base::Result;
using base::Status;

namespace {

std::optional<uint64_t> amount_in(std::string_view text) {
  uint64_t value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) return std::nullopt;
  return value;
}

std::string trimmed(std::string text) {
  text.resize(text.find_last_not_of(" \n") + 1);
  return text;
}

// What the parent leaves to its children, where that is likely to be why the kernel refuses a value.
std::string allowed_by_parent(const Cgroup& cgroup, const std::string& file) {
  if (controller_of(file) != "cpuset") return {};
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
  if (!limit) return {};
  const auto in_use = [&]() -> uint64_t {
    const Result<std::string> text = cgroup.read("memory.current");
    return text ? amount_in(*text).value_or(0) : 0;
  };
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

// io.max takes one device a write.
Status write_lines(const Cgroup& cgroup, const Setting& setting) {
  std::string_view rest = setting.value;
  while (true) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    TRY(base::write_control_file_at(cgroup.fd(), setting.file, line));
    if (line.size() == rest.size()) return {};
    rest.remove_prefix(line.size() + 1);
  }
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
  Cgroup made = TRY(Cgroup::create(hierarchy_, cgroup));
  TRY(apply(made, settings));
  return made;
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
  if (!unit) return apply(present, settings);
  const Settings wanted = unit->scope ? settings : as_systemd_has_it(settings);
  TRY(update_unit(*unit, wanted));
  return apply(present, wanted);
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
    if (written) continue;
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
