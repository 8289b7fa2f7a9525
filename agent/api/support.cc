#include "agent/api/support.h"

#include "agent/api/codec.h"
#include "agent/api/decode.h"
#include "agent/api/names.h"
#include "agent/api/pod_amounts.h"
#include "agent/api/tuning.h"
#include "base/concat.h"

namespace api {

namespace {

// Whether the value is what the field would be if nobody had said anything.
bool asks_for_nothing(const Field& field, const void* value) {
  const Type& type = field.type();
  if (says_nothing(type, value)) return true;
  const Node node = encode(type, value);
  if (node.kind == Node::Kind::kMap) return tree_size(node).nodes == 1;
  return !field.harmless.empty() && node.text == field.harmless;
}

// Walks what is set and reports every field that a later version brings.
void walk(const Type& type, const void* value, const FieldPath& path, FaultList& faults) {
  switch (type.shape) {
    case Shape::kOptional:
      if (const void* element = type.operations.get(value)) walk(type.element(), element, path, faults);
      break;
    case Shape::kList:
      for (size_t i = 0; i < type.operations.size(value); ++i)
        walk(type.element(), type.operations.at(value, i), path[i], faults);
      break;
    case Shape::kObject:
      for (const Field& field : type.fields) {
        const FieldPath field_path = path / field.name;
        if (field.support == Support::kLater) {
          if (!asks_for_nothing(field, field.of(value))) faults.not_carried_out(field_path);
        } else if (field.support == Support::kCarriedOut) {
          walk(field.type(), field.of(value), field_path, faults);
        }
      }
      break;
    default:
      break;
  }
}

void refuse_value(const FieldPath& path, std::string_view value, FaultList& faults) {
  faults.add(path, base::concat("the value \"", value, "\" is ", kNotCarriedOut));
}

// Values of fields that are carried out for other values.
void check_values(const PodSpec& spec, FaultList& faults) {
  for (size_t i = 0; i < spec.volumes.size(); ++i) {
    const Boxed<EmptyDir>& source = spec.volumes[i].empty_dir;
    if (!source) continue;
    const FieldPath path = FieldPath("spec.volumes")[i] / "emptyDir";
    if (!source->medium.empty() && source->medium != "Memory")
      refuse_value(path / "medium", source->medium, faults);
    else if (source->medium.empty() && source->size_limit && source->size_limit->value() > 0)
      faults.add(path / "sizeLimit",
                 base::concat(kNotCarriedOut, " with this medium; leave it out, or set medium: Memory"));
  }
  for (size_t i = 0; i < spec.containers.size(); ++i)
    if (spec.containers[i].restart_policy) faults.not_carried_out(FieldPath("spec.containers")[i] / "restartPolicy");
  for (size_t i = 0; i < spec.init_containers.size(); ++i) {
    const std::optional<RestartPolicy>& policy = spec.init_containers[i].restart_policy;
    if (policy && *policy != RestartPolicy::kAlways)
      refuse_value(FieldPath("spec.initContainers")[i] / "restartPolicy", to_string(*policy), faults);
  }
  if (!spec.service_account_name.empty() && spec.service_account_name != "default")
    faults.not_carried_out(FieldPath("spec.serviceAccountName"));
  if (spec.automount_service_account_token == true)
    faults.not_carried_out(FieldPath("spec.automountServiceAccountToken"));
}

// An apiserver takes a name that is there and empty; no file has it.
void check_seccomp(const Boxed<SeccompProfile>& profile, const FieldPath& security_context, FaultList& faults) {
  if (profile && profile->localhost_profile == "")
    faults.required(security_context / "seccompProfile" / "localhostProfile", "must name a file");
}

// A request of ephemeral storage is for a scheduler; a limit has to be enforced. Extended resources are device
// plugins'.
void check_resources(const ResourceRequirements& resources, const FieldPath& path, FaultList& faults) {
  for (const auto& [name, amount] : resources.limits)
    if (!is_pod_level_resource(name)) faults.not_carried_out((path / "limits").key(name));
  for (const auto& [name, amount] : resources.requests)
    if (!is_pod_level_resource(name) && name != "ephemeral-storage" && !resources.limits.contains(name))
      faults.not_carried_out((path / "requests").key(name));
  if (!resources.claims.empty()) faults.not_carried_out(path / "claims");
}

void check_container(const Container& container, const FieldPath& path, FaultList& faults) {
  check_resources(container.resources, path / "resources", faults);
  if (container.security_context)
    check_seccomp(container.security_context->seccomp_profile, path / "securityContext", faults);
}

void check_host_ports(const std::vector<Container>& containers, const FieldPath& list, bool host_network,
                      FaultList& faults) {
  if (host_network) return;
  for (size_t i = 0; i < containers.size(); ++i)
    for (size_t j = 0; j < containers[i].ports.size(); ++j)
      if (containers[i].ports[j].host_port != 0) faults.not_carried_out((list[i] / "ports")[j] / "hostPort");
}

// What an apiserver accepts and nodeagent cannot run from a file.
void check_runnable(const Pod& pod, FaultList& faults) {
  if (pod.metadata.name.empty() && !pod.metadata.generate_name.empty())
    faults.required(FieldPath("metadata.name"), "no name is made from generateName for a pod of a file");
  // An apiserver gives the uid itself; here it may come from the file, and names a folder.
  if (!pod.metadata.uid.empty() && !is_uid(pod.metadata.uid))
    faults.invalid(FieldPath("metadata.uid"), pod.metadata.uid,
                   "must be at most 128 letters, digits, '-', '_' and '.'");
  for (size_t i = 0; i < pod.spec.volumes.size(); ++i) {
    const Boxed<HostPath>& source = pod.spec.volumes[i].host_path;
    if (source && !source->path.starts_with('/'))
      faults.invalid((FieldPath("spec.volumes")[i] / "hostPath") / "path", source->path, "must be an absolute path");
  }
}

}  // namespace

void check_support(const Pod& pod, FaultList& faults) {
  check_runnable(pod, faults);
  walk(type_of<PodSpec>(), &pod.spec, FieldPath("spec"), faults);
  check_values(pod.spec, faults);
  check_tuning(pod, faults);
  if (pod.spec.security_context)
    check_seccomp(pod.spec.security_context->seccomp_profile, FieldPath("spec.securityContext"), faults);
  for (size_t i = 0; i < pod.spec.init_containers.size(); ++i)
    check_container(pod.spec.init_containers[i], FieldPath("spec.initContainers")[i], faults);
  for (size_t i = 0; i < pod.spec.containers.size(); ++i)
    check_container(pod.spec.containers[i], FieldPath("spec.containers")[i], faults);
  check_host_ports(pod.spec.init_containers, FieldPath("spec.initContainers"), pod.spec.host_network, faults);
  check_host_ports(pod.spec.containers, FieldPath("spec.containers"), pod.spec.host_network, faults);
}

namespace {

void refuse_idle(bool is_set, const FieldPath& path, FaultList& faults) {
  if (is_set) faults.add(path, "nothing would ever run: nobody can change it while it runs from a file");
}

void check_job(const JobSpec& spec, const FieldPath& path, FaultList& faults) {
  constexpr std::string_view kOurs = "kubernetes.io/job-controller";
  if (spec.managed_by && *spec.managed_by != kOurs) faults.not_carried_out(path / "managedBy");
  refuse_idle(spec.suspend == true, path / "suspend", faults);
  refuse_idle(spec.parallelism == 0 && spec.completions != 0, path / "parallelism", faults);
}

void check_kind(const Pod& pod, FaultList& faults) { check_support(pod, faults); }
void check_kind(const Deployment& deployment, FaultList& faults) {
  refuse_idle(deployment.spec.paused, FieldPath("spec.paused"), faults);
}
void check_kind(const StatefulSet& set, FaultList& faults) {
  if (!set.spec.volume_claim_templates.empty()) faults.not_carried_out(FieldPath("spec.volumeClaimTemplates"));
}
void check_kind(const Job& job, FaultList& faults) { check_job(job.spec, FieldPath("spec"), faults); }
void check_kind(const CronJob& cron_job, FaultList& faults) {
  refuse_idle(cron_job.spec.suspend == true, FieldPath("spec.suspend"), faults);
  check_job(cron_job.spec.job_template.spec, FieldPath("spec.jobTemplate.spec"), faults);
}
// Of documents it is asked who uses them.
void check_kind(const auto& /*other*/, FaultList& /*faults*/) {}

}  // namespace

void check_support(const Object& object, FaultList& faults) {
  std::visit([&](const auto& any) { check_kind(any, faults); }, object);
  const std::optional<TemplateOfPods> made_from = template_of(object);
  if (!made_from) return;
  Pod pod = pod_of(made_from->pods);
  pod.metadata.generate_name.clear();  // they get names of their own
  for (Fault& fault : not_carried_out(pod))
    faults.add(FieldPath(std::string(made_from->path)) / fault.path, std::move(fault.message));
}

}  // namespace api
