#include <algorithm>
#include <utility>

#include "agent/api/forms.h"
#include "agent/api/names.h"
#include "agent/api/validate.h"
#include "base/path.h"

namespace api {

namespace {

// A volume's secret is in a namespace that it names; what else a source asks for, its form in a pod has as well.
template <typename Source>
Boxed<LocalObjectReference> local(const Boxed<Source>& secret) {
  if (!secret) return std::nullopt;
  return LocalObjectReference{secret->name};
}

template <typename Reference>
void require_namespace(const Boxed<Reference>& secret, const FieldPath& path, FaultList& faults) {
  if (secret && secret->namespace_.empty()) faults.required(path / "secretRef.namespace");
}

void validate_source(const GlusterfsPersistentVolumeSource& source, const FieldPath& path, FaultList& faults) {
  validate_source(GlusterfsVolumeSource{source.endpoints, source.path, source.read_only}, path, faults);
  if (!source.endpoints_namespace) return;
  if (source.endpoints_namespace->empty())
    faults.invalid(path / "endpointsNamespace", "",
                   "if the endpointnamespace is set, it must be a valid namespace name");
  else
    check_dns_label(*source.endpoints_namespace, path / "endpointsNamespace", faults);
}

void validate_source(const RbdPersistentVolumeSource& source, const FieldPath& path, FaultList& faults) {
  RbdVolumeSource own;
  own.monitors = source.monitors;
  own.image = source.image;
  validate_source(own, path, faults);
}

void validate_source(const CephFsPersistentVolumeSource& source, const FieldPath& path, FaultList& faults) {
  CephFsVolumeSource own;
  own.monitors = source.monitors;
  validate_source(own, path, faults);
}

void validate_source(const IscsiPersistentVolumeSource& source, const std::string& volume, const FieldPath& path,
                     FaultList& faults) {
  constexpr size_t kMaxTarget = 64;
  IscsiVolumeSource own;
  own.chap_auth_discovery = source.chap_auth_discovery;
  own.chap_auth_session = source.chap_auth_session;
  own.initiator_name = source.initiator_name;
  own.iqn = source.iqn;
  own.lun = source.lun;
  own.secret_ref = local(source.secret_ref);
  own.target_portal = source.target_portal;
  validate_source(own, path, faults);
  if (source.initiator_name && volume.size() + 1 + source.target_portal.size() > kMaxTarget)
    faults.invalid(path / "targetportal", source.target_portal,
                   "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if "
                   "iscsi.initiatorName is specified.");
  if (source.secret_ref && source.secret_ref->name.empty()) faults.required(path / "secretRef" / "name");
}

void validate_source(const CinderPersistentVolumeSource& source, const FieldPath& path, FaultList& faults) {
  CinderVolumeSource own;
  own.volume_id = source.volume_id;
  own.secret_ref = local(source.secret_ref);
  validate_source(own, path, faults);
  require_namespace(source.secret_ref, path, faults);
}

void validate_source(const FlexPersistentVolumeSource& source, const FieldPath& path, FaultList& faults) {
  FlexVolumeSource own;
  own.driver = source.driver;
  own.options = source.options;
  validate_source(own, path, faults);
}

void validate_source(const AzureFilePersistentVolumeSource& source, const FieldPath& path, FaultList& faults) {
  validate_source(AzureFileVolumeSource{source.read_only, source.secret_name, source.share_name}, path, faults);
  if (source.secret_namespace && source.secret_namespace->empty()) faults.required(path / "secretNamespace");
}

void validate_source(const ScaleIoPersistentVolumeSource& source, const FieldPath& path, FaultList& faults) {
  ScaleIoVolumeSource own;
  own.gateway = source.gateway;
  own.system = source.system;
  own.volume_name = source.volume_name;
  validate_source(own, path, faults);
}

void validate_source(const LocalVolumeSource& source, const FieldPath& path, FaultList& faults) {
  if (source.path.empty())
    faults.required(path / "path");
  else
    check_no_back_step(source.path, path / "path", faults);
}

void validate_source(const StorageOsPersistentVolumeSource& source, const FieldPath& path, FaultList& faults) {
  StorageOsVolumeSource own;
  own.volume_name = source.volume_name;
  own.volume_namespace = source.volume_namespace;
  own.secret_ref = local(source.secret_ref);
  validate_source(own, path, faults);
  require_namespace(source.secret_ref, path, faults);
}

void validate_secret(const Boxed<SecretReference>& secret, const FieldPath& path, FaultList& faults) {
  if (!secret) return;
  if (secret->name.empty())
    faults.required(path / "name");
  else
    check_dns_subdomain(secret->name, path / "name", faults);
  if (secret->namespace_.empty())
    faults.required(path / "namespace");
  else
    check_dns_label(secret->namespace_, path / "namespace", faults);
}

void validate_source(const CsiPersistentVolumeSource& source, const FieldPath& path, FaultList& faults) {
  CsiVolumeSource own;
  own.driver = source.driver;
  validate_source(own, path, faults);
  if (source.volume_handle.empty()) faults.required(path / "volumeHandle");
  validate_secret(source.controller_publish_secret_ref, path / "controllerPublishSecretRef", faults);
  validate_secret(source.controller_expand_secret_ref, path / "controllerExpandSecretRef", faults);
  validate_secret(source.node_publish_secret_ref, path / "nodePublishSecretRef", faults);
  validate_secret(source.node_expand_secret_ref, path / "nodeExpandSecretRef", faults);
}

// Exactly one source: the first is checked, others are refused.
void validate_sources(const PersistentVolumeSpec& spec, const std::string& name, const FieldPath& path,
                      FaultList& faults) {
  bool has_source = false;
  const auto is_first = [&](const auto& source, std::string_view field) {
    if (!source) return false;
    if (has_source) faults.forbidden(path / field, "may not specify more than 1 volume type");
    return !std::exchange(has_source, true);
  };
  const auto take = [&](const auto& source, std::string_view field) {
    if (is_first(source, field)) validate_source(*source, path / field, faults);
  };
  take(spec.host_path, "hostPath");
  if (is_first(spec.gce_persistent_disk, "gcePersistentDisk"))
    validate_source(*spec.gce_persistent_disk, path / "persistentDisk", faults);
  take(spec.aws_elastic_block_store, "awsElasticBlockStore");
  take(spec.glusterfs, "glusterfs");
  take(spec.flocker, "flocker");
  take(spec.nfs, "nfs");
  take(spec.rbd, "rbd");
  take(spec.quobyte, "quobyte");
  if (is_first(spec.cephfs, "cephFS")) validate_source(*spec.cephfs, path / "cephfs", faults);
  if (is_first(spec.iscsi, "iscsi")) validate_source(*spec.iscsi, name, path / "iscsi", faults);
  take(spec.cinder, "cinder");
  take(spec.fc, "fc");
  // The apiserver takes this one beside others.
  if (spec.flex_volume) validate_source(*spec.flex_volume, path / "flexVolume", faults);
  has_source = has_source || spec.flex_volume.has_value();
  take(spec.azure_file, "azureFile");
  take(spec.vsphere_volume, "vsphereVolume");
  take(spec.photon_persistent_disk, "photonPersistentDisk");
  take(spec.portworx_volume, "portworxVolume");
  take(spec.azure_disk, "azureDisk");
  take(spec.scale_io, "scaleIO");
  if (spec.local && !has_source && !spec.node_affinity)
    faults.required(path / "nodeAffinity", "Local volume requires node affinity");
  take(spec.local, "local");
  take(spec.storageos, "storageos");
  take(spec.csi, "csi");
  if (!has_source) faults.required(path, "must specify a volume type");
}

void validate_access_modes(const std::vector<std::string>& modes, const FieldPath& path, FaultList& faults) {
  static const std::vector<std::string_view> kModes{"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce",
                                                    "ReadWriteOncePod"};
  if (modes.empty()) faults.required(path);
  for (const std::string& mode : modes)
    if (!is_one_of(mode, kModes)) faults.unsupported(path, mode, kModes);
  const auto is_single = [](const std::string& mode) { return mode == "ReadWriteOncePod"; };
  const auto is_other = [&](const std::string& mode) { return !is_single(mode) && is_one_of(mode, kModes); };
  if (std::ranges::any_of(modes, is_single) && std::ranges::any_of(modes, is_other))
    faults.forbidden(path, "may not use ReadWriteOncePod with other access modes");
}

void validate_capacity(const std::map<std::string, Quantity>& capacity, const FieldPath& path, FaultList& faults) {
  if (capacity.empty()) faults.required(path);
  if (capacity.size() != 1 || !capacity.contains("storage"))
    faults.unsupported(path, capacity.empty() ? std::string() : capacity.begin()->first, {"storage"});
  for (const auto& [name, amount] : capacity) {
    if (amount.value() < 0) faults.invalid(path.key(name), amount.value(), "must be a valid resource quantity");
    if (amount.is_negative() || amount.is_zero())
      faults.invalid(path.key(name), amount.to_string(), "must be greater than zero");
  }
}

// The annotation that the field mountOptions came after is taken of some sources only.
void validate_mount_options(const PersistentVolume& volume, FaultList& faults) {
  constexpr const char* kAnnotation = "volume.beta.kubernetes.io/mount-options";
  const PersistentVolumeSpec& spec = volume.spec;
  const bool has_options = spec.gce_persistent_disk || spec.aws_elastic_block_store || spec.glusterfs || spec.nfs ||
                           spec.rbd || spec.quobyte || spec.iscsi || spec.cinder || spec.cephfs || spec.azure_file ||
                           spec.vsphere_volume || spec.azure_disk || spec.photon_persistent_disk;
  if (!has_options && volume.metadata.annotations.contains(kAnnotation))
    faults.forbidden(FieldPath("metadata.annotations") / kAnnotation,
                     "may not specify mount options for this volume type");
}

}  // namespace

void validate_object(const PersistentVolumeClaim& claim, FaultList& faults) {
  validate_metadata(claim.metadata, Scope::kNamespaced, faults);
  validate_generation(claim.metadata, faults);
  validate_claim_spec(claim.spec, FieldPath("spec"), faults);
}

void validate_object(const PersistentVolume& volume, FaultList& faults) {
  validate_metadata(volume.metadata, Scope::kCluster, faults);
  validate_generation(volume.metadata, faults);
  const PersistentVolumeSpec& spec = volume.spec;
  const FieldPath path("spec");
  validate_access_modes(spec.access_modes, path / "accessModes", faults);
  validate_capacity(spec.capacity, path / "capacity", faults);
  if (spec.node_affinity) {
    const FieldPath required = path / "nodeAffinity" / "required";
    if (spec.node_affinity->required)
      validate_node_selector(*spec.node_affinity->required, required, faults);
    else
      faults.required(required, "must specify required node constraints");
  }
  validate_sources(spec, name_to_be(volume.metadata), path, faults);
  validate_mount_options(volume, faults);
  const bool recycled = spec.persistent_volume_reclaim_policy == ReclaimPolicy::kRecycle;
  if (spec.host_path && recycled && base::clean_path(spec.host_path->path) == "/")
    faults.forbidden(path / "persistentVolumeReclaimPolicy", "may not be 'recycle' for a hostPath mount of '/'");
  if (!spec.storage_class_name.empty()) check_dns_subdomain(spec.storage_class_name, path / "storageClassName", faults);
  if (!spec.volume_attributes_class_name) return;
  const FieldPath attributes = path / "volumeAttributesClassName";
  if (spec.volume_attributes_class_name->empty())
    faults.required(attributes, "an empty string is disallowed");
  else
    check_dns_subdomain(*spec.volume_attributes_class_name, attributes, faults);
  if (!spec.csi) faults.required(path / "csi", "has to be specified when using volumeAttributesClassName");
}

}  // namespace api
