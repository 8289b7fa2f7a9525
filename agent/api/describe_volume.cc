#include "agent/api/schema.h"
#include "agent/api/volume.h"

namespace api {

template <>
const Type& Describe<EphemeralVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&EphemeralVolumeSource::volume_claim_template>("volumeClaimTemplate",
                                                              "What the claim is made from; it is named POD-VOLUME."),
  });
  static constexpr Type kType = object_type<EphemeralVolumeSource>(
      "EphemeralVolumeSource", "A volume from a claim that is made for this pod and deleted with it.", kFields);
  return kType;
}

template <>
const Type& Describe<Volume>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&Volume::name>("name", "Its name, unique in the pod: at most 63 of a-z, 0-9 and \"-\"."),
      optional<&Volume::aws_elastic_block_store>("awsElasticBlockStore",
                                                 "An AWS EBS disk; obsolete, provided by a CSI driver.")
          .later(),
      optional<&Volume::azure_disk>("azureDisk", "An Azure disk; obsolete, provided by a CSI driver.").later(),
      optional<&Volume::azure_file>("azureFile", "An Azure Files share; obsolete, provided by a CSI driver.").later(),
      optional<&Volume::cephfs>("cephfs", "A CephFS folder; obsolete, use a CSI driver.").later(),
      optional<&Volume::cinder>("cinder", "An OpenStack Cinder disk; obsolete, provided by a CSI driver.").later(),
      optional<&Volume::config_map>("configMap", "Files from a ConfigMap."),
      optional<&Volume::csi>("csi", "A volume that a CSI driver makes for this pod alone.").later(),
      optional<&Volume::downward_api>("downwardAPI", "Files that tell something of the pod."),
      optional<&Volume::empty_dir>("emptyDir", "A folder that is empty at first and deleted with the pod."),
      optional<&Volume::ephemeral>("ephemeral", "A volume from a claim that is made for this pod and deleted with it.")
          .later(),
      optional<&Volume::fc>("fc", "A Fibre Channel disk.").later(),
      optional<&Volume::flex_volume>("flexVolume",
                                     "A volume of a FlexVolume driver program on the node; obsolete, use CSI.")
          .later(),
      optional<&Volume::flocker>("flocker", "A Flocker dataset; obsolete.").later(),
      optional<&Volume::gce_persistent_disk>("gcePersistentDisk",
                                             "A Google Compute Engine disk; obsolete, provided by a CSI driver.")
          .later(),
      optional<&Volume::git_repo>("gitRepo", "A clone of a git repository; obsolete, let an init container clone it.")
          .later(),
      optional<&Volume::glusterfs>("glusterfs", "A GlusterFS volume; obsolete.").later(),
      optional<&Volume::host_path>("hostPath", "A file or folder of the node itself."),
      optional<&Volume::image>("image", "The files of an image or artifact, read-only.").later(),
      optional<&Volume::iscsi>("iscsi", "An iSCSI disk.").later(),
      optional<&Volume::nfs>("nfs", "A folder of an NFS server.").later(),
      optional<&Volume::persistent_volume_claim>("persistentVolumeClaim", "The volume that a claim is bound to.")
          .later(),
      optional<&Volume::photon_persistent_disk>("photonPersistentDisk", "A Photon Controller disk; obsolete.").later(),
      optional<&Volume::portworx_volume>("portworxVolume", "A Portworx volume; obsolete, provided by a CSI driver.")
          .later(),
      optional<&Volume::projected>("projected", "Files of several sources in one folder."),
      optional<&Volume::quobyte>("quobyte", "A Quobyte volume; obsolete.").later(),
      optional<&Volume::rbd>("rbd", "A Ceph block device; obsolete, use a CSI driver.").later(),
      optional<&Volume::scale_io>("scaleIO", "A ScaleIO volume; obsolete.").later(),
      optional<&Volume::secret>("secret", "Files from a Secret, kept in memory."),
      optional<&Volume::storageos>("storageos", "A StorageOS volume; obsolete.").later(),
      optional<&Volume::vsphere_volume>("vsphereVolume", "A vSphere disk; obsolete, provided by a CSI driver.").later(),
  });
  static constexpr Type kType = object_type<Volume>(
      "Volume", "A folder or file that containers can mount. Without any source it is an emptyDir.", kFields);
  return kType;
}

}  // namespace api
