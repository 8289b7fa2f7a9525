// UpdateContainerResources and UpdatePodSandboxResources: other limits, while it runs.
#include "base/file.h"
#include "base/path.h"
#include "runtime/service/containers.h"
#include "runtime/service/resources.h"
#include "runtime/service/sandboxes.h"

namespace runtime::service {

using base::Code;
using base::Status;

Status Containers::update_resources(const cri::CallContext& context,
                                    const v1::UpdateContainerResourcesRequest& request) {
  if (request.has_windows()) return base::fail(Code::kInvalidArgument, "windows: this is a Linux node");
  TRY(parts_.registry.refresh(request.container_id()));
  const ContainerRecord named = TRY(parts_.registry.container(request.container_id()));
  const Paths& paths = parts_.registry.paths();
  const Gates::Held gate = TRY(parts_.gates.enter(context, named.sandbox_id, paths.sandbox_lock(named.sandbox_id)));
  TRY(parts_.registry.refresh(named.id));
  const ContainerRecord record = TRY(parts_.registry.container(named.id));
  const std::string what = base::concat("update the resources of container ", record.config->metadata().name());
  if (record.state == ContainerRecord::State::kExited) {
    return base::fail(Code::kFailedPrecondition, what, ": it has ended");
  }
  auto config = std::make_shared<v1::ContainerConfig>(*record.config);
  merge(*config->mutable_linux()->mutable_resources(), request.linux());
  for (const auto& [key, value] : request.annotations()) (*config->mutable_annotations())[key] = value;

  const std::string file = base::join_path(paths.container(record.sandbox_id, record.id), "config.json");
  oci::Spec spec = TRY(oci::decode(TRY(base::read_file(file))), what);
  oci::Resources wanted = oci::resources(config->linux().resources());
  if (spec.linux.resources) wanted.devices = spec.linux.resources->devices;
  const cgroup::Settings settings = TRY(settings_of(wanted), what);
  spec.linux.resources = std::move(wanted);
  if (record.state == ContainerRecord::State::kRunning) {
    TRY(parts_.cgroups.update(record.cgroup, settings), what);
  } else {
    TRY(parts_.cgroups.check(settings), what);  // set when it is started
  }
  TRY(base::write_file_atomic(file, TRY(oci::encode(spec)), 0600, base::Durability::kCrash), what);
  TRY(parts_.registry.update_container(record.id, [&](ContainerRecord& kept) { kept.config = config; }));
  return {};
}

// The pod's own cgroup is its owner's, who has changed it before this call (CRI): what is asked for is kept as part of
// the sandbox's config.
Status Sandboxes::update_resources(const cri::CallContext& context,
                                   const v1::UpdatePodSandboxResourcesRequest& request) {
  TRY(parts_.registry.refresh(request.pod_sandbox_id()));
  const SandboxRecord named = TRY(parts_.registry.sandbox(request.pod_sandbox_id()));
  const Gates::Held gate = TRY(parts_.gates.enter(context, named.id, parts_.registry.paths().sandbox_lock(named.id)));
  TRY(parts_.registry.refresh(named.id));
  const SandboxRecord record = TRY(parts_.registry.sandbox(named.id));
  auto config = std::make_shared<v1::PodSandboxConfig>(*record.config);
  if (request.has_overhead()) merge(*config->mutable_linux()->mutable_overhead(), request.overhead());
  if (request.has_resources()) merge(*config->mutable_linux()->mutable_resources(), request.resources());
  TRY(parts_.registry.update_sandbox(record.id, [&](SandboxRecord& kept) { kept.config = config; }));
  return {};
}

}  // namespace runtime::service
