#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/file.h"
#include "base/path.h"
#include "base/sys.h"
#include "runtime/oci/generate_parts.h"

namespace runtime::oci {
namespace {

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

// A device that CRI lists, at the path that it is to have.
base::Result<Device> requested_device(const GenerateInput& input, const v1::Device& requested) {
  const std::string field = base::concat("devices[", requested.container_path(), "]");
  std::string path = TRY(absolute_path(base::concat(field, ".container_path"), requested.container_path()));
  if (!is_within(path, "/dev") || path == "/dev") {
    return base::fail(base::Code::kInvalidArgument, field, " does not lie in /dev");
  }
  TRY(check_permissions(requested));
  if (!input.find_device) return base::fail(base::Code::kInternal, "no way to find the device of ", field);
  Device device = TRY(input.find_device(requested.host_path()), "give the container ", field);
  device.path = std::move(path);
  return device;
}

// Under the host's names.
base::Status add_all_devices(const GenerateInput& input, std::vector<Device>& devices) {
  if (!input.find_all_devices) return base::fail(base::Code::kInternal, "no way to list the host's devices");
  const auto is_taken = [&](const Device& device) {
    return std::ranges::find(devices, device.path, &Device::path) != devices.end() ||
           std::ranges::any_of(input.container->devices(), [&](const v1::Device& requested) {
             return base::clean_path(requested.container_path()) == device.path;
           });
  };
  std::vector<Device> all = TRY(input.find_all_devices());
  std::erase_if(all, is_taken);
  std::ranges::move(all, std::back_inserter(devices));
  return {};
}

bool is_device(const struct stat& info) { return S_ISBLK(info.st_mode) || S_ISCHR(info.st_mode); }

Device device_of(const std::string& path, const struct stat& info) {
  const bool is_block = S_ISBLK(info.st_mode);
  return Device{.type = is_block ? "b" : "c",
                .path = path,
                .major = static_cast<int64_t>(major(info.st_rdev)),
                .minor = static_cast<int64_t>(minor(info.st_rdev)),
                .file_mode = info.st_mode & 07777,
                .uid = info.st_uid,
                .gid = info.st_gid};
}

// What goes while it is looked at is left out.
base::Status add_devices_below(const std::string& folder, std::vector<Device>& devices) {
  constexpr std::array<std::string_view, 6> kHostsOwn{"/dev/pts",    "/dev/shm",     "/dev/fd",
                                                      "/dev/mqueue", "/dev/console", "/dev/tty"};
  for (const std::string& name : TRY(base::list_folder(folder), "list the host's devices")) {
    const std::string path = base::join_path(folder, name);
    const auto info = base::sys::fstatat(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW);
    if (!info || std::ranges::find(kHostsOwn, path) != kHostsOwn.end()) continue;
    if (is_device(*info)) devices.push_back(device_of(path, *info));
    if (!S_ISDIR(info->st_mode)) continue;
    const base::Status below = add_devices_below(path, devices);
    if (!below && below.error().code() != base::Code::kNotFound) return below;
  }
  return {};
}

}  // namespace

base::Result<std::vector<Device>> container_devices(const GenerateInput& input) {
  std::vector<Device> devices;
  devices.reserve(kStandardNodes.size() + static_cast<size_t>(input.container->devices_size()));
  for (const Node& node : kStandardNodes) {
    devices.push_back({.type = "c",
                       .path = node.path,
                       .major = node.major,
                       .minor = node.minor,
                       .file_mode = 0666,
                       .uid = 0,
                       .gid = 0});
  }
  if (input.container->linux().security_context().privileged()) TRY(add_all_devices(input, devices));
  for (const v1::Device& requested : input.container->devices()) {
    devices.push_back(TRY(requested_device(input, requested)));
  }
  return devices;
}

std::vector<DeviceRule> device_rules(const GenerateInput& input, const std::vector<Device>& devices) {
  if (input.container->linux().security_context().privileged()) return {allow("a", {}, {}, "rwm")};
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
  if (is_device(info)) return device_of(host_path, info);
  return base::fail(base::Code::kInvalidArgument, host_path, " is not a device node");
}

base::Result<std::vector<Device>> find_host_devices() {
  std::vector<Device> devices;
  TRY(add_devices_below("/dev", devices));
  return devices;
}

}  // namespace runtime::oci
