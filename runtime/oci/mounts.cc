#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/path.h"
#include "base/sys.h"
#include "runtime/oci/generate_parts.h"
#include "runtime/oci/utf8.h"

namespace runtime::oci {
namespace {

// True when `path` is `folder` or lies below it; both clean.
bool is_within(std::string_view path, std::string_view folder) {
  return path == folder || (path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/');
}

long depth(const Mount& mount) { return std::ranges::count(mount.destination, '/'); }

Mount bind_mount(std::string destination, std::string source, std::vector<std::string> options) {
  Mount mount;
  mount.destination = std::move(destination);
  mount.type = kBind;
  mount.source = std::move(source);
  mount.options = std::move(options);
  return mount;
}

Mount special(const char* destination, const char* type, const char* source, std::vector<std::string> options) {
  Mount mount;
  mount.destination = destination;
  mount.type = type;
  mount.source = source;
  mount.options = std::move(options);
  return mount;
}

// Writable is not said: "rw" would lift the read-only flag of a mount that the host itself has read-only.
std::vector<std::string> bind_options(bool readonly) {
  std::vector<std::string> options = {"rbind", "rprivate"};
  if (readonly) options.emplace_back("ro");
  return options;
}

std::vector<Mount> standard_mounts(const GenerateInput& input) {
  std::vector<Mount> mounts = {
      special("/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}),
      special("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}),
      special("/dev/pts", "devpts", "devpts",
              {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}),
      special("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}),
      special("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}),
      special("/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev", "relatime", "ro"}),
  };
  if (!input.shm_path.empty()) {
    // The pod's tmpfs is mounted with nosuid, noexec, nodev and mode 1777 itself.
    mounts.push_back(bind_mount("/dev/shm", input.shm_path, {"rbind", "rprivate", "nosuid", "noexec", "nodev"}));
  }
  return mounts;
}

std::vector<Mount> managed_files(const GenerateInput& input) {
  const bool readonly = input.container->linux().security_context().readonly_rootfs();
  std::vector<Mount> mounts;
  const auto add = [&](const char* destination, const std::string& source) {
    if (!source.empty()) mounts.push_back(bind_mount(destination, source, bind_options(readonly)));
  };
  add("/etc/hosts", input.hosts_path);
  add("/etc/resolv.conf", input.resolv_conf_path);
  add("/etc/hostname", input.hostname_path);
  return mounts;
}

base::Result<Mount> requested_mount(const v1::Mount& mount) {
  const std::string field = base::concat("mounts[", mount.container_path(), "]");
  std::string destination = TRY(absolute_path(base::concat(field, ".container_path"), mount.container_path()));
  std::string source = TRY(absolute_path(base::concat(field, ".host_path"), mount.host_path()));
  // Below /proc a mount can lie to the container's own tools, and over the root or /dev it hides what the runtime made.
  if (destination == "/" || destination == "/dev" || is_within(destination, "/proc")) {
    return base::fail(base::Code::kInvalidArgument, "a volume cannot be mounted at ", destination);
  }
  return bind_mount(std::move(destination), std::move(source), bind_options(mount.readonly()));
}

struct Node {
  const char* path;
  int64_t major;
  int64_t minor;
};
constexpr std::array<Node, 6> kStandardNodes = {{
    {"/dev/null", 1, 3},
    {"/dev/zero", 1, 5},
    {"/dev/full", 1, 7},
    {"/dev/random", 1, 8},
    {"/dev/urandom", 1, 9},
    {"/dev/tty", 5, 0},
}};

DeviceRule allow(const std::string& type, std::optional<int64_t> major, std::optional<int64_t> minor,
                 const std::string& access) {
  return {.allow = true, .type = type, .major = major, .minor = minor, .access = access};
}

base::Status check_permissions(const v1::Device& device) {
  const std::string& permissions = device.permissions();
  if (!permissions.empty() && permissions.find_first_not_of("rwm") == std::string::npos) return {};
  return base::fail(base::Code::kInvalidArgument, "devices[", device.container_path(), "].permissions is \"",
                    permissions, "\"; it takes one or more of r, w and m");
}

}  // namespace

base::Result<std::string> absolute_path(std::string_view field, const std::string& path) {
  if (!path.starts_with('/')) {
    return base::fail(base::Code::kInvalidArgument, field, " is \"", path, "\", which is not an absolute path");
  }
  if (!is_json_text(path)) {
    return base::fail(base::Code::kInvalidArgument, field, " is not UTF-8, or has a NUL in it");
  }
  return base::clean_path(path);
}

base::Result<std::vector<std::string>> uncovered_volumes(const ImageConfig& image, const std::vector<Mount>& mounts) {
  std::vector<std::string> volumes;
  for (const std::string& declared : image.volumes) {
    std::string volume = TRY(absolute_path("the image's volume", base::concat("/", declared)));
    const bool covered =
        std::ranges::any_of(mounts, [&](const Mount& mount) { return is_within(volume, mount.destination); });
    if (!covered && volume != "/") volumes.push_back(std::move(volume));
  }
  return volumes;
}

base::Result<std::vector<Mount>> container_mounts(const GenerateInput& input) {
  std::vector<Mount> requested;
  for (const v1::Mount& mount : input.container->mounts()) requested.push_back(TRY(requested_mount(mount)));
  std::ranges::stable_sort(requested, {}, depth);

  const auto hidden = [&](const Mount& mount) {
    return std::ranges::any_of(requested,
                               [&](const Mount& other) { return is_within(mount.destination, other.destination); });
  };
  std::vector<Mount> mounts = standard_mounts(input);
  std::ranges::move(managed_files(input), std::back_inserter(mounts));
  std::erase_if(mounts, hidden);
  std::ranges::move(requested, std::back_inserter(mounts));
  return mounts;
}

base::Result<std::vector<Device>> container_devices(const GenerateInput& input) {
  std::vector<Device> devices;
  for (const Node& node : kStandardNodes) {
    devices.push_back({.type = "c",
                       .path = node.path,
                       .major = node.major,
                       .minor = node.minor,
                       .file_mode = 0666,
                       .uid = 0,
                       .gid = 0});
  }
  for (const v1::Device& requested : input.container->devices()) {
    const std::string field = base::concat("devices[", requested.container_path(), "]");
    std::string path = TRY(absolute_path(base::concat(field, ".container_path"), requested.container_path()));
    if (!is_within(path, "/dev") || path == "/dev") {
      return base::fail(base::Code::kInvalidArgument, field, " does not lie in /dev");
    }
    TRY(check_permissions(requested));
    if (!input.find_device) return base::fail(base::Code::kInternal, "no way to find the device of ", field);
    Device device = TRY(input.find_device(requested.host_path()), "give the container ", field);
    device.path = std::move(path);
    devices.push_back(std::move(device));
  }
  return devices;
}

std::vector<DeviceRule> device_rules(const GenerateInput& input, const std::vector<Device>& devices) {
  std::vector<DeviceRule> rules = {
      {.allow = false, .type = "a", .major = {}, .minor = {}, .access = "rwm"},
      allow("c", {}, {}, "m"),
      allow("b", {}, {}, "m"),
  };
  for (const Node& node : kStandardNodes) rules.push_back(allow("c", node.major, node.minor, "rwm"));
  rules.push_back(allow("c", 5, 1, "rwm"));     // /dev/console
  rules.push_back(allow("c", 5, 2, "rwm"));     // /dev/ptmx
  rules.push_back(allow("c", 136, {}, "rwm"));  // /dev/pts/*
  for (size_t i = 0; i < static_cast<size_t>(input.container->devices_size()); ++i) {
    const Device& device = devices[kStandardNodes.size() + i];
    const std::string& permissions = input.container->devices(static_cast<int>(i)).permissions();
    rules.push_back(allow(device.type, device.major, device.minor, permissions));
  }
  return rules;
}

base::Result<Device> find_host_device(const std::string& host_path) {
  const struct stat info = TRY(base::sys::fstatat(AT_FDCWD, host_path, 0));
  const bool is_block = S_ISBLK(info.st_mode);
  if (!is_block && !S_ISCHR(info.st_mode)) {
    return base::fail(base::Code::kInvalidArgument, host_path, " is not a device node");
  }
  return Device{.type = is_block ? "b" : "c",
                .path = host_path,
                .major = static_cast<int64_t>(major(info.st_rdev)),
                .minor = static_cast<int64_t>(minor(info.st_rdev)),
                .file_mode = info.st_mode & 07777,
                .uid = info.st_uid,
                .gid = info.st_gid};
}

}  // namespace runtime::oci
