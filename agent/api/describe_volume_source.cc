#include "agent/api/schema.h"
#include "agent/api/volume_source.h"

namespace api {

template <>
const Type& Describe<LocalObjectReference>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&LocalObjectReference::name>("name", "The object's name."),
  });
  static constexpr Type kType =
      object_type<LocalObjectReference>("LocalObjectReference", "Names an object in the same namespace.", kFields);
  return kType;
}

template <>
const Type& Describe<AwsElasticBlockStoreVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&AwsElasticBlockStoreVolumeSource::fs_type>("fsType",
                                                           "The file system, such as ext4 or xfs; unset: ext4."),
      optional<&AwsElasticBlockStoreVolumeSource::partition>("partition", "The partition's number; 0: the whole disk."),
      optional<&AwsElasticBlockStoreVolumeSource::read_only>("readOnly", "Whether it is mounted read-only."),
      required<&AwsElasticBlockStoreVolumeSource::volume_id>("volumeID", "The disk's id."),
  });
  static constexpr Type kType = object_type<AwsElasticBlockStoreVolumeSource>(
      "AWSElasticBlockStoreVolumeSource", "An AWS EBS disk; obsolete, provided by a CSI driver.", kFields);
  return kType;
}

template <>
const Type& Describe<AzureDiskVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&AzureDiskVolumeSource::caching_mode>("cachingMode", "The node's cache: None, ReadOnly or ReadWrite."),
      required<&AzureDiskVolumeSource::disk_name>("diskName", "The disk's name."),
      required<&AzureDiskVolumeSource::disk_uri>("diskURI", "The disk's URI."),
      optional<&AzureDiskVolumeSource::fs_type>("fsType", "The file system, such as ext4 or xfs."),
      optional<&AzureDiskVolumeSource::kind>("kind", "Shared (account), Dedicated (account) or Managed."),
      optional<&AzureDiskVolumeSource::read_only>("readOnly", "Whether it is mounted read-only."),
  });
  static constexpr Type kType = object_type<AzureDiskVolumeSource>(
      "AzureDiskVolumeSource", "An Azure disk; obsolete, provided by a CSI driver.", kFields);
  return kType;
}

template <>
const Type& Describe<AzureFileVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&AzureFileVolumeSource::read_only>("readOnly", "Whether it is mounted read-only."),
      required<&AzureFileVolumeSource::secret_name>("secretName",
                                                    "The Secret with the storage account's name and key."),
      required<&AzureFileVolumeSource::share_name>("shareName", "The share's name."),
  });
  static constexpr Type kType = object_type<AzureFileVolumeSource>(
      "AzureFileVolumeSource", "An Azure Files share; obsolete, provided by a CSI driver.", kFields);
  return kType;
}

template <>
const Type& Describe<CephFsVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&CephFsVolumeSource::monitors>("monitors", "The Ceph monitors, as host:port."),
      optional<&CephFsVolumeSource::path>("path", "The folder to mount; unset: /."),
      optional<&CephFsVolumeSource::read_only>("readOnly", "Whether it is mounted read-only."),
      optional<&CephFsVolumeSource::secret_file>(
          "secretFile", "The file on the node with the user's key; unset: /etc/ceph/user.secret."),
      optional<&CephFsVolumeSource::secret_ref>("secretRef",
                                                "The Secret with the user's key, in place of secretFile; unset: none."),
      optional<&CephFsVolumeSource::user>("user", "The Ceph user; unset: admin."),
  });
  static constexpr Type kType =
      object_type<CephFsVolumeSource>("CephFSVolumeSource", "A CephFS folder; obsolete, use a CSI driver.", kFields);
  return kType;
}

template <>
const Type& Describe<CinderVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&CinderVolumeSource::fs_type>("fsType", "The file system, such as ext4 or xfs; unset: ext4."),
      optional<&CinderVolumeSource::read_only>("readOnly", "Whether it is mounted read-only."),
      optional<&CinderVolumeSource::secret_ref>(
          "secretRef", "The Secret with OpenStack's credentials; unset: the cloud provider's."),
      required<&CinderVolumeSource::volume_id>("volumeID", "The disk's id."),
  });
  static constexpr Type kType = object_type<CinderVolumeSource>(
      "CinderVolumeSource", "An OpenStack Cinder disk; obsolete, provided by a CSI driver.", kFields);
  return kType;
}

template <>
const Type& Describe<ConfigMapVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ConfigMapVolumeSource::name>("name", "The ConfigMap, in the pod's namespace."),
      optional<&ConfigMapVolumeSource::default_mode>("defaultMode",
                                                     "The files' permission bits where mode is unset, 0 to 0777 (YAML "
                                                     "reads octal, JSON wants decimal; 420 is 0644)."),
      optional<&ConfigMapVolumeSource::items>("items",
                                              "Which keys become which files; unset: every key a file of its name."),
      optional<&ConfigMapVolumeSource::optional>("optional",
                                                 "True: it may be missing, with its keys; else the pod waits for it."),
  });
  static constexpr Type kType = object_type<ConfigMapVolumeSource>(
      "ConfigMapVolumeSource", "Files from a ConfigMap; they follow its changes.", kFields);
  return kType;
}

template <>
const Type& Describe<CsiVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&CsiVolumeSource::driver>("driver", "The driver's name, as it gives it itself."),
      optional<&CsiVolumeSource::fs_type>("fsType",
                                          "The file system to mount, such as ext4 or xfs; unset: the driver's choice."),
      optional<&CsiVolumeSource::node_publish_secret_ref>(
          "nodePublishSecretRef", "The Secret that the driver gets for mounting it; unset: none."),
      optional<&CsiVolumeSource::read_only>("readOnly", "Whether it is mounted read-only; unset: it is writable."),
      optional<&CsiVolumeSource::volume_attributes>("volumeAttributes", "The driver's own properties of the volume."),
  });
  static constexpr Type kType =
      object_type<CsiVolumeSource>("CSIVolumeSource", "A volume that a CSI driver makes for this pod alone.", kFields);
  return kType;
}

template <>
const Type& Describe<DownwardApiVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&DownwardApiVolumeSource::default_mode>("defaultMode",
                                                       "The files' permission bits where mode is unset, 0 to 0777 "
                                                       "(YAML reads octal, JSON wants decimal; 420 is 0644)."),
      optional<&DownwardApiVolumeSource::items>("items", "The files."),
  });
  static constexpr Type kType = object_type<DownwardApiVolumeSource>(
      "DownwardAPIVolumeSource", "Files that tell something of the pod; they follow its changes.", kFields);
  return kType;
}

template <>
const Type& Describe<EmptyDir>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&EmptyDir::medium>("medium",
                                  "Empty: the node's disk. Memory: a tmpfs, counted as the containers' memory. "
                                  "HugePages or HugePages-SIZE: a hugetlbfs.")
          .but_not("huge pages"),
      optional<&EmptyDir::size_limit>("sizeLimit",
                                      "The most it may hold; on disk a pod above it is evicted, in memory writing "
                                      "fails. Unset: no limit but the pod's memory.")
          .but_not("a limit without medium Memory"),
  });
  static constexpr Type kType = object_type<EmptyDir>(
      "EmptyDirVolumeSource", "A folder that is empty at first and deleted with the pod.", kFields);
  return kType;
}

template <>
const Type& Describe<FcVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&FcVolumeSource::fs_type>("fsType", "The file system, such as ext4 or xfs; unset: ext4."),
      optional<&FcVolumeSource::lun>("lun", "The logical unit's number."),
      optional<&FcVolumeSource::read_only>("readOnly", "Whether it is mounted read-only."),
      optional<&FcVolumeSource::target_wwns>("targetWWNs", "The targets' world wide names."),
      optional<&FcVolumeSource::wwids>("wwids", "The disk's world wide identifiers, in place of targetWWNs and lun."),
  });
  static constexpr Type kType = object_type<FcVolumeSource>(
      "FCVolumeSource", "A Fibre Channel disk. Either targetWWNs with lun, or wwids.", kFields);
  return kType;
}

template <>
const Type& Describe<FlexVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&FlexVolumeSource::driver>("driver", "The driver's name."),
      optional<&FlexVolumeSource::fs_type>("fsType", "The file system, such as ext4; unset: the driver's choice."),
      optional<&FlexVolumeSource::options>("options", "The driver's own options."),
      optional<&FlexVolumeSource::read_only>("readOnly", "Whether it is mounted read-only."),
      optional<&FlexVolumeSource::secret_ref>("secretRef", "The Secret that the driver gets; unset: none."),
  });
  static constexpr Type kType = object_type<FlexVolumeSource>(
      "FlexVolumeSource", "A volume of a FlexVolume driver program on the node; obsolete, use CSI.", kFields);
  return kType;
}

template <>
const Type& Describe<FlockerVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&FlockerVolumeSource::dataset_name>("datasetName", "The dataset's name; obsolete."),
      optional<&FlockerVolumeSource::dataset_uuid>("datasetUUID", "The dataset's UUID."),
  });
  static constexpr Type kType = object_type<FlockerVolumeSource>(
      "FlockerVolumeSource", "A Flocker dataset; obsolete. Either datasetName or datasetUUID is set.", kFields);
  return kType;
}

template <>
const Type& Describe<GcePersistentDiskVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&GcePersistentDiskVolumeSource::fs_type>("fsType", "The file system, such as ext4 or xfs; unset: ext4."),
      optional<&GcePersistentDiskVolumeSource::partition>("partition", "The partition's number; 0: the whole disk."),
      required<&GcePersistentDiskVolumeSource::pd_name>("pdName", "The disk's name."),
      optional<&GcePersistentDiskVolumeSource::read_only>("readOnly", "Whether it is mounted read-only."),
  });
  static constexpr Type kType = object_type<GcePersistentDiskVolumeSource>(
      "GCEPersistentDiskVolumeSource", "A Google Compute Engine disk; obsolete, provided by a CSI driver.", kFields);
  return kType;
}

template <>
const Type& Describe<GitRepoVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&GitRepoVolumeSource::directory>("directory",
                                                "The folder to clone into, without \"..\"; \".\": the volume itself, "
                                                "unset: a folder of the repository's name."),
      required<&GitRepoVolumeSource::repository>("repository", "The repository's URL."),
      optional<&GitRepoVolumeSource::revision>("revision", "The commit; unset: the tip of the default branch."),
  });
  static constexpr Type kType = object_type<GitRepoVolumeSource>(
      "GitRepoVolumeSource", "A clone of a git repository; obsolete and no longer carried out by Kubernetes.", kFields);
  return kType;
}

template <>
const Type& Describe<GlusterfsVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&GlusterfsVolumeSource::endpoints>("endpoints", "The Endpoints object with the servers' addresses."),
      required<&GlusterfsVolumeSource::path>("path", "The GlusterFS volume's name."),
      optional<&GlusterfsVolumeSource::read_only>("readOnly", "Whether it is mounted read-only."),
  });
  static constexpr Type kType =
      object_type<GlusterfsVolumeSource>("GlusterfsVolumeSource", "A GlusterFS volume; obsolete.", kFields);
  return kType;
}

template <>
const Type& Describe<HostPath>::type() {
  static constexpr auto kTypes = std::to_array<std::string_view>(
      {"", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"});
  static constexpr auto kFields = std::to_array<Field>({
      required<&HostPath::path>("path", "The absolute path on the node, without \"..\"; a link is followed."),
      optional<&HostPath::type>("type",
                                "What must be there: Directory, File, Socket, CharDevice, BlockDevice. "
                                "DirectoryOrCreate and FileOrCreate make it. Empty: no check.")
          .listed(kTypes),
  });
  static constexpr Type kType = object_type<HostPath>(
      "HostPathVolumeSource", "A file or folder of the node itself. Whoever can mount / owns the node.", kFields);
  return kType;
}

template <>
const Type& Describe<ImageVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ImageVolumeSource::pull_policy>(
          "pullPolicy", "Always, IfNotPresent or Never; unset: Always for the tag latest or none, else IfNotPresent."),
      optional<&ImageVolumeSource::reference>("reference", "The image's reference, as for a container."),
  });
  static constexpr Type kType =
      object_type<ImageVolumeSource>("ImageVolumeSource", "The files of an image or artifact, read-only.", kFields);
  return kType;
}

template <>
const Type& Describe<IscsiVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&IscsiVolumeSource::chap_auth_discovery>("chapAuthDiscovery", "Whether discovery logs in by CHAP."),
      optional<&IscsiVolumeSource::chap_auth_session>("chapAuthSession", "Whether the session logs in by CHAP."),
      optional<&IscsiVolumeSource::fs_type>("fsType", "The file system, such as ext4 or xfs; unset: ext4."),
      optional<&IscsiVolumeSource::initiator_name>(
          "initiatorName",
          "The initiator's name; with iscsiInterface set a new interface is made for it. Unset: the node's."),
      required<&IscsiVolumeSource::iqn>("iqn", "The target's qualified name."),
      optional<&IscsiVolumeSource::iscsi_interface>("iscsiInterface", "The interface of iscsiadm that is used."),
      required<&IscsiVolumeSource::lun>("lun", "The logical unit's number."),
      optional<&IscsiVolumeSource::portals>("portals", "Further portals for multipath, as address or address:port."),
      optional<&IscsiVolumeSource::read_only>("readOnly", "Whether it is mounted read-only."),
      optional<&IscsiVolumeSource::secret_ref>("secretRef", "The Secret with the CHAP user and password; unset: none."),
      required<&IscsiVolumeSource::target_portal>(
          "targetPortal", "The target's portal, as address or address:port; port 3260 when left out."),
  });
  static constexpr Type kType = object_type<IscsiVolumeSource>("ISCSIVolumeSource", "An iSCSI disk.", kFields);
  return kType;
}

template <>
const Type& Describe<NfsVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&NfsVolumeSource::path>("path", "The exported path."),
      optional<&NfsVolumeSource::read_only>("readOnly", "Whether it is mounted read-only."),
      required<&NfsVolumeSource::server>("server", "The server's name or address."),
  });
  static constexpr Type kType = object_type<NfsVolumeSource>("NFSVolumeSource", "A folder of an NFS server.", kFields);
  return kType;
}

template <>
const Type& Describe<PersistentVolumeClaimVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&PersistentVolumeClaimVolumeSource::claim_name>("claimName", "The claim, in the pod's namespace."),
      optional<&PersistentVolumeClaimVolumeSource::read_only>("readOnly", "Whether every mount of it is read-only."),
  });
  static constexpr Type kType = object_type<PersistentVolumeClaimVolumeSource>(
      "PersistentVolumeClaimVolumeSource", "The volume that a claim is bound to.", kFields);
  return kType;
}

template <>
const Type& Describe<PhotonPersistentDiskVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PhotonPersistentDiskVolumeSource::fs_type>("fsType",
                                                           "The file system, such as ext4 or xfs; unset: ext4."),
      required<&PhotonPersistentDiskVolumeSource::pd_id>("pdID", "The disk's id."),
  });
  static constexpr Type kType = object_type<PhotonPersistentDiskVolumeSource>(
      "PhotonPersistentDiskVolumeSource", "A Photon Controller disk; obsolete.", kFields);
  return kType;
}

template <>
const Type& Describe<PortworxVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PortworxVolumeSource::fs_type>("fsType", "The file system, such as ext4 or xfs; unset: ext4."),
      optional<&PortworxVolumeSource::read_only>("readOnly", "Whether it is mounted read-only."),
      required<&PortworxVolumeSource::volume_id>("volumeID", "The volume's id."),
  });
  static constexpr Type kType = object_type<PortworxVolumeSource>(
      "PortworxVolumeSource", "A Portworx volume; obsolete, provided by a CSI driver.", kFields);
  return kType;
}

template <>
const Type& Describe<ProjectedVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ProjectedVolumeSource::default_mode>("defaultMode",
                                                     "The files' permission bits where mode is unset, 0 to 0777 (YAML "
                                                     "reads octal, JSON wants decimal; 420 is 0644)."),
      optional<&ProjectedVolumeSource::sources>("sources", "The sources."),
  });
  static constexpr Type kType = object_type<ProjectedVolumeSource>(
      "ProjectedVolumeSource", "Files of several sources in one folder; they follow their changes.", kFields);
  return kType;
}

template <>
const Type& Describe<QuobyteVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&QuobyteVolumeSource::group>("group", "The group that is used; empty: none."),
      optional<&QuobyteVolumeSource::read_only>("readOnly", "Whether it is mounted read-only."),
      required<&QuobyteVolumeSource::registry>("registry",
                                               "The Quobyte registries, as host:port, several joined by \",\"."),
      optional<&QuobyteVolumeSource::tenant>("tenant", "The volume's tenant; set by the provisioner."),
      optional<&QuobyteVolumeSource::user>("user", "The user that is used; empty: the service account's."),
      required<&QuobyteVolumeSource::volume>("volume", "The volume's name."),
  });
  static constexpr Type kType =
      object_type<QuobyteVolumeSource>("QuobyteVolumeSource", "A Quobyte volume; obsolete.", kFields);
  return kType;
}

template <>
const Type& Describe<RbdVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&RbdVolumeSource::fs_type>("fsType", "The file system, such as ext4 or xfs; unset: ext4."),
      required<&RbdVolumeSource::image>("image", "The image's name."),
      optional<&RbdVolumeSource::keyring>("keyring", "The keyring file on the node."),
      required<&RbdVolumeSource::monitors>("monitors", "The Ceph monitors, as host:port."),
      optional<&RbdVolumeSource::pool>("pool", "The Ceph pool."),
      optional<&RbdVolumeSource::read_only>("readOnly", "Whether it is mounted read-only."),
      optional<&RbdVolumeSource::secret_ref>("secretRef",
                                             "The Secret with the user's key, in place of keyring; unset: none."),
      optional<&RbdVolumeSource::user>("user", "The Ceph user."),
  });
  static constexpr Type kType =
      object_type<RbdVolumeSource>("RBDVolumeSource", "A Ceph block device; obsolete, use a CSI driver.", kFields);
  return kType;
}

template <>
const Type& Describe<ScaleIoVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ScaleIoVolumeSource::fs_type>("fsType", "The file system, such as ext4 or xfs."),
      required<&ScaleIoVolumeSource::gateway>("gateway", "The address of the ScaleIO gateway."),
      optional<&ScaleIoVolumeSource::protection_domain>("protectionDomain", "The protection domain's name."),
      optional<&ScaleIoVolumeSource::read_only>("readOnly", "Whether it is mounted read-only."),
      required<&ScaleIoVolumeSource::secret_ref>("secretRef", "The Secret with the ScaleIO user and password."),
      optional<&ScaleIoVolumeSource::ssl_enabled>("sslEnabled", "Whether the gateway is spoken to by TLS."),
      optional<&ScaleIoVolumeSource::storage_mode>("storageMode", "ThickProvisioned or ThinProvisioned."),
      optional<&ScaleIoVolumeSource::storage_pool>("storagePool", "The pool's name."),
      required<&ScaleIoVolumeSource::system>("system", "The storage system's name."),
      optional<&ScaleIoVolumeSource::volume_name>("volumeName", "The volume's name."),
  });
  static constexpr Type kType =
      object_type<ScaleIoVolumeSource>("ScaleIOVolumeSource", "A ScaleIO volume; obsolete.", kFields);
  return kType;
}

template <>
const Type& Describe<SecretVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&SecretVolumeSource::default_mode>("defaultMode",
                                                  "The files' permission bits where mode is unset, 0 to 0777 (YAML "
                                                  "reads octal, JSON wants decimal; 420 is 0644)."),
      optional<&SecretVolumeSource::items>("items",
                                           "Which keys become which files; unset: every key a file of its name."),
      optional<&SecretVolumeSource::optional>("optional",
                                              "True: it may be missing, with its keys; else the pod waits for it."),
      optional<&SecretVolumeSource::secret_name>("secretName", "The Secret, in the pod's namespace."),
  });
  static constexpr Type kType = object_type<SecretVolumeSource>(
      "SecretVolumeSource", "Files from a Secret, kept in memory; they follow its changes.", kFields);
  return kType;
}

template <>
const Type& Describe<StorageOsVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&StorageOsVolumeSource::fs_type>("fsType", "The file system, such as ext4 or xfs; unset: ext4."),
      optional<&StorageOsVolumeSource::read_only>("readOnly", "Whether it is mounted read-only."),
      optional<&StorageOsVolumeSource::secret_ref>(
          "secretRef", "The Secret with the StorageOS API's credentials; unset: the driver's own."),
      optional<&StorageOsVolumeSource::volume_name>("volumeName", "The volume's name."),
      optional<&StorageOsVolumeSource::volume_namespace>("volumeNamespace",
                                                         "The volume's namespace in StorageOS; unset: the pod's."),
  });
  static constexpr Type kType =
      object_type<StorageOsVolumeSource>("StorageOSVolumeSource", "A StorageOS volume; obsolete.", kFields);
  return kType;
}

template <>
const Type& Describe<VsphereVirtualDiskVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&VsphereVirtualDiskVolumeSource::fs_type>("fsType",
                                                         "The file system, such as ext4 or xfs; unset: ext4."),
      optional<&VsphereVirtualDiskVolumeSource::storage_policy_id>("storagePolicyID", "The id of its storage policy."),
      optional<&VsphereVirtualDiskVolumeSource::storage_policy_name>("storagePolicyName",
                                                                     "The name of its storage policy."),
      required<&VsphereVirtualDiskVolumeSource::volume_path>("volumePath", "The path of its vmdk file."),
  });
  static constexpr Type kType = object_type<VsphereVirtualDiskVolumeSource>(
      "VsphereVirtualDiskVolumeSource", "A vSphere disk; obsolete, provided by a CSI driver.", kFields);
  return kType;
}

}  // namespace api
