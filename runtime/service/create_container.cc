// CreateContainer: the bundle (config.json), the writable layer and the record. Nothing runs yet.
#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/path.h"
#include "base/sys.h"
#include "runtime/oci/root_files.h"
#include "runtime/service/containers.h"
#include "runtime/service/ids.h"
#include "runtime/service/pod_files.h"
#include "runtime/service/resources.h"
#include "runtime/service/sandbox_request.h"

namespace runtime::service {

using base::Code;
using base::Result;
using base::Status;
using base::UniqueFd;

namespace {

oci::ImageConfig to_oci(const image::ImageConfig& config) {
  return {.env = config.env,
          .entrypoint = config.entrypoint,
          .cmd = config.cmd,
          .working_dir = config.working_dir,
          .user = config.user,
          .stop_signal = config.stop_signal,
          .volumes = config.volumes};
}

Result<oci::ResolvedUser> resolve_user(const v1::ContainerConfig& config, const image::LowerLayers& layers,
                                       const oci::ImageConfig& image) {
  const UniqueFd folder = TRY(base::sys::open(layers.folder, O_PATH | O_DIRECTORY));
  std::vector<UniqueFd> roots;
  roots.reserve(layers.names.size());
  for (const std::string& name : layers.names) {
    roots.push_back(TRY(base::sys::openat(folder.get(), name, O_PATH | O_DIRECTORY)));
  }
  return oci::resolve_user(oci::LayeredRoot(std::move(roots)), oci::user_request(config, image));
}

// The signal of the request, else of the image, else SIGTERM.
Result<int> stop_signal(const v1::ContainerConfig& config, const image::ImageConfig& image) {
  if (config.stop_signal() != v1::RUNTIME_DEFAULT) return signal_number(v1::Signal_Name(config.stop_signal()));
  if (!image.stop_signal.empty()) return TRY(signal_number(image.stop_signal), "the image's stop signal");
  return SIGTERM;
}

// A container has what its pod was made for, and no more.
Status check_fits(const v1::ContainerConfig& config, const SandboxRecord& sandbox) {
  const v1::LinuxContainerSecurityContext& own = config.linux().security_context();
  const v1::LinuxSandboxSecurityContext& pods = sandbox.config->linux().security_context();
  if (own.privileged() && !pods.privileged()) {
    return base::fail(Code::kInvalidArgument,
                      "security_context.privileged is asked for, but the pod's sandbox is not privileged");
  }
  return {};
}

Status check(const v1::CreateContainerRequest& request) {
  const v1::ContainerConfig& config = request.config();
  if (config.metadata().name().empty()) return base::fail(Code::kInvalidArgument, "config.metadata.name is empty");
  if (config.image().image().empty()) return base::fail(Code::kInvalidArgument, "config.image.image is empty");
  if (config.log_path().find("..") != std::string::npos) {
    return base::fail(Code::kInvalidArgument, "config.log_path \"", config.log_path(), "\" must not hold \"..\"");
  }
  return {};
}

std::string image_ref(const image::Image& image) {
  return image.repo_digests.empty() ? image.id : image.repo_digests.front();
}

}  // namespace

Containers::Containers(Parts parts) : parts_(parts), thermal_throttle_paths_(oci::host_thermal_throttle_paths()) {}

Result<std::string> Containers::shared_pid_path(const SandboxRecord& sandbox) const {
  const auto client = TRY(parts_.watch.client(sandbox.id, parts_.registry.paths().sandbox(sandbox.id)));
  const pid_t init = client->info().sandbox_init_pid;
  if (init > 0) return base::concat("/proc/", init, "/ns/pid");
  return base::fail(Code::kFailedPrecondition, "the first process of the pod's shared pid namespace has ended");
}

Result<Containers::Prepared> Containers::prepare(const v1::CreateContainerRequest& request,
                                                 const SandboxRecord& sandbox, ContainerRecord& record) const {
  const v1::ContainerConfig& config = request.config();
  const Paths& paths = parts_.registry.paths();
  TRY(check_fits(config, sandbox));
  Prepared prepared{
      .image = TRY(parts_.images.resolve(config.image().image()), "find the image"), .layers = {}, .spec = {}};
  prepared.layers = TRY(parts_.images.lower_layers(prepared.image));
  oci::GenerateInput input{.container = &config, .sandbox = sandbox.config.get()};
  input.container_id = record.id;
  input.sandbox_id = sandbox.id;
  input.image_name =
      config.image().user_specified_image().empty() ? config.image().image() : config.image().user_specified_image();
  input.image = to_oci(prepared.image.config);
  input.user = TRY(resolve_user(config, prepared.layers, input.image));
  input.root_path = base::join_path(paths.container(sandbox.id, record.id), "rootfs");
  const std::string writable = paths.writable_layer(record.id);
  input.overlay = {.layers_dir = prepared.layers.folder,
                   .lower = prepared.layers.names,
                   .upper = base::join_path(writable, "upper"),
                   .work = base::join_path(writable, "work")};
  if (!config.log_path().empty()) {
    input.log_path = base::join_path(sandbox.config->log_directory(), config.log_path());
  }
  input.cgroups_path = cgroup::container_cgroup(sandbox.cgroup_parent, record.id);
  input.cgroup_dir = parts_.cgroups.hierarchy().path_of(input.cgroups_path);
  const std::string folder = paths.managed_files(sandbox.id);
  input.shm_path = shares_host_ipc(*sandbox.config) ? "/dev/shm" : paths.shm(sandbox.id);
  input.resolv_conf_path = base::join_path(folder, "resolv.conf");
  input.hostname_path = base::join_path(folder, "hostname");
  input.hostname = TRY(pod_hostname(*sandbox.config));
  input.available_capabilities = TRY(security::available_capabilities());
  input.seccomp_filter = [this](security::CapabilitySet set) { return parts_.filters.runtime_default(set); };
  input.localhost_seccomp_filter = [this](const std::string& path, security::CapabilitySet set) {
    return parts_.filters.localhost(path, set);
  };
  input.thermal_throttle_paths = thermal_throttle_paths_;
  input.find_device = oci::find_host_device;
  input.find_all_devices = oci::find_host_devices;
  if (shares_pid(*sandbox.config)) input.shared_pid_path = TRY(shared_pid_path(sandbox));
  prepared.spec = TRY(oci::generate(input));
  clamp_rlimits(prepared.spec.process, config.metadata().name());
  TRY(parts_.cgroups.check(TRY(settings_of(*prepared.spec.linux.resources))));

  record.image_id = prepared.image.id;
  record.image_ref = image_ref(prepared.image);
  record.cgroup = input.cgroups_path;
  record.log_path = input.log_path;
  record.stop_signal = TRY(stop_signal(config, prepared.image.config));
  record.uid = input.user.uid;
  record.gid = input.user.gid;
  record.groups = input.user.additional_gids;
  return prepared;
}

Status Containers::make_writable_layer(const std::string& id, const image::LowerLayers& layers) const {
  const std::string folder = parts_.registry.paths().writable_layer(id);
  TRY(base::make_dirs(folder, 0700), "make the writable layer");
  TRY(base::sys::symlinkat(parts_.registry.paths().state, AT_FDCWD, base::join_path(folder, Paths::kStateMark)));
  TRY(base::sys::mkdirat(AT_FDCWD, base::join_path(folder, "work"), 0700));
  const std::string upper = base::join_path(folder, "upper");
  TRY(base::sys::mkdirat(AT_FDCWD, upper, 0755));
  // overlayfs shows the upper folder's attributes as those of the root.
  const UniqueFd root = TRY(base::sys::open(upper, O_RDONLY | O_DIRECTORY));
  TRY(base::sys::fchown(root.get(), layers.root_uid, layers.root_gid));
  return base::sys::fchmod(root.get(), layers.root_mode);
}

Result<v1::CreateContainerResponse> Containers::create(const cri::CallContext& context,
                                                       const v1::CreateContainerRequest& request) {
  TRY(check(request), "CreateContainer");
  const Paths& paths = parts_.registry.paths();
  TRY(parts_.registry.refresh(request.pod_sandbox_id()));
  const std::string sandbox_id = TRY(parts_.registry.sandbox(request.pod_sandbox_id())).id;
  const Gates::Held gate = TRY(parts_.gates.enter(context, sandbox_id, paths.sandbox_lock(sandbox_id)));
  TRY(parts_.registry.refresh(sandbox_id));
  const SandboxRecord sandbox = TRY(parts_.registry.sandbox(sandbox_id));
  if (sandbox.state != SandboxRecord::State::kReady) {
    return base::fail(Code::kFailedPrecondition, "sandbox ", sandbox_id, " is not ready");
  }
  ContainerRecord record;
  record.id = TRY(new_id());
  record.sandbox_id = sandbox_id;
  record.config = std::make_shared<v1::ContainerConfig>(request.config());
  record.created_at = wall_ns();
  const std::string what = base::concat("create container ", record.config->metadata().name());
  const image::Image named = TRY(parts_.images.resolve(request.config().image().image()), what);
  const base::FileLock in_use = TRY(parts_.images.hold(named.id), what);
  const Prepared prepared = TRY(prepare(request, sandbox, record), what);

  base::UndoStack undo;
  const auto build = [&]() -> Status {
    // The record first: what is made after it is found and removed by it if we die here.
    TRY(parts_.registry.add(record));
    undo.push("forget the container", [&] { return parts_.registry.remove_container(record.id); });
    undo.push("remove the writable layer", [&] { return base::remove_tree(paths.writable_layer(record.id)); });
    TRY(make_writable_layer(record.id, prepared.layers));
    // Where the root is mounted, in the container's own mount namespace only.
    TRY(base::sys::mkdirat(AT_FDCWD, prepared.spec.root.path, 0700));
    const std::string config = TRY(oci::encode(prepared.spec));
    return base::write_file_atomic(base::join_path(paths.container(sandbox_id, record.id), "config.json"), config, 0600,
                                   base::Durability::kCrash);
  };
  Status built = build();
  if (!built) {
    built.error().add_context(what);
    return std::unexpected(undo.undo(std::move(built).error()));
  }
  undo.commit();
  publish(record, v1::CONTAINER_CREATED_EVENT);
  v1::CreateContainerResponse response;
  response.set_container_id(record.id);
  return response;
}

}  // namespace runtime::service
