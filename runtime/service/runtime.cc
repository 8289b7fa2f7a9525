#include "runtime/service/runtime.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/path.h"
#include "cni/bridge.h"
#include "runtime/cgroup/driver.h"
#include "runtime/image/store.h"
#include "runtime/security/seccomp.h"
#include "runtime/service/containers.h"
#include "runtime/service/event_hub.h"
#include "runtime/service/execs.h"
#include "runtime/service/gate.h"
#include "runtime/service/ids.h"
#include "runtime/service/images.h"
#include "runtime/service/registry.h"
#include "runtime/service/sandboxes.h"
#include "runtime/service/shim_watch.h"
#include "runtime/service/stats.h"

namespace runtime::service {

using base::Result;
using base::Status;
using cri::CallContext;

namespace {

constexpr std::chrono::seconds kCgroupLockWait{60};

}  // namespace

// The parts, in the order in which they need each other, and the CRI calls as one line each.
struct Runtime::Impl final : public cri::RuntimeService, public cri::LocalRuntime {
  Impl(const RuntimeOptions& options, const Paths& paths, std::string boot_id, cgroup::Hierarchy found,
       std::unique_ptr<image::Store> store, std::unique_ptr<cni::BridgeNetwork> bridge)
      : cgroups(std::move(found), options.missing_controllers),
        image_store(std::move(store)),
        network(std::move(bridge)),
        registry(paths, std::move(boot_id)),
        filters(registry.paths().seccomp_filters()),
        image_service(*image_store, registry),
        stats(registry, cgroups.hierarchy()) {}

  Status start(const RuntimeOptions& options);

  Result<v1::VersionResponse> version(const CallContext&, const v1::VersionRequest&) override;
  Result<v1::StatusResponse> status(const CallContext&, const v1::StatusRequest&) override;
  Result<v1::RuntimeConfigResponse> runtime_config(const CallContext&, const v1::RuntimeConfigRequest&) override;

  Result<v1::RunPodSandboxResponse> run_pod_sandbox(const CallContext& context,
                                                    const v1::RunPodSandboxRequest& request) override {
    return sandboxes->run(context, request);
  }
  Result<v1::StopPodSandboxResponse> stop_pod_sandbox(const CallContext& context,
                                                      const v1::StopPodSandboxRequest& request) override {
    TRY(sandboxes->stop(context, request.pod_sandbox_id()));
    return v1::StopPodSandboxResponse();
  }
  Result<v1::RemovePodSandboxResponse> remove_pod_sandbox(const CallContext& context,
                                                          const v1::RemovePodSandboxRequest& request) override {
    TRY(sandboxes->remove(context, request.pod_sandbox_id()));
    return v1::RemovePodSandboxResponse();
  }
  Result<v1::PodSandboxStatusResponse> pod_sandbox_status(const CallContext&,
                                                          const v1::PodSandboxStatusRequest& request) override {
    return sandboxes->status(request.pod_sandbox_id());
  }
  Result<v1::ListPodSandboxResponse> list_pod_sandbox(const CallContext&,
                                                      const v1::ListPodSandboxRequest& request) override {
    return sandboxes->list(request.filter());
  }

  Result<v1::CreateContainerResponse> create_container(const CallContext& context,
                                                       const v1::CreateContainerRequest& request) override {
    return containers->create(context, request);
  }
  Result<v1::StartContainerResponse> start_container(const CallContext& context,
                                                     const v1::StartContainerRequest& request) override {
    TRY(containers->start(context, request.container_id()));
    return v1::StartContainerResponse();
  }
  Result<v1::StopContainerResponse> stop_container(const CallContext& context,
                                                   const v1::StopContainerRequest& request) override {
    TRY(containers->stop(context, request.container_id(), request.timeout()));
    return v1::StopContainerResponse();
  }
  Result<v1::RemoveContainerResponse> remove_container(const CallContext& context,
                                                       const v1::RemoveContainerRequest& request) override {
    TRY(containers->remove(context, request.container_id()));
    return v1::RemoveContainerResponse();
  }
  Result<v1::ListContainersResponse> list_containers(const CallContext&,
                                                     const v1::ListContainersRequest& request) override {
    return containers->list(request.filter());
  }
  Result<v1::ContainerStatusResponse> container_status(const CallContext&,
                                                       const v1::ContainerStatusRequest& request) override {
    return containers->status(request.container_id());
  }
  Result<v1::UpdateContainerResourcesResponse> update_container_resources(
      const CallContext& context, const v1::UpdateContainerResourcesRequest& request) override {
    TRY(containers->update_resources(context, request));
    return v1::UpdateContainerResourcesResponse();
  }
  Result<v1::UpdatePodSandboxResourcesResponse> update_pod_sandbox_resources(
      const CallContext& context, const v1::UpdatePodSandboxResourcesRequest& request) override {
    TRY(sandboxes->update_resources(context, request));
    return v1::UpdatePodSandboxResourcesResponse();
  }
  Result<v1::ReopenContainerLogResponse> reopen_container_log(const CallContext&,
                                                              const v1::ReopenContainerLogRequest& request) override {
    TRY(containers->reopen_log(request.container_id()));
    return v1::ReopenContainerLogResponse();
  }
  Result<v1::ExecSyncResponse> exec_sync(const CallContext& context, const v1::ExecSyncRequest& request) override {
    return execs->run_sync(context, request);
  }

  Result<v1::ContainerStatsResponse> container_stats(const CallContext& context,
                                                     const v1::ContainerStatsRequest& request) override {
    return stats.container(context, request.container_id());
  }
  Result<v1::ListContainerStatsResponse> list_container_stats(const CallContext& context,
                                                              const v1::ListContainerStatsRequest& request) override {
    return stats.containers(context, request.filter());
  }
  Status stream_container_stats(const CallContext& context, const v1::StreamContainerStatsRequest& request,
                                const cri::Sink<v1::StreamContainerStatsResponse>& sink) override {
    return stats.stream(context, request.filter(), sink);
  }
  Result<v1::PodSandboxStatsResponse> pod_sandbox_stats(const CallContext& context,
                                                        const v1::PodSandboxStatsRequest& request) override {
    return stats.sandbox(context, request.pod_sandbox_id());
  }
  Result<v1::ListPodSandboxStatsResponse> list_pod_sandbox_stats(
      const CallContext& context, const v1::ListPodSandboxStatsRequest& request) override {
    return stats.sandboxes(context, request.filter());
  }
  Status stream_pod_sandbox_stats(const CallContext& context, const v1::StreamPodSandboxStatsRequest& request,
                                  const cri::Sink<v1::StreamPodSandboxStatsResponse>& sink) override {
    return stats.stream(context, request.filter(), sink);
  }
  Result<std::vector<cri::PodUsage>> usage(const CallContext&, const std::vector<std::string>& pod_uids) override {
    return stats.usage(pod_uids);
  }
  Status get_container_events(const CallContext& context, const v1::GetEventsRequest&,
                              const cri::Sink<v1::ContainerEventResponse>& sink) override {
    return events.follow(context, sink);
  }

  Result<std::unique_ptr<cri::ExecSession>> exec(const CallContext&, cri::ExecOptions options,
                                                 cri::ExecStreams streams) override {
    return execs->start(std::move(options), std::move(streams));
  }
  using cri::RuntimeService::exec;
  Result<cri::AttachedStreams> attach(const CallContext&, const std::string& container_id, int out, int err,
                                      bool want_stdin) override {
    return execs->attach(container_id, out, err, want_stdin);
  }
  using cri::RuntimeService::attach;
  Status resize(const std::string& container_id, unsigned columns, unsigned rows) override {
    return execs->resize(container_id, columns, rows);
  }
  Result<std::vector<cri::ImportedImage>> import_image(
      const CallContext& context, const std::string& path, const std::string& name,
      const std::function<void(const cri::ImageProgress&)>& progress) override {
    return image_service.import(context, path, name, progress);
  }
  Status export_image(const CallContext&, const std::string& reference, int out) override {
    return image_service.export_to(reference, out);
  }

  cgroup::Driver cgroups;
  const std::unique_ptr<image::Store> image_store;
  const std::unique_ptr<cni::BridgeNetwork> network;
  Registry registry;
  Gates gates;
  EventHub events;
  const security::FilterCache filters;
  security::DeviceFilters device_filters;
  Images image_service;
  StatsReader stats;
  std::unique_ptr<Execs> execs;
  std::unique_ptr<Containers> containers;
  std::unique_ptr<Sandboxes> sandboxes;
  // Last: its thread calls the ones above, and ends first.
  std::unique_ptr<ShimWatch> watch;
};

Status Runtime::Impl::start(const RuntimeOptions& options) {
  watch = TRY(ShimWatch::create({.exited =
                                     [this](const std::string& sandbox, const shim::ExitEvent& event) {
                                       if (event.exec_id.empty())
                                         containers->on_exit(sandbox, event);
                                       else
                                         execs->on_exit(event);
                                     },
                                 .lost =
                                     [this](const std::string& sandbox) {
                                       sandboxes->on_shim_lost(sandbox);
                                       execs->on_shim_lost(sandbox);
                                     },
                                 .interrupted =
                                     [this](const std::string& sandbox, bool followed) {
                                       registry.set_followed(sandbox, followed);
                                       if (followed) execs->on_interruption(sandbox);
                                     }}));
  execs = std::make_unique<Execs>(registry, *watch);
  containers = std::make_unique<Containers>(Containers::Parts{.registry = registry,
                                                              .gates = gates,
                                                              .events = events,
                                                              .watch = *watch,
                                                              .images = *image_store,
                                                              .filters = filters,
                                                              .device_filters = device_filters,
                                                              .cgroups = cgroups});
  sandboxes = std::make_unique<Sandboxes>(Sandboxes::Parts{.registry = registry,
                                                           .gates = gates,
                                                           .events = events,
                                                           .watch = *watch,
                                                           .network = *network,
                                                           .cgroups = cgroups,
                                                           .shim_binary = options.shim_binary});
  sandboxes->set_containers(*containers);
  if (!options.recover) return registry.refresh();
  TRY(sandboxes->sweep());
  TRY(sandboxes->recover(), "recover what runs on this node");
  return containers->sweep_writable_layers();
}

Result<v1::VersionResponse> Runtime::Impl::version(const CallContext&, const v1::VersionRequest&) {
  v1::VersionResponse response;
  response.set_version("0.1.0");
  response.set_runtime_name("nodeagent");
  response.set_runtime_version(NODEAGENT_VERSION);
  response.set_runtime_api_version("v1");
  return response;
}

Result<v1::StatusResponse> Runtime::Impl::status(const CallContext&, const v1::StatusRequest&) {
  v1::StatusResponse response;
  for (const char* type : {"RuntimeReady", "NetworkReady"}) {
    v1::RuntimeCondition& condition = *response.mutable_status()->add_conditions();
    condition.set_type(type);
    condition.set_status(true);
  }
  response.mutable_features()->set_supplemental_groups_policy(true);
  for (const char* handler : {"", "nodeagent"}) {
    v1::RuntimeHandler& answer = *response.add_runtime_handlers();
    answer.set_name(handler);
    answer.mutable_features()->set_recursive_read_only_mounts(true);
  }
  return response;
}

Result<v1::RuntimeConfigResponse> Runtime::Impl::runtime_config(const CallContext&, const v1::RuntimeConfigRequest&) {
  v1::RuntimeConfigResponse response;
  const bool units = registry.paths().cgroup_driver == cgroup::DriverKind::kSystemd;
  response.mutable_linux()->set_cgroup_driver(units ? v1::SYSTEMD : v1::CGROUPFS);
  return response;
}

Status Runtime::tidy() {
  TRY(impl_->sandboxes->sweep());
  TRY(impl_->containers->sweep_writable_layers());
  const Status removed = impl_->network->remove_all();
  // FailedPrecondition: pods are attached.
  if (!removed && removed.error().code() != base::Code::kFailedPrecondition) return removed;
  const base::FileLock lock =
      TRY(base::FileLock::acquire(cgroup_lock(), base::FileLock::Mode::kExclusive, kCgroupLockWait));
  // Those of the other driver, too: pods may have run with it.
  for (const auto driver : {cgroup::DriverKind::kCgroupfs, cgroup::DriverKind::kSystemd}) {
    const cgroup::Naming names{.driver = driver, .instance = impl_->registry.paths().instance};
    for (const std::string& cgroup : names.common()) impl_->cgroups.remove_if_unused(cgroup);
  }
  return {};
}

Runtime::Runtime(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Runtime::~Runtime() = default;
cri::RuntimeService& Runtime::runtime() { return *impl_; }
cri::ImageService& Runtime::images() { return impl_->image_service; }
cri::LocalRuntime& Runtime::local() { return *impl_; }
cgroup::Driver& Runtime::cgroups() { return impl_->cgroups; }
cgroup::Naming Runtime::cgroup_names() const { return impl_->registry.paths().cgroup_names(); }
std::string Runtime::cgroup_lock() const { return impl_->registry.paths().cgroup_lock(); }

namespace {

// A link's name has at most 15 characters: a longer instance gives its beginning and a hash (FNV-1a) of all of it.
std::string bridge_name(const std::string& instance) {
  if (instance == "nodeagent") return "nodeagent0";
  constexpr size_t kLongest = 13;
  if (instance.size() <= kLongest) return instance + "-b";
  uint32_t hash = 2166136261U;
  for (const char character : instance) hash = (hash ^ static_cast<unsigned char>(character)) * 16777619U;
  std::string out = instance.substr(0, 6);
  for (int shift = 24; shift >= 0; shift -= 4) out += "0123456789abcdef"[hash >> static_cast<unsigned>(shift) & 15U];
  return out + "-b";
}

// Bridge, nft table and the rest that --root does not separate are named by the instance.
cni::BridgeOptions network_options(const RuntimeOptions& options, const Paths& paths) {
  return {.bridge = bridge_name(options.instance),
          .subnet = options.subnet.empty() ? cni::default_subnet(options.instance) : options.subnet,
          .nft_table = options.instance,
          .state_dir = paths.network(),
          .locks_dir = paths.locks()};
}

Status make_folders(const Paths& paths) {
  for (const std::string& folder :
       {paths.root, paths.state, paths.sandboxes(), paths.writable_layers(), paths.sandbox_locks()}) {
    TRY(base::make_dirs(folder, 0700));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Runtime>> Runtime::open(const RuntimeOptions& options) {
  cgroup::Hierarchy hierarchy = TRY(cgroup::Hierarchy::find());
  const Paths paths{.root = options.root,
                    .state = options.state,
                    .instance = options.instance,
                    .cgroup_driver = TRY(cgroup::resolve(options.cgroup_driver, hierarchy))};
  TRY(make_folders(paths), "open the runtime's folders");
  std::string boot_id = TRY(base::boot_id());
  std::unique_ptr<image::Store> store = TRY(image::Store::open(options.root), "open the image store");
  std::unique_ptr<cni::BridgeNetwork> network =
      TRY(cni::BridgeNetwork::open(network_options(options, paths)), "open the built-in network");
  auto impl = std::make_unique<Impl>(options, paths, std::move(boot_id), std::move(hierarchy), std::move(store),
                                     std::move(network));
  TRY(impl->start(options));
  return std::unique_ptr<Runtime>(new Runtime(std::move(impl)));
}

}  // namespace runtime::service
