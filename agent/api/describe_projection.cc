#include "agent/api/projection.h"
#include "agent/api/schema.h"

namespace api {

template <>
const Type& Describe<KeyToPath>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      required<&KeyToPath::key>("key", "The key."),
      optional<&KeyToPath::mode>(
          "mode", "The file's permission bits, 0 to 0777 (YAML reads octal, JSON wants decimal); unset: defaultMode."),
      required<&KeyToPath::path>("path", "The file, relative to the top of the volume and without \"..\"."),
  });
  static constexpr Type kType = object_type<KeyToPath>("KeyToPath", "The file that one key becomes.", kFields);
  return kType;
}

template <>
const Type& Describe<DownwardApiVolumeFile>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&DownwardApiVolumeFile::field_ref>("fieldRef",
                                                  "A field of the pod: name, namespace, uid, labels or annotations."),
      optional<&DownwardApiVolumeFile::mode>(
          "mode", "The file's permission bits, 0 to 0777 (YAML reads octal, JSON wants decimal); unset: defaultMode."),
      required<&DownwardApiVolumeFile::path>("path", "The file, relative to the top of the volume and without \"..\"."),
      optional<&DownwardApiVolumeFile::resource_field_ref>("resourceFieldRef", "A request or limit of a container."),
  });
  static constexpr Type kType = object_type<DownwardApiVolumeFile>(
      "DownwardAPIVolumeFile",
      "A file that tells something of the pod. Exactly one of fieldRef and resourceFieldRef must be set.", kFields);
  return kType;
}

template <>
const Type& Describe<ClusterTrustBundleProjection>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ClusterTrustBundleProjection::name>("name", "One ClusterTrustBundle."),
      optional<&ClusterTrustBundleProjection::label_selector>("labelSelector",
                                                              "Which bundles of signerName; unset: none, {}: all."),
      optional<&ClusterTrustBundleProjection::optional>(
          "optional", "True: the file may be missing or empty when no bundle is there; else the pod waits."),
      required<&ClusterTrustBundleProjection::path>("path",
                                                    "The file, relative to the top of the volume and without \"..\"."),
      optional<&ClusterTrustBundleProjection::signer_name>(
          "signerName", "All ClusterTrustBundles of this signer that labelSelector chooses, as one."),
  });
  static constexpr Type kType = object_type<ClusterTrustBundleProjection>(
      "ClusterTrustBundleProjection",
      "A file with certificates of authorities, as PEM. Either name or signerName is set.", kFields);
  return kType;
}

template <>
const Type& Describe<ConfigMapProjection>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ConfigMapProjection::name>("name", "The ConfigMap, in the pod's namespace."),
      optional<&ConfigMapProjection::items>("items",
                                            "Which keys become which files; unset: every key a file of its name."),
      optional<&ConfigMapProjection::optional>("optional",
                                               "True: it may be missing, with its keys; else the pod waits for it."),
  });
  static constexpr Type kType =
      object_type<ConfigMapProjection>("ConfigMapProjection", "Files from a ConfigMap.", kFields);
  return kType;
}

template <>
const Type& Describe<DownwardApiProjection>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&DownwardApiProjection::items>("items", "The files."),
  });
  static constexpr Type kType =
      object_type<DownwardApiProjection>("DownwardAPIProjection", "Files that tell something of the pod.", kFields);
  return kType;
}

template <>
const Type& Describe<PodCertificateProjection>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&PodCertificateProjection::certificate_chain_path>(
          "certificateChainPath", "The file for the certificates alone, as PEM; unset: none."),
      optional<&PodCertificateProjection::credential_bundle_path>(
          "credentialBundlePath",
          "The file for key and certificates together, as PEM, replaced in one step; unset: none."),
      optional<&PodCertificateProjection::key_path>("keyPath", "The file for the key alone, as PEM; unset: none."),
      required<&PodCertificateProjection::key_type>("keyType",
                                                    "RSA3072, RSA4096, ECDSAP256, ECDSAP384, ECDSAP521 or ED25519."),
      optional<&PodCertificateProjection::max_expiration_seconds>(
          "maxExpirationSeconds",
          "The longest the certificate may be valid: 3600 to 7862400 (91 days). The signer may choose less."),
      required<&PodCertificateProjection::signer_name>("signerName", "The signer that is asked, as DOMAIN/NAME."),
      optional<&PodCertificateProjection::user_annotations>("userAnnotations",
                                                            "Names and values that are passed on to the signer."),
  });
  static constexpr Type kType = object_type<PodCertificateProjection>(
      "PodCertificateProjection",
      "A private key made on the node and the certificate that a signer gives for it; renewed in time.", kFields);
  return kType;
}

template <>
const Type& Describe<SecretProjection>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&SecretProjection::name>("name", "The Secret, in the pod's namespace."),
      optional<&SecretProjection::items>("items",
                                         "Which keys become which files; unset: every key a file of its name."),
      optional<&SecretProjection::optional>("optional",
                                            "True: it may be missing, with its keys; else the pod waits for it."),
  });
  static constexpr Type kType = object_type<SecretProjection>("SecretProjection", "Files from a Secret.", kFields);
  return kType;
}

template <>
const Type& Describe<ServiceAccountTokenProjection>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&ServiceAccountTokenProjection::audience>("audience", "Whom the token is for; unset: the apiserver."),
      optional<&ServiceAccountTokenProjection::expiration_seconds>(
          "expirationSeconds", "How long it is valid, at least 600. It is renewed after 80 % of that or 24 hours."),
      required<&ServiceAccountTokenProjection::path>("path",
                                                     "The file, relative to the top of the volume and without \"..\"."),
  });
  static constexpr Type kType = object_type<ServiceAccountTokenProjection>(
      "ServiceAccountTokenProjection", "A file with a token of the pod's service account; renewed in time.", kFields);
  return kType;
}

template <>
const Type& Describe<VolumeProjection>::type() {
  static constexpr auto kFields = std::to_array<Field>({
      optional<&VolumeProjection::cluster_trust_bundle>("clusterTrustBundle", "Certificates of authorities.").later(),
      optional<&VolumeProjection::config_map>("configMap", "Files from a ConfigMap."),
      optional<&VolumeProjection::downward_api>("downwardAPI", "Files that tell something of the pod."),
      optional<&VolumeProjection::pod_certificate>("podCertificate", "A key with its certificate.").later(),
      optional<&VolumeProjection::secret>("secret", "Files from a Secret."),
      optional<&VolumeProjection::service_account_token>("serviceAccountToken", "A token of the pod's service account.")
          .later(),
  });
  static constexpr Type kType = object_type<VolumeProjection>(
      "VolumeProjection", "One source of a projected volume. Exactly one field must be set.", kFields);
  return kType;
}

}  // namespace api
