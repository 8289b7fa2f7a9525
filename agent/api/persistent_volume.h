// PersistentVolume (core/v1, Kubernetes 1.36). What a field means stands in
// describe_persistent_volume.cc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/api/event.h"
#include "agent/api/scheduling.h"
#include "agent/api/volume_source.h"

namespace api {

struct AzureFilePersistentVolumeSource {
  bool read_only = false;
  std::string secret_name;
  std::optional<std::string> secret_namespace;
  std::string share_name;
  bool operator==(const AzureFilePersistentVolumeSource&) const = default;
};

struct SecretReference {
  std::string name;
  std::string namespace_;
  bool operator==(const SecretReference&) const = default;
};

struct CephFsPersistentVolumeSource {
  std::vector<std::string> monitors;
  std::string path;
  bool read_only = false;
  std::string secret_file;
  Boxed<SecretReference> secret_ref;
  std::string user;
  bool operator==(const CephFsPersistentVolumeSource&) const = default;
};

struct CinderPersistentVolumeSource {
  std::string fs_type;
  bool read_only = false;
  Boxed<SecretReference> secret_ref;
  std::string volume_id;
  bool operator==(const CinderPersistentVolumeSource&) const = default;
};

struct CsiPersistentVolumeSource {
  Boxed<SecretReference> controller_expand_secret_ref;
  Boxed<SecretReference> controller_publish_secret_ref;
  std::string driver;
  std::string fs_type;
  Boxed<SecretReference> node_expand_secret_ref;
  Boxed<SecretReference> node_publish_secret_ref;
  Boxed<SecretReference> node_stage_secret_ref;
  bool read_only = false;
  std::map<std::string, std::string> volume_attributes;
  std::string volume_handle;
  bool operator==(const CsiPersistentVolumeSource&) const = default;
};

struct FlexPersistentVolumeSource {
  std::string driver;
  std::string fs_type;
  std::map<std::string, std::string> options;
  bool read_only = false;
  Boxed<SecretReference> secret_ref;
  bool operator==(const FlexPersistentVolumeSource&) const = default;
};

struct GlusterfsPersistentVolumeSource {
  std::string endpoints;
  std::optional<std::string> endpoints_namespace;
  std::string path;
  bool read_only = false;
  bool operator==(const GlusterfsPersistentVolumeSource&) const = default;
};

struct IscsiPersistentVolumeSource {
  bool chap_auth_discovery = false;
  bool chap_auth_session = false;
  std::string fs_type;
  std::optional<std::string> initiator_name;
  std::string iqn;
  std::string iscsi_interface = "default";
  int32_t lun = 0;
  std::vector<std::string> portals;
  bool read_only = false;
  Boxed<SecretReference> secret_ref;
  std::string target_portal;
  bool operator==(const IscsiPersistentVolumeSource&) const = default;
};

struct LocalVolumeSource {
  std::optional<std::string> fs_type;
  std::string path;
  bool operator==(const LocalVolumeSource&) const = default;
};

struct VolumeNodeAffinity {
  Boxed<NodeSelector> required;
  bool operator==(const VolumeNodeAffinity&) const = default;
};

struct RbdPersistentVolumeSource {
  std::string fs_type;
  std::string image;
  std::string keyring = "/etc/ceph/keyring";
  std::vector<std::string> monitors;
  std::string pool = "rbd";
  bool read_only = false;
  Boxed<SecretReference> secret_ref;
  std::string user = "admin";
  bool operator==(const RbdPersistentVolumeSource&) const = default;
};

struct ScaleIoPersistentVolumeSource {
  std::string fs_type = "xfs";
  std::string gateway;
  std::string protection_domain;
  bool read_only = false;
  Boxed<SecretReference> secret_ref;
  bool ssl_enabled = false;
  std::string storage_mode = "ThinProvisioned";
  std::string storage_pool;
  std::string system;
  std::string volume_name;
  bool operator==(const ScaleIoPersistentVolumeSource&) const = default;
};

struct StorageOsPersistentVolumeSource {
  std::string fs_type;
  bool read_only = false;
  Boxed<ObjectReference> secret_ref;
  std::string volume_name;
  std::string volume_namespace;
  bool operator==(const StorageOsPersistentVolumeSource&) const = default;
};

struct PersistentVolumeSpec {
  std::vector<std::string> access_modes;
  Boxed<AwsElasticBlockStoreVolumeSource> aws_elastic_block_store;
  Boxed<AzureDiskVolumeSource> azure_disk;
  Boxed<AzureFilePersistentVolumeSource> azure_file;
  std::map<std::string, Quantity> capacity;
  Boxed<CephFsPersistentVolumeSource> cephfs;
  Boxed<CinderPersistentVolumeSource> cinder;
  Boxed<ObjectReference> claim_ref;
  Boxed<CsiPersistentVolumeSource> csi;
  Boxed<FcVolumeSource> fc;
  Boxed<FlexPersistentVolumeSource> flex_volume;
  Boxed<FlockerVolumeSource> flocker;
  Boxed<GcePersistentDiskVolumeSource> gce_persistent_disk;
  Boxed<GlusterfsPersistentVolumeSource> glusterfs;
  Boxed<HostPath> host_path;
  Boxed<IscsiPersistentVolumeSource> iscsi;
  Boxed<LocalVolumeSource> local;
  std::vector<std::string> mount_options;
  Boxed<NfsVolumeSource> nfs;
  Boxed<VolumeNodeAffinity> node_affinity;
  ReclaimPolicy persistent_volume_reclaim_policy = ReclaimPolicy::kRetain;
  Boxed<PhotonPersistentDiskVolumeSource> photon_persistent_disk;
  Boxed<PortworxVolumeSource> portworx_volume;
  Boxed<QuobyteVolumeSource> quobyte;
  Boxed<RbdPersistentVolumeSource> rbd;
  Boxed<ScaleIoPersistentVolumeSource> scale_io;
  std::string storage_class_name;
  Boxed<StorageOsPersistentVolumeSource> storageos;
  std::optional<std::string> volume_attributes_class_name;
  std::optional<PersistentVolumeMode> volume_mode = PersistentVolumeMode::kFilesystem;
  Boxed<VsphereVirtualDiskVolumeSource> vsphere_volume;
  bool operator==(const PersistentVolumeSpec&) const = default;
};

struct PersistentVolumeStatus {
  std::optional<Time> last_phase_transition_time;
  std::string message;
  std::string phase = "Pending";
  std::string reason;
  bool operator==(const PersistentVolumeStatus&) const = default;
};

struct PersistentVolume {
  ObjectMeta metadata;
  PersistentVolumeSpec spec;
  PersistentVolumeStatus status;
  bool operator==(const PersistentVolume&) const = default;
};

}  // namespace api
