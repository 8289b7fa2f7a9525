#include "runtime/service/sandbox_request.h"

#include "base/sysctl.h"
#include "runtime/service/ids.h"

namespace runtime::service {

using base::Code;
using base::Result;
using base::Status;

namespace {

Status check_metadata(const v1::PodSandboxConfig& config) {
  const v1::PodSandboxMetadata& pod = config.metadata();
  if (pod.name().empty()) return base::fail(Code::kInvalidArgument, "config.metadata.name is empty");
  if (pod.uid().empty()) return base::fail(Code::kInvalidArgument, "config.metadata.uid is empty");
  if (pod.namespace_().empty()) return base::fail(Code::kInvalidArgument, "config.metadata.namespace is empty");
  if (config.hostname().size() > 64) {
    return base::fail(Code::kInvalidArgument, "config.hostname \"", config.hostname(),
                      "\" is longer than the 64 bytes that Linux allows");
  }
  return {};
}

std::unexpected<base::Error> refuse(const char* field) {
  return base::fail(Code::kUnimplemented, field, " is not carried out by this version of nodeagent");
}

Status check_supported(const v1::PodSandboxConfig& config) {
  for (const v1::PortMapping& port : config.port_mappings()) {
    if (port.host_port() > 0) return refuse("config.port_mappings[].host_port");
  }
  const v1::LinuxPodSandboxConfig& linux_config = config.linux();
  const v1::LinuxSandboxSecurityContext& security = linux_config.security_context();
  if (security.has_selinux_options()) return refuse("config.linux.security_context.selinux_options");
  const v1::NamespaceOption& namespaces = security.namespace_options();
  // Its containers would have to be refused for it, one by one.
  if (namespaces.pid() == v1::TARGET) return refuse("config.linux.security_context.namespace_options.pid TARGET");
  if (namespaces.has_userns_options() && namespaces.userns_options().mode() != v1::NODE) {
    return refuse("config.linux.security_context.namespace_options.userns_options");
  }
  return {};
}

}  // namespace

bool owns_pod_cgroup(const SandboxRecord& record) { return record.config->linux().cgroup_parent().empty(); }

bool shares_host_ipc(const v1::PodSandboxConfig& config) {
  return config.linux().security_context().namespace_options().ipc() == v1::NODE;
}

Result<std::map<std::string, std::string>> sandbox_sysctls(const v1::PodSandboxConfig& config) {
  const v1::NamespaceOption& namespaces = config.linux().security_context().namespace_options();
  std::map<std::string, std::string> files;
  for (const auto& [name, value] : config.linux().sysctls()) {
    const std::string dotted = base::sysctl_with_dots(name);
    const base::SysctlOwner owner = base::owner_of_sysctl(dotted);
    const bool is_pods = owner == base::SysctlOwner::kNetworkNamespace ? namespaces.network() != v1::NODE
                         : owner == base::SysctlOwner::kIpcNamespace   ? namespaces.ipc() != v1::NODE
                                                                       : false;
    const std::optional<std::string> file = base::sysctl_file(dotted);
    if (!is_pods || !file || value.find('\0') != std::string::npos) {
      return base::fail(Code::kInvalidArgument, "config.linux.sysctls[", name,
                        "] is none of the pod's own: a pod with its own network has net.*, one with its own IPC "
                        "namespace kernel.shm*, kernel.msg*, kernel.sem and fs.mqueue.*");
    }
    files[*file] = value;
  }
  return files;
}

bool shares_pid(const v1::PodSandboxConfig& config) {
  return config.linux().security_context().namespace_options().pid() == v1::POD;
}

Result<SandboxRecord> new_sandbox_record(const v1::RunPodSandboxRequest& request, const Paths& paths) {
  const v1::PodSandboxConfig& config = request.config();
  TRY(check_metadata(config), "RunPodSandbox");
  TRY(check_supported(config), "RunPodSandbox");
  TRY(sandbox_sysctls(config), "RunPodSandbox");
  if (!request.runtime_handler().empty() && request.runtime_handler() != "nodeagent") {
    return base::fail(Code::kInvalidArgument, "no runtime handler \"", request.runtime_handler(),
                      "\" is configured; this node has \"nodeagent\"");
  }
  SandboxRecord record;
  record.id = TRY(new_id());
  record.config = std::make_shared<v1::PodSandboxConfig>(config);
  record.runtime_handler = request.runtime_handler();
  record.created_at = wall_ns();
  record.cgroup_parent = config.linux().cgroup_parent();
  if (record.cgroup_parent.empty()) {
    record.cgroup_parent = paths.cgroup_names().pod(cgroup::Qos::kBestEffort, config.metadata().uid());
  }
  // A relative one lies in this instance's own tree; a slice of systemd's where its name says.
  if (!record.cgroup_parent.starts_with('/') && !record.cgroup_parent.ends_with(".slice")) {
    record.cgroup_parent = base::join_path(paths.cgroup_root(), record.cgroup_parent);
  }
  record.cgroup_parent = TRY(cgroup::pod_cgroup_of(record.cgroup_parent));
  record.shim_cgroup = paths.cgroup_names().shim(record.id);
  record.host_network = config.linux().security_context().namespace_options().network() == v1::NODE;
  return record;
}

bool matches_labels(const google::protobuf::Map<std::string, std::string>& labels,
                    const google::protobuf::Map<std::string, std::string>& selector) {
  for (const auto& [key, value] : selector) {
    const auto found = labels.find(key);
    if (found == labels.end() || found->second != value) return false;
  }
  return true;
}

}  // namespace runtime::service
