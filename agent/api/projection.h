// What the files of configuration volumes are made from (core/v1, Kubernetes 1.36). What a field means stands in
// describe_projection.cc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/api/container.h"

namespace api {

struct KeyToPath {
  std::string key;
  std::optional<int32_t> mode;
  std::string path;
  bool operator==(const KeyToPath&) const = default;
};

struct DownwardApiVolumeFile {
  Boxed<ObjectFieldSelector> field_ref;
  std::optional<int32_t> mode;
  std::string path;
  Boxed<ResourceFieldSelector> resource_field_ref;
  bool operator==(const DownwardApiVolumeFile&) const = default;
};

struct ClusterTrustBundleProjection {
  std::optional<std::string> name;
  Boxed<LabelSelector> label_selector;
  std::optional<bool> optional;
  std::string path;
  std::optional<std::string> signer_name;
  bool operator==(const ClusterTrustBundleProjection&) const = default;
};

struct ConfigMapProjection {
  std::string name;
  std::vector<KeyToPath> items;
  std::optional<bool> optional;
  bool operator==(const ConfigMapProjection&) const = default;
};

struct DownwardApiProjection {
  std::vector<DownwardApiVolumeFile> items;
  bool operator==(const DownwardApiProjection&) const = default;
};

struct PodCertificateProjection {
  std::string certificate_chain_path;
  std::string credential_bundle_path;
  std::string key_path;
  std::string key_type;
  std::optional<int32_t> max_expiration_seconds = 86400;
  std::string signer_name;
  std::map<std::string, std::string> user_annotations;
  bool operator==(const PodCertificateProjection&) const = default;
};

struct SecretProjection {
  std::string name;
  std::vector<KeyToPath> items;
  std::optional<bool> optional;
  bool operator==(const SecretProjection&) const = default;
};

struct ServiceAccountTokenProjection {
  std::string audience;
  std::optional<int64_t> expiration_seconds = 3600;
  std::string path;
  bool operator==(const ServiceAccountTokenProjection&) const = default;
};

struct VolumeProjection {
  Boxed<ClusterTrustBundleProjection> cluster_trust_bundle;
  Boxed<ConfigMapProjection> config_map;
  Boxed<DownwardApiProjection> downward_api;
  Boxed<PodCertificateProjection> pod_certificate;
  Boxed<SecretProjection> secret;
  Boxed<ServiceAccountTokenProjection> service_account_token;
  bool operator==(const VolumeProjection&) const = default;
};

}  // namespace api
