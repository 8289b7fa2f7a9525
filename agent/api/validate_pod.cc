#include <limits>

#include "agent/api/forms.h"
#include "agent/api/validate.h"

namespace api {

namespace {

void validate_deadline(const std::optional<int64_t>& seconds, const FieldPath& path, FaultList& faults) {
  constexpr int64_t kMax = std::numeric_limits<int32_t>::max();
  if (seconds && (*seconds < 1 || *seconds > kMax))
    faults.invalid(path, *seconds, "must be between 1 and 2147483647, inclusive");
}

// Checked as if they were a container's limits.
void validate_overhead(const PodSpec& spec, const FieldPath& path, FaultList& faults) {
  if (!spec.overhead.empty())
    validate_resources({.claims = {}, .limits = spec.overhead, .requests = {}}, ResourcesOf::kContainer, spec, path,
                       faults);
}

}  // namespace

void validate_pod_spec(const PodSpec& spec, const ObjectMeta& metadata, const FieldPath& path, PodForm form,
                       FaultList& faults) {
  static const std::map<std::string, std::string> kNoLabels;
  const Volumes volumes = validate_volumes(spec.volumes, metadata, path / "volumes", faults);
  validate_resource_claims(spec, metadata, path / "resourceClaims", faults);
  validate_containers(spec, volumes, path, form, faults);
  validate_pod_resources(spec, path / "resources", faults);
  validate_scheduling(spec, form == PodForm::kPod ? metadata.labels : kNoLabels, path, faults);
  if (form == PodForm::kPod && !spec.node_name.empty() && !spec.scheduling_gates.empty())
    faults.forbidden(path / "nodeName", "cannot be set until all schedulingGates have been cleared");
  validate_pod_security(spec, path, faults);
  validate_pod_network(spec, path, faults);
  if (!spec.service_account_name.empty())
    check_dns_subdomain(spec.service_account_name, path / "serviceAccountName", faults);
  validate_deadline(spec.active_deadline_seconds, path / "activeDeadlineSeconds", faults);
  if (spec.runtime_class_name) check_dns_subdomain(*spec.runtime_class_name, path / "runtimeClassName", faults);
  validate_overhead(spec, path / "overhead", faults);
  validate_os(spec, path, faults);
}

void validate_object(const Pod& pod, FaultList& faults) {
  validate_metadata(pod.metadata, Scope::kNamespaced, faults);
  validate_pod_annotations(pod.metadata, pod.spec, FieldPath("metadata.annotations"), faults);
  validate_pod_spec(pod.spec, pod.metadata, FieldPath("spec"), PodForm::kPod, faults);
  validate_profile_annotations(pod.metadata, pod.spec, FieldPath("spec"), faults);
}

}  // namespace api
