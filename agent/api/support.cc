#include "agent/api/support.h"

#include "agent/api/decode.h"
#include "agent/api/names.h"
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

// Localhost profiles, of the pod and of its containers.
void check_seccomp(const Boxed<SeccompProfile>& profile, const FieldPath& security_context, FaultList& faults) {
  if (profile && profile->type == SeccompProfileType::kLocalhost)
    refuse_value(security_context / "seccompProfile" / "type", to_string(profile->type), faults);
}

void check_container(const Container& container, const FieldPath& path, FaultList& faults) {
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
  if (pod.spec.security_context)
    check_seccomp(pod.spec.security_context->seccomp_profile, FieldPath("spec.securityContext"), faults);
  for (size_t i = 0; i < pod.spec.init_containers.size(); ++i)
    check_container(pod.spec.init_containers[i], FieldPath("spec.initContainers")[i], faults);
  for (size_t i = 0; i < pod.spec.containers.size(); ++i)
    check_container(pod.spec.containers[i], FieldPath("spec.containers")[i], faults);
  check_host_ports(pod.spec.init_containers, FieldPath("spec.initContainers"), pod.spec.host_network, faults);
  check_host_ports(pod.spec.containers, FieldPath("spec.containers"), pod.spec.host_network, faults);
}

}  // namespace api
