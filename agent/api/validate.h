// The rules an object keeps beyond the types of its fields, as the apiserver checks them: same fields, same order, same
// kinds of faults, even where the apiserver names a field by another name than the file does. Internal to agent/api;
// codec.h has what others call.
#pragma once

#include <set>

#include "agent/api/faults.h"

namespace api {

// What a PodSpec stands in. A template is checked less: some of its fields are filled in when the pod is made.
enum class PodForm : uint8_t { kPod, kTemplate };

// A pod's volumes by name. One with a fault is not among them, so that what mounts it is at fault as well.
using Volumes = std::map<std::string_view, const Volume*>;

// validate_container.cc: all lists of containers of the spec at `path` ("spec", "spec.template.spec").
void validate_containers(const PodSpec& spec, const Volumes& volumes, const FieldPath& path, PodForm form,
                         FaultList& faults);
// Whether the container has hooks, as the apiserver sees it: it drops stopSignal unchecked (the gate
// ContainerStopSignals is off), and with it a lifecycle that says nothing else.
bool has_lifecycle(const Container& container);

// validate_env.cc; `path` is the container's.
void validate_env(const Container& container, const PodSpec& spec, const FieldPath& path, FaultList& faults);
// The fields of the pod that `allowed` names, and the subscripted labels and annotations.
void validate_field_ref(const ObjectFieldSelector& selector, const std::vector<std::string_view>& allowed,
                        const FieldPath& path, FaultList& faults);
enum class ContainerOfRef : uint8_t { kOwn, kNamed };  // a volume has to name the container
void validate_resource_field_ref(const ResourceFieldSelector& selector, ContainerOfRef container, const FieldPath& path,
                                 FaultList& faults);

// validate_ports.cc; `path` is the container's. `taken` are the ports of the host that earlier containers have.
void validate_ports(const std::vector<ContainerPort>& ports, const FieldPath& path, FaultList& faults);
void validate_host_port_conflicts(const std::vector<ContainerPort>& ports, const FieldPath& path,
                                  std::set<std::string>& taken, FaultList& faults);
void validate_host_network_ports(const std::vector<ContainerPort>& ports, const FieldPath& path, PodForm form,
                                 FaultList& faults);

// validate_mounts.cc; `path` is the container's.
void validate_mounts(const Container& container, const Volumes& volumes, const FieldPath& path, FaultList& faults);
// A relative path that never goes up.
void validate_descending_path(std::string_view text, const FieldPath& path, FaultList& faults);

// validate_probe.cc; `path` is the container's.
void validate_lifecycle_and_probes(const Container& container, const PodSpec& spec, const FieldPath& path,
                                   FaultList& faults);

// validate_resources.cc; `path` is that of the field. A pod as a whole can ask for less than a container can.
enum class ResourcesOf : uint8_t { kPod, kContainer };
void validate_resources(const ResourceRequirements& resources, ResourcesOf whose, const PodSpec& spec,
                        const FieldPath& path, FaultList& faults);
void validate_resource_amounts(const std::string& name, const Quantity& amount, const FieldPath& path,
                               FaultList& faults);

// validate_container_security.cc
void validate_security(const SecurityContext& context, const PodSpec& spec, const FieldPath& path, FaultList& faults);

// Whole objects, by kind: validate_pod.cc, validate_config.cc, validate_storage.cc, validate_workload.cc,
// validate_batch.cc.
void validate_object(const Pod& pod, FaultList& faults);
void validate_object(const ConfigMap& config, FaultList& faults);
void validate_object(const Secret& secret, FaultList& faults);
void validate_object(const PersistentVolumeClaim& claim, FaultList& faults);
void validate_object(const PersistentVolume& volume, FaultList& faults);
void validate_object(const Deployment& deployment, FaultList& faults);
void validate_object(const ReplicaSet& set, FaultList& faults);
void validate_object(const DaemonSet& set, FaultList& faults);
void validate_object(const StatefulSet& set, FaultList& faults);
void validate_object(const Job& job, FaultList& faults);
void validate_object(const CronJob& job, FaultList& faults);

// validate_template.cc; `path` is the template's.
void validate_pod_template(const PodTemplateSpec& pod_template, const FieldPath& path, FaultList& faults);
// The pods of a template have to be among those that its owner's selector chooses; one that is wrong in itself is not
// asked.
void validate_selected(const Boxed<LabelSelector>& selector, const PodTemplateSpec& pod_template, const FieldPath& path,
                       FaultList& faults);
bool selects(const LabelSelector& selector, const std::map<std::string, std::string>& labels);
// Without one, nothing is selected.
bool selects(const Boxed<LabelSelector>& selector, const std::map<std::string, std::string>& labels);

// validate_cron.cc
void validate_schedule(const std::string& schedule, const FieldPath& path, FaultList& faults);
void validate_time_zone(const std::string& zone, const FieldPath& path, FaultList& faults);

// validate_pod.cc
// The spec at `path` of the pod or the template that `metadata` belongs to.
void validate_pod_spec(const PodSpec& spec, const ObjectMeta& metadata, const FieldPath& path, PodForm form,
                       FaultList& faults);

// validate_admission.cc: what the apiserver's admission plugins Priority and RuntimeClass refuse of a pod that is made,
// where that does not depend on the classes of the cluster.
void validate_admission(const Pod& pod, FaultList& faults);

// validate_meta.cc
enum class Scope : uint8_t { kNamespaced, kCluster };
enum class NameForm : uint8_t { kSubdomain, kLabel };  // of DNS
// The object's own metadata.
void validate_metadata(const ObjectMeta& metadata, Scope scope, FaultList& faults,
                       NameForm form = NameForm::kSubdomain);
// Of the kinds for which the apiserver does not begin to count by itself.
void validate_generation(const ObjectMeta& metadata, FaultList& faults);
// That of a template: labels and annotations and nothing else.
void validate_template_metadata(const ObjectMeta& metadata, const FieldPath& path, FaultList& faults);
// What the object will be called: a name still to be made from generateName ends in some five letters.
std::string name_to_be(const ObjectMeta& metadata);
// "finalizers": metadata's, each with its index.
void validate_standard_finalizers(const std::vector<std::string>& finalizers, const FieldPath& path, FaultList& faults);

// validate_selector.cc
void validate_labels(const std::map<std::string, std::string>& labels, const FieldPath& path, FaultList& faults);
void validate_annotations(const std::map<std::string, std::string>& annotations, const FieldPath& path,
                          FaultList& faults);
void validate_label_selector(const LabelSelector& selector, const FieldPath& path, FaultList& faults);
// Whether pods can be selected by it at all: none of its requirements is without form.
bool is_selector(const LabelSelector& selector);
// Also of volumes' topology.
void validate_node_selector(const NodeSelector& selector, const FieldPath& path, FaultList& faults);
enum class LabelValues : uint8_t { kAny, kValid };
void validate_node_selector_term(const NodeSelectorTerm& term, LabelValues values, const FieldPath& path,
                                 FaultList& faults);

// validate_pod_annotations.cc: those that have a meaning to Kubernetes. `path` is theirs.
void validate_pod_annotations(const ObjectMeta& metadata, const PodSpec& spec, const FieldPath& path,
                              FaultList& faults);
// Profiles that both an annotation and a field of the spec at `path` give have to agree when the pod is made.
void validate_profile_annotations(const ObjectMeta& metadata, const PodSpec& spec, const FieldPath& path,
                                  FaultList& faults);

// validate_volumes.cc
Volumes validate_volumes(const std::vector<Volume>& volumes, const ObjectMeta& pod, const FieldPath& path,
                         FaultList& faults);

// validate_volume_sources.cc: the sources that name one thing, in files or on the network.
void validate_source(const EmptyDir& source, const FieldPath& path, FaultList& faults);
void validate_source(const HostPath& source, const FieldPath& path, FaultList& faults);
void validate_source(const GitRepoVolumeSource& source, const FieldPath& path, FaultList& faults);
void validate_source(const GcePersistentDiskVolumeSource& source, const FieldPath& path, FaultList& faults);
void validate_source(const AwsElasticBlockStoreVolumeSource& source, const FieldPath& path, FaultList& faults);
void validate_source(const NfsVolumeSource& source, const FieldPath& path, FaultList& faults);
void validate_source(const GlusterfsVolumeSource& source, const FieldPath& path, FaultList& faults);
void validate_source(const FlockerVolumeSource& source, const FieldPath& path, FaultList& faults);
void validate_source(const PersistentVolumeClaimVolumeSource& source, const FieldPath& path, FaultList& faults);
void validate_source(const CinderVolumeSource& source, const FieldPath& path, FaultList& faults);
void validate_source(const CephFsVolumeSource& source, const FieldPath& path, FaultList& faults);
void validate_source(const QuobyteVolumeSource& source, const FieldPath& path, FaultList& faults);
void validate_source(const FcVolumeSource& source, const FieldPath& path, FaultList& faults);
void validate_source(const FlexVolumeSource& source, const FieldPath& path, FaultList& faults);
void validate_source(const AzureFileVolumeSource& source, const FieldPath& path, FaultList& faults);
void validate_source(const VsphereVirtualDiskVolumeSource& source, const FieldPath& path, FaultList& faults);
void validate_source(const PhotonPersistentDiskVolumeSource& source, const FieldPath& path, FaultList& faults);
void validate_source(const PortworxVolumeSource& source, const FieldPath& path, FaultList& faults);
void validate_source(const AzureDiskVolumeSource& source, const FieldPath& path, FaultList& faults);
void validate_source(const StorageOsVolumeSource& source, const FieldPath& path, FaultList& faults);
void validate_source(const ScaleIoVolumeSource& source, const FieldPath& path, FaultList& faults);
void validate_source(const CsiVolumeSource& source, const FieldPath& path, FaultList& faults);
void validate_source(const ImageVolumeSource& source, const FieldPath& path, FaultList& faults);
void validate_source(const IscsiVolumeSource& source, const FieldPath& path, FaultList& faults);
void validate_source(const RbdVolumeSource& source, const FieldPath& path, FaultList& faults);

// validate_projected.cc: the sources whose files are made from other objects.
void validate_source(const SecretVolumeSource& source, const FieldPath& path, FaultList& faults);
void validate_source(const ConfigMapVolumeSource& source, const FieldPath& path, FaultList& faults);
void validate_source(const DownwardApiVolumeSource& source, const FieldPath& path, FaultList& faults);
void validate_source(const ProjectedVolumeSource& source, const FieldPath& path, FaultList& faults);

// validate_claim.cc
void validate_claim_spec(const PersistentVolumeClaimSpec& spec, const FieldPath& path, FaultList& faults);
void validate_source(const EphemeralVolumeSource& source, const FieldPath& path, FaultList& faults);

// validate_affinity.cc; `labels` are those of the pod.
void validate_affinity(const Affinity& affinity, const std::map<std::string, std::string>& labels,
                       const FieldPath& path, FaultList& faults);
// Keys whose values the apiserver takes from the pod's labels into the selector.
struct LabelKeys {
  const std::vector<std::string>& match;
  const std::vector<std::string>& mismatch;
};
// `path` is that of the term or constraint that has the keys and the selector.
void validate_keyed_selector(const Boxed<LabelSelector>& selector, const LabelKeys& keys,
                             const std::map<std::string, std::string>& labels, const FieldPath& path,
                             FaultList& faults);

// validate_scheduling.cc: what schedulers read, beside affinity. `labels` are those of the pod; a template has none, as
// nothing is taken from them before the pod is made.
void validate_scheduling(const PodSpec& spec, const std::map<std::string, std::string>& labels, const FieldPath& path,
                         FaultList& faults);
// Tolerations in the JSON of an annotation, whose path this is.
void validate_tolerations(const std::string& json, const FieldPath& annotations, std::string_view annotation,
                          FaultList& faults);

// validate_pod_network.cc: DNS and names.
void validate_pod_network(const PodSpec& spec, const FieldPath& path, FaultList& faults);

// validate_pod_resources.cc: spec.resources, against the containers', and spec.resourceClaims.
void validate_pod_resources(const PodSpec& spec, const FieldPath& path, FaultList& faults);
void validate_resource_claims(const PodSpec& spec, const ObjectMeta& metadata, const FieldPath& path,
                              FaultList& faults);

// validate_pod_security.cc
void validate_pod_security(const PodSpec& spec, const FieldPath& path, FaultList& faults);
// Identities of containers and pods: 0 … 2^31-1, as Kubernetes has it.
void validate_identity(const std::optional<int64_t>& id, const FieldPath& path, FaultList& faults);

// validate_profiles.cc
void validate_seccomp_profile(const SeccompProfile& profile, const FieldPath& path, FaultList& faults);
void validate_apparmor_profile(const AppArmorProfile& profile, const FieldPath& path, FaultList& faults);
void validate_windows_options(const WindowsSecurityContextOptions& options, const FieldPath& path, FaultList& faults);

// validate_os.cc: fields that the system named in spec.os does not have.
void validate_os(const PodSpec& spec, const FieldPath& path, FaultList& faults);
// Containers that are processes of a Windows node itself.
void validate_host_processes(const PodSpec& spec, const FieldPath& path, FaultList& faults);

// All containers of the spec at `path`, in the order init, regular, ephemeral, each with its path.
template <typename Visit>
void visit_containers(const PodSpec& spec, const FieldPath& path, Visit visit) {
  for (size_t i = 0; i < spec.init_containers.size(); ++i) visit(spec.init_containers[i], (path / "initContainers")[i]);
  for (size_t i = 0; i < spec.containers.size(); ++i) visit(spec.containers[i], (path / "containers")[i]);
  for (size_t i = 0; i < spec.ephemeral_containers.size(); ++i)
    visit(static_cast<const Container&>(spec.ephemeral_containers[i]), (path / "ephemeralContainers")[i]);
}

}  // namespace api
