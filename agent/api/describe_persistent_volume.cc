#include "agent/api/persistent_volume.h"
#include "agent/api/schema.h"

namespace api {

template <>
const Type& Describe<AzureFilePersistentVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&AzureFilePersistentVolumeSource::read_only>("readOnly", "@AzureFilePersistentVolumeSource.readOnly@"),
      required<&AzureFilePersistentVolumeSource::secret_name>("secretName",
                                                              "@AzureFilePersistentVolumeSource.secretName@"),
      optional<&AzureFilePersistentVolumeSource::secret_namespace>("secretNamespace",
                                                                   "@AzureFilePersistentVolumeSource.secretNamespace@"),
      required<&AzureFilePersistentVolumeSource::share_name>("shareName",
                                                             "@AzureFilePersistentVolumeSource.shareName@"),
  });
  static constexpr Type kType = object_type<AzureFilePersistentVolumeSource>(
      "AzureFilePersistentVolumeSource", "@AzureFilePersistentVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<SecretReference>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&SecretReference::name>("name", "@SecretReference.name@"),
      optional<&SecretReference::namespace_>("namespace", "@SecretReference.namespace@"),
  });
  static constexpr Type kType = object_type<SecretReference>("SecretReference", "@SecretReference@", kFields);
  return kType;
}

template <>
const Type& Describe<CephFsPersistentVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&CephFsPersistentVolumeSource::monitors>("monitors", "@CephFSPersistentVolumeSource.monitors@"),
      optional<&CephFsPersistentVolumeSource::path>("path", "@CephFSPersistentVolumeSource.path@"),
      optional<&CephFsPersistentVolumeSource::read_only>("readOnly", "@CephFSPersistentVolumeSource.readOnly@"),
      optional<&CephFsPersistentVolumeSource::secret_file>("secretFile", "@CephFSPersistentVolumeSource.secretFile@"),
      optional<&CephFsPersistentVolumeSource::secret_ref>("secretRef", "@CephFSPersistentVolumeSource.secretRef@"),
      optional<&CephFsPersistentVolumeSource::user>("user", "@CephFSPersistentVolumeSource.user@"),
  });
  static constexpr Type kType = object_type<CephFsPersistentVolumeSource>("CephFSPersistentVolumeSource",
                                                                          "@CephFSPersistentVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<CinderPersistentVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&CinderPersistentVolumeSource::fs_type>("fsType", "@CinderPersistentVolumeSource.fsType@"),
      optional<&CinderPersistentVolumeSource::read_only>("readOnly", "@CinderPersistentVolumeSource.readOnly@"),
      optional<&CinderPersistentVolumeSource::secret_ref>("secretRef", "@CinderPersistentVolumeSource.secretRef@"),
      required<&CinderPersistentVolumeSource::volume_id>("volumeID", "@CinderPersistentVolumeSource.volumeID@"),
  });
  static constexpr Type kType = object_type<CinderPersistentVolumeSource>("CinderPersistentVolumeSource",
                                                                          "@CinderPersistentVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<CsiPersistentVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&CsiPersistentVolumeSource::controller_expand_secret_ref>(
          "controllerExpandSecretRef", "@CSIPersistentVolumeSource.controllerExpandSecretRef@"),
      optional<&CsiPersistentVolumeSource::controller_publish_secret_ref>(
          "controllerPublishSecretRef", "@CSIPersistentVolumeSource.controllerPublishSecretRef@"),
      required<&CsiPersistentVolumeSource::driver>("driver", "@CSIPersistentVolumeSource.driver@"),
      optional<&CsiPersistentVolumeSource::fs_type>("fsType", "@CSIPersistentVolumeSource.fsType@"),
      optional<&CsiPersistentVolumeSource::node_expand_secret_ref>("nodeExpandSecretRef",
                                                                   "@CSIPersistentVolumeSource.nodeExpandSecretRef@"),
      optional<&CsiPersistentVolumeSource::node_publish_secret_ref>("nodePublishSecretRef",
                                                                    "@CSIPersistentVolumeSource.nodePublishSecretRef@"),
      optional<&CsiPersistentVolumeSource::node_stage_secret_ref>("nodeStageSecretRef",
                                                                  "@CSIPersistentVolumeSource.nodeStageSecretRef@"),
      optional<&CsiPersistentVolumeSource::read_only>("readOnly", "@CSIPersistentVolumeSource.readOnly@"),
      optional<&CsiPersistentVolumeSource::volume_attributes>("volumeAttributes",
                                                              "@CSIPersistentVolumeSource.volumeAttributes@"),
      required<&CsiPersistentVolumeSource::volume_handle>("volumeHandle", "@CSIPersistentVolumeSource.volumeHandle@"),
  });
  static constexpr Type kType =
      object_type<CsiPersistentVolumeSource>("CSIPersistentVolumeSource", "@CSIPersistentVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<FlexPersistentVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&FlexPersistentVolumeSource::driver>("driver", "@FlexPersistentVolumeSource.driver@"),
      optional<&FlexPersistentVolumeSource::fs_type>("fsType", "@FlexPersistentVolumeSource.fsType@"),
      optional<&FlexPersistentVolumeSource::options>("options", "@FlexPersistentVolumeSource.options@"),
      optional<&FlexPersistentVolumeSource::read_only>("readOnly", "@FlexPersistentVolumeSource.readOnly@"),
      optional<&FlexPersistentVolumeSource::secret_ref>("secretRef", "@FlexPersistentVolumeSource.secretRef@"),
  });
  static constexpr Type kType =
      object_type<FlexPersistentVolumeSource>("FlexPersistentVolumeSource", "@FlexPersistentVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<GlusterfsPersistentVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&GlusterfsPersistentVolumeSource::endpoints>("endpoints", "@GlusterfsPersistentVolumeSource.endpoints@"),
      optional<&GlusterfsPersistentVolumeSource::endpoints_namespace>(
          "endpointsNamespace", "@GlusterfsPersistentVolumeSource.endpointsNamespace@"),
      required<&GlusterfsPersistentVolumeSource::path>("path", "@GlusterfsPersistentVolumeSource.path@"),
      optional<&GlusterfsPersistentVolumeSource::read_only>("readOnly", "@GlusterfsPersistentVolumeSource.readOnly@"),
  });
  static constexpr Type kType = object_type<GlusterfsPersistentVolumeSource>(
      "GlusterfsPersistentVolumeSource", "@GlusterfsPersistentVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<IscsiPersistentVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&IscsiPersistentVolumeSource::chap_auth_discovery>("chapAuthDiscovery",
                                                                  "@ISCSIPersistentVolumeSource.chapAuthDiscovery@"),
      optional<&IscsiPersistentVolumeSource::chap_auth_session>("chapAuthSession",
                                                                "@ISCSIPersistentVolumeSource.chapAuthSession@"),
      optional<&IscsiPersistentVolumeSource::fs_type>("fsType", "@ISCSIPersistentVolumeSource.fsType@"),
      optional<&IscsiPersistentVolumeSource::initiator_name>("initiatorName",
                                                             "@ISCSIPersistentVolumeSource.initiatorName@"),
      required<&IscsiPersistentVolumeSource::iqn>("iqn", "@ISCSIPersistentVolumeSource.iqn@"),
      optional<&IscsiPersistentVolumeSource::iscsi_interface>("iscsiInterface",
                                                              "@ISCSIPersistentVolumeSource.iscsiInterface@"),
      required<&IscsiPersistentVolumeSource::lun>("lun", "@ISCSIPersistentVolumeSource.lun@"),
      optional<&IscsiPersistentVolumeSource::portals>("portals", "@ISCSIPersistentVolumeSource.portals@"),
      optional<&IscsiPersistentVolumeSource::read_only>("readOnly", "@ISCSIPersistentVolumeSource.readOnly@"),
      optional<&IscsiPersistentVolumeSource::secret_ref>("secretRef", "@ISCSIPersistentVolumeSource.secretRef@"),
      required<&IscsiPersistentVolumeSource::target_portal>("targetPortal",
                                                            "@ISCSIPersistentVolumeSource.targetPortal@"),
  });
  static constexpr Type kType =
      object_type<IscsiPersistentVolumeSource>("ISCSIPersistentVolumeSource", "@ISCSIPersistentVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<LocalVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&LocalVolumeSource::fs_type>("fsType", "@LocalVolumeSource.fsType@"),
      required<&LocalVolumeSource::path>("path", "@LocalVolumeSource.path@"),
  });
  static constexpr Type kType = object_type<LocalVolumeSource>("LocalVolumeSource", "@LocalVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<VolumeNodeAffinity>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&VolumeNodeAffinity::required>("required", "@VolumeNodeAffinity.required@"),
  });
  static constexpr Type kType = object_type<VolumeNodeAffinity>("VolumeNodeAffinity", "@VolumeNodeAffinity@", kFields);
  return kType;
}

template <>
const Type& Describe<RbdPersistentVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&RbdPersistentVolumeSource::fs_type>("fsType", "@RBDPersistentVolumeSource.fsType@"),
      required<&RbdPersistentVolumeSource::image>("image", "@RBDPersistentVolumeSource.image@"),
      optional<&RbdPersistentVolumeSource::keyring>("keyring", "@RBDPersistentVolumeSource.keyring@"),
      required<&RbdPersistentVolumeSource::monitors>("monitors", "@RBDPersistentVolumeSource.monitors@"),
      optional<&RbdPersistentVolumeSource::pool>("pool", "@RBDPersistentVolumeSource.pool@"),
      optional<&RbdPersistentVolumeSource::read_only>("readOnly", "@RBDPersistentVolumeSource.readOnly@"),
      optional<&RbdPersistentVolumeSource::secret_ref>("secretRef", "@RBDPersistentVolumeSource.secretRef@"),
      optional<&RbdPersistentVolumeSource::user>("user", "@RBDPersistentVolumeSource.user@"),
  });
  static constexpr Type kType =
      object_type<RbdPersistentVolumeSource>("RBDPersistentVolumeSource", "@RBDPersistentVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<ScaleIoPersistentVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ScaleIoPersistentVolumeSource::fs_type>("fsType", "@ScaleIOPersistentVolumeSource.fsType@"),
      required<&ScaleIoPersistentVolumeSource::gateway>("gateway", "@ScaleIOPersistentVolumeSource.gateway@"),
      optional<&ScaleIoPersistentVolumeSource::protection_domain>("protectionDomain",
                                                                  "@ScaleIOPersistentVolumeSource.protectionDomain@"),
      optional<&ScaleIoPersistentVolumeSource::read_only>("readOnly", "@ScaleIOPersistentVolumeSource.readOnly@"),
      required<&ScaleIoPersistentVolumeSource::secret_ref>("secretRef", "@ScaleIOPersistentVolumeSource.secretRef@"),
      optional<&ScaleIoPersistentVolumeSource::ssl_enabled>("sslEnabled", "@ScaleIOPersistentVolumeSource.sslEnabled@"),
      optional<&ScaleIoPersistentVolumeSource::storage_mode>("storageMode",
                                                             "@ScaleIOPersistentVolumeSource.storageMode@"),
      optional<&ScaleIoPersistentVolumeSource::storage_pool>("storagePool",
                                                             "@ScaleIOPersistentVolumeSource.storagePool@"),
      required<&ScaleIoPersistentVolumeSource::system>("system", "@ScaleIOPersistentVolumeSource.system@"),
      optional<&ScaleIoPersistentVolumeSource::volume_name>("volumeName", "@ScaleIOPersistentVolumeSource.volumeName@"),
  });
  static constexpr Type kType = object_type<ScaleIoPersistentVolumeSource>("ScaleIOPersistentVolumeSource",
                                                                           "@ScaleIOPersistentVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<StorageOsPersistentVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&StorageOsPersistentVolumeSource::fs_type>("fsType", "@StorageOSPersistentVolumeSource.fsType@"),
      optional<&StorageOsPersistentVolumeSource::read_only>("readOnly", "@StorageOSPersistentVolumeSource.readOnly@"),
      optional<&StorageOsPersistentVolumeSource::secret_ref>("secretRef",
                                                             "@StorageOSPersistentVolumeSource.secretRef@"),
      optional<&StorageOsPersistentVolumeSource::volume_name>("volumeName",
                                                              "@StorageOSPersistentVolumeSource.volumeName@"),
      optional<&StorageOsPersistentVolumeSource::volume_namespace>("volumeNamespace",
                                                                   "@StorageOSPersistentVolumeSource.volumeNamespace@"),
  });
  static constexpr Type kType = object_type<StorageOsPersistentVolumeSource>(
      "StorageOSPersistentVolumeSource", "@StorageOSPersistentVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<PersistentVolumeSpec>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PersistentVolumeSpec::access_modes>("accessModes", "@PersistentVolumeSpec.accessModes@"),
      optional<&PersistentVolumeSpec::aws_elastic_block_store>("awsElasticBlockStore",
                                                               "@PersistentVolumeSpec.awsElasticBlockStore@"),
      optional<&PersistentVolumeSpec::azure_disk>("azureDisk", "@PersistentVolumeSpec.azureDisk@"),
      optional<&PersistentVolumeSpec::azure_file>("azureFile", "@PersistentVolumeSpec.azureFile@"),
      optional<&PersistentVolumeSpec::capacity>("capacity", "@PersistentVolumeSpec.capacity@"),
      optional<&PersistentVolumeSpec::cephfs>("cephfs", "@PersistentVolumeSpec.cephfs@"),
      optional<&PersistentVolumeSpec::cinder>("cinder", "@PersistentVolumeSpec.cinder@"),
      optional<&PersistentVolumeSpec::claim_ref>("claimRef", "@PersistentVolumeSpec.claimRef@"),
      optional<&PersistentVolumeSpec::csi>("csi", "@PersistentVolumeSpec.csi@"),
      optional<&PersistentVolumeSpec::fc>("fc", "@PersistentVolumeSpec.fc@"),
      optional<&PersistentVolumeSpec::flex_volume>("flexVolume", "@PersistentVolumeSpec.flexVolume@"),
      optional<&PersistentVolumeSpec::flocker>("flocker", "@PersistentVolumeSpec.flocker@"),
      optional<&PersistentVolumeSpec::gce_persistent_disk>("gcePersistentDisk",
                                                           "@PersistentVolumeSpec.gcePersistentDisk@"),
      optional<&PersistentVolumeSpec::glusterfs>("glusterfs", "@PersistentVolumeSpec.glusterfs@"),
      optional<&PersistentVolumeSpec::host_path>("hostPath", "@PersistentVolumeSpec.hostPath@"),
      optional<&PersistentVolumeSpec::iscsi>("iscsi", "@PersistentVolumeSpec.iscsi@"),
      optional<&PersistentVolumeSpec::local>("local", "@PersistentVolumeSpec.local@"),
      optional<&PersistentVolumeSpec::mount_options>("mountOptions", "@PersistentVolumeSpec.mountOptions@"),
      optional<&PersistentVolumeSpec::nfs>("nfs", "@PersistentVolumeSpec.nfs@"),
      optional<&PersistentVolumeSpec::node_affinity>("nodeAffinity", "@PersistentVolumeSpec.nodeAffinity@"),
      optional<&PersistentVolumeSpec::persistent_volume_reclaim_policy>(
          "persistentVolumeReclaimPolicy", "@PersistentVolumeSpec.persistentVolumeReclaimPolicy@"),
      optional<&PersistentVolumeSpec::photon_persistent_disk>("photonPersistentDisk",
                                                              "@PersistentVolumeSpec.photonPersistentDisk@"),
      optional<&PersistentVolumeSpec::portworx_volume>("portworxVolume", "@PersistentVolumeSpec.portworxVolume@"),
      optional<&PersistentVolumeSpec::quobyte>("quobyte", "@PersistentVolumeSpec.quobyte@"),
      optional<&PersistentVolumeSpec::rbd>("rbd", "@PersistentVolumeSpec.rbd@"),
      optional<&PersistentVolumeSpec::scale_io>("scaleIO", "@PersistentVolumeSpec.scaleIO@"),
      optional<&PersistentVolumeSpec::storage_class_name>("storageClassName",
                                                          "@PersistentVolumeSpec.storageClassName@"),
      optional<&PersistentVolumeSpec::storageos>("storageos", "@PersistentVolumeSpec.storageos@"),
      optional<&PersistentVolumeSpec::volume_attributes_class_name>("volumeAttributesClassName",
                                                                    "@PersistentVolumeSpec.volumeAttributesClassName@"),
      optional<&PersistentVolumeSpec::volume_mode>("volumeMode", "@PersistentVolumeSpec.volumeMode@"),
      optional<&PersistentVolumeSpec::vsphere_volume>("vsphereVolume", "@PersistentVolumeSpec.vsphereVolume@"),
  });
  static constexpr Type kType =
      object_type<PersistentVolumeSpec>("PersistentVolumeSpec", "@PersistentVolumeSpec@", kFields);
  return kType;
}

template <>
const Type& Describe<PersistentVolumeStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PersistentVolumeStatus::last_phase_transition_time>("lastPhaseTransitionTime",
                                                                    "@PersistentVolumeStatus.lastPhaseTransitionTime@"),
      optional<&PersistentVolumeStatus::message>("message", "@PersistentVolumeStatus.message@"),
      optional<&PersistentVolumeStatus::phase>("phase", "@PersistentVolumeStatus.phase@"),
      optional<&PersistentVolumeStatus::reason>("reason", "@PersistentVolumeStatus.reason@"),
  });
  static constexpr Type kType =
      object_type<PersistentVolumeStatus>("PersistentVolumeStatus", "@PersistentVolumeStatus@", kFields);
  return kType;
}

template <>
const Type& Describe<PersistentVolume>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PersistentVolume::metadata>("metadata", "@PersistentVolume.metadata@"),
      optional<&PersistentVolume::spec>("spec", "@PersistentVolume.spec@"),
      optional<&PersistentVolume::status>("status", "@PersistentVolume.status@").omitted_when_empty(),
  });
  static constexpr Type kType = object_type<PersistentVolume>("PersistentVolume", "@PersistentVolume@", kFields, "v1");
  return kType;
}

}  // namespace api
