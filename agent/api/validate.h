// The rules an object keeps beyond the types of its fields, as the apiserver checks them: same fields, same order, same
// kinds of faults. Internal to agent/api; codec.h has what others call.
#pragma once

#include <set>

#include "agent/api/faults.h"

namespace api {

// What a PodSpec stands in. A template is checked less: some of its fields are filled in when the pod is made.
enum class PodForm : uint8_t { kPod, kTemplate };

// validate.cc
void validate_pod(const Pod& pod, FaultList& faults);

// validate_container.cc: all lists of containers of the spec at `path` ("spec", "spec.template.spec").
void validate_containers(const PodSpec& spec, const FieldPath& path, PodForm form, FaultList& faults);

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
void validate_mounts(const Container& container, const PodSpec& spec, const FieldPath& path, FaultList& faults);
// A relative path that never goes up.
void validate_descending_path(std::string_view text, const FieldPath& path, FaultList& faults);

// validate_probe.cc; `path` is the container's.
void validate_lifecycle_and_probes(const Container& container, const PodSpec& spec, const FieldPath& path,
                                   FaultList& faults);

// validate_resources.cc; `path` is that of the field.
void validate_resources(const ResourceRequirements& resources, const PodSpec& spec, const FieldPath& path,
                        FaultList& faults);
void validate_resource_amounts(const std::string& name, const Quantity& amount, const FieldPath& path,
                               FaultList& faults);

// validate_pod_security.cc
void validate_identity(const std::optional<int64_t>& id, const FieldPath& path, FaultList& faults);

// validate_profiles.cc
void validate_seccomp_profile(const SeccompProfile& profile, const FieldPath& path, FaultList& faults);
void validate_apparmor_profile(const AppArmorProfile& profile, const FieldPath& path, FaultList& faults);
void validate_windows_options(const WindowsSecurityContextOptions& options, const FieldPath& path, FaultList& faults);

// validate_container_security.cc
void validate_security(const SecurityContext& context, const PodSpec& spec, const FieldPath& path, FaultList& faults);

}  // namespace api
