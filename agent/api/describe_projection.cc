#include "agent/api/projection.h"
#include "agent/api/schema.h"

namespace api {

template <>
const Type& Describe<KeyToPath>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&KeyToPath::key>("key", "@KeyToPath.key@"),
      optional<&KeyToPath::mode>("mode", "@KeyToPath.mode@"),
      required<&KeyToPath::path>("path", "@KeyToPath.path@"),
  });
  static constexpr Type kType = object_type<KeyToPath>("KeyToPath", "@KeyToPath@", kFields);
  return kType;
}

template <>
const Type& Describe<DownwardApiVolumeFile>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&DownwardApiVolumeFile::field_ref>("fieldRef", "@DownwardAPIVolumeFile.fieldRef@"),
      optional<&DownwardApiVolumeFile::mode>("mode", "@DownwardAPIVolumeFile.mode@"),
      required<&DownwardApiVolumeFile::path>("path", "@DownwardAPIVolumeFile.path@"),
      optional<&DownwardApiVolumeFile::resource_field_ref>("resourceFieldRef",
                                                           "@DownwardAPIVolumeFile.resourceFieldRef@"),
  });
  static constexpr Type kType =
      object_type<DownwardApiVolumeFile>("DownwardAPIVolumeFile", "@DownwardAPIVolumeFile@", kFields);
  return kType;
}

template <>
const Type& Describe<ClusterTrustBundleProjection>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ClusterTrustBundleProjection::name>("name", "@ClusterTrustBundleProjection.name@"),
      optional<&ClusterTrustBundleProjection::label_selector>("labelSelector",
                                                              "@ClusterTrustBundleProjection.labelSelector@"),
      optional<&ClusterTrustBundleProjection::optional>("optional", "@ClusterTrustBundleProjection.optional@"),
      required<&ClusterTrustBundleProjection::path>("path", "@ClusterTrustBundleProjection.path@"),
      optional<&ClusterTrustBundleProjection::signer_name>("signerName", "@ClusterTrustBundleProjection.signerName@"),
  });
  static constexpr Type kType = object_type<ClusterTrustBundleProjection>("ClusterTrustBundleProjection",
                                                                          "@ClusterTrustBundleProjection@", kFields);
  return kType;
}

template <>
const Type& Describe<ConfigMapProjection>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ConfigMapProjection::name>("name", "@ConfigMapProjection.name@"),
      optional<&ConfigMapProjection::items>("items", "@ConfigMapProjection.items@"),
      optional<&ConfigMapProjection::optional>("optional", "@ConfigMapProjection.optional@"),
  });
  static constexpr Type kType =
      object_type<ConfigMapProjection>("ConfigMapProjection", "@ConfigMapProjection@", kFields);
  return kType;
}

template <>
const Type& Describe<DownwardApiProjection>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&DownwardApiProjection::items>("items", "@DownwardAPIProjection.items@"),
  });
  static constexpr Type kType =
      object_type<DownwardApiProjection>("DownwardAPIProjection", "@DownwardAPIProjection@", kFields);
  return kType;
}

template <>
const Type& Describe<PodCertificateProjection>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PodCertificateProjection::certificate_chain_path>("certificateChainPath",
                                                                  "@PodCertificateProjection.certificateChainPath@"),
      optional<&PodCertificateProjection::credential_bundle_path>("credentialBundlePath",
                                                                  "@PodCertificateProjection.credentialBundlePath@"),
      optional<&PodCertificateProjection::key_path>("keyPath", "@PodCertificateProjection.keyPath@"),
      required<&PodCertificateProjection::key_type>("keyType", "@PodCertificateProjection.keyType@"),
      optional<&PodCertificateProjection::max_expiration_seconds>("maxExpirationSeconds",
                                                                  "@PodCertificateProjection.maxExpirationSeconds@"),
      required<&PodCertificateProjection::signer_name>("signerName", "@PodCertificateProjection.signerName@"),
      optional<&PodCertificateProjection::user_annotations>("userAnnotations",
                                                            "@PodCertificateProjection.userAnnotations@"),
  });
  static constexpr Type kType =
      object_type<PodCertificateProjection>("PodCertificateProjection", "@PodCertificateProjection@", kFields);
  return kType;
}

template <>
const Type& Describe<SecretProjection>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&SecretProjection::name>("name", "@SecretProjection.name@"),
      optional<&SecretProjection::items>("items", "@SecretProjection.items@"),
      optional<&SecretProjection::optional>("optional", "@SecretProjection.optional@"),
  });
  static constexpr Type kType = object_type<SecretProjection>("SecretProjection", "@SecretProjection@", kFields);
  return kType;
}

template <>
const Type& Describe<ServiceAccountTokenProjection>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ServiceAccountTokenProjection::audience>("audience", "@ServiceAccountTokenProjection.audience@"),
      optional<&ServiceAccountTokenProjection::expiration_seconds>("expirationSeconds",
                                                                   "@ServiceAccountTokenProjection.expirationSeconds@"),
      required<&ServiceAccountTokenProjection::path>("path", "@ServiceAccountTokenProjection.path@"),
  });
  static constexpr Type kType = object_type<ServiceAccountTokenProjection>("ServiceAccountTokenProjection",
                                                                           "@ServiceAccountTokenProjection@", kFields);
  return kType;
}

template <>
const Type& Describe<VolumeProjection>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&VolumeProjection::cluster_trust_bundle>("clusterTrustBundle", "@VolumeProjection.clusterTrustBundle@"),
      optional<&VolumeProjection::config_map>("configMap", "@VolumeProjection.configMap@"),
      optional<&VolumeProjection::downward_api>("downwardAPI", "@VolumeProjection.downwardAPI@"),
      optional<&VolumeProjection::pod_certificate>("podCertificate", "@VolumeProjection.podCertificate@"),
      optional<&VolumeProjection::secret>("secret", "@VolumeProjection.secret@"),
      optional<&VolumeProjection::service_account_token>("serviceAccountToken",
                                                         "@VolumeProjection.serviceAccountToken@"),
  });
  static constexpr Type kType = object_type<VolumeProjection>("VolumeProjection", "@VolumeProjection@", kFields);
  return kType;
}

}  // namespace api
