// How the worker ends a pod: containers in order, the final status, and what has to go.
#include <dirent.h>

#include <algorithm>
#include <memory>

#include "agent/pods/container_stopper.h"
#include "agent/pods/naming.h"
#include "agent/pods/pod_worker.h"
#include "agent/resources/pod_cgroups.h"
#include "base/path.h"
#include "base/sys.h"
#include "cri-proto/service.h"
#include "volumes/volume_manager.h"

namespace agent::pods {

namespace {

namespace v1 = cri::v1;

constexpr std::chrono::seconds kSmallestGrace(1);
constexpr std::chrono::minutes kTearDownTime(2);
constexpr std::chrono::seconds kForegroundCleanUp(30);  // then the run ends all the same, and says what is left

base::Status stop_sandboxes(const WorkerDeps& deps, const cri::CallContext& context, const ObservedPod& observed) {
  for (const ObservedSandbox& sandbox : observed.sandboxes) {
    v1::StopPodSandboxRequest request;
    request.set_pod_sandbox_id(sandbox.id);
    TRY(deps.runtime->stop_pod_sandbox(context, request), "stop sandbox ", sandbox.id);
  }
  return {};
}

// The end that tells why the pod failed: a failed init container's, else the earliest failure of an app container.
const api::ContainerStatus* failing_container(const api::Pod& pod) {
  const auto failed = [](const api::ContainerStatus& status) {
    return status.state.terminated && status.state.terminated->exit_code != 0;
  };
  for (size_t i = 0; i < pod.status.init_container_statuses.size(); ++i)
    if (!pod.spec.init_containers[i].is_sidecar() && failed(pod.status.init_container_statuses[i]))
      return &pod.status.init_container_statuses[i];
  const api::ContainerStatus* first = nullptr;
  for (const api::ContainerStatus& status : pod.status.container_statuses)
    if (failed(status) &&
        (first == nullptr || status.state.terminated->finished_at < first->state.terminated->finished_at))
      first = &status;
  return first;
}

}  // namespace

void PodWorker::begin_ending(std::chrono::seconds grace) {
  if (ending_) return;
  ending_ = true;
  stop_deadline_ = deps_.clock->now() + std::max(grace, kSmallestGrace);
}

base::Result<PodWorker::Step> PodWorker::end_step(const ObservedPod& observed, const Inbox::Requests& requests) {
  const base::Monotonic now = deps_.clock->now();
  if (requests.grace) stop_deadline_ = std::min(stop_deadline_, now + std::max(*requests.grace, kSmallestGrace));
  const std::vector<ContainerToStop> stops =
      decide_stop({.pod = pod_, .observed = observed, .remaining = stop_deadline_ - now, .kill = requests.kill});
  for (const ContainerToStop& each : stops)
    if (stopper_->stop(each.id, each.grace))
      tell({.reason = "Killing", .message = base::concat("Stopping container ", each.name), .container = each.name});
  publish(observed, {});
  Step step;
  if (!stops.empty() || stopper_->busy()) {
    // The runtime kills when the grace is over; sidecars that are still waiting for their turn are then due.
    if (stop_deadline_ > now)
      step.wake_in = stop_deadline_ - now;
    else
      step.wake_in = std::chrono::seconds(1);
    return step;
  }
  set_outcome();
  if (!told_removal_ && observer_->before_removal) observer_->before_removal();
  told_removal_ = true;
  if (!clean_up_until_) {
    clean_up_until_ = now + kForegroundCleanUp;
    inbox_.clean_up_begins();
  }
  TRY(clean_up(observed));
  step.done = true;
  return step;
}

void PodWorker::set_outcome() {
  outcome_.phase = api::to_string(pod_.status.phase);
  outcome_.exit_code = 0;
  outcome_.message.clear();
  if (pod_.status.phase == api::PodPhase::kSucceeded) return;
  outcome_.exit_code = 1;
  const api::ContainerStatus* failing = failing_container(pod_);
  if (given_up_) {
    outcome_.not_started = true;
    outcome_.exit_code = given_up_->exit_code;
    outcome_.message = given_up_->message;
    return;
  }
  if (failing != nullptr) {
    const api::ContainerStateTerminated& end = *failing->state.terminated;
    outcome_.exit_code = end.exit_code;
    outcome_.message = base::concat("container ", failing->name, ": ", end.reason, ", exit code ", end.exit_code,
                                    end.message.empty() ? "" : ": ", end.message);
  }
  if (deadline_exceeded_) outcome_.message = base::concat(pod_.status.reason, ": ", pod_.status.message);
}

bool PodWorker::clean_up_over() const {
  return has_outcome() && (deps_.clock->now() >= *clean_up_until_ || inbox_.clean_up_token().stop_requested());
}

base::Status PodWorker::clean_up(const ObservedPod& observed) {
  if (options_.foreground) {
    const std::chrono::nanoseconds left = *clean_up_until_ - deps_.clock->now();
    return remove_remains(deps_, options_, pod_,
                          {.time = std::max(left, std::chrono::nanoseconds(0)), .stop = inbox_.clean_up_token()});
  }
  TRY(stop_sandboxes(deps_, {.deadline = call_deadline()}, observed));
  if (deps_.cgroups != nullptr) deps_.cgroups->released(pod_);
  return deps_.volumes->tear_down(pod_.metadata.uid, kTearDownTime);
}

void remove_log_links(const Paths& paths, const std::string& target) {
  if (paths.log_links.empty()) return;
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(paths.log_links.c_str()), closedir);
  if (dir == nullptr) return;
  while (const dirent* entry = readdir(dir.get())) {
    const auto points_to = base::sys::readlinkat(dirfd(dir.get()), entry->d_name);
    // One that cannot be removed is a dangling link at worst, and is found again by the next removal.
    if (points_to && (*points_to == target || points_to->starts_with(target + "/")))
      (void)base::sys::unlinkat(dirfd(dir.get()), entry->d_name, 0);
  }
}

base::Status remove_remains(const WorkerDeps& deps, const Options& options, const api::Pod& pod,
                            const RemovalLimit& limit) {
  const base::Monotonic until = deps.clock->now() + limit.time;
  const cri::CallContext context{.deadline = until, .stop = limit.stop};
  const ObservedPod observed = TRY(observe(*deps.runtime, context, pod, options.paths));
  TRY(stop_sandboxes(deps, context, observed));
  for (const ObservedContainer& container : observed.containers) {
    v1::RemoveContainerRequest request;
    request.set_container_id(container.id);
    TRY(deps.runtime->remove_container(context, request), "remove container ", container.name);
  }
  for (const ObservedSandbox& sandbox : observed.sandboxes) {
    v1::RemovePodSandboxRequest request;
    request.set_pod_sandbox_id(sandbox.id);
    TRY(deps.runtime->remove_pod_sandbox(context, request), "remove sandbox ", sandbox.id);
  }
  if (deps.cgroups != nullptr) deps.cgroups->released(pod);
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - deps.clock->now());
  TRY(deps.volumes->tear_down(pod.metadata.uid, std::max(left, std::chrono::milliseconds(0)), limit.stop));
  TRY(base::remove_tree(pod_folder(options.paths, pod.metadata.uid)), "remove the pod's folder");
  const std::string logs = pod_log_folder(options.paths, pod);
  remove_log_links(options.paths, logs);
  return base::remove_tree(logs);
}

}  // namespace agent::pods
