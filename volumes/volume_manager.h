// VolumeManager: brings the volumes of pods from their actual to their desired state.
//
// One reconciler thread compares the two; every operation runs on a thread of its own, so that a volume that hangs (a
// dead NFS server) holds up nobody but itself. A failed operation is tried again after 500 ms, doubling to 2m2s.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "volumes/spec.h"

namespace volumes {

// How long a pod waits for its volumes before it says which are missing and tries again.
inline constexpr std::chrono::seconds kAttachDeadline(123);

class VolumeManager {
 public:
  // root: --root; volumes are made below <root>/pods/<uid>/volumes. All of it is thread-safe.
  explicit VolumeManager(std::string root);
  // Leaves all volumes as they are. Operations that hang are abandoned.
  ~VolumeManager();
  VolumeManager(const VolumeManager&) = delete;
  VolumeManager& operator=(const VolumeManager&) = delete;

  // The pod shall have these volumes, and no others. Repeatable. The files of a ContentSource that differ from those
  // that are there are swapped while the volume stays mounted.
  void want(const std::string& pod_uid, const std::vector<VolumeSpec>& specs);

  // Waits until all of them are there. On kDeadlineExceeded, and at once when an operation failed in a way that
  // repeating it cannot mend (kInvalidArgument, kFailedPrecondition, kPermissionDenied), the error names the volumes
  // and what is wrong with the first; they are still tried again.
  base::Status wait_for_attach(const std::string& pod_uid, std::chrono::milliseconds limit, std::stop_token stop = {});

  // Where the volume is on the host, once it is there.
  static std::string host_path(const std::string& root, const std::string& pod_uid, const VolumeSpec& spec);

  // Mounts a part of a volume that is there for one of the pod's containers; where (sub_path.h).
  base::Result<std::string> bind_part(const std::string& pod_uid, const VolumeSpec& spec, const std::string& container,
                                      size_t index, const std::string& path) const;

  // Unmounts and removes everything the pod has below its volumes folder, and the parts that were mounted for its
  // containers, whether this process made it or an earlier one (found on disk and in the mount table). Waits for it;
  // host paths are left alone.
  base::Status tear_down(const std::string& pod_uid, std::chrono::milliseconds limit, std::stop_token stop = {});

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // shared with operations that outlive the manager
};

}  // namespace volumes
