#include "agent/api/schema.h"
#include "agent/api/volume.h"

namespace api {

template <>
const Type& Describe<EphemeralVolumeSource>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&EphemeralVolumeSource::volume_claim_template>("volumeClaimTemplate",
                                                              "@EphemeralVolumeSource.volumeClaimTemplate@"),
  });
  static constexpr Type kType =
      object_type<EphemeralVolumeSource>("EphemeralVolumeSource", "@EphemeralVolumeSource@", kFields);
  return kType;
}

template <>
const Type& Describe<Volume>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&Volume::name>("name", "@Volume.name@"),
      optional<&Volume::aws_elastic_block_store>("awsElasticBlockStore", "@Volume.awsElasticBlockStore@").later(),
      optional<&Volume::azure_disk>("azureDisk", "@Volume.azureDisk@").later(),
      optional<&Volume::azure_file>("azureFile", "@Volume.azureFile@").later(),
      optional<&Volume::cephfs>("cephfs", "@Volume.cephfs@").later(),
      optional<&Volume::cinder>("cinder", "@Volume.cinder@").later(),
      optional<&Volume::config_map>("configMap", "@Volume.configMap@").later(),
      optional<&Volume::csi>("csi", "@Volume.csi@").later(),
      optional<&Volume::downward_api>("downwardAPI", "@Volume.downwardAPI@").later(),
      optional<&Volume::empty_dir>("emptyDir", "@Volume.emptyDir@"),
      optional<&Volume::ephemeral>("ephemeral", "@Volume.ephemeral@").later(),
      optional<&Volume::fc>("fc", "@Volume.fc@").later(),
      optional<&Volume::flex_volume>("flexVolume", "@Volume.flexVolume@").later(),
      optional<&Volume::flocker>("flocker", "@Volume.flocker@").later(),
      optional<&Volume::gce_persistent_disk>("gcePersistentDisk", "@Volume.gcePersistentDisk@").later(),
      optional<&Volume::git_repo>("gitRepo", "@Volume.gitRepo@").later(),
      optional<&Volume::glusterfs>("glusterfs", "@Volume.glusterfs@").later(),
      optional<&Volume::host_path>("hostPath", "@Volume.hostPath@"),
      optional<&Volume::image>("image", "@Volume.image@").later(),
      optional<&Volume::iscsi>("iscsi", "@Volume.iscsi@").later(),
      optional<&Volume::nfs>("nfs", "@Volume.nfs@").later(),
      optional<&Volume::persistent_volume_claim>("persistentVolumeClaim", "@Volume.persistentVolumeClaim@").later(),
      optional<&Volume::photon_persistent_disk>("photonPersistentDisk", "@Volume.photonPersistentDisk@").later(),
      optional<&Volume::portworx_volume>("portworxVolume", "@Volume.portworxVolume@").later(),
      optional<&Volume::projected>("projected", "@Volume.projected@").later(),
      optional<&Volume::quobyte>("quobyte", "@Volume.quobyte@").later(),
      optional<&Volume::rbd>("rbd", "@Volume.rbd@").later(),
      optional<&Volume::scale_io>("scaleIO", "@Volume.scaleIO@").later(),
      optional<&Volume::secret>("secret", "@Volume.secret@").later(),
      optional<&Volume::storageos>("storageos", "@Volume.storageos@").later(),
      optional<&Volume::vsphere_volume>("vsphereVolume", "@Volume.vsphereVolume@").later(),
  });
  static constexpr Type kType = object_type<Volume>("Volume", "@Volume@", kFields);
  return kType;
}

}  // namespace api
