#include "agent/pods/status.h"

#include <algorithm>

#include "agent/api/pod_amounts.h"
#include "agent/pods/naming.h"
#include "base/concat.h"

namespace agent::pods {

namespace {

constexpr int kLostExitCode = 137;
constexpr size_t kLongestMessages = 12UL << 10;  // bytes, of a pod (kubelet's MaxPodTerminationMessageLogLength)
constexpr const char* kLostReason = "ContainerStatusUnknown";

std::string runtime_id(const ObservedContainer& container) { return "nodeagent://" + container.id; }

api::ContainerStateTerminated terminated(const ObservedContainer& container, size_t most) {
  api::ContainerStateTerminated end;
  const std::string& own = container.termination_message;
  const bool unknown = container.state == RunState::kUnknown;
  end.exit_code = unknown ? kLostExitCode : container.exit_code;
  end.reason = container.reason;
  if (unknown)
    end.reason = kLostReason;
  else if (end.reason.empty())
    end.reason = end.exit_code == 0 ? "Completed" : "Error";
  end.message = base::concat(container.message, container.message.empty() || own.empty() ? "" : ": ", own);
  end.message.resize(std::min(end.message.size(), most));
  if (container.started_at.time_since_epoch().count() > 0) end.started_at = container.started_at;
  if (container.finished_at.time_since_epoch().count() > 0) end.finished_at = container.finished_at;
  end.container_id = runtime_id(container);
  return end;
}

// A container that was seen running and of which the runtime now knows nothing.
api::ContainerStateTerminated lost(const api::ContainerStatus& before, base::WallTime now) {
  api::ContainerStateTerminated end;
  end.exit_code = kLostExitCode;
  end.reason = kLostReason;
  end.message = "The container could not be found any more; it was running before";
  end.started_at = before.state.running->started_at;
  end.finished_at = now;
  end.container_id = before.container_id;
  return end;
}

const api::ContainerStatus* find_status(const std::vector<api::ContainerStatus>& list, const std::string& name) {
  const auto found = std::ranges::find(list, name, &api::ContainerStatus::name);
  return found == list.end() ? nullptr : &*found;
}

class StatusMaker {
 public:
  explicit StatusMaker(const StatusInput& input) : in_(input), spec_(input.pod.spec) {}

  api::PodStatus run() {
    out_.start_time = in_.previous.start_time ? in_.previous.start_time : in_.now;
    out_.qos_class = api::to_string(api::qos_class(spec_));
    out_.host_ip = in_.node_ip;
    if (!in_.node_ip.empty()) out_.host_ips = {{in_.node_ip}};
    out_.pod_ip = in_.previous.pod_ip;  // stays while the pod ends and after
    out_.pod_ips = in_.previous.pod_ips;
    out_.observed_generation = in_.pod.metadata.generation;
    if (const ObservedSandbox* sandbox = usable_sandbox(in_.pod, in_.observed); sandbox != nullptr) {
      const std::vector<std::string> ips = sandbox->host_network ? std::vector{in_.node_ip} : sandbox->ips;
      out_.pod_ip = ips.front();
      out_.pod_ips.clear();
      for (const std::string& ip : ips)
        if (!ip.empty()) out_.pod_ips.push_back({ip});
      initialized_ = is_initialized(in_.pod, in_.observed, *sandbox);
      sandbox_id_ = sandbox->id;
    }
    for (const api::Container& container : spec_.init_containers)
      out_.init_container_statuses.push_back(
          container_status(container, true, find_status(in_.previous.init_container_statuses, container.name)));
    for (const api::Container& container : spec_.containers)
      out_.container_statuses.push_back(
          container_status(container, false, find_status(in_.previous.container_statuses, container.name)));
    set_phase();
    set_conditions();
    return std::move(out_);
  }

 private:
  api::ContainerStatus container_status(const api::Container& container, bool init,
                                        const api::ContainerStatus* before) const {
    api::ContainerStatus status;
    status.name = container.name;
    status.image = container.image;
    const ObservedContainer* latest = in_.observed.latest(container.name);
    // Init containers run again in a new sandbox: what an older one had is only their past.
    const bool stale_init = init && latest != nullptr && !sandbox_id_.empty() && latest->sandbox_id != sandbox_id_ &&
                            latest->state != RunState::kRunning;
    if (latest == nullptr) {
      not_there(status, before);
    } else {
      status.restart_count = static_cast<int32_t>(latest->attempt);
      status.image_id = latest->image_id;
      status.container_id = runtime_id(*latest);
      there(status, *latest, before);
      if (stale_init && !initialized_ && !in_.ending) {
        status.last_state.terminated = status.state.terminated;
        status.state = {.waiting = first_wait()};
      }
    }
    overlay_wait(status, container, init, latest);
    set_ready(status, container, init);
    set_resources(status, container);
    return status;
  }

  api::ContainerStateWaiting first_wait() const {
    const bool initializing = !spec_.init_containers.empty() && !initialized_;
    return {.reason = initializing ? "PodInitializing" : "ContainerCreating", .message = ""};
  }

  void not_there(api::ContainerStatus& status, const api::ContainerStatus* before) const {
    if (before != nullptr && before->state.running) {
      status.restart_count = before->restart_count;
      status.image_id = before->image_id;
      status.container_id = before->container_id;
      if (in_.ending || spec_.restart_policy == api::RestartPolicy::kNever) {
        status.state.terminated = lost(*before, in_.now);
        return;
      }
      status.last_state.terminated = lost(*before, in_.now);
      ++status.restart_count;
    } else if (before != nullptr && before->state.terminated) {
      status = *before;  // removed after its end was reported
      return;
    } else if (before != nullptr) {
      status.restart_count = before->restart_count;
      status.last_state = before->last_state;
    }
    status.state.waiting = first_wait();
  }

  void there(api::ContainerStatus& status, const ObservedContainer& latest, const api::ContainerStatus* before) const {
    if (const ObservedContainer* end = in_.observed.previous_end(status.name); end != nullptr)
      status.last_state.terminated = terminated(*end, longest_message());
    else if (before != nullptr && latest.attempt > 0)
      status.last_state =
          before->container_id != status.container_id && before->state.terminated ? before->state : before->last_state;
    switch (latest.state) {
      case RunState::kCreated:
        status.state.waiting = first_wait();
        return;
      case RunState::kRunning:
        status.state.running = api::ContainerStateRunning{.started_at = latest.started_at};
        return;
      case RunState::kExited:
      case RunState::kUnknown:
        status.state.terminated = terminated(latest, longest_message());
        return;
    }
  }

  // All of a pod's together are to fit into its status.
  size_t longest_message() const {
    return kLongestMessages / std::max<size_t>(1, spec_.init_containers.size() + spec_.containers.size());
  }

  // A container that is going to be started again, but cannot be yet, waits; how it ended is its past.
  void overlay_wait(api::ContainerStatus& status, const api::Container& container, bool init,
                    const ObservedContainer* latest) const {
    if (status.state.running || in_.ending) return;
    if (!should_run_again(in_.pod, container, init, latest) && status.state.terminated) return;
    std::optional<api::ContainerStateWaiting> wait;
    if (const auto failure = in_.start_failures.find(container.name); failure != in_.start_failures.end())
      wait = {.reason = failure->second.reason, .message = failure->second.message};
    const auto looping = std::ranges::find(in_.backing_off, container.name, &BackingOff::container);
    if (looping != in_.backing_off.end())
      wait = {.reason = "CrashLoopBackOff", .message = back_off_message(in_.pod, *looping)};
    if (!wait) return;
    if (status.state.terminated) status.last_state = api::ContainerState{.terminated = status.state.terminated};
    status.state = api::ContainerState{.waiting = std::move(wait)};
  }

  // Nothing changes a pod of a file while it runs: what was admitted is what it runs with.
  static void set_resources(api::ContainerStatus& status, const api::Container& container) {
    status.allocated_resources = container.resources.requests;
    status.resources.reset();
    const bool said = !container.resources.requests.empty() || !container.resources.limits.empty();
    if (status.state.running && said) {
      status.resources = container.resources;
      status.resources->claims = {};
    }
  }

  // Without probes a container is started and ready as soon as it runs.
  static void set_ready(api::ContainerStatus& status, const api::Container& container, bool init) {
    const bool running = status.state.running.has_value();
    if (init && !container.is_sidecar()) {
      status.started = false;
      status.ready = status.state.terminated && status.state.terminated->exit_code == 0;
      return;
    }
    status.started = running;
    status.ready = running;
  }

  void set_phase() {
    const api::PodPhase before = in_.previous.phase;
    if (before == api::PodPhase::kSucceeded || before == api::PodPhase::kFailed) {
      out_.phase = before;
      out_.reason = in_.previous.reason;
      out_.message = in_.previous.message;
      return;
    }
    out_.phase = phase();
    const bool final = out_.phase == api::PodPhase::kSucceeded || out_.phase == api::PodPhase::kFailed;
    if (final && something_runs()) out_.phase = in_.previous.phase;
    if (in_.failed && in_.ending && !something_runs()) out_.phase = api::PodPhase::kFailed;
    if (in_.failed) {
      out_.reason = in_.reason;
      out_.message = in_.message;
    }
  }

  bool something_runs() const {
    return std::ranges::any_of(in_.observed.containers,
                               [](const auto& each) { return each.state == RunState::kRunning; });
  }

  api::PodPhase phase() const {
    bool init_pending = false;
    bool init_failed = false;
    for (size_t i = 0; i < spec_.init_containers.size(); ++i) {
      const api::ContainerStatus& status = out_.init_container_statuses[i];
      const bool ended_before = status.last_state.terminated.has_value();
      if (spec_.init_containers[i].is_sidecar()) {
        if (status.state.waiting && !ended_before && !initialized_) init_pending = true;
      } else if (status.state.terminated) {
        init_failed |= status.state.terminated->exit_code != 0;
      } else if (status.state.waiting && ended_before && status.last_state.terminated->exit_code != 0) {
        init_failed = true;
      } else {
        init_pending |= !initialized_;
      }
    }
    size_t running = 0;
    size_t waiting = 0;
    size_t stopped = 0;
    size_t succeeded = 0;
    for (const api::ContainerStatus& status : out_.container_statuses) {
      if (status.state.running) {
        ++running;
      } else if (status.state.terminated) {
        ++stopped;
        if (status.state.terminated->exit_code == 0) ++succeeded;
      } else if (status.last_state.terminated) {
        ++stopped;
      } else {
        ++waiting;
      }
    }
    const bool no_restarts = in_.ending || spec_.restart_policy == api::RestartPolicy::kNever;
    if (init_failed && no_restarts && !initialized_) return api::PodPhase::kFailed;
    if (in_.ending && running == 0)
      return waiting == 0 && succeeded == stopped ? api::PodPhase::kSucceeded : api::PodPhase::kFailed;
    if ((init_pending || init_failed) && !initialized_) return api::PodPhase::kPending;
    if (waiting > 0) return api::PodPhase::kPending;
    if (running > 0 || spec_.restart_policy == api::RestartPolicy::kAlways) return api::PodPhase::kRunning;
    if (succeeded == stopped) return api::PodPhase::kSucceeded;
    return no_restarts ? api::PodPhase::kFailed : api::PodPhase::kRunning;
  }

  void add_condition(std::string type, bool holds, std::string reason = "", std::string message = "") {
    api::PodCondition condition;
    condition.type = std::move(type);
    condition.status = holds ? api::ConditionStatus::kTrue : api::ConditionStatus::kFalse;
    condition.reason = std::move(reason);
    condition.message = std::move(message);
    condition.observed_generation = in_.pod.metadata.generation;
    const auto before = std::ranges::find(in_.previous.conditions, condition.type, &api::PodCondition::type);
    const bool same = before != in_.previous.conditions.end() && before->status == condition.status;
    condition.last_transition_time = same ? before->last_transition_time : in_.now;
    out_.conditions.push_back(std::move(condition));
  }

  static std::string list_of(const std::string& what, const std::vector<std::string>& names) {
    std::string text = what + " [";
    for (const std::string& name : names) text += (text.ends_with('[') ? "" : " ") + name;
    return text + "]";
  }

  void set_conditions() {
    const bool succeeded = out_.phase == api::PodPhase::kSucceeded;
    const bool failed = out_.phase == api::PodPhase::kFailed;
    std::vector<std::string> incomplete;
    std::vector<std::string> unready;
    for (size_t i = 0; i < spec_.init_containers.size(); ++i) {
      const api::ContainerStatus& status = out_.init_container_statuses[i];
      if (!status.ready) incomplete.push_back(status.name);
      if (!status.ready && spec_.init_containers[i].is_sidecar()) unready.push_back(status.name);
    }
    for (const api::ContainerStatus& status : out_.container_statuses)
      if (!status.ready) unready.push_back(status.name);
    const bool app_ran = std::ranges::any_of(out_.container_statuses, [](const api::ContainerStatus& status) {
      return status.state.running || status.state.terminated || status.last_state.terminated;
    });

    add_condition("PodReadyToStartContainers", !sandbox_id_.empty());
    if (succeeded)
      add_condition("Initialized", true, "PodCompleted");
    else if (incomplete.empty() || app_ran)
      add_condition("Initialized", true);
    else
      add_condition("Initialized", false, "ContainersNotInitialized",
                    list_of("containers with incomplete status:", incomplete));
    for (const char* type : {"Ready", "ContainersReady"}) {
      if (succeeded)
        add_condition(type, false, "PodCompleted");
      else if (failed)
        add_condition(type, false, "PodFailed");
      else if (!unready.empty())
        add_condition(type, false, "ContainersNotReady", list_of("containers with unready status:", unready));
      else
        add_condition(type, true);
    }
    add_condition("PodScheduled", true);
  }

  const StatusInput& in_;
  const api::PodSpec& spec_;
  bool initialized_ = false;
  std::string sandbox_id_;  // of the usable sandbox; empty: there is none
  api::PodStatus out_;
};

}  // namespace

api::PodStatus make_status(const StatusInput& input) { return StatusMaker(input).run(); }

std::string back_off_message(const api::Pod& pod, const BackingOff& waiting) {
  return base::concat("back-off ", go_duration(waiting.period), " restarting failed container=", waiting.container,
                      " pod=", pod_description(pod));
}

}  // namespace agent::pods
