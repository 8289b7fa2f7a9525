#include "agent/api/forms.h"
#include "agent/api/validate.h"

namespace api {

namespace {

void require(const std::string& value, const FieldPath& path, FaultList& faults, std::string_view detail = {}) {
  if (value.empty()) faults.required(path, detail);
}

void require_name(const Boxed<LocalObjectReference>& secret, const FieldPath& path, FaultList& faults) {
  if (secret) require(secret->name, path / "secretRef" / "name", faults);
}

void validate_partition(int32_t partition, const FieldPath& path, FaultList& faults) {
  if (partition < 0 || partition > 255)
    faults.invalid(path / "partition", partition, "must be between 1 and 255, inclusive");
}

void validate_lun(int32_t lun, const FieldPath& path, FaultList& faults) {
  if (lun < 0 || lun > 255) faults.invalid(path / "lun", lun, "must be between 0 and 255, inclusive");
}

std::string in_lower_case(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

// The part before "/" of an option, or all of it, is Kubernetes' own.
bool is_reserved(const std::string& option) {
  const std::string domain = "." + in_lower_case(option.substr(0, option.find('/')));
  return domain.ends_with(".kubernetes.io") || domain.ends_with(".k8s.io");
}

void validate_iscsi_name(const std::string& name, const FieldPath& path, FaultList& faults) {
  if (!has_iscsi_prefix(name))
    faults.invalid(path, name, "must be valid format starting with iqn, eui, or naa");
  else if (!is_iscsi_name(name))
    faults.invalid(path, name, "must be valid format");
}

}  // namespace

void validate_source(const EmptyDir& source, const FieldPath& path, FaultList& faults) {
  if (source.size_limit && source.size_limit->is_negative())
    faults.forbidden(path / "sizeLimit", "SizeLimit field must be a valid resource quantity");
}

void validate_source(const HostPath& source, const FieldPath& path, FaultList& faults) {
  require(source.path, path / "path", faults);
  check_no_back_step(source.path, path / "path", faults);
}

void validate_source(const GitRepoVolumeSource& source, const FieldPath& path, FaultList& faults) {
  require(source.repository, path / "repository", faults);
  validate_descending_path(source.directory, path / "directory", faults);
}

void validate_source(const GcePersistentDiskVolumeSource& source, const FieldPath& path, FaultList& faults) {
  require(source.pd_name, path / "pdName", faults);
  validate_partition(source.partition, path, faults);
}

void validate_source(const AwsElasticBlockStoreVolumeSource& source, const FieldPath& path, FaultList& faults) {
  require(source.volume_id, path / "volumeID", faults);
  validate_partition(source.partition, path, faults);
}

void validate_source(const NfsVolumeSource& source, const FieldPath& path, FaultList& faults) {
  require(source.server, path / "server", faults);
  require(source.path, path / "path", faults);
  if (!source.path.starts_with('/')) faults.invalid(path / "path", source.path, "must be an absolute path");
}

void validate_source(const GlusterfsVolumeSource& source, const FieldPath& path, FaultList& faults) {
  require(source.endpoints, path / "endpoints", faults);
  require(source.path, path / "path", faults);
}

void validate_source(const FlockerVolumeSource& source, const FieldPath& path, FaultList& faults) {
  if (source.dataset_name.empty() && source.dataset_uuid.empty())
    faults.required(path, "one of datasetName and datasetUUID is required");
  if (!source.dataset_name.empty() && !source.dataset_uuid.empty())
    faults.invalid(path, "resource", "datasetName and datasetUUID can not be specified simultaneously");
  if (source.dataset_name.find('/') != std::string::npos)
    faults.invalid(path / "datasetName", source.dataset_name, "must not contain '/'");
}

void validate_source(const PersistentVolumeClaimVolumeSource& source, const FieldPath& path, FaultList& faults) {
  require(source.claim_name, path / "claimName", faults);
}

void validate_source(const CinderVolumeSource& source, const FieldPath& path, FaultList& faults) {
  require(source.volume_id, path / "volumeID", faults);
  require_name(source.secret_ref, path, faults);
}

void validate_source(const CephFsVolumeSource& source, const FieldPath& path, FaultList& faults) {
  if (source.monitors.empty()) faults.required(path / "monitors");
}

void validate_source(const QuobyteVolumeSource& source, const FieldPath& path, FaultList& faults) {
  constexpr std::string_view kPairs = "must be a host:port pair or multiple pairs separated by commas";
  constexpr size_t kMaxTenant = 64;
  require(source.registry, path / "registry", faults, kPairs);
  if (!source.registry.empty() && source.tenant.size() > kMaxTenant) {
    faults.required(path / "tenant", "must be a UUID and may not exceed a length of 64 characters");
  } else if (!source.registry.empty()) {
    for (std::string_view rest = source.registry;;) {
      const size_t comma = rest.find(',');
      if (!is_host_and_port(rest.substr(0, comma))) faults.invalid(path / "registry", source.registry, kPairs);
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  require(source.volume, path / "volume", faults);
}

void validate_source(const FcVolumeSource& source, const FieldPath& path, FaultList& faults) {
  if (source.target_wwns.empty() && source.wwids.empty())
    faults.required(path / "targetWWNs", "must specify either targetWWNs or wwids, but not both");
  if (source.target_wwns.empty()) return;
  if (!source.wwids.empty())
    faults.invalid(path / "targetWWNs", source.target_wwns.front(),
                   "targetWWNs and wwids can not be specified simultaneously");
  if (!source.lun)
    faults.required(path / "lun", "lun is required if targetWWNs is specified");
  else
    validate_lun(*source.lun, path, faults);
}

void validate_source(const FlexVolumeSource& source, const FieldPath& path, FaultList& faults) {
  require(source.driver, path / "driver", faults);
  for (const auto& [option, value] : source.options)
    if (is_reserved(option))
      faults.invalid((path / "options").key(option), option, "kubernetes.io and k8s.io namespaces are reserved");
}

void validate_source(const AzureFileVolumeSource& source, const FieldPath& path, FaultList& faults) {
  require(source.secret_name, path / "secretName", faults);
  require(source.share_name, path / "shareName", faults);
}

void validate_source(const VsphereVirtualDiskVolumeSource& source, const FieldPath& path, FaultList& faults) {
  require(source.volume_path, path / "volumePath", faults);
}

void validate_source(const PhotonPersistentDiskVolumeSource& source, const FieldPath& path, FaultList& faults) {
  require(source.pd_id, path / "pdID", faults);
}

void validate_source(const PortworxVolumeSource& source, const FieldPath& path, FaultList& faults) {
  require(source.volume_id, path / "volumeID", faults);
}

void validate_source(const AzureDiskVolumeSource& source, const FieldPath& path, FaultList& faults) {
  static const std::vector<std::string_view> kCachingModes{"None", "ReadOnly", "ReadWrite"};
  static const std::vector<std::string_view> kKinds{"Dedicated", "Managed", "Shared"};
  require(source.disk_name, path / "diskName", faults);
  require(source.disk_uri, path / "diskURI", faults);
  if (source.caching_mode && !is_one_of(*source.caching_mode, kCachingModes))
    faults.unsupported(path / "cachingMode", *source.caching_mode, kCachingModes);
  if (!source.kind) return;
  if (!is_one_of(*source.kind, kKinds)) faults.unsupported(path / "kind", *source.kind, kKinds);
  if (*source.kind == "Managed" && !source.disk_uri.starts_with("/subscriptions/"))
    faults.unsupported(
        path / "diskURI", source.disk_uri,
        {"/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"});
  if (*source.kind != "Managed" && !source.disk_uri.starts_with("https://"))
    faults.unsupported(path / "diskURI", source.disk_uri,
                       {"https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"});
}

void validate_source(const StorageOsVolumeSource& source, const FieldPath& path, FaultList& faults) {
  require(source.volume_name, path / "volumeName", faults);
  if (!source.volume_name.empty()) check_dns_label(source.volume_name, path / "volumeName", faults);
  if (!source.volume_namespace.empty()) check_dns_label(source.volume_namespace, path / "volumeNamespace", faults);
  require_name(source.secret_ref, path, faults);
}

void validate_source(const ScaleIoVolumeSource& source, const FieldPath& path, FaultList& faults) {
  require(source.gateway, path / "gateway", faults);
  require(source.system, path / "system", faults);
  require(source.volume_name, path / "volumeName", faults);
}

void validate_source(const CsiVolumeSource& source, const FieldPath& path, FaultList& faults) {
  constexpr size_t kMaxDriver = 63;
  require(source.driver, path / "driver", faults);
  if (source.driver.size() > kMaxDriver) faults.too_long(path / "driver", kMaxDriver);
  if (!source.driver.empty())
    report(dns_subdomain_faults(in_lower_case(source.driver)), path / "driver", source.driver, faults);
  if (!source.node_publish_secret_ref) return;
  const std::string& secret = source.node_publish_secret_ref->name;
  require(secret, path / "nodePublishSecretRef" / "name", faults);
  if (!secret.empty()) check_dns_subdomain(secret, path / "name", faults);
}

void validate_source(const ImageVolumeSource& source, const FieldPath& path, FaultList& faults) {
  require(source.reference, path / "reference", faults);
}

void validate_source(const IscsiVolumeSource& source, const FieldPath& path, FaultList& faults) {
  require(source.target_portal, path / "targetPortal", faults);
  require(source.iqn, path / "iqn", faults);
  if (!source.iqn.empty()) validate_iscsi_name(source.iqn, path / "iqn", faults);
  validate_lun(source.lun, path, faults);
  if ((source.chap_auth_discovery || source.chap_auth_session) && !source.secret_ref)
    faults.required(path / "secretRef");
  if (source.initiator_name) validate_iscsi_name(*source.initiator_name, path / "initiatorname", faults);
}

void validate_source(const RbdVolumeSource& source, const FieldPath& path, FaultList& faults) {
  if (source.monitors.empty()) faults.required(path / "monitors");
  require(source.image, path / "image", faults);
}

}  // namespace api
