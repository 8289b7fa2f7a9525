#include <algorithm>

#include "base/path.h"
#include "runtime/oci/generate_parts.h"
#include "runtime/oci/utf8.h"

namespace runtime::oci {
namespace {

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

// What is mounted below a source later is seen on both sides, on one, or on none.
const char* propagation_option(v1::MountPropagation propagation) {
  switch (propagation) {
    case v1::PROPAGATION_HOST_TO_CONTAINER:
      return "rslave";
    case v1::PROPAGATION_BIDIRECTIONAL:
      return "rshared";
    default:
      return "rprivate";
  }
}

base::Result<std::vector<std::string>> requested_options(const v1::Mount& mount, const std::string& field) {
  const bool recursive = mount.recursive_read_only();
  if (recursive && (!mount.readonly() || mount.propagation() != v1::PROPAGATION_PRIVATE)) {
    return base::fail(base::Code::kInvalidArgument, field,
                      ".recursive_read_only needs readonly, and the propagation PROPAGATION_PRIVATE");
  }
  std::vector<std::string> options = {"rbind", propagation_option(mount.propagation())};
  if (mount.readonly()) options.emplace_back(recursive ? "rro" : "ro");
  return options;
}

std::vector<Mount> standard_mounts(const GenerateInput& input) {
  const bool privileged = input.container->linux().security_context().privileged();
  const auto unless_privileged = [&](std::vector<std::string> options) {
    if (!privileged) options.emplace_back("ro");
    return options;
  };
  std::vector<Mount> mounts = {
      special("/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}),
      special("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}),
      special("/dev/pts", "devpts", "devpts",
              {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}),
      special("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}),
      special("/sys", "sysfs", "sysfs", unless_privileged({"nosuid", "noexec", "nodev"})),
      special("/sys/fs/cgroup", "cgroup", "cgroup", unless_privileged({"nosuid", "noexec", "nodev", "relatime"})),
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
  return bind_mount(std::move(destination), std::move(source), TRY(requested_options(mount, field)));
}

}  // namespace

bool is_within(std::string_view path, std::string_view folder) {
  return path == folder || (path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/');
}

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

}  // namespace runtime::oci
