#include "runtime/cgroup/names.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/path.h"

namespace runtime::cgroup {

using base::Code;
using base::Result;

namespace {

constexpr std::string_view kSlice = ".slice";
constexpr std::string_view kScope = ".scope";
constexpr std::string_view kDefaultInstance = "nodeagent";
// Inside of a scope, where what we set is ours alone: docs/architecture.md, "systemd".
constexpr const char* kInScope = "container";

// systemd.unit(5), "String escaping"; a dash would mean that one slice lies in another.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char character : text) {
    if (base::is_alphanumeric(character) || character == ':' || character == '_' ||
        (character == '.' && !out.empty())) {
      out += character;
      continue;
    }
    constexpr std::string_view kDigits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(character);
    out += "\\x";
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

// As the kubelet does it, for names that others look for.
std::string with_underscores(std::string_view text) {
  std::string out(text);
  std::ranges::replace(out, '-', '_');
  return escaped(out);
}

// systemd's name for the folder of a unit that the kernel could take for one of its own files.
std::string folder_of(const std::string& unit) {
  constexpr std::array<std::string_view, 9> kTaken{"cgroup.", "cpu.",    "cpuacct.", "cpuset.", "io.",
                                                   "blkio.",  "memory.", "devices.", "pids."};
  const bool taken = unit.starts_with('_') || unit.starts_with('.') ||
                     std::ranges::any_of(kTaken, [&](std::string_view prefix) { return unit.starts_with(prefix); });
  return taken ? "_" + unit : unit;
}

// Of a slice that we named ourselves.
std::string path_of_own(const std::string& slice) {
  std::string path;
  for (size_t dash = slice.find('-'); dash != std::string::npos; dash = slice.find('-', dash + 1)) {
    path += base::concat("/", folder_of(base::concat(slice.substr(0, dash), kSlice)));
  }
  return base::concat(path, "/", folder_of(slice));
}

std::string_view last_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string unit_name(std::string_view folder) {
  return std::string(folder.starts_with('_') ? folder.substr(1) : folder);
}

}  // namespace

std::string Naming::kubepods() const {
  const bool is_default = instance == kDefaultInstance;
  if (driver == DriverKind::kCgroupfs) return is_default ? "/kubepods" : base::concat("/", instance, "/kubepods");
  return path_of_own(is_default ? "kubepods.slice" : base::concat(escaped(instance), "-kubepods.slice"));
}

std::string Naming::qos(Qos qos) const {
  std::string path = kubepods();
  if (qos == Qos::kGuaranteed) return path;
  const std::string_view name = qos == Qos::kBurstable ? "burstable" : "besteffort";
  if (driver == DriverKind::kCgroupfs) return base::concat(path, "/", name);
  const std::string_view outer = last_of(path);
  return base::concat(path, "/", outer.substr(0, outer.size() - kSlice.size()), "-", name, kSlice);
}

std::string Naming::pod(Qos qos, std::string_view uid) const {
  std::string path = this->qos(qos);
  if (driver == DriverKind::kCgroupfs) return base::concat(path, "/pod", uid);
  const std::string_view outer = last_of(path);
  return base::concat(path, "/", outer.substr(0, outer.size() - kSlice.size()), "-pod", with_underscores(uid), kSlice);
}

std::string Naming::shim(std::string_view sandbox) const {
  if (driver == DriverKind::kCgroupfs) return base::concat("/", instance, "/shims/", sandbox);
  return base::concat(path_of_own(escaped(instance) + "-shims.slice"), "/", sandbox);
}

std::vector<std::string> Naming::common() const {
  const std::string shims = shim("");
  std::vector<std::string> out{qos(Qos::kBestEffort), qos(Qos::kBurstable), kubepods(),
                               shims.substr(0, shims.rfind('/'))};
  out.push_back(out.back().substr(0, out.back().rfind('/')));
  return out;
}

std::string container_cgroup(const std::string& pod_cgroup, std::string_view id) {
  if (!pod_cgroup.ends_with(kSlice)) return base::concat(pod_cgroup, "/", id);
  return base::concat(pod_cgroup, "/nodeagent-", id, kScope, "/", kInScope);
}

Result<std::string> slice_path(std::string_view slice) {
  std::string_view name = slice;
  if (name.ends_with(kSlice)) name.remove_suffix(kSlice.size());
  const bool fine = name.size() < slice.size() && !name.empty() && name.find('/') == std::string_view::npos &&
                    !name.starts_with('-') && !name.ends_with('-') && name.find("--") == std::string_view::npos;
  if (!fine) return base::fail(Code::kInvalidArgument, "\"", slice, "\" is no name of a slice of systemd's");
  return path_of_own(std::string(slice));
}

Result<std::string> pod_cgroup_of(const std::string& cgroup_parent) {
  const std::string_view last = last_of(cgroup_parent);
  if (last.ends_with(kSlice)) {
    std::string path = TRY(slice_path(last), "config.linux.cgroup_parent");
    if (cgroup_parent == last || cgroup_parent == path) return path;
    return base::fail(Code::kInvalidArgument, "config.linux.cgroup_parent \"", cgroup_parent,
                      "\": systemd has this slice as ", path);
  }
  if (cgroup_parent.starts_with('/') && base::clean_path(cgroup_parent) == cgroup_parent) return cgroup_parent;
  return base::fail(Code::kInvalidArgument, "config.linux.cgroup_parent \"", cgroup_parent,
                    "\" is neither a clean path below the cgroup v2 mount nor a slice of systemd's");
}

std::optional<UnitPath> unit_of(const std::string& cgroup) {
  // A folder that only happens to have such a name is none of systemd's.
  const auto is_slice = [](std::string_view path) {
    const Result<std::string> expected = slice_path(unit_name(last_of(path)));
    return expected && *expected == path;
  };
  if (cgroup.ends_with(kSlice)) {
    return is_slice(cgroup) ? std::optional(UnitPath{unit_name(last_of(cgroup)), cgroup, false}) : std::nullopt;
  }
  for (size_t end = cgroup.find('/', 1); end != std::string::npos; end = cgroup.find('/', end + 1)) {
    if (!is_slice(std::string_view(cgroup).substr(0, end))) return std::nullopt;
    const std::string below = cgroup.substr(0, cgroup.find('/', end + 1));
    if (below.ends_with(kScope)) return UnitPath{unit_name(last_of(below)), below, true};
  }
  return std::nullopt;
}

}  // namespace runtime::cgroup
