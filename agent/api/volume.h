// Volumes of a pod (core/v1, Kubernetes 1.36). What a field means stands in
// describe_volume.cc.
#pragma once

#include <string>

#include "agent/api/claim.h"
#include "agent/api/volume_source.h"

namespace api {

struct EphemeralVolumeSource {
  Boxed<PersistentVolumeClaimTemplate> volume_claim_template;
  bool operator==(const EphemeralVolumeSource&) const = default;
};

struct Volume {
  std::string name;
  Boxed<AwsElasticBlockStoreVolumeSource> aws_elastic_block_store;
  Boxed<AzureDiskVolumeSource> azure_disk;
  Boxed<AzureFileVolumeSource> azure_file;
  Boxed<CephFsVolumeSource> cephfs;
  Boxed<CinderVolumeSource> cinder;
  Boxed<ConfigMapVolumeSource> config_map;
  Boxed<CsiVolumeSource> csi;
  Boxed<DownwardApiVolumeSource> downward_api;
  Boxed<EmptyDir> empty_dir;
  Boxed<EphemeralVolumeSource> ephemeral;
  Boxed<FcVolumeSource> fc;
  Boxed<FlexVolumeSource> flex_volume;
  Boxed<FlockerVolumeSource> flocker;
  Boxed<GcePersistentDiskVolumeSource> gce_persistent_disk;
  Boxed<GitRepoVolumeSource> git_repo;
  Boxed<GlusterfsVolumeSource> glusterfs;
  Boxed<HostPath> host_path;
  Boxed<ImageVolumeSource> image;
  Boxed<IscsiVolumeSource> iscsi;
  Boxed<NfsVolumeSource> nfs;
  Boxed<PersistentVolumeClaimVolumeSource> persistent_volume_claim;
  Boxed<PhotonPersistentDiskVolumeSource> photon_persistent_disk;
  Boxed<PortworxVolumeSource> portworx_volume;
  Boxed<ProjectedVolumeSource> projected;
  Boxed<QuobyteVolumeSource> quobyte;
  Boxed<RbdVolumeSource> rbd;
  Boxed<ScaleIoVolumeSource> scale_io;
  Boxed<SecretVolumeSource> secret;
  Boxed<StorageOsVolumeSource> storageos;
  Boxed<VsphereVirtualDiskVolumeSource> vsphere_volume;
  bool operator==(const Volume&) const = default;
};

}  // namespace api
