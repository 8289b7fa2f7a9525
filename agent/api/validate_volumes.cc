#include <set>

#include "agent/api/forms.h"
#include "agent/api/validate.h"
#include "base/concat.h"

namespace api {

namespace {

// The sources of one volume, in the apiserver's order: the first one set is checked, any further one is too many.
class SourceCheck {
 public:
  SourceCheck(const FieldPath& path, FaultList& faults) : path_(path), faults_(faults) {}

  // `rules`: what the apiserver calls the field in the faults of its rules, where that is not the field's name.
  template <typename Source>
  void operator()(const Boxed<Source>& source, std::string_view field, std::string_view rules = {}) {
    if (!source) return;
    if (++count_ > 1)
      faults_.forbidden(path_ / field, "may not specify more than 1 volume type");
    else
      validate_source(*source, path_ / (rules.empty() ? field : rules), faults_);
  }
  size_t count() const { return count_; }

 private:
  const FieldPath& path_;
  FaultList& faults_;
  size_t count_ = 0;
};

void validate_iscsi_name_length(const Volume& volume, const FieldPath& path, FaultList& faults) {
  constexpr size_t kMax = 64;
  if (!volume.iscsi || !volume.iscsi->initiator_name) return;
  if (volume.name.size() + 1 + volume.iscsi->target_portal.size() > kMax)
    faults.invalid(path / "name", volume.name,
                   "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if "
                   "iscsi.initiatorName is specified.");
}

// The claim made for an ephemeral volume is called after the pod and the volume.
std::string claim_name(const std::string& pod_name, const Volume& volume) { return pod_name + "-" + volume.name; }

void validate_claim_name(const std::string& pod_name, const Volume& volume, const FieldPath& path, FaultList& faults) {
  if (!volume.ephemeral || pod_name.empty() || volume.name.empty()) return;
  const std::string name = claim_name(pod_name, volume);
  for (const std::string& detail : dns_subdomain_faults(name))
    faults.invalid(path / "name", volume.name, base::concat("PVC name \"", name, "\": ", detail));
}

void validate_sources(const Volume& volume, const std::string& pod_name, const FieldPath& path, FaultList& faults) {
  SourceCheck check(path, faults);
  check(volume.empty_dir, "emptyDir");
  check(volume.host_path, "hostPath");
  check(volume.git_repo, "gitRepo");
  check(volume.gce_persistent_disk, "gcePersistentDisk", "persistentDisk");
  check(volume.aws_elastic_block_store, "awsElasticBlockStore");
  check(volume.secret, "secret");
  check(volume.nfs, "nfs");
  check(volume.iscsi, "iscsi");
  validate_iscsi_name_length(volume, path, faults);
  check(volume.glusterfs, "glusterfs");
  check(volume.flocker, "flocker");
  check(volume.persistent_volume_claim, "persistentVolumeClaim");
  check(volume.rbd, "rbd");
  check(volume.cinder, "cinder");
  check(volume.cephfs, "cephFS", "cephfs");
  check(volume.quobyte, "quobyte");
  check(volume.downward_api, "downwarAPI", "downwardAPI");
  check(volume.fc, "fc");
  check(volume.flex_volume, "flexVolume");
  check(volume.config_map, "configMap");
  check(volume.azure_file, "azureFile");
  check(volume.vsphere_volume, "vsphereVolume");
  check(volume.photon_persistent_disk, "photonPersistentDisk");
  check(volume.portworx_volume, "portworxVolume");
  check(volume.azure_disk, "azureDisk");
  check(volume.storageos, "storageos");
  check(volume.projected, "projected");
  check(volume.scale_io, "scaleIO");
  check(volume.csi, "csi");
  check(volume.ephemeral, "ephemeral");
  validate_claim_name(pod_name, volume, path, faults);
  check(volume.image, "image");
  if (check.count() == 0) faults.required(path, "must specify a volume type");
}

}  // namespace

Volumes validate_volumes(const std::vector<Volume>& volumes, const ObjectMeta& pod, const FieldPath& path,
                         FaultList& faults) {
  const std::string pod_name = name_to_be(pod);
  std::set<std::string> made_claims;
  if (!pod_name.empty())
    for (const Volume& volume : volumes)
      if (volume.ephemeral) made_claims.insert(claim_name(pod_name, volume));
  Volumes good;
  for (size_t i = 0; i < volumes.size(); ++i) {
    const Volume& volume = volumes[i];
    const FieldPath item = path[i];
    const size_t before = faults.list().size();
    validate_sources(volume, pod_name, item, faults);
    if (volume.name.empty())
      faults.required(item / "name");
    else
      check_dns_label(volume.name, item / "name", faults);
    if (good.contains(volume.name)) faults.duplicate(item / "name", volume.name);
    if (faults.list().size() == before) good.emplace(volume.name, &volume);
    if (volume.persistent_volume_claim && made_claims.contains(volume.persistent_volume_claim->claim_name))
      faults.invalid(item / "persistentVolumeClaim" / "claimName", volume.persistent_volume_claim->claim_name,
                     "must not reference a PVC that gets created for an ephemeral volume");
  }
  return good;
}

}  // namespace api
