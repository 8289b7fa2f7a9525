#include <algorithm>
#include <set>

#include "agent/api/forms.h"
#include "agent/api/validate.h"

namespace api {

namespace {

void validate_propagation(const VolumeMount& mount, const Container& container, const FieldPath& path,
                          FaultList& faults) {
  const bool privileged = container.security_context && container.security_context->privileged == true;
  if (mount.mount_propagation == MountPropagation::kBidirectional && !privileged)
    faults.forbidden(path / "mountPropagation",
                     "Bidirectional mount propagation is available only to privileged containers");
}

void validate_recursive_read_only(const VolumeMount& mount, const FieldPath& path, FaultList& faults) {
  if (!mount.recursive_read_only || mount.recursive_read_only == RecursiveReadOnly::kDisabled) return;
  const FieldPath field = path / "recursiveReadOnly";
  if (!mount.read_only) faults.forbidden(field, "may only be specified when readOnly is true");
  if (mount.mount_propagation.value_or(MountPropagation::kNone) != MountPropagation::kNone)
    faults.forbidden(field, "may only be specified when mountPropagation is None or not specified");
}

// `list` is the path of the mounts: the apiserver names it, not the mount, for faults of these fields.
void validate_mount_options(const VolumeMount& mount, const Container& container, const FieldPath& list, size_t index,
                            FaultList& faults) {
  if (!mount.sub_path.empty()) validate_descending_path(mount.sub_path, list / "subPath", faults);
  if (!mount.sub_path_expr.empty()) {
    if (!mount.sub_path.empty())
      faults.invalid(list[index] / "subPathExpr", mount.sub_path_expr,
                     "subPathExpr and subPath are mutually exclusive");
    validate_descending_path(mount.sub_path_expr, list / "subPathExpr", faults);
  }
  validate_propagation(mount, container, list, faults);
  validate_recursive_read_only(mount, list, faults);
}

void validate_volume_mounts(const Container& container, const Volumes& volumes, const FieldPath& list,
                            FaultList& faults) {
  std::set<std::string_view> targets;
  for (size_t i = 0; i < container.volume_mounts.size(); ++i) {
    const VolumeMount& mount = container.volume_mounts[i];
    const FieldPath item = list[i];
    if (mount.name.empty()) faults.required(item / "name");
    if (!volumes.contains(mount.name)) faults.not_found(item / "name", mount.name);
    if (mount.mount_path.empty()) faults.required(item / "mountPath");
    if (!targets.insert(mount.mount_path).second)
      faults.invalid(item / "mountPath", mount.mount_path, "must be unique");
    const auto has = [&](const std::string VolumeDevice::* member, const std::string& text) {
      return std::ranges::find(container.volume_devices, text, member) != container.volume_devices.end();
    };
    if (has(&VolumeDevice::name, mount.name))
      faults.invalid(item / "name", mount.name, "must not already exist in volumeDevices");
    if (has(&VolumeDevice::device_path, mount.mount_path))
      faults.invalid(item / "mountPath", mount.mount_path, "must not already exist as a path in volumeDevices");
    validate_mount_options(mount, container, list, i, faults);
  }
}

// The name and path of a device that are not of a mount as well.
void validate_device_overlap(const VolumeDevice& device, const Container& container, const FieldPath& path,
                             FaultList& faults) {
  const auto has = [&](const std::string VolumeMount::* member, const std::string& text) {
    return std::ranges::find(container.volume_mounts, text, member) != container.volume_mounts.end();
  };
  if (has(&VolumeMount::name, device.name))
    faults.invalid(path / "name", device.name, "must not already exist in volumeMounts");
  if (has(&VolumeMount::mount_path, device.device_path))
    faults.invalid(path / "devicePath", device.device_path, "must not already exist as a path in volumeMounts");
}

void validate_volume_devices(const Container& container, const Volumes& volumes, const FieldPath& list,
                             FaultList& faults) {
  std::set<std::string_view> names;
  std::set<std::string_view> targets;
  for (size_t i = 0; i < container.volume_devices.size(); ++i) {
    const VolumeDevice& device = container.volume_devices[i];
    const FieldPath item = list[i];
    const auto volume = volumes.find(device.name);
    if (device.name.empty())
      faults.required(item / "name");
    else if (!names.insert(device.name).second)
      faults.invalid(item / "name", device.name, "must be unique");
    if (volume == volumes.end())
      faults.not_found(item / "name", device.name);
    else if (!volume->second->persistent_volume_claim && !volume->second->ephemeral)
      faults.invalid(item / "name", device.name,
                     "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode");
    const FieldPath path = item / "devicePath";
    if (device.device_path.empty()) faults.required(path);
    if (has_back_step(device.device_path))
      faults.invalid(path, device.device_path, "can not contain backsteps ('..')");
    else if (!targets.insert(device.device_path).second)
      faults.invalid(path, device.device_path, "must be unique");
    validate_device_overlap(device, container, item, faults);
  }
}

}  // namespace

void validate_descending_path(std::string_view text, const FieldPath& path, FaultList& faults) {
  if (text.starts_with('/')) faults.invalid(path, text, "must be a relative path");
  check_no_back_step(text, path, faults);
}

void validate_mounts(const Container& container, const Volumes& volumes, const FieldPath& path, FaultList& faults) {
  validate_volume_mounts(container, volumes, path / "volumeMounts", faults);
  validate_volume_devices(container, volumes, path / "volumeDevices", faults);
}

}  // namespace api
