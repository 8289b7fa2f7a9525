#include "agent/api/persistent_volume.h"
#include "agent/api/schema.h"

namespace api {

template <>
const Type& Describe<AzureFilePersistentVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&AzureFilePersistentVolumeSource::read_only>("readOnly", "Whether it is mounted read-only."),
      required<&AzureFilePersistentVolumeSource::secret_name>("secretName",
                                                              "The Secret with the storage account's name and key."),
      optional<&AzureFilePersistentVolumeSource::secret_namespace>("secretNamespace",
                                                                   "The Secret's namespace; unset: the claim's."),
      required<&AzureFilePersistentVolumeSource::share_name>("shareName", "The share's name."),
  });
  static constexpr Type kType = object_type<AzureFilePersistentVolumeSource>(
      "AzureFilePersistentVolumeSource", "An Azure Files share; obsolete, provided by a CSI driver.", kFields);
  return kType;
}

template <>
const Type& Describe<SecretReference>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&SecretReference::name>("name", "The Secret's name."),
      optional<&SecretReference::namespace_>("namespace", "The Secret's namespace."),
  });
  static constexpr Type kType =
      object_type<SecretReference>("SecretReference", "Names a Secret in any namespace.", kFields);
  return kType;
}

template <>
const Type& Describe<CephFsPersistentVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&CephFsPersistentVolumeSource::monitors>("monitors", "The Ceph monitors, as host:port."),
      optional<&CephFsPersistentVolumeSource::path>("path", "The folder to mount; unset: /."),
      optional<&CephFsPersistentVolumeSource::read_only>("readOnly", "Whether it is mounted read-only."),
      optional<&CephFsPersistentVolumeSource::secret_file>(
          "secretFile", "The file on the node with the user's key; unset: /etc/ceph/user.secret."),
      optional<&CephFsPersistentVolumeSource::secret_ref>(
          "secretRef", "The Secret with the user's key, in place of secretFile; unset: none."),
      optional<&CephFsPersistentVolumeSource::user>("user", "The Ceph user; unset: admin."),
  });
  static constexpr Type kType = object_type<CephFsPersistentVolumeSource>(
      "CephFSPersistentVolumeSource", "A CephFS folder; obsolete, use a CSI driver.", kFields);
  return kType;
}

template <>
const Type& Describe<CinderPersistentVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&CinderPersistentVolumeSource::fs_type>("fsType", "The file system, such as ext4 or xfs; unset: ext4."),
      optional<&CinderPersistentVolumeSource::read_only>("readOnly", "Whether it is mounted read-only."),
      optional<&CinderPersistentVolumeSource::secret_ref>(
          "secretRef", "The Secret with OpenStack's credentials; unset: the cloud provider's."),
      required<&CinderPersistentVolumeSource::volume_id>("volumeID", "The disk's id."),
  });
  static constexpr Type kType = object_type<CinderPersistentVolumeSource>(
      "CinderPersistentVolumeSource", "An OpenStack Cinder disk; obsolete, provided by a CSI driver.", kFields);
  return kType;
}

template <>
const Type& Describe<CsiPersistentVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&CsiPersistentVolumeSource::controller_expand_secret_ref>(
          "controllerExpandSecretRef", "The Secret that the driver gets for growing the volume; unset: none."),
      optional<&CsiPersistentVolumeSource::controller_publish_secret_ref>(
          "controllerPublishSecretRef", "The Secret that the driver gets for attaching it to a node; unset: none."),
      required<&CsiPersistentVolumeSource::driver>("driver", "The driver's name, as it gives it itself."),
      optional<&CsiPersistentVolumeSource::fs_type>(
          "fsType", "The file system to make or mount, such as ext4 or xfs; unset: the driver's choice."),
      optional<&CsiPersistentVolumeSource::node_expand_secret_ref>(
          "nodeExpandSecretRef",
          "The Secret that the driver gets for growing the file system on the node; unset: none."),
      optional<&CsiPersistentVolumeSource::node_publish_secret_ref>(
          "nodePublishSecretRef", "The Secret that the driver gets for mounting it for a pod; unset: none."),
      optional<&CsiPersistentVolumeSource::node_stage_secret_ref>(
          "nodeStageSecretRef", "The Secret that the driver gets for making it ready on the node; unset: none."),
      optional<&CsiPersistentVolumeSource::read_only>("readOnly", "Whether it is handed out read-only."),
      optional<&CsiPersistentVolumeSource::volume_attributes>("volumeAttributes",
                                                              "The driver's own properties of the volume."),
      required<&CsiPersistentVolumeSource::volume_handle>("volumeHandle",
                                                          "The driver's name for the volume; must not change."),
  });
  static constexpr Type kType =
      object_type<CsiPersistentVolumeSource>("CSIPersistentVolumeSource", "A volume of a CSI driver.", kFields);
  return kType;
}

template <>
const Type& Describe<FlexPersistentVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&FlexPersistentVolumeSource::driver>("driver", "The driver's name."),
      optional<&FlexPersistentVolumeSource::fs_type>("fsType",
                                                     "The file system, such as ext4; unset: the driver's choice."),
      optional<&FlexPersistentVolumeSource::options>("options", "The driver's own options."),
      optional<&FlexPersistentVolumeSource::read_only>("readOnly", "Whether it is mounted read-only."),
      optional<&FlexPersistentVolumeSource::secret_ref>("secretRef", "The Secret that the driver gets; unset: none."),
  });
  static constexpr Type kType = object_type<FlexPersistentVolumeSource>(
      "FlexPersistentVolumeSource", "A volume of a FlexVolume driver program on the node; obsolete, use CSI.", kFields);
  return kType;
}

template <>
const Type& Describe<GlusterfsPersistentVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&GlusterfsPersistentVolumeSource::endpoints>("endpoints",
                                                            "The Endpoints object with the servers' addresses."),
      optional<&GlusterfsPersistentVolumeSource::endpoints_namespace>(
          "endpointsNamespace", "The namespace of the Endpoints; unset: the claim's."),
      required<&GlusterfsPersistentVolumeSource::path>("path", "The GlusterFS volume's name."),
      optional<&GlusterfsPersistentVolumeSource::read_only>("readOnly", "Whether it is mounted read-only."),
  });
  static constexpr Type kType = object_type<GlusterfsPersistentVolumeSource>("GlusterfsPersistentVolumeSource",
                                                                             "A GlusterFS volume; obsolete.", kFields);
  return kType;
}

template <>
const Type& Describe<IscsiPersistentVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&IscsiPersistentVolumeSource::chap_auth_discovery>("chapAuthDiscovery",
                                                                  "Whether discovery logs in by CHAP."),
      optional<&IscsiPersistentVolumeSource::chap_auth_session>("chapAuthSession",
                                                                "Whether the session logs in by CHAP."),
      optional<&IscsiPersistentVolumeSource::fs_type>("fsType", "The file system, such as ext4 or xfs; unset: ext4."),
      optional<&IscsiPersistentVolumeSource::initiator_name>(
          "initiatorName",
          "The initiator's name; with iscsiInterface set a new interface is made for it. Unset: the node's."),
      required<&IscsiPersistentVolumeSource::iqn>("iqn", "The target's qualified name."),
      optional<&IscsiPersistentVolumeSource::iscsi_interface>("iscsiInterface",
                                                              "The interface of iscsiadm that is used."),
      required<&IscsiPersistentVolumeSource::lun>("lun", "The logical unit's number."),
      optional<&IscsiPersistentVolumeSource::portals>("portals",
                                                      "Further portals for multipath, as address or address:port."),
      optional<&IscsiPersistentVolumeSource::read_only>("readOnly", "Whether it is mounted read-only."),
      optional<&IscsiPersistentVolumeSource::secret_ref>("secretRef",
                                                         "The Secret with the CHAP user and password; unset: none."),
      required<&IscsiPersistentVolumeSource::target_portal>(
          "targetPortal", "The target's portal, as address or address:port; port 3260 when left out."),
  });
  static constexpr Type kType =
      object_type<IscsiPersistentVolumeSource>("ISCSIPersistentVolumeSource", "An iSCSI disk.", kFields);
  return kType;
}

template <>
const Type& Describe<LocalVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&LocalVolumeSource::fs_type>(
          "fsType",
          "The file system of a block device, such as ext4; unset: what is found, else ext4. Not for folders."),
      required<&LocalVolumeSource::path>("path",
                                         "The absolute path of the folder or block device on that node; must exist."),
  });
  static constexpr Type kType = object_type<LocalVolumeSource>(
      "LocalVolumeSource", "A disk, partition or folder of one certain node; the volume's nodeAffinity says which.",
      kFields);
  return kType;
}

template <>
const Type& Describe<VolumeNodeAffinity>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&VolumeNodeAffinity::required>(
          "required", "What a node must fulfil for pods with the volume to run there; unset: every node can."),
  });
  static constexpr Type kType =
      object_type<VolumeNodeAffinity>("VolumeNodeAffinity", "Which nodes can reach the volume.", kFields);
  return kType;
}

template <>
const Type& Describe<RbdPersistentVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&RbdPersistentVolumeSource::fs_type>("fsType", "The file system, such as ext4 or xfs; unset: ext4."),
      required<&RbdPersistentVolumeSource::image>("image", "The image's name."),
      optional<&RbdPersistentVolumeSource::keyring>("keyring", "The keyring file on the node."),
      required<&RbdPersistentVolumeSource::monitors>("monitors", "The Ceph monitors, as host:port."),
      optional<&RbdPersistentVolumeSource::pool>("pool", "The Ceph pool."),
      optional<&RbdPersistentVolumeSource::read_only>("readOnly", "Whether it is mounted read-only."),
      optional<&RbdPersistentVolumeSource::secret_ref>(
          "secretRef", "The Secret with the user's key, in place of keyring; unset: none."),
      optional<&RbdPersistentVolumeSource::user>("user", "The Ceph user."),
  });
  static constexpr Type kType = object_type<RbdPersistentVolumeSource>(
      "RBDPersistentVolumeSource", "A Ceph block device; obsolete, use a CSI driver.", kFields);
  return kType;
}

template <>
const Type& Describe<ScaleIoPersistentVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ScaleIoPersistentVolumeSource::fs_type>("fsType", "The file system, such as ext4 or xfs."),
      required<&ScaleIoPersistentVolumeSource::gateway>("gateway", "The address of the ScaleIO gateway."),
      optional<&ScaleIoPersistentVolumeSource::protection_domain>("protectionDomain", "The protection domain's name."),
      optional<&ScaleIoPersistentVolumeSource::read_only>("readOnly", "Whether it is mounted read-only."),
      required<&ScaleIoPersistentVolumeSource::secret_ref>("secretRef",
                                                           "The Secret with the ScaleIO user and password."),
      optional<&ScaleIoPersistentVolumeSource::ssl_enabled>("sslEnabled", "Whether the gateway is spoken to by TLS."),
      optional<&ScaleIoPersistentVolumeSource::storage_mode>("storageMode", "ThickProvisioned or ThinProvisioned."),
      optional<&ScaleIoPersistentVolumeSource::storage_pool>("storagePool", "The pool's name."),
      required<&ScaleIoPersistentVolumeSource::system>("system", "The storage system's name."),
      optional<&ScaleIoPersistentVolumeSource::volume_name>("volumeName", "The volume's name."),
  });
  static constexpr Type kType = object_type<ScaleIoPersistentVolumeSource>("ScaleIOPersistentVolumeSource",
                                                                           "A ScaleIO volume; obsolete.", kFields);
  return kType;
}

template <>
const Type& Describe<StorageOsPersistentVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&StorageOsPersistentVolumeSource::fs_type>("fsType",
                                                          "The file system, such as ext4 or xfs; unset: ext4."),
      optional<&StorageOsPersistentVolumeSource::read_only>("readOnly", "Whether it is mounted read-only."),
      optional<&StorageOsPersistentVolumeSource::secret_ref>(
          "secretRef", "The Secret with the StorageOS API's credentials; unset: the driver's own."),
      optional<&StorageOsPersistentVolumeSource::volume_name>("volumeName", "The volume's name."),
      optional<&StorageOsPersistentVolumeSource::volume_namespace>(
          "volumeNamespace", "The volume's namespace in StorageOS; unset: the pod's."),
  });
  static constexpr Type kType = object_type<StorageOsPersistentVolumeSource>("StorageOSPersistentVolumeSource",
                                                                             "A StorageOS volume; obsolete.", kFields);
  return kType;
}

template <>
const Type& Describe<PersistentVolumeSpec>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PersistentVolumeSpec::access_modes>(
          "accessModes",
          "How it can be mounted: ReadWriteOnce (one node), ReadOnlyMany, ReadWriteMany, ReadWriteOncePod (one pod)."),
      optional<&PersistentVolumeSpec::aws_elastic_block_store>("awsElasticBlockStore",
                                                               "An AWS EBS disk; obsolete, provided by a CSI driver."),
      optional<&PersistentVolumeSpec::azure_disk>("azureDisk", "An Azure disk; obsolete, provided by a CSI driver."),
      optional<&PersistentVolumeSpec::azure_file>("azureFile",
                                                  "An Azure Files share; obsolete, provided by a CSI driver."),
      optional<&PersistentVolumeSpec::capacity>("capacity", "Its size, as storage: 10Gi."),
      optional<&PersistentVolumeSpec::cephfs>("cephfs", "A CephFS folder; obsolete, use a CSI driver."),
      optional<&PersistentVolumeSpec::cinder>("cinder",
                                              "An OpenStack Cinder disk; obsolete, provided by a CSI driver."),
      optional<&PersistentVolumeSpec::claim_ref>(
          "claimRef", "The claim that it is bound to; set beforehand, it is kept for that claim. Unset: free."),
      optional<&PersistentVolumeSpec::csi>("csi", "A volume of a CSI driver."),
      optional<&PersistentVolumeSpec::fc>("fc", "A Fibre Channel disk."),
      optional<&PersistentVolumeSpec::flex_volume>(
          "flexVolume", "A volume of a FlexVolume driver program on the node; obsolete, use CSI."),
      optional<&PersistentVolumeSpec::flocker>("flocker", "A Flocker dataset; obsolete."),
      optional<&PersistentVolumeSpec::gce_persistent_disk>(
          "gcePersistentDisk", "A Google Compute Engine disk; obsolete, provided by a CSI driver."),
      optional<&PersistentVolumeSpec::glusterfs>("glusterfs", "A GlusterFS volume; obsolete."),
      optional<&PersistentVolumeSpec::host_path>("hostPath", "A file or folder of the node itself."),
      optional<&PersistentVolumeSpec::iscsi>("iscsi", "An iSCSI disk."),
      optional<&PersistentVolumeSpec::local>("local", "A disk or folder of one certain node."),
      optional<&PersistentVolumeSpec::mount_options>(
          "mountOptions",
          "Options for mount, such as ro or nfsvers=4.1; not checked, a wrong one makes the mount fail."),
      optional<&PersistentVolumeSpec::nfs>("nfs", "A folder of an NFS server."),
      optional<&PersistentVolumeSpec::node_affinity>("nodeAffinity", "The nodes that can reach it; unset: every node."),
      optional<&PersistentVolumeSpec::persistent_volume_reclaim_policy>(
          "persistentVolumeReclaimPolicy",
          "What happens when its claim is gone. Retain: kept. Delete: deleted with its storage. Recycle: emptied; "
          "obsolete."),
      optional<&PersistentVolumeSpec::photon_persistent_disk>("photonPersistentDisk",
                                                              "A Photon Controller disk; obsolete."),
      optional<&PersistentVolumeSpec::portworx_volume>("portworxVolume",
                                                       "A Portworx volume; obsolete, provided by a CSI driver."),
      optional<&PersistentVolumeSpec::quobyte>("quobyte", "A Quobyte volume; obsolete."),
      optional<&PersistentVolumeSpec::rbd>("rbd", "A Ceph block device; obsolete, use a CSI driver."),
      optional<&PersistentVolumeSpec::scale_io>("scaleIO", "A ScaleIO volume; obsolete."),
      optional<&PersistentVolumeSpec::storage_class_name>("storageClassName",
                                                          "The StorageClass it belongs to; empty: none."),
      optional<&PersistentVolumeSpec::storageos>("storageos", "A StorageOS volume; obsolete."),
      optional<&PersistentVolumeSpec::volume_attributes_class_name>(
          "volumeAttributesClassName", "The VolumeAttributesClass that it has; unset: none."),
      optional<&PersistentVolumeSpec::volume_mode>(
          "volumeMode", "Filesystem: a file system is mounted. Block: containers get the bare device.")
          .pointer(),
      optional<&PersistentVolumeSpec::vsphere_volume>("vsphereVolume",
                                                      "A vSphere disk; obsolete, provided by a CSI driver."),
  });
  static constexpr Type kType = object_type<PersistentVolumeSpec>(
      "PersistentVolumeSpec", "A piece of storage: where it is and who may have it. Exactly one source must be set.",
      kFields);
  return kType;
}

template <>
const Type& Describe<PersistentVolumeStatus>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PersistentVolumeStatus::last_phase_transition_time>("lastPhaseTransitionTime",
                                                                    "When the phase last changed."),
      optional<&PersistentVolumeStatus::message>("message", "The phase's cause, in words for people."),
      optional<&PersistentVolumeStatus::phase>(
          "phase",
          "Pending, Available (free), Bound, Released (its claim is gone), or Failed (could not be reclaimed)."),
      optional<&PersistentVolumeStatus::reason>("reason", "Why it failed, in one CamelCase word for programs."),
  });
  static constexpr Type kType =
      object_type<PersistentVolumeStatus>("PersistentVolumeStatus", "What has become of a PersistentVolume.", kFields);
  return kType;
}

template <>
const Type& Describe<PersistentVolume>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PersistentVolume::metadata>("metadata", "Name, labels and annotations; it is in no namespace."),
      optional<&PersistentVolume::spec>("spec", "Where the storage is and who may have it."),
      optional<&PersistentVolume::status>("status", "What has become of it; ignored in files.").omitted_when_empty(),
  });
  static constexpr Type kType = object_type<PersistentVolume>(
      "PersistentVolume", "A piece of persistent storage that exists apart from pods; claims are bound to it.", kFields,
      "v1");
  return kType;
}

}  // namespace api
