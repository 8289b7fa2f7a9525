// From what CRI asks for to the OCI config.json that carries it out: a pure function, apart from the look-ups that the
// caller hands in. What CRI asks for and this version does not carry out is refused by an error (kUnimplemented)
// that names the field; nothing is left out in silence.
//
// Namespaces: mount is the container's own, and so are pid, unless it is the pod's (listed with its path) or the host's
// (not listed), and cgroup, unless it is privileged. Network, IPC and UTS are inherited from who starts it: the pod's
// shim, which sits in the pod's (or, in NODE mode, in the host's); so they are not listed, and
// `hostname` stays empty, as the specification wants it without a UTS namespace. Sandbox sysctls are the sandbox's
// business for the same reason. linux.seccomp stays empty: nodeagent.seccompFilter names the compiled filter.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "runtime/oci/spec.h"
#include "runtime/oci/user.h"
#include "runtime/security/capabilities.h"

namespace runtime::v1 {
class ContainerConfig;
class LinuxContainerResources;
class PodSandboxConfig;
}  // namespace runtime::v1

namespace runtime::oci {

// Of the image's own config (OCI image-spec, config.md), what a container inherits.
struct ImageConfig {
  std::vector<std::string> env;
  std::vector<std::string> entrypoint;
  std::vector<std::string> cmd;
  std::string working_dir;
  std::string user;
  std::string stop_signal;
  std::vector<std::string> volumes;
};

struct GenerateInput {
  const v1::ContainerConfig* container = nullptr;  // required
  const v1::PodSandboxConfig* sandbox = nullptr;   // required
  std::string container_id;
  std::string sandbox_id;
  std::string image_name;  // as the user wrote it
  ImageConfig image;
  ResolvedUser user;

  std::string root_path = "rootfs";  // root.path; relative to the bundle
  Extension::Rootfs overlay;         // where the layers are
  std::string log_path;              // absolute; empty: no log
  std::string cgroups_path;          // below the cgroup2 mount: "/kubepods/burstable/pod…/<id>"
  std::string cgroup_dir;            // the same folder by its path on the host
  std::string shared_pid_path;       // the pod's shared pid namespace, "/proc/<pid>/ns/pid"; empty: it has none

  // Files and folders of the pod on the host; one that is empty is not mounted.
  std::string shm_path;          // /dev/shm: the pod's tmpfs, or the host's in IPC NODE mode
  std::string hosts_path;        // /etc/hosts
  std::string resolv_conf_path;  // /etc/resolv.conf
  std::string hostname_path;     // /etc/hostname
  std::string hostname;          // of the pod: $HOSTNAME

  security::CapabilitySet available_capabilities = security::CapabilitySet::up_to(security::kKnownCapabilities - 1);
  // True: RuntimeDefault where CRI says nothing about seccomp (`--seccomp-default`).
  bool seccomp_default = false;
  // Gives the path of the compiled RuntimeDefault filter for a set of capabilities (security::FilterCache); called only
  // when the container gets one.
  std::function<base::Result<std::string>(security::CapabilitySet)> seccomp_filter;
  // The same for a Localhost profile, by the absolute path of its file.
  std::function<base::Result<std::string>(const std::string& path, security::CapabilitySet)> localhost_seccomp_filter;
  // Masked besides the fixed list: what host_thermal_throttle_paths() found.
  std::vector<std::string> thermal_throttle_paths;
  // Type and numbers of a device node of the host; called for each device that CRI lists.
  std::function<base::Result<Device>(const std::string& host_path)> find_device;
  // All that the host has; called for a privileged container.
  std::function<base::Result<std::vector<Device>>()> find_all_devices;
};

// The complete config.json of a container. Errors: kInvalidArgument (the request is wrong), kUnimplemented (named
// field), kFailedPrecondition (a capability that this process cannot hand on), what the look-ups return.
base::Result<Spec> generate(const GenerateInput& input);

// What CRI asks for as linux.resources, without device rules.
Resources resources(const v1::LinuxContainerResources& asked);

// The user that CRI's security context and the image ask for, to be resolved before generate().
UserRequest user_request(const v1::ContainerConfig& container, const ImageConfig& image);

// The process of an exec in a container that generate() described: its environment, identity, capabilities and seccomp
// with another command. terminal: it gets one, of this size. kInvalidArgument for an empty command.
base::Result<Process> exec_process(const Spec& spec, const std::vector<std::string>& command,
                                   const std::optional<ConsoleSize>& terminal);

// /sys/devices/system/cpu/cpu*/thermal_throttle as far as they exist on this host.
std::vector<std::string> host_thermal_throttle_paths();
// stat(2) of a device node of the host; kInvalidArgument for anything else.
base::Result<Device> find_host_device(const std::string& host_path);
// All device nodes below /dev, but terminals, and what belongs to the host's own shm, mqueue and fd.
base::Result<std::vector<Device>> find_host_devices();

}  // namespace runtime::oci
