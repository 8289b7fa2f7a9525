// How the worker brings volumes, the sandbox and containers up, and what it says when one of them fails.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "agent/pods/convert.h"
#include "agent/pods/env.h"
#include "agent/pods/hosts.h"
#include "agent/pods/naming.h"
#include "agent/pods/pod_worker.h"
#include "agent/pods/volume_specs.h"
#include "agent/resources/admission.h"
#include "agent/resources/pod_cgroups.h"
#include "base/file.h"
#include "base/log.h"
#include "base/path.h"
#include "base/sys.h"
#include "cri-proto/service.h"
#include "volumes/volume_manager.h"

namespace agent::pods {

namespace {

namespace v1 = cri::v1;

constexpr std::chrono::seconds kRetryPause(10);        // kubelet's pause after a pod's sync failed
constexpr std::chrono::seconds kNetworkRetryPause(1);  // the same where only the network is not there yet
constexpr int kCannotStart = 125;                      // as container tools and env(1) use it: it never came to run
constexpr int kCannotExecute = 126;
constexpr int kCommandNotFound = 127;
constexpr const char* kConfigError = "CreateContainerConfigError";
constexpr std::string_view kErrImagePull = "ErrImagePull";
constexpr size_t kMaxResolvConf = 10UL << 20;

BringUpFailure failure(const char* reason, base::Error error) { return {.reason = reason, .error = std::move(error)}; }

base::Status make_log_link(const std::string& folder, const std::string& name, const std::string& target) {
  TRY(base::make_dirs(folder, 0755));
  const std::string path = base::join_path(folder, name);
  const base::Status old = base::sys::unlinkat(AT_FDCWD, path, 0);
  if (!old && old.error().code() != base::Code::kNotFound) return old;
  return base::sys::symlinkat(target, AT_FDCWD, path);
}

}  // namespace

// Who waits for the pod to start is told what only somebody else's doing can mend.
bool PodWorker::gives_up_on(const base::Error& error) const {
  switch (error.code()) {
    case base::Code::kUnavailable:
    case base::Code::kDeadlineExceeded:
    case base::Code::kCancelled:
    case base::Code::kAborted:
      return false;
    default:
      return options_.foreground || (options_.must_start && !started_);
  }
}

void PodWorker::hold_or_give_up(const char* reason, const base::Error& error) {
  if (error.code() == base::Code::kCancelled) return;
  tell({.warning = true, .reason = reason, .message = error.to_string(), .container = ""});
  if (gives_up_on(error)) {
    given_up_ = GivenUp{.reason = reason, .message = error.to_string(), .exit_code = kCannotStart};
    begin_ending(std::chrono::seconds(api::grace_seconds(pod_)));
    return;
  }
  const bool network = error.code() == base::Code::kUnavailable;
  hold_until_ = deps_.clock->wall() + (network ? kNetworkRetryPause : kRetryPause);
}

bool PodWorker::bring_volumes_up() {
  if (volumes_up_) return true;
  const auto bring = [&]() -> base::Status {
    TRY(base::make_dirs(pod_folder(options_.paths, pod_.metadata.uid), 0700));
    const DownwardInput facts{.pod = pod_, .node = options_.node, .pod_ips = {}};
    deps_.volumes->want(pod_.metadata.uid, TRY(volume_specs(facts, *deps_.configuration)));
    return deps_.volumes->wait_for_attach(pod_.metadata.uid, volumes::kAttachDeadline, inbox_.start_token());
  };
  const base::Status up = bring();
  if (!up) hold_or_give_up("FailedMount", up.error());
  volumes_up_ = up.has_value();
  return volumes_up_;
}

ResolvConf PodWorker::dns_conf(bool tell_events) {
  DnsInput input{
      .pod = pod_, .host = {}, .cluster_dns = options_.cluster_dns, .cluster_domain = options_.cluster_domain};
  if (options_.resolv_conf.empty()) {
    input.host = {.nameservers = {"127.0.0.1"}, .searches = {"."}, .options = {}};
  } else if (const auto text = base::read_file(options_.resolv_conf, kMaxResolvConf); text) {
    input.host = parse_resolv_conf(*text);
  } else if (tell_events) {
    tell({.warning = true, .reason = "DNSConfigForming", .message = text.error().to_string(), .container = ""});
  }
  DnsResult result = pod_dns(input);
  if (tell_events)
    for (const Event& event : result.events) tell(event);
  return std::move(result.conf);
}

bool PodWorker::admit() {
  std::optional<resources::Refusal> refusal = resources::refuse_above_capacity(pod_, options_.node);
  if (!refusal) refusal = resources::refuse_sysctls(pod_, options_.allowed_unsafe_sysctls);
  if (!refusal) return true;
  tell({.warning = true, .reason = refusal->reason, .message = refusal->message, .container = ""});
  given_up_ = GivenUp{.reason = refusal->reason,
                      .message = base::concat("Pod was rejected: ", refusal->message),
                      .exit_code = kCannotStart};
  begin_ending(std::chrono::seconds(0));
  return false;
}

// At every start of a container: who removed the cgroup, or changed it, has not removed the pod's limits.
bool PodWorker::bring_cgroup_up() {
  if (deps_.cgroups == nullptr) return true;
  const base::Status made = deps_.cgroups->prepare(pod_);
  if (!made) hold_or_give_up("FailedCreatePodContainer", made.error());
  return made.has_value();
}

void PodWorker::fill_sandbox(unsigned attempt, bool tell_events, v1::PodSandboxConfig* config) {
  fill_sandbox_config(pod_, options_, dns_conf(tell_events), attempt, config);
  if (deps_.cgroups != nullptr) config->mutable_linux()->set_cgroup_parent(deps_.cgroups->path_of(pod_));
}

bool PodWorker::create_sandbox(unsigned attempt) {
  v1::RunPodSandboxRequest request;
  fill_sandbox(attempt, true, request.mutable_config());
  const auto hostname = kernel_hostname(pod_, options_.cluster_domain);
  base::Status made =
      hostname ? base::make_dirs(pod_log_folder(options_.paths, pod_), 0755) : std::unexpected(hostname.error());
  if (made) {
    const auto response =
        deps_.runtime->run_pod_sandbox({.deadline = call_deadline(), .stop = inbox_.start_token()}, request);
    if (response) return true;
    made = std::unexpected(response.error());
  }
  hold_or_give_up("FailedCreatePodSandBox", made.error());
  return false;
}

bool PodWorker::back_off_pulls() {
  bool changed = false;
  for (const auto* list : {&pod_.spec.init_containers, &pod_.spec.containers})
    for (const api::Container& container : *list) {
      const auto entry = start_failures_.find(container.name);
      if (entry == start_failures_.end() || entry->second.reason != kErrImagePull) continue;
      const std::string message = base::concat("Back-off pulling image \"", container.image, "\"");
      entry->second.reason = "ImagePullBackOff";
      entry->second.message = base::concat(message, ": ", kErrImagePull, ": ", entry->second.message);
      tell({.reason = "BackOff", .message = message, .container = container.name});
      changed = true;
    }
  return changed;
}

base::Status PodWorker::write_hosts_file(const ObservedSandbox& sandbox) const {
  const std::string path = base::concat(pod_folder(options_.paths, pod_.metadata.uid), "/etc-hosts");
  std::string wanted;
  if (pod_.spec.host_network) {
    const auto host = base::read_file("/etc/hosts");
    if (!host && host.error().code() != base::Code::kNotFound) return std::unexpected(host.error());
    wanted = host_network_hosts(pod_, host ? *host : "");
  } else {
    wanted = pod_hosts(pod_, sandbox.ips, options_.cluster_domain);
  }
  if (const auto present = base::read_file(path); present && *present == wanted) return {};
  return base::write_file_atomic(path, wanted, 0644, base::Durability::kCrash);
}

bool PodWorker::start_container(const ContainerToStart& start, const ObservedSandbox& sandbox,
                                const ObservedPod& observed) {
  const std::string& name = start.container->name;
  const ObservedContainer* latest = observed.latest(name);
  if (latest != nullptr && latest->state == RunState::kExited)
    back_off_.next(back_off_key(pod_, *start.container), latest->finished_at, deps_.clock->wall());
  BringUp<std::string> created = create_container(start, sandbox);
  BringUp<void> running;
  if (created)
    running = run_container(start, *created);
  else
    running = std::unexpected(std::move(created.error()));
  if (!running) {
    start_failed(start, running.error(), latest != nullptr && latest->state != RunState::kCreated);
    return !ending_;
  }
  start_failures_.erase(name);
  return true;
}

base::Result<Variables> PodWorker::container_environment(const api::Container& container,
                                                         const ObservedSandbox& sandbox) const {
  const DownwardInput facts{.pod = pod_,
                            .node = options_.node,
                            .pod_ips = sandbox.host_network ? std::vector{options_.node.ip} : sandbox.ips};
  Environment made = TRY(make_environment(
      {.downward = facts, .container = container, .configuration = *deps_.configuration, .root = options_.paths.root}));
  for (const Event& event : made.events) tell(event);
  return std::move(made.variables);
}

namespace {

// Empty, whatever an earlier attempt to start this run has left, and for whatever user the container has.
base::Status make_message_file(const std::string& path) {
  TRY(base::make_dirs(path.substr(0, path.rfind('/')), 0700));
  const base::UniqueFd file = TRY(base::sys::open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600),
                                  "make the file for the termination message");
  return base::sys::fchmod(file.get(), 0666);
}

}  // namespace

base::Result<std::vector<std::string>> PodWorker::bind_sub_paths(const ContainerInput& input) const {
  const std::map<std::string, std::string> values(input.environment.begin(), input.environment.end());
  std::vector<std::string> parts;
  for (const api::VolumeMount& mount : input.container.volume_mounts) {
    const auto volume = std::ranges::find(pod_.spec.volumes, mount.name, &api::Volume::name);
    std::string path = mount.sub_path;
    if (!mount.sub_path_expr.empty()) path = TRY(expand_all(mount.sub_path_expr, values), "expand subPathExpr");
    const bool whole = path.empty() || volume == pod_.spec.volumes.end();
    parts.push_back(whole ? std::string()
                          : TRY(deps_.volumes->bind_part(pod_.metadata.uid, volume_without_content(*volume),
                                                         input.container.name, parts.size(), path),
                                "failed to prepare subPath for volumeMount \"", mount.name, "\""));
  }
  return parts;
}

BringUp<std::string> PodWorker::create_container(const ContainerToStart& start, const ObservedSandbox& sandbox) {
  const api::Container& container = *start.container;
  const cri::CallContext pull{.stop = inbox_.start_token()};
  BringUp<LocalImage> image = ensure_image(*deps_.images, pull, container, [this](const Event& event) { tell(event); });
  if (!image) return std::unexpected(std::move(image.error()));

  v1::CreateContainerRequest request;
  request.set_pod_sandbox_id(sandbox.id);
  fill_sandbox(sandbox.attempt, false, request.mutable_sandbox_config());
  auto environment = container_environment(container, sandbox);
  if (!environment) return std::unexpected(failure(kConfigError, std::move(environment.error())));
  ContainerInput input{.pod = pod_,
                       .container = container,
                       .options = options_,
                       .image = *image,
                       .attempt = start.attempt,
                       .hosts_file = base::concat(pod_folder(options_.paths, pod_.metadata.uid), "/etc-hosts"),
                       .message_file = message_file(options_.paths, pod_.metadata.uid, container.name, start.attempt),
                       .environment = *std::move(environment)};
  auto parts = bind_sub_paths(input);
  if (!parts) return std::unexpected(failure(kConfigError, std::move(parts.error())));
  input.sub_paths = *std::move(parts);
  base::Status ready = fill_container_config(input, request.mutable_config());
  if (ready) ready = base::make_dirs(base::join_path(pod_log_folder(options_.paths, pod_), container.name), 0755);
  if (ready) ready = make_message_file(input.message_file);
  if (!ready) return std::unexpected(failure(kConfigError, std::move(ready.error())));

  auto response = deps_.runtime->create_container({.deadline = call_deadline(), .stop = inbox_.start_token()}, request);
  if (!response) return std::unexpected(failure("CreateContainerError", std::move(response.error())));
  tell({.reason = "Created",
        .message = base::concat("Created container ", container.name),
        .container = container.name});
  return response->container_id();
}

BringUp<void> PodWorker::run_container(const ContainerToStart& start, const std::string& id) {
  const std::string& name = start.container->name;
  v1::StartContainerRequest request;
  request.set_container_id(id);
  auto response = deps_.runtime->start_container({.deadline = call_deadline(), .stop = inbox_.start_token()}, request);
  if (!response) return std::unexpected(failure("RunContainerError", std::move(response.error())));
  tell({.reason = "Started", .message = base::concat("Started container ", name), .container = name});
  if (!options_.paths.log_links.empty()) {
    const base::Status linked = make_log_link(options_.paths.log_links, log_link_name(pod_, name, id),
                                              container_log_path(options_.paths, pod_, name, start.attempt));
    if (!linked)
      base::log::warning({.pod = pod_.metadata.name, .pod_namespace = pod_.metadata.namespace_, .container = name},
                         "make the log's symbolic link: ", linked.error().to_string());
  }
  ObservedContainer begun;
  begun.id = id;
  begun.name = name;
  begun.attempt = start.attempt;
  announce(begun, false);
  return {};
}

void PodWorker::start_failed(const ContainerToStart& start, const BringUpFailure& failed, bool ran_before) {
  if (failed.error.code() == base::Code::kCancelled) return;
  const std::string& name = start.container->name;
  const base::WallTime now = deps_.clock->wall();
  tell({.warning = true,
        .reason = "Failed",
        .message = base::concat("Error: ", failed.reason, ": ", failed.error.to_string()),
        .container = name});
  StartFailure& entry = start_failures_[name];
  entry = {.reason = failed.reason, .message = failed.error.to_string(), .retry_at = now + kRetryPause};
  const bool run_error = failed.reason == "RunContainerError";
  if (run_error) {
    entry.retry_at = now;                       // it counts as an end: the crash loop's back-off rules
  } else if (failed.reason == kErrImagePull) {  // nothing was pulled where another reason is given
    image_back_off_.next(start.container->image, now, now);
    entry.retry_at = now + image_back_off_.period(start.container->image, now);
  }
  if (ran_before || !gives_up_on(failed.error)) return;
  int exit_code = kCannotStart;
  // What service.h promises of StartContainer's codes.
  if (run_error && failed.error.code() == base::Code::kNotFound) exit_code = kCommandNotFound;
  if (run_error && failed.error.code() == base::Code::kPermissionDenied) exit_code = kCannotExecute;
  // A runtime names the container that it could not create or start; nothing before that does.
  const bool named = run_error || failed.reason == "CreateContainerError";
  given_up_ =
      GivenUp{.reason = failed.reason,
              .message = base::concat(named ? "" : base::concat("container ", name, ": "), failed.error.to_string()),
              .exit_code = exit_code};
  begin_ending(std::chrono::seconds(api::grace_seconds(pod_)));
}

}  // namespace agent::pods
