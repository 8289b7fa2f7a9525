#include "agent/api/schema.h"
#include "agent/api/volume_source.h"

namespace api {

template <>
const Type& Describe<LocalObjectReference>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&LocalObjectReference::name>("name", "@LocalObjectReference.name@"),
  });
  static constexpr Type kType =
      object_type<LocalObjectReference>("LocalObjectReference", "@LocalObjectReference@", kFields);
  return kType;
}

template <>
const Type& Describe<AwsElasticBlockStoreVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&AwsElasticBlockStoreVolumeSource::fs_type>("fsType", "@AWSElasticBlockStoreVolumeSource.fsType@"),
      optional<&AwsElasticBlockStoreVolumeSource::partition>("partition",
                                                             "@AWSElasticBlockStoreVolumeSource.partition@"),
      optional<&AwsElasticBlockStoreVolumeSource::read_only>("readOnly", "@AWSElasticBlockStoreVolumeSource.readOnly@"),
      required<&AwsElasticBlockStoreVolumeSource::volume_id>("volumeID", "@AWSElasticBlockStoreVolumeSource.volumeID@"),
  });
  static constexpr Type kType = object_type<AwsElasticBlockStoreVolumeSource>(
      "AWSElasticBlockStoreVolumeSource", "@AWSElasticBlockStoreVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<AzureDiskVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&AzureDiskVolumeSource::caching_mode>("cachingMode", "@AzureDiskVolumeSource.cachingMode@"),
      required<&AzureDiskVolumeSource::disk_name>("diskName", "@AzureDiskVolumeSource.diskName@"),
      required<&AzureDiskVolumeSource::disk_uri>("diskURI", "@AzureDiskVolumeSource.diskURI@"),
      optional<&AzureDiskVolumeSource::fs_type>("fsType", "@AzureDiskVolumeSource.fsType@"),
      optional<&AzureDiskVolumeSource::kind>("kind", "@AzureDiskVolumeSource.kind@"),
      optional<&AzureDiskVolumeSource::read_only>("readOnly", "@AzureDiskVolumeSource.readOnly@"),
  });
  static constexpr Type kType =
      object_type<AzureDiskVolumeSource>("AzureDiskVolumeSource", "@AzureDiskVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<AzureFileVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&AzureFileVolumeSource::read_only>("readOnly", "@AzureFileVolumeSource.readOnly@"),
      required<&AzureFileVolumeSource::secret_name>("secretName", "@AzureFileVolumeSource.secretName@"),
      required<&AzureFileVolumeSource::share_name>("shareName", "@AzureFileVolumeSource.shareName@"),
  });
  static constexpr Type kType =
      object_type<AzureFileVolumeSource>("AzureFileVolumeSource", "@AzureFileVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<CephFsVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&CephFsVolumeSource::monitors>("monitors", "@CephFSVolumeSource.monitors@"),
      optional<&CephFsVolumeSource::path>("path", "@CephFSVolumeSource.path@"),
      optional<&CephFsVolumeSource::read_only>("readOnly", "@CephFSVolumeSource.readOnly@"),
      optional<&CephFsVolumeSource::secret_file>("secretFile", "@CephFSVolumeSource.secretFile@"),
      optional<&CephFsVolumeSource::secret_ref>("secretRef", "@CephFSVolumeSource.secretRef@"),
      optional<&CephFsVolumeSource::user>("user", "@CephFSVolumeSource.user@"),
  });
  static constexpr Type kType = object_type<CephFsVolumeSource>("CephFSVolumeSource", "@CephFSVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<CinderVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&CinderVolumeSource::fs_type>("fsType", "@CinderVolumeSource.fsType@"),
      optional<&CinderVolumeSource::read_only>("readOnly", "@CinderVolumeSource.readOnly@"),
      optional<&CinderVolumeSource::secret_ref>("secretRef", "@CinderVolumeSource.secretRef@"),
      required<&CinderVolumeSource::volume_id>("volumeID", "@CinderVolumeSource.volumeID@"),
  });
  static constexpr Type kType = object_type<CinderVolumeSource>("CinderVolumeSource", "@CinderVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<ConfigMapVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ConfigMapVolumeSource::name>("name", "@ConfigMapVolumeSource.name@"),
      optional<&ConfigMapVolumeSource::default_mode>("defaultMode", "@ConfigMapVolumeSource.defaultMode@"),
      optional<&ConfigMapVolumeSource::items>("items", "@ConfigMapVolumeSource.items@"),
      optional<&ConfigMapVolumeSource::optional>("optional", "@ConfigMapVolumeSource.optional@"),
  });
  static constexpr Type kType =
      object_type<ConfigMapVolumeSource>("ConfigMapVolumeSource", "@ConfigMapVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<CsiVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&CsiVolumeSource::driver>("driver", "@CSIVolumeSource.driver@"),
      optional<&CsiVolumeSource::fs_type>("fsType", "@CSIVolumeSource.fsType@"),
      optional<&CsiVolumeSource::node_publish_secret_ref>("nodePublishSecretRef",
                                                          "@CSIVolumeSource.nodePublishSecretRef@"),
      optional<&CsiVolumeSource::read_only>("readOnly", "@CSIVolumeSource.readOnly@"),
      optional<&CsiVolumeSource::volume_attributes>("volumeAttributes", "@CSIVolumeSource.volumeAttributes@"),
  });
  static constexpr Type kType = object_type<CsiVolumeSource>("CSIVolumeSource", "@CSIVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<DownwardApiVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&DownwardApiVolumeSource::default_mode>("defaultMode", "@DownwardAPIVolumeSource.defaultMode@"),
      optional<&DownwardApiVolumeSource::items>("items", "@DownwardAPIVolumeSource.items@"),
  });
  static constexpr Type kType =
      object_type<DownwardApiVolumeSource>("DownwardAPIVolumeSource", "@DownwardAPIVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<EmptyDir>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&EmptyDir::medium>("medium", "@EmptyDirVolumeSource.medium@"),
      optional<&EmptyDir::size_limit>("sizeLimit", "@EmptyDirVolumeSource.sizeLimit@"),
  });
  static constexpr Type kType = object_type<EmptyDir>("EmptyDirVolumeSource", "@EmptyDirVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<FcVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&FcVolumeSource::fs_type>("fsType", "@FCVolumeSource.fsType@"),
      optional<&FcVolumeSource::lun>("lun", "@FCVolumeSource.lun@"),
      optional<&FcVolumeSource::read_only>("readOnly", "@FCVolumeSource.readOnly@"),
      optional<&FcVolumeSource::target_wwns>("targetWWNs", "@FCVolumeSource.targetWWNs@"),
      optional<&FcVolumeSource::wwids>("wwids", "@FCVolumeSource.wwids@"),
  });
  static constexpr Type kType = object_type<FcVolumeSource>("FCVolumeSource", "@FCVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<FlexVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&FlexVolumeSource::driver>("driver", "@FlexVolumeSource.driver@"),
      optional<&FlexVolumeSource::fs_type>("fsType", "@FlexVolumeSource.fsType@"),
      optional<&FlexVolumeSource::options>("options", "@FlexVolumeSource.options@"),
      optional<&FlexVolumeSource::read_only>("readOnly", "@FlexVolumeSource.readOnly@"),
      optional<&FlexVolumeSource::secret_ref>("secretRef", "@FlexVolumeSource.secretRef@"),
  });
  static constexpr Type kType = object_type<FlexVolumeSource>("FlexVolumeSource", "@FlexVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<FlockerVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&FlockerVolumeSource::dataset_name>("datasetName", "@FlockerVolumeSource.datasetName@"),
      optional<&FlockerVolumeSource::dataset_uuid>("datasetUUID", "@FlockerVolumeSource.datasetUUID@"),
  });
  static constexpr Type kType =
      object_type<FlockerVolumeSource>("FlockerVolumeSource", "@FlockerVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<GcePersistentDiskVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&GcePersistentDiskVolumeSource::fs_type>("fsType", "@GCEPersistentDiskVolumeSource.fsType@"),
      optional<&GcePersistentDiskVolumeSource::partition>("partition", "@GCEPersistentDiskVolumeSource.partition@"),
      required<&GcePersistentDiskVolumeSource::pd_name>("pdName", "@GCEPersistentDiskVolumeSource.pdName@"),
      optional<&GcePersistentDiskVolumeSource::read_only>("readOnly", "@GCEPersistentDiskVolumeSource.readOnly@"),
  });
  static constexpr Type kType = object_type<GcePersistentDiskVolumeSource>("GCEPersistentDiskVolumeSource",
                                                                           "@GCEPersistentDiskVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<GitRepoVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&GitRepoVolumeSource::directory>("directory", "@GitRepoVolumeSource.directory@"),
      required<&GitRepoVolumeSource::repository>("repository", "@GitRepoVolumeSource.repository@"),
      optional<&GitRepoVolumeSource::revision>("revision", "@GitRepoVolumeSource.revision@"),
  });
  static constexpr Type kType =
      object_type<GitRepoVolumeSource>("GitRepoVolumeSource", "@GitRepoVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<GlusterfsVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&GlusterfsVolumeSource::endpoints>("endpoints", "@GlusterfsVolumeSource.endpoints@"),
      required<&GlusterfsVolumeSource::path>("path", "@GlusterfsVolumeSource.path@"),
      optional<&GlusterfsVolumeSource::read_only>("readOnly", "@GlusterfsVolumeSource.readOnly@"),
  });
  static constexpr Type kType =
      object_type<GlusterfsVolumeSource>("GlusterfsVolumeSource", "@GlusterfsVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<HostPath>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&HostPath::path>("path", "@HostPathVolumeSource.path@"),
      optional<&HostPath::type>("type", "@HostPathVolumeSource.type@"),
  });
  static constexpr Type kType = object_type<HostPath>("HostPathVolumeSource", "@HostPathVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<ImageVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ImageVolumeSource::pull_policy>("pullPolicy", "@ImageVolumeSource.pullPolicy@"),
      optional<&ImageVolumeSource::reference>("reference", "@ImageVolumeSource.reference@"),
  });
  static constexpr Type kType = object_type<ImageVolumeSource>("ImageVolumeSource", "@ImageVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<IscsiVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&IscsiVolumeSource::chap_auth_discovery>("chapAuthDiscovery", "@ISCSIVolumeSource.chapAuthDiscovery@"),
      optional<&IscsiVolumeSource::chap_auth_session>("chapAuthSession", "@ISCSIVolumeSource.chapAuthSession@"),
      optional<&IscsiVolumeSource::fs_type>("fsType", "@ISCSIVolumeSource.fsType@"),
      optional<&IscsiVolumeSource::initiator_name>("initiatorName", "@ISCSIVolumeSource.initiatorName@"),
      required<&IscsiVolumeSource::iqn>("iqn", "@ISCSIVolumeSource.iqn@"),
      optional<&IscsiVolumeSource::iscsi_interface>("iscsiInterface", "@ISCSIVolumeSource.iscsiInterface@"),
      required<&IscsiVolumeSource::lun>("lun", "@ISCSIVolumeSource.lun@"),
      optional<&IscsiVolumeSource::portals>("portals", "@ISCSIVolumeSource.portals@"),
      optional<&IscsiVolumeSource::read_only>("readOnly", "@ISCSIVolumeSource.readOnly@"),
      optional<&IscsiVolumeSource::secret_ref>("secretRef", "@ISCSIVolumeSource.secretRef@"),
      required<&IscsiVolumeSource::target_portal>("targetPortal", "@ISCSIVolumeSource.targetPortal@"),
  });
  static constexpr Type kType = object_type<IscsiVolumeSource>("ISCSIVolumeSource", "@ISCSIVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<NfsVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&NfsVolumeSource::path>("path", "@NFSVolumeSource.path@"),
      optional<&NfsVolumeSource::read_only>("readOnly", "@NFSVolumeSource.readOnly@"),
      required<&NfsVolumeSource::server>("server", "@NFSVolumeSource.server@"),
  });
  static constexpr Type kType = object_type<NfsVolumeSource>("NFSVolumeSource", "@NFSVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<PersistentVolumeClaimVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&PersistentVolumeClaimVolumeSource::claim_name>("claimName",
                                                               "@PersistentVolumeClaimVolumeSource.claimName@"),
      optional<&PersistentVolumeClaimVolumeSource::read_only>("readOnly",
                                                              "@PersistentVolumeClaimVolumeSource.readOnly@"),
  });
  static constexpr Type kType = object_type<PersistentVolumeClaimVolumeSource>(
      "PersistentVolumeClaimVolumeSource", "@PersistentVolumeClaimVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<PhotonPersistentDiskVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PhotonPersistentDiskVolumeSource::fs_type>("fsType", "@PhotonPersistentDiskVolumeSource.fsType@"),
      required<&PhotonPersistentDiskVolumeSource::pd_id>("pdID", "@PhotonPersistentDiskVolumeSource.pdID@"),
  });
  static constexpr Type kType = object_type<PhotonPersistentDiskVolumeSource>(
      "PhotonPersistentDiskVolumeSource", "@PhotonPersistentDiskVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<PortworxVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PortworxVolumeSource::fs_type>("fsType", "@PortworxVolumeSource.fsType@"),
      optional<&PortworxVolumeSource::read_only>("readOnly", "@PortworxVolumeSource.readOnly@"),
      required<&PortworxVolumeSource::volume_id>("volumeID", "@PortworxVolumeSource.volumeID@"),
  });
  static constexpr Type kType =
      object_type<PortworxVolumeSource>("PortworxVolumeSource", "@PortworxVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<ProjectedVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ProjectedVolumeSource::default_mode>("defaultMode", "@ProjectedVolumeSource.defaultMode@"),
      optional<&ProjectedVolumeSource::sources>("sources", "@ProjectedVolumeSource.sources@"),
  });
  static constexpr Type kType =
      object_type<ProjectedVolumeSource>("ProjectedVolumeSource", "@ProjectedVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<QuobyteVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&QuobyteVolumeSource::group>("group", "@QuobyteVolumeSource.group@"),
      optional<&QuobyteVolumeSource::read_only>("readOnly", "@QuobyteVolumeSource.readOnly@"),
      required<&QuobyteVolumeSource::registry>("registry", "@QuobyteVolumeSource.registry@"),
      optional<&QuobyteVolumeSource::tenant>("tenant", "@QuobyteVolumeSource.tenant@"),
      optional<&QuobyteVolumeSource::user>("user", "@QuobyteVolumeSource.user@"),
      required<&QuobyteVolumeSource::volume>("volume", "@QuobyteVolumeSource.volume@"),
  });
  static constexpr Type kType =
      object_type<QuobyteVolumeSource>("QuobyteVolumeSource", "@QuobyteVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<RbdVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&RbdVolumeSource::fs_type>("fsType", "@RBDVolumeSource.fsType@"),
      required<&RbdVolumeSource::image>("image", "@RBDVolumeSource.image@"),
      optional<&RbdVolumeSource::keyring>("keyring", "@RBDVolumeSource.keyring@"),
      required<&RbdVolumeSource::monitors>("monitors", "@RBDVolumeSource.monitors@"),
      optional<&RbdVolumeSource::pool>("pool", "@RBDVolumeSource.pool@"),
      optional<&RbdVolumeSource::read_only>("readOnly", "@RBDVolumeSource.readOnly@"),
      optional<&RbdVolumeSource::secret_ref>("secretRef", "@RBDVolumeSource.secretRef@"),
      optional<&RbdVolumeSource::user>("user", "@RBDVolumeSource.user@"),
  });
  static constexpr Type kType = object_type<RbdVolumeSource>("RBDVolumeSource", "@RBDVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<ScaleIoVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ScaleIoVolumeSource::fs_type>("fsType", "@ScaleIOVolumeSource.fsType@"),
      required<&ScaleIoVolumeSource::gateway>("gateway", "@ScaleIOVolumeSource.gateway@"),
      optional<&ScaleIoVolumeSource::protection_domain>("protectionDomain", "@ScaleIOVolumeSource.protectionDomain@"),
      optional<&ScaleIoVolumeSource::read_only>("readOnly", "@ScaleIOVolumeSource.readOnly@"),
      required<&ScaleIoVolumeSource::secret_ref>("secretRef", "@ScaleIOVolumeSource.secretRef@"),
      optional<&ScaleIoVolumeSource::ssl_enabled>("sslEnabled", "@ScaleIOVolumeSource.sslEnabled@"),
      optional<&ScaleIoVolumeSource::storage_mode>("storageMode", "@ScaleIOVolumeSource.storageMode@"),
      optional<&ScaleIoVolumeSource::storage_pool>("storagePool", "@ScaleIOVolumeSource.storagePool@"),
      required<&ScaleIoVolumeSource::system>("system", "@ScaleIOVolumeSource.system@"),
      optional<&ScaleIoVolumeSource::volume_name>("volumeName", "@ScaleIOVolumeSource.volumeName@"),
  });
  static constexpr Type kType =
      object_type<ScaleIoVolumeSource>("ScaleIOVolumeSource", "@ScaleIOVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<SecretVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&SecretVolumeSource::default_mode>("defaultMode", "@SecretVolumeSource.defaultMode@"),
      optional<&SecretVolumeSource::items>("items", "@SecretVolumeSource.items@"),
      optional<&SecretVolumeSource::optional>("optional", "@SecretVolumeSource.optional@"),
      optional<&SecretVolumeSource::secret_name>("secretName", "@SecretVolumeSource.secretName@"),
  });
  static constexpr Type kType = object_type<SecretVolumeSource>("SecretVolumeSource", "@SecretVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<StorageOsVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&StorageOsVolumeSource::fs_type>("fsType", "@StorageOSVolumeSource.fsType@"),
      optional<&StorageOsVolumeSource::read_only>("readOnly", "@StorageOSVolumeSource.readOnly@"),
      optional<&StorageOsVolumeSource::secret_ref>("secretRef", "@StorageOSVolumeSource.secretRef@"),
      optional<&StorageOsVolumeSource::volume_name>("volumeName", "@StorageOSVolumeSource.volumeName@"),
      optional<&StorageOsVolumeSource::volume_namespace>("volumeNamespace", "@StorageOSVolumeSource.volumeNamespace@"),
  });
  static constexpr Type kType =
      object_type<StorageOsVolumeSource>("StorageOSVolumeSource", "@StorageOSVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<VsphereVirtualDiskVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&VsphereVirtualDiskVolumeSource::fs_type>("fsType", "@VsphereVirtualDiskVolumeSource.fsType@"),
      optional<&VsphereVirtualDiskVolumeSource::storage_policy_id>("storagePolicyID",
                                                                   "@VsphereVirtualDiskVolumeSource.storagePolicyID@"),
      optional<&VsphereVirtualDiskVolumeSource::storage_policy_name>(
          "storagePolicyName", "@VsphereVirtualDiskVolumeSource.storagePolicyName@"),
      required<&VsphereVirtualDiskVolumeSource::volume_path>("volumePath",
                                                             "@VsphereVirtualDiskVolumeSource.volumePath@"),
  });
  static constexpr Type kType = object_type<VsphereVirtualDiskVolumeSource>(
      "VsphereVirtualDiskVolumeSource", "@VsphereVirtualDiskVolumeSource@", kFields);
  return kType;
}

}  // namespace api
