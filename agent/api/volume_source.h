// The sources of volumes that a pod names itself (core/v1, Kubernetes 1.36). What a field means stands in
// describe_volume_source.cc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/api/projection.h"

namespace api {

struct LocalObjectReference {
  std::string name;
  bool operator==(const LocalObjectReference&) const = default;
};

struct AwsElasticBlockStoreVolumeSource {
  std::string fs_type;
  int32_t partition = 0;
  bool read_only = false;
  std::string volume_id;
  bool operator==(const AwsElasticBlockStoreVolumeSource&) const = default;
};

struct AzureDiskVolumeSource {
  std::optional<std::string> caching_mode = "ReadWrite";
  std::string disk_name;
  std::string disk_uri;
  std::optional<std::string> fs_type = "ext4";
  std::optional<std::string> kind = "Shared";
  std::optional<bool> read_only = false;
  bool operator==(const AzureDiskVolumeSource&) const = default;
};

struct AzureFileVolumeSource {
  bool read_only = false;
  std::string secret_name;
  std::string share_name;
  bool operator==(const AzureFileVolumeSource&) const = default;
};

struct CephFsVolumeSource {
  std::vector<std::string> monitors;
  std::string path;
  bool read_only = false;
  std::string secret_file;
  Boxed<LocalObjectReference> secret_ref;
  std::string user;
  bool operator==(const CephFsVolumeSource&) const = default;
};

struct CinderVolumeSource {
  std::string fs_type;
  bool read_only = false;
  Boxed<LocalObjectReference> secret_ref;
  std::string volume_id;
  bool operator==(const CinderVolumeSource&) const = default;
};

struct ConfigMapVolumeSource {
  std::string name;
  std::optional<int32_t> default_mode = 0644;
  std::vector<KeyToPath> items;
  std::optional<bool> optional;
  bool operator==(const ConfigMapVolumeSource&) const = default;
};

struct CsiVolumeSource {
  std::string driver;
  std::optional<std::string> fs_type;
  Boxed<LocalObjectReference> node_publish_secret_ref;
  std::optional<bool> read_only;
  std::map<std::string, std::string> volume_attributes;
  bool operator==(const CsiVolumeSource&) const = default;
};

struct DownwardApiVolumeSource {
  std::optional<int32_t> default_mode = 0644;
  std::vector<DownwardApiVolumeFile> items;
  bool operator==(const DownwardApiVolumeSource&) const = default;
};

struct EmptyDir {
  std::string medium;
  std::optional<Quantity> size_limit;
  bool operator==(const EmptyDir&) const = default;
};

struct FcVolumeSource {
  std::string fs_type;
  std::optional<int32_t> lun;
  bool read_only = false;
  std::vector<std::string> target_wwns;
  std::vector<std::string> wwids;
  bool operator==(const FcVolumeSource&) const = default;
};

struct FlexVolumeSource {
  std::string driver;
  std::string fs_type;
  std::map<std::string, std::string> options;
  bool read_only = false;
  Boxed<LocalObjectReference> secret_ref;
  bool operator==(const FlexVolumeSource&) const = default;
};

struct FlockerVolumeSource {
  std::string dataset_name;
  std::string dataset_uuid;
  bool operator==(const FlockerVolumeSource&) const = default;
};

struct GcePersistentDiskVolumeSource {
  std::string fs_type;
  int32_t partition = 0;
  std::string pd_name;
  bool read_only = false;
  bool operator==(const GcePersistentDiskVolumeSource&) const = default;
};

struct GitRepoVolumeSource {
  std::string directory;
  std::string repository;
  std::string revision;
  bool operator==(const GitRepoVolumeSource&) const = default;
};

struct GlusterfsVolumeSource {
  std::string endpoints;
  std::string path;
  bool read_only = false;
  bool operator==(const GlusterfsVolumeSource&) const = default;
};

struct HostPath {
  std::string path;
  std::optional<HostPathType> type = HostPathType::kUnset;
  bool operator==(const HostPath&) const = default;
};

struct ImageVolumeSource {
  std::optional<PullPolicy> pull_policy;
  std::string reference;
  bool operator==(const ImageVolumeSource&) const = default;
};

struct IscsiVolumeSource {
  bool chap_auth_discovery = false;
  bool chap_auth_session = false;
  std::string fs_type;
  std::optional<std::string> initiator_name;
  std::string iqn;
  std::string iscsi_interface = "default";
  int32_t lun = 0;
  std::vector<std::string> portals;
  bool read_only = false;
  Boxed<LocalObjectReference> secret_ref;
  std::string target_portal;
  bool operator==(const IscsiVolumeSource&) const = default;
};

struct NfsVolumeSource {
  std::string path;
  bool read_only = false;
  std::string server;
  bool operator==(const NfsVolumeSource&) const = default;
};

struct PersistentVolumeClaimVolumeSource {
  std::string claim_name;
  bool read_only = false;
  bool operator==(const PersistentVolumeClaimVolumeSource&) const = default;
};

struct PhotonPersistentDiskVolumeSource {
  std::string fs_type;
  std::string pd_id;
  bool operator==(const PhotonPersistentDiskVolumeSource&) const = default;
};

struct PortworxVolumeSource {
  std::string fs_type;
  bool read_only = false;
  std::string volume_id;
  bool operator==(const PortworxVolumeSource&) const = default;
};

struct ProjectedVolumeSource {
  std::optional<int32_t> default_mode = 0644;
  std::vector<VolumeProjection> sources;
  bool operator==(const ProjectedVolumeSource&) const = default;
};

struct QuobyteVolumeSource {
  std::string group;
  bool read_only = false;
  std::string registry;
  std::string tenant;
  std::string user;
  std::string volume;
  bool operator==(const QuobyteVolumeSource&) const = default;
};

struct RbdVolumeSource {
  std::string fs_type;
  std::string image;
  std::string keyring = "/etc/ceph/keyring";
  std::vector<std::string> monitors;
  std::string pool = "rbd";
  bool read_only = false;
  Boxed<LocalObjectReference> secret_ref;
  std::string user = "admin";
  bool operator==(const RbdVolumeSource&) const = default;
};

struct ScaleIoVolumeSource {
  std::string fs_type = "xfs";
  std::string gateway;
  std::string protection_domain;
  bool read_only = false;
  Boxed<LocalObjectReference> secret_ref;
  bool ssl_enabled = false;
  std::string storage_mode = "ThinProvisioned";
  std::string storage_pool;
  std::string system;
  std::string volume_name;
  bool operator==(const ScaleIoVolumeSource&) const = default;
};

struct SecretVolumeSource {
  std::optional<int32_t> default_mode = 0644;
  std::vector<KeyToPath> items;
  std::optional<bool> optional;
  std::string secret_name;
  bool operator==(const SecretVolumeSource&) const = default;
};

struct StorageOsVolumeSource {
  std::string fs_type;
  bool read_only = false;
  Boxed<LocalObjectReference> secret_ref;
  std::string volume_name;
  std::string volume_namespace;
  bool operator==(const StorageOsVolumeSource&) const = default;
};

struct VsphereVirtualDiskVolumeSource {
  std::string fs_type;
  std::string storage_policy_id;
  std::string storage_policy_name;
  std::string volume_path;
  bool operator==(const VsphereVirtualDiskVolumeSource&) const = default;
};

}  // namespace api
