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
    // The apiserver drops clusterTrustBundle and podCertificate unchecked: the gates ClusterTrustBundleProjection and
    // PodCertificateRequest are off.
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

  const FieldPath& volume_;
  FaultList& faults_;
  std::set<std::string> taken_;
};

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
