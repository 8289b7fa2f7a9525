#include <algorithm>
#include <array>
#include <set>

#include "agent/api/forms.h"
#include "agent/api/validate.h"
#include "base/concat.h"

namespace api {

namespace {

void validate_mode(const std::optional<int32_t>& mode, const FieldPath& path, FaultList& faults) {
  if (mode && (*mode < 0 || *mode > 0777))
    faults.invalid(path, *mode, "must be a number between 0 and 0777 (octal), both inclusive");
}

// Where a file is put in its volume: below it, and not among the names that the volume keeps for itself.
void validate_file_path(std::string_view text, const FieldPath& path, FaultList& faults) {
  validate_descending_path(text, path, faults);
  if (text.starts_with("..") && text != ".." && !text.starts_with("../"))
    faults.invalid(path, text, "must not start with '..'");
}

void require_file_path(const std::string& text, const FieldPath& path, FaultList& faults) {
  if (text.empty()) faults.required(path);
  validate_file_path(text, path, faults);
}

void validate_item(const KeyToPath& item, const FieldPath& path, FaultList& faults) {
  if (item.key.empty()) faults.required(path / "key");
  require_file_path(item.path, path / "path", faults);
  validate_mode(item.mode, path / "mode", faults);
}

void validate_items(const std::vector<KeyToPath>& items, const FieldPath& path, FaultList& faults) {
  for (size_t i = 0; i < items.size(); ++i) validate_item(items[i], path[i], faults);
}

void validate_downward_file(const DownwardApiVolumeFile& file, const FieldPath& path, FaultList& faults) {
  static const std::vector<std::string_view> kFields{"metadata.annotations", "metadata.labels", "metadata.name",
                                                     "metadata.namespace", "metadata.uid"};
  require_file_path(file.path, path / "path", faults);
  if (file.field_ref) {
    validate_field_ref(*file.field_ref, kFields, path / "fieldRef", faults);
    if (file.resource_field_ref)
      faults.invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
  } else if (file.resource_field_ref) {
    validate_resource_field_ref(*file.resource_field_ref, ContainerOfRef::kNamed, path / "resourceFieldRef", faults);
  } else {
    faults.required(path, "one of fieldRef and resourceFieldRef is required");
  }
  validate_mode(file.mode, path / "mode", faults);
}

// The projections of one volume: no two may put a file in the same place.
class ProjectionCheck {
 public:
  ProjectionCheck(const FieldPath& volume, FaultList& faults) : volume_(volume), faults_(faults) {}

  void operator()(const VolumeProjection& source, const FieldPath& path) {
    size_t count = 0;
    const auto check = [&](const auto& projection, std::string_view field) {
      if (!projection) return;
      ++count;
      validate(*projection, path / field);
    };
    check(source.secret, "secret");
    check(source.config_map, "configMap");
    check(source.downward_api, "downwardAPI");
    check(source.service_account_token, "serviceAccountToken");
    check(source.cluster_trust_bundle, "clusterTrustBundle");
    check(source.pod_certificate, "podCertificate");
    if (count > 1) faults_.forbidden(path, "may not specify more than 1 volume type per source");
  }

 private:
  void validate(const SecretProjection& projection, const FieldPath& path) {
    validate_object(projection.name, projection.items, path);
  }
  void validate(const ConfigMapProjection& projection, const FieldPath& path) {
    validate_object(projection.name, projection.items, path);
  }
  void validate(const DownwardApiProjection& projection, const FieldPath& path) {
    for (const DownwardApiVolumeFile& file : projection.items) {
      validate_downward_file(file, path, faults_);
      take(file.path, file.path);
    }
  }
  void validate(const ServiceAccountTokenProjection& projection, const FieldPath& path) {
    constexpr int64_t kShortest = 600;
    constexpr int64_t kLongest = 1LL << 32;
    const int64_t seconds = projection.expiration_seconds.value_or(kShortest);
    const FieldPath field = path / "expirationSeconds";
    if (seconds < kShortest) faults_.invalid(field, seconds, "may not specify a duration less than 10 minutes");
    if (seconds > kLongest) faults_.invalid(field, seconds, "may not specify a duration larger than 2^32 seconds");
    require_file_path(projection.path, volume_ / "path", faults_);
  }
  void validate(const ClusterTrustBundleProjection& projection, const FieldPath& path);
  void validate(const PodCertificateProjection& projection, const FieldPath& path);

  void validate_object(const std::string& name, const std::vector<KeyToPath>& items, const FieldPath& path) {
    if (name.empty()) faults_.required(path / "name");
    for (size_t i = 0; i < items.size(); ++i) {
      validate_item(items[i], (path / "items")[i], faults_);
      take(items[i].path, name);
    }
  }
  // `value` is what the fault shows.
  void take(const std::string& file, std::string_view value) {
    if (!file.empty() && !taken_.insert(file).second) faults_.invalid(volume_, value, "conflicting duplicate paths");
  }
  void validate_certificate_file(const std::string& file, const FieldPath& path) {
    if (file.empty()) return;
    validate_file_path(file, path, faults_);
    take(file, file);
  }

  const FieldPath& volume_;
  FaultList& faults_;
  std::set<std::string> taken_;
};

// "example.com:signer:name" belongs to the signer "example.com/signer"; a name without ":" to none.
FormFaults bundle_name_faults(const std::string& name) {
  const size_t colon = name.rfind(':');
  if (colon == std::string::npos) return dns_subdomain_faults(name);
  return dns_subdomain_faults(std::string_view(name).substr(colon + 1));
}

void ProjectionCheck::validate(const ClusterTrustBundleProjection& projection, const FieldPath& path) {
  if (projection.name && projection.signer_name) {
    faults_.invalid(path, *projection.name, "only one of name and signerName may be used");
  } else if (projection.name) {
    if (projection.name->empty()) faults_.required(path / "name", "must be a valid object name");
    for (const std::string& detail : bundle_name_faults(*projection.name))
      faults_.invalid(path / "name", *projection.name, base::concat("not a valid clustertrustbundlename: ", detail));
    if (projection.label_selector)
      faults_.invalid(path / "labelSelector", "", "labelSelector must be unset if name is specified");
  } else if (projection.signer_name) {
    if (projection.signer_name->empty())
      faults_.required(path / "signerName", "must be a valid signer name");
    else
      report(signer_name_faults(*projection.signer_name), path / "signerName", *projection.signer_name, faults_);
    if (projection.label_selector) validate_label_selector(*projection.label_selector, path / "labelSelector", faults_);
  } else {
    faults_.required(path, "either name or signerName must be specified");
  }
  require_file_path(projection.path, path / "path", faults_);
  take(projection.path, projection.path);
}

void ProjectionCheck::validate(const PodCertificateProjection& projection, const FieldPath& path) {
  constexpr int32_t kHour = 3600;
  constexpr int32_t kLongest = 91 * 24 * kHour;
  static const std::vector<std::string_view> kKeyTypes{"ECDSAP256", "ECDSAP384", "ECDSAP521",
                                                       "ED25519",   "RSA3072",   "RSA4096"};
  if (projection.signer_name.empty())
    faults_.required(path / "signerName");
  else
    report(signer_name_faults(projection.signer_name), path / "signerName", projection.signer_name, faults_);
  if (std::ranges::find(kKeyTypes, projection.key_type) == kKeyTypes.end())
    faults_.unsupported(path / "keyType", projection.key_type, kKeyTypes);
  const int32_t seconds = projection.max_expiration_seconds.value_or(kHour);
  if (seconds < kHour) faults_.invalid(path / "maxExpirationSeconds", seconds, "must be at least 3600 (one hour)");
  if (seconds > kLongest) faults_.invalid(path / "maxExpirationSeconds", seconds, "must be at most 7862400 (91 days)");
  if (projection.credential_bundle_path.empty() && projection.key_path.empty() &&
      projection.certificate_chain_path.empty())
    faults_.required(path, "specify at least one of credentialBundlePath, keyPath, and certificateChainPath");
  validate_certificate_file(projection.credential_bundle_path, path / "credentialBundlePath");
  validate_certificate_file(projection.key_path, path / "keyPath");
  validate_certificate_file(projection.certificate_chain_path, path / "certificateChainPath");
  validate_annotations(projection.user_annotations, path / "userAnnotations", faults_);
  for (const auto& [key, value] : projection.user_annotations)
    if (key.find('/') == std::string::npos)
      faults_.invalid(path / "userAnnotations", key, "must be a domain-prefixed key (such as \"acme.io/foo\")");
}

}  // namespace

void validate_source(const SecretVolumeSource& source, const FieldPath& path, FaultList& faults) {
  if (source.secret_name.empty()) faults.required(path / "secretName");
  validate_mode(source.default_mode, path / "defaultMode", faults);
  validate_items(source.items, path / "items", faults);
}

void validate_source(const ConfigMapVolumeSource& source, const FieldPath& path, FaultList& faults) {
  if (source.name.empty()) faults.required(path / "name");
  validate_mode(source.default_mode, path / "defaultMode", faults);
  validate_items(source.items, path / "items", faults);
}

void validate_source(const DownwardApiVolumeSource& source, const FieldPath& path, FaultList& faults) {
  validate_mode(source.default_mode, path / "defaultMode", faults);
  for (const DownwardApiVolumeFile& file : source.items) validate_downward_file(file, path, faults);
}

void validate_source(const ProjectedVolumeSource& source, const FieldPath& path, FaultList& faults) {
  validate_mode(source.default_mode, path / "defaultMode", faults);
  ProjectionCheck check(path, faults);
  for (size_t i = 0; i < source.sources.size(); ++i) check(source.sources[i], (path / "sources")[i]);
}

}  // namespace api
