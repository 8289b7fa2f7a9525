// The worker's life while the pod runs: observe, decide, carry out, report.
#include "agent/pods/pod_worker.h"

#include <fcntl.h>

#include <algorithm>
#include <ranges>

#include "agent/pods/container_stopper.h"
#include "agent/pods/naming.h"
#include "agent/pods/status.h"
#include "base/log.h"
#include "base/path.h"
#include "base/sys.h"
#include "cri-proto/service.h"
#include "volumes/volume_manager.h"

namespace agent::pods {

namespace {

constexpr std::chrono::minutes kCallTime(2);  // kubelet's runtimeRequestTimeout

void wake_by(PodWorker::Step& step, std::chrono::nanoseconds in) {
  in = std::max(in, std::chrono::nanoseconds(0));
  if (!step.wake_in || in < *step.wake_in) step.wake_in = in;
}

bool has_run(const api::ContainerStatus& status) {
  const auto ran = [](const std::optional<api::ContainerStateTerminated>& ended) {
    return ended && ended->reason != "StartError";
  };
  return status.state.running || ran(status.state.terminated) || ran(status.last_state.terminated);
}

}  // namespace

PodWorker::PodWorker(const WorkerDeps& deps, const Options& options, api::Pod pod, const Observer* observer)
    : deps_(deps),
      options_(options),
      pod_(std::move(pod)),
      observer_(observer),
      stopper_(std::make_unique<ContainerStopper>(deps.runtime, deps.clock, &inbox_)) {
  // An earlier worker died while it cleared an ended pod away: it must not run again.
  if (pod_.status.phase == api::PodPhase::kSucceeded || pod_.status.phase == api::PodPhase::kFailed)
    begin_ending(std::chrono::seconds(0));
}

PodWorker::~PodWorker() = default;

bool PodWorker::stopping_containers() const { return stopper_->busy(); }

base::Monotonic PodWorker::call_deadline() const { return deps_.clock->now() + kCallTime; }

base::Result<PodWorker::Step> PodWorker::sync() {
  const Inbox::Requests requests = inbox_.take();
  for (const auto& [id, result] : stopper_->collect())
    if (!result)
      tell({.warning = true, .reason = "FailedKillPod", .message = result.error().to_string(), .container = ""});
  const ObservedPod observed = TRY(observe(*deps_.runtime, {.deadline = call_deadline()}, pod_, options_.paths));
  announce_logs(observed);
  tell_kills_for_memory(observed);
  if (requests.stop && !ending_) begin_ending(requests.grace.value_or(std::chrono::seconds(api::grace_seconds(pod_))));
  return ending_ ? end_step(observed, requests) : run_step(observed);
}

base::Result<PodWorker::Step> PodWorker::run_step(const ObservedPod& observed) {
  const base::WallTime now = deps_.clock->wall();
  if (!pod_.status.start_time) pod_.status.start_time = now;
  const Actions actions = decide({.pod = pod_,
                                  .observed = observed,
                                  .now = now,
                                  .start_time = pod_.status.start_time,
                                  .back_off = back_off_,
                                  .start_failures = start_failures_});
  if (actions.end_pod) {
    deadline_exceeded_ = actions.deadline_exceeded;
    begin_ending(std::chrono::seconds(api::grace_seconds(pod_)));
    return Step{.again = true};
  }
  tell_back_offs(actions.backing_off);
  publish(observed, actions.backing_off);
  Step step;
  step.again = back_off_pulls();
  if (actions.wake_at) wake_by(step, *actions.wake_at - now);
  TRY(carry_out(actions, observed, step));
  return step;
}

base::Status PodWorker::carry_out(const Actions& actions, const ObservedPod& observed, Step& step) {
  TRY(clear_away(actions, observed, step));
  for (const ContainerToKill& kill : actions.kill)
    if (stopper_->stop(kill.id, std::chrono::seconds(std::max<int64_t>(2, api::grace_seconds(pod_)))))
      tell({.reason = "Killing", .message = kill.why, .container = kill.name});

  if (!actions.create_sandbox && actions.start.empty()) return {};
  if (hold_until_ && deps_.clock->wall() < *hold_until_) {
    wake_by(step, *hold_until_ - deps_.clock->wall());
    return {};
  }
  hold_until_.reset();
  step.again = true;
  if (actions.create_sandbox && !admit()) return {};
  if (!bring_volumes_up() || !bring_cgroup_up()) return {};
  if (actions.create_sandbox) {
    create_sandbox(actions.sandbox_attempt);
    return {};
  }
  const ObservedSandbox* sandbox = usable_sandbox(pod_, observed);
  if (const base::Status hosts = write_hosts_file(*sandbox); !hosts) {
    hold_or_give_up("FailedMount", hosts.error());
    return {};
  }
  for (const ContainerToStart& start : actions.start)
    if (!start_container(start, *sandbox, observed)) break;
  return {};
}

base::Status PodWorker::clear_away(const Actions& actions, const ObservedPod& observed, Step& step) {
  if (!actions.stop_sandboxes.empty())
    tell({.reason = "SandboxChanged",
          .message = "Pod sandbox changed, it will be killed and re-created.",
          .container = ""});
  const cri::CallContext context{.deadline = call_deadline()};
  for (const std::string& id : actions.stop_sandboxes) {
    cri::v1::StopPodSandboxRequest request;
    request.set_pod_sandbox_id(id);
    TRY(deps_.runtime->stop_pod_sandbox(context, request), "stop sandbox ", id);
  }
  for (const std::string& id : actions.remove) {
    cri::v1::RemoveContainerRequest request;
    request.set_container_id(id);
    TRY(deps_.runtime->remove_container(context, request), "remove dead container ", id);
    remove_superseded_log(actions, observed, id);
    step.again = true;
  }
  for (const std::string& id : actions.remove_sandboxes) {
    cri::v1::RemovePodSandboxRequest request;
    request.set_pod_sandbox_id(id);
    TRY(deps_.runtime->remove_pod_sandbox(context, request), "remove dead sandbox ", id);
    step.again = true;
  }
  return {};
}

// The log goes with its container where a later run's stays: the numbers of the logs that stay tell the restart count.
void PodWorker::remove_superseded_log(const Actions& actions, const ObservedPod& observed,
                                      const std::string& id) const {
  const auto gone = std::ranges::find(observed.containers, id, &ObservedContainer::id);
  if (gone == observed.containers.end()) return;
  const bool superseded = std::ranges::any_of(observed.containers, [&](const ObservedContainer& each) {
    return each.name == gone->name && each.attempt > gone->attempt &&
           std::ranges::find(actions.remove, each.id) == actions.remove.end();
  });
  if (!superseded) return;
  const std::string path = container_log_path(options_.paths, pod_, gone->name, gone->attempt);
  const base::Status removed = base::sys::unlinkat(AT_FDCWD, path, 0);
  if (!removed && removed.error().code() != base::Code::kNotFound)
    base::log::warning({.pod = pod_.metadata.name, .pod_namespace = pod_.metadata.namespace_, .container = gone->name},
                       "remove the log of a dead container: ", removed.error().to_string());
  remove_log_links(options_.paths, path);
  // What cannot be removed goes with the pod's folder.
  (void)base::sys::unlinkat(AT_FDCWD, message_file(options_.paths, pod_.metadata.uid, gone->name, gone->attempt), 0);
}

void PodWorker::tell_back_offs(const std::vector<BackingOff>& backing_off) {
  for (const BackingOff& each : backing_off) {
    base::WallTime& told = told_back_off_[each.container];
    if (told == each.until) continue;
    told = each.until;
    tell({.warning = true,
          .reason = "BackOff",
          .message =
              base::concat("Back-off restarting failed container ", each.container, " in pod ", pod_description(pod_)),
          .container = each.container});
  }
}

void PodWorker::publish(const ObservedPod& observed, const std::vector<BackingOff>& backing_off) {
  StatusInput input{.pod = pod_,
                    .observed = observed,
                    .previous = pod_.status,
                    .now = deps_.clock->wall(),
                    .start_failures = start_failures_,
                    .backing_off = backing_off,
                    .node_ip = options_.node.ip,
                    .ending = ending_,
                    .failed = deadline_exceeded_ || given_up_.has_value()};
  if (given_up_) {
    input.reason = given_up_->reason;
    input.message = given_up_->message;
  } else if (deadline_exceeded_) {
    input.reason = "DeadlineExceeded";
    input.message = "Pod was active on the node longer than the specified deadline";
  }
  api::PodStatus status = make_status(input);
  if (status != pod_.status) {
    pod_.status = std::move(status);
    if (observer_->status_changed) observer_->status_changed(pod_.status);
  }
  note_start();
}

void PodWorker::note_start() {
  if (started_ || given_up_ || !std::ranges::all_of(pod_.status.container_statuses, has_run)) return;
  started_ = true;
  if (observer_->started) observer_->started();
}

void PodWorker::announce_logs(const ObservedPod& observed) {
  // Oldest first, as they were written.
  for (const ObservedContainer& container : std::views::reverse(observed.containers))
    if (container.state != RunState::kCreated) announce(container, first_look_);
  first_look_ = false;
}

void PodWorker::announce(const ObservedContainer& container, bool adopted) {
  if (!announced_.insert(container.id).second || !observer_->container_log) return;
  const auto& inits = pod_.spec.init_containers;
  observer_->container_log({.container = container.name,
                            .container_id = container.id,
                            .path = container_log_path(options_.paths, pod_, container.name, container.attempt),
                            .attempt = container.attempt,
                            .init = std::ranges::find(inits, container.name, &api::Container::name) != inits.end(),
                            .adopted = adopted});
}

// Also of a container that went on without the process: its end says so then.
void PodWorker::tell_kills_for_memory(const ObservedPod& observed) {
  for (const ObservedContainer& container : std::views::reverse(observed.containers)) {
    const bool killed = container.reason == "OOMKilled" || container.reason == "Completed";
    if (container.state != RunState::kExited || !killed || container.message.empty()) continue;
    if (!told_kills_.insert(container.id).second) continue;
    const bool whole_node = container.message.ends_with(cri::kNodeOutOfMemory);
    tell({.warning = true,
          .reason = whole_node ? "SystemOOM" : "OOMKilled",
          .message = container.message,
          .container = container.name});
  }
}

void PodWorker::tell(const Event& event) const {
  if (observer_->event) observer_->event(event);
}

}  // namespace agent::pods
