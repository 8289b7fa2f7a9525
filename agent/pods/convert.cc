#include "agent/pods/convert.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>

#include "agent/pods/hosts.h"
#include "agent/pods/naming.h"
#include "agent/pods/volume_specs.h"
#include "agent/resources/container_resources.h"
#include "base/path.h"
#include "base/sysctl.h"
#include "cri-proto/messages.h"
#include "volumes/volume_manager.h"

namespace agent::pods {

namespace {

namespace v1 = ::runtime::v1;

constexpr const char* kHostsPath = "/etc/hosts";

constexpr const char* kMaskedPaths[] = {"/proc/asound",     "/proc/acpi",        "/proc/interrupts",
                                        "/proc/kcore",      "/proc/keys",        "/proc/latency_stats",
                                        "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
                                        "/proc/scsi",       "/sys/firmware",     "/sys/devices/virtual/powercap"};
constexpr const char* kReadOnlyPaths[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};

// Each processor's thermal_throttle folder that exists: its counters tell of other workloads.
const std::vector<std::string>& thermal_paths() {
  static const std::vector<std::string> paths = [] {
    std::vector<std::string> found;
    const long processors = ::sysconf(_SC_NPROCESSORS_CONF);
    for (long processor = 0; processor < processors; ++processor) {
      std::string path = base::concat("/sys/devices/system/cpu/cpu", processor, "/thermal_throttle");
      if (::access(path.c_str(), F_OK) == 0) found.push_back(std::move(path));
    }
    return found;
  }();
  return paths;
}

void fill_namespaces(const api::Pod& pod, v1::NamespaceOption* options) {
  options->set_network(pod.spec.host_network ? v1::NODE : v1::POD);
  options->set_pid(pod.spec.host_pid ? v1::NODE : pod.spec.share_process_namespace == true ? v1::POD : v1::CONTAINER);
  options->set_ipc(pod.spec.host_ipc ? v1::NODE : v1::POD);
}

bool is_privileged(const api::Container& container) {
  return container.security_context && container.security_context->privileged == true;
}

bool has_privileged_container(const api::PodSpec& spec) {
  return std::ranges::any_of(spec.init_containers, is_privileged) ||
         std::ranges::any_of(spec.containers, is_privileged);
}

std::map<std::string, std::string> identity_labels(const api::Pod& pod) {
  return {{kPodNameLabel, pod.metadata.name},
          {kPodNamespaceLabel, pod.metadata.namespace_},
          {kPodUidLabel, pod.metadata.uid}};
}

v1::Protocol to_cri(api::Protocol protocol) {
  switch (protocol) {
    case api::Protocol::kTcp:
      return v1::TCP;
    case api::Protocol::kUdp:
      return v1::UDP;
    case api::Protocol::kSctp:
      return v1::SCTP;
  }
  return v1::TCP;
}

v1::MountPropagation to_cri(api::MountPropagation propagation) {
  switch (propagation) {
    case api::MountPropagation::kNone:
      return v1::PROPAGATION_PRIVATE;
    case api::MountPropagation::kHostToContainer:
      return v1::PROPAGATION_HOST_TO_CONTAINER;
    case api::MountPropagation::kBidirectional:
      return v1::PROPAGATION_BIDIRECTIONAL;
  }
  return v1::PROPAGATION_PRIVATE;
}

void fill_ports(const api::Pod& pod, v1::PodSandboxConfig* config) {
  if (pod.spec.host_network) return;
  for (const auto* list : {&pod.spec.init_containers, &pod.spec.containers})
    for (const api::Container& container : *list)
      for (const api::ContainerPort& port : container.ports) {
        if (port.host_port == 0) continue;
        v1::PortMapping* mapping = config->add_port_mappings();
        mapping->set_protocol(to_cri(port.protocol));
        mapping->set_container_port(port.container_port);
        mapping->set_host_port(port.host_port);
      }
}

void fill_groups(const api::PodSecurityContext& context, auto* security) {
  for (const int64_t group : context.supplemental_groups) security->add_supplemental_groups(group);
  if (context.supplemental_groups_policy == api::SupplementalGroupsPolicy::kStrict)
    security->set_supplemental_groups_policy(v1::Strict);
}

void fill_seccomp(const Options& options, const api::Boxed<api::SeccompProfile>& asked, v1::SecurityProfile* profile) {
  using Type = api::SeccompProfileType;
  const Type unset = options.seccomp_default ? Type::kRuntimeDefault : Type::kUnconfined;
  const Type type = asked ? asked->type : unset;
  profile->set_profile_type(type == Type::kRuntimeDefault ? v1::SecurityProfile::RuntimeDefault
                                                          : v1::SecurityProfile::Unconfined);
  if (!asked || asked->type != Type::kLocalhost) return;
  profile->set_profile_type(v1::SecurityProfile::Localhost);
  const std::string folder = base::join_path(options.paths.root, "seccomp");
  profile->set_localhost_ref(base::join_path(folder, asked->localhost_profile.value_or("")));
}

base::Status fill_identity(const ContainerInput& input, v1::LinuxContainerSecurityContext* security) {
  static const api::SecurityContext kNone;
  static const api::PodSecurityContext kPodNone;
  const auto& own = input.container.security_context ? *input.container.security_context : kNone;
  const auto& pods = input.pod.spec.security_context ? *input.pod.spec.security_context : kPodNone;
  const std::optional<int64_t> user = own.run_as_user ? own.run_as_user : pods.run_as_user;
  const std::optional<int64_t> group = own.run_as_group ? own.run_as_group : pods.run_as_group;
  const bool non_root = own.run_as_non_root.value_or(pods.run_as_non_root.value_or(false));
  if (non_root) {
    if (user == 0) return base::fail(base::Code::kInvalidArgument, "runAsNonRoot is set, but so is runAsUser 0");
    if (!user && !input.image.username.empty())
      return base::fail(base::Code::kInvalidArgument, "runAsNonRoot is set, but the image's user ",
                        input.image.username, " is a name, which may be root's; set runAsUser");
    if (!user && input.image.uid.value_or(0) == 0)
      return base::fail(base::Code::kInvalidArgument, "runAsNonRoot is set, but the image runs as root; set runAsUser");
  }
  if (user)
    security->mutable_run_as_user()->set_value(*user);
  else if (input.image.uid)
    security->mutable_run_as_user()->set_value(*input.image.uid);
  else if (!input.image.username.empty())
    security->set_run_as_username(input.image.username);
  if (group) security->mutable_run_as_group()->set_value(*group);
  fill_groups(pods, security);

  fill_seccomp(input.options, own.seccomp_profile ? own.seccomp_profile : pods.seccomp_profile,
               security->mutable_seccomp());
  if (own.capabilities) {
    for (const std::string& name : own.capabilities->add) security->mutable_capabilities()->add_add_capabilities(name);
    for (const std::string& name : own.capabilities->drop)
      security->mutable_capabilities()->add_drop_capabilities(name);
  }
  security->set_privileged(is_privileged(input.container));
  security->set_readonly_rootfs(own.read_only_root_filesystem.value_or(false));
  security->set_no_new_privs(!own.allow_privilege_escalation.value_or(true));
  return {};
}

base::Status fill_security(const ContainerInput& input, v1::LinuxContainerSecurityContext* security) {
  fill_namespaces(input.pod, security->mutable_namespace_options());
  for (const char* path : kMaskedPaths) security->add_masked_paths(path);
  for (const std::string& path : thermal_paths()) security->add_masked_paths(path);
  for (const char* path : kReadOnlyPaths) security->add_readonly_paths(path);
  return fill_identity(input, security);
}

base::Status fill_mounts(const ContainerInput& input, v1::ContainerConfig* config) {
  const std::vector<api::Volume>& pods = input.pod.spec.volumes;
  bool own_hosts = false;
  for (size_t i = 0; i < input.container.volume_mounts.size(); ++i) {
    const api::VolumeMount& mount = input.container.volume_mounts[i];
    const auto volume = std::ranges::find(pods, mount.name, &api::Volume::name);
    if (volume == pods.end())
      return base::fail(base::Code::kInvalidArgument, "container ", input.container.name, " mounts volume ", mount.name,
                        ", which the pod does not have");
    v1::Mount* out = config->add_mounts();
    // The apiserver takes a relative path; it is meant from the root.
    const std::string target = mount.mount_path.starts_with('/') ? mount.mount_path : "/" + mount.mount_path;
    out->set_container_path(target);
    const volumes::VolumeSpec spec = volume_without_content(*volume);
    const std::string whole = volumes::VolumeManager::host_path(input.options.paths.root, input.pod.metadata.uid, spec);
    out->set_host_path(i < input.sub_paths.size() && !input.sub_paths[i].empty() ? input.sub_paths[i] : whole);
    out->set_readonly(mount.read_only || is_read_only(spec));
    out->set_propagation(to_cri(mount.mount_propagation.value_or(api::MountPropagation::kNone)));
    // Every kernel that we run on has it, so that IfPossible is Enabled.
    const auto recursive = mount.recursive_read_only.value_or(api::RecursiveReadOnly::kDisabled);
    out->set_recursive_read_only(recursive != api::RecursiveReadOnly::kDisabled);
    own_hosts |= base::clean_path(target) == kHostsPath;
  }
  const auto mount_file = [&](const std::string& path, const std::string& file) {
    v1::Mount* mount = config->add_mounts();
    mount->set_container_path(path);
    mount->set_host_path(file);
  };
  if (!own_hosts) mount_file(kHostsPath, input.hosts_file);
  const std::string& message = input.container.termination_message_path;
  if (!message.empty()) mount_file(message, input.message_file);
  return {};
}

void fill_command(const ContainerInput& input, v1::ContainerConfig* config) {
  const api::Container& container = input.container;
  std::map<std::string, std::string> values;
  for (const auto& [name, value] : input.environment) {
    v1::KeyValue* variable = config->add_envs();
    variable->set_key(name);
    variable->set_value(value);
    values[name] = value;
  }
  for (const std::string& word : container.command) config->add_command(expand(word, values));
  for (const std::string& word : container.args) config->add_args(expand(word, values));
  config->set_working_dir(container.working_dir);
  config->set_stdin(container.stdin_open);
  config->set_stdin_once(container.stdin_once);
  config->set_tty(container.tty);
}

}  // namespace

void fill_sandbox_config(const api::Pod& pod, const Options& options, const ResolvConf& dns, unsigned attempt,
                         v1::PodSandboxConfig* config) {
  config->mutable_metadata()->set_name(pod.metadata.name);
  config->mutable_metadata()->set_namespace_(pod.metadata.namespace_);
  config->mutable_metadata()->set_uid(pod.metadata.uid);
  config->mutable_metadata()->set_attempt(attempt);
  // Too long a one has been refused before (PodWorker::create_sandbox).
  config->set_hostname(kernel_hostname(pod, options.cluster_domain).value_or(std::string()));
  config->set_log_directory(pod_log_folder(options.paths, pod));
  for (const std::string& server : dns.nameservers) config->mutable_dns_config()->add_servers(server);
  for (const std::string& search : dns.searches) config->mutable_dns_config()->add_searches(search);
  for (const std::string& option : dns.options) config->mutable_dns_config()->add_options(option);
  fill_ports(pod, config);
  for (const auto& [key, value] : pod.metadata.labels) (*config->mutable_labels())[key] = value;
  for (const auto& [key, value] : identity_labels(pod)) (*config->mutable_labels())[key] = value;
  for (const auto& [key, value] : pod.metadata.annotations) (*config->mutable_annotations())[key] = value;
  resources::fill_sandbox_resources(pod, config->mutable_linux());
  v1::LinuxSandboxSecurityContext* security = config->mutable_linux()->mutable_security_context();
  fill_namespaces(pod, security->mutable_namespace_options());
  security->mutable_seccomp()->set_profile_type(v1::SecurityProfile::RuntimeDefault);
  security->set_privileged(has_privileged_container(pod.spec));
  if (!pod.spec.security_context) return;
  const api::PodSecurityContext& context = *pod.spec.security_context;
  for (const api::Sysctl& sysctl : context.sysctls)
    (*config->mutable_linux()->mutable_sysctls())[base::sysctl_with_dots(sysctl.name)] = sysctl.value;
  if (context.run_as_user) security->mutable_run_as_user()->set_value(*context.run_as_user);
  if (context.run_as_group && context.run_as_user) security->mutable_run_as_group()->set_value(*context.run_as_group);
  fill_groups(context, security);
}

base::Status fill_container_config(const ContainerInput& input, v1::ContainerConfig* config) {
  const api::Container& container = input.container;
  config->mutable_metadata()->set_name(container.name);
  config->mutable_metadata()->set_attempt(input.attempt);
  config->mutable_image()->set_image(input.image.id);
  config->mutable_image()->set_user_specified_image(container.image);
  for (const auto& [key, value] : identity_labels(input.pod)) (*config->mutable_labels())[key] = value;
  (*config->mutable_labels())[kContainerNameLabel] = container.name;
  auto& annotations = *config->mutable_annotations();
  annotations[kContainerHashAnnotation] = container_hash(container);
  annotations[kRestartCountAnnotation] = std::to_string(input.attempt);
  annotations[kMessagePathAnnotation] = container.termination_message_path;
  annotations[kMessagePolicyAnnotation] = api::to_string(container.termination_message_policy);
  annotations[kGracePeriodAnnotation] = std::to_string(api::grace_seconds(input.pod));
  config->set_log_path(base::concat(container.name, "/", log_file_name(input.attempt)));
  fill_command(input, config);
  TRY(fill_mounts(input, config));
  TRY(resources::fill_container_resources(input.pod, container, input.options.node,
                                          config->mutable_linux()->mutable_resources()));
  return fill_security(input, config->mutable_linux()->mutable_security_context());
}

}  // namespace agent::pods
