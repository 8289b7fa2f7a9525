// A container's file systems, built by its own child in its own mount namespace, before pivot_root. Every path that the
// image or the pod can influence is resolved below the descriptor `root` and used by descriptor.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/unique_fd.h"
#include "runtime/oci/spec.h"

namespace runtime::shim {

// What we mount must not reach the host; what the host mounts may still reach volumes that want it.
base::Status detach_propagation();

// Mounts the overlay (or binds root.path) and gives the root's O_PATH descriptor.
base::Result<base::UniqueFd> mount_root(const oci::Spec& spec);

// What mounts are made from that cannot be made here.
struct MountSources {
  std::span<const base::UniqueFd> binds;  // detached mounts, the k-th for the k-th bind mount
  int proc_mounts = -1;                   // SharedPid::proc_mounts, for mounts of type proc; -1: our own namespace's
};
// All of `mounts`, in order.
base::Status mount_all(int root, const std::vector<oci::Mount>& mounts, const MountSources& sources);

// The default devices, linux.devices and the links of /dev. Nothing where /dev itself is a bind mount of the pod.
base::Status make_devices(int root, const oci::Spec& spec);

// Files below /proc/sys, by their names with dots or slashes.
base::Status write_sysctls(int root, const oci::Spec& spec);

// Makes the image's volumes where they are missing, inside the root whatever links the image has on the way.
base::Status make_volumes(int root, const std::vector<std::string>& paths, const oci::User& user);

// Paths that are not there need no mask.
base::Status mask_paths(int root, const std::vector<std::string>& paths);
base::Status make_paths_readonly(int root, const std::vector<std::string>& paths);
base::Status make_root_readonly(int root);

// Makes `root` the process's root and lets go of the host's.
base::Status enter_root(int root);

// The mount data of the overlay; a comma, colon or backslash in a name is escaped. Pure, for tests.
std::string overlay_data(const oci::Extension::Rootfs& rootfs);

struct Console {
  base::UniqueFd master;
  base::UniqueFd slave;
};
// A new terminal of the container's own devpts, bound on /dev/console when `bind` is set.
base::Result<Console> open_console(int root, bool bind);

}  // namespace runtime::shim
