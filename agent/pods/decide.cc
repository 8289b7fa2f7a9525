#include "agent/pods/decide.h"

#include <algorithm>

#include "agent/pods/naming.h"
#include "base/concat.h"

namespace agent::pods {

namespace {

// A container that is stopped after others used up the time still gets so much.
constexpr std::chrono::seconds kLeastGrace(2);

bool is_over(const ObservedContainer& container) {
  return container.state == RunState::kExited || container.state == RunState::kUnknown;
}

void wake_by(Actions& actions, base::WallTime when) {
  if (!actions.wake_at || when < *actions.wake_at) actions.wake_at = when;
}

unsigned next_attempt(const ObservedPod& observed, const std::string& name, const ObservedContainer* latest) {
  // One that was made but never ran has used its number up for nothing: it is made again under the same one.
  if (latest != nullptr && latest->state == RunState::kCreated) return latest->attempt;
  const auto logs = observed.log_counts.find(name);
  return std::max(latest == nullptr ? 0 : latest->attempt + 1, logs == observed.log_counts.end() ? 0 : logs->second);
}

// What one call of decide() works on.
class Decision {
 public:
  explicit Decision(const DecideInput& input) : in_(input), spec_(input.pod.spec) {}

  Actions run() {
    if (spec_.active_deadline_seconds && in_.start_time) {
      const base::WallTime deadline = *in_.start_time + std::chrono::seconds(*spec_.active_deadline_seconds);
      if (in_.now >= deadline) {
        out_.end_pod = out_.deadline_exceeded = true;
        return std::move(out_);
      }
      wake_by(out_, deadline);
    }
    sandbox_ = usable_sandbox(in_.pod, in_.observed);
    collect_garbage();
    if (sandbox_ == nullptr) {
      replace_sandbox();
    } else if (init_containers_done()) {
      app_containers();
    }
    return std::move(out_);
  }

 private:
  // Keeps the running instance and the newest dead one of each container; init containers of an old sandbox run again
  // in the new one and are not kept. A sandbox goes with its last container.
  void collect_garbage() {
    const auto is_init = [&](const std::string& name) {
      return std::ranges::find(spec_.init_containers, name, &api::Container::name) != spec_.init_containers.end();
    };
    std::vector<const ObservedContainer*> kept;
    for (const ObservedContainer& container : in_.observed.containers) {
      const bool old_init =
          sandbox_ != nullptr && container.sandbox_id != sandbox_->id && is_init(container.name) && is_over(container);
      const bool superseded = is_over(container) && std::ranges::any_of(kept, [&](const ObservedContainer* each) {
                                return each->name == container.name && is_over(*each);
                              });
      if (old_init || superseded)
        out_.remove.push_back(container.id);
      else
        kept.push_back(&container);
    }
    for (const ObservedSandbox& sandbox : in_.observed.sandboxes) {
      const bool in_use = &sandbox == sandbox_ || sandbox.ready || &sandbox == &in_.observed.sandboxes.front() ||
                          std::ranges::any_of(kept, [&](const auto* each) { return each->sandbox_id == sandbox.id; });
      if (!in_use) out_.remove_sandboxes.push_back(sandbox.id);
    }
  }

  // A pod of which nothing is left to run gets no sandbox any more.
  void replace_sandbox() {
    const auto& sandboxes = in_.observed.sandboxes;
    const bool ran_before = !sandboxes.empty() && !in_.observed.containers.empty();
    const bool nothing_left =
        ran_before && (spec_.restart_policy == api::RestartPolicy::kNever ||
                       (spec_.restart_policy == api::RestartPolicy::kOnFailure &&
                        std::ranges::all_of(spec_.containers, [&](const api::Container& container) {
                          const ObservedContainer* latest = in_.observed.latest(container.name);
                          return latest != nullptr && latest->state == RunState::kExited && latest->exit_code == 0;
                        })));
    if (nothing_left) {
      out_.end_pod = true;
      return;
    }
    for (const ObservedSandbox& sandbox : sandboxes) out_.stop_sandboxes.push_back(sandbox.id);
    out_.create_sandbox = true;
    out_.sandbox_attempt = sandboxes.empty() ? 0 : sandboxes.front().attempt + 1;
  }

  // True when app containers may run.
  bool init_containers_done() {
    const bool initialized = is_initialized(in_.pod, in_.observed, *sandbox_);
    for (const api::Container& container : spec_.init_containers) {
      const ObservedContainer* latest = in_.observed.latest_in(sandbox_->id, container.name);
      if (container.is_sidecar()) {
        if (latest == nullptr || latest->state != RunState::kRunning)
          start(container, true, latest);
        else
          kill_if_changed(container, *latest);
        // The next one waits until this one has started once; a restart holds nothing back.
        if (!initialized && (latest == nullptr || latest->state == RunState::kCreated)) return false;
        continue;
      }
      if (initialized) continue;
      if (latest == nullptr || latest->state == RunState::kCreated) {
        start(container, true, latest);
        return false;
      }
      if (latest->state == RunState::kRunning) return false;
      if (latest->state == RunState::kExited && latest->exit_code == 0) continue;
      if (spec_.restart_policy == api::RestartPolicy::kNever)
        out_.end_pod = true;
      else
        start(container, true, latest);
      return false;
    }
    return true;
  }

  void app_containers() {
    bool alive = false;
    for (const api::Container& container : spec_.containers) {
      const ObservedContainer* latest = in_.observed.latest(container.name);
      if (latest != nullptr && latest->state == RunState::kRunning && latest->sandbox_id == sandbox_->id) {
        kill_if_changed(container, *latest);
        alive = true;
      } else if (should_run_again(in_.pod, container, false, latest)) {
        start(container, false, latest);
        alive = true;
      }
    }
    if (alive) return;
    out_.end_pod = true;  // sidecars do not keep a pod alive
    out_.start.clear();
    out_.backing_off.clear();
  }

  void kill_if_changed(const api::Container& container, const ObservedContainer& running) {
    if (running.hash.empty() || running.hash == container_hash(container)) return;
    out_.kill.push_back({running.id, container.name,
                         base::concat("Container ", container.name, " definition changed, will be restarted")});
  }

  void start(const api::Container& container, bool init, const ObservedContainer* latest) {
    if (latest != nullptr && latest->state == RunState::kCreated) out_.remove.push_back(latest->id);
    const ObservedContainer* newest = latest != nullptr ? latest : in_.observed.latest(container.name);
    if (newest != nullptr && newest->state == RunState::kExited) {
      const std::chrono::seconds period = in_.back_off.period(back_off_key(in_.pod, container), newest->finished_at);
      const base::WallTime until = newest->finished_at + period;
      if (until > in_.now) {
        out_.backing_off.push_back({container.name, period, until});
        wake_by(out_, until);
        return;
      }
    }
    const auto failure = in_.start_failures.find(container.name);
    if (failure != in_.start_failures.end() && failure->second.retry_at > in_.now) {
      wake_by(out_, failure->second.retry_at);
      return;
    }
    out_.start.push_back({&container, init, next_attempt(in_.observed, container.name, newest)});
  }

  const DecideInput& in_;
  const api::PodSpec& spec_;
  const ObservedSandbox* sandbox_ = nullptr;
  Actions out_;
};

}  // namespace

Actions decide(const DecideInput& input) { return Decision(input).run(); }

const ObservedSandbox* usable_sandbox(const api::Pod& pod, const ObservedPod& observed) {
  if (observed.sandboxes.empty()) return nullptr;
  const ObservedSandbox& newest = observed.sandboxes.front();
  const auto ready = std::ranges::count_if(observed.sandboxes, &ObservedSandbox::ready);
  if (ready != 1 || !newest.ready) return nullptr;
  if (newest.host_network != pod.spec.host_network) return nullptr;
  if (!newest.host_network && newest.ips.empty()) return nullptr;
  return &newest;
}

bool should_run_again(const api::Pod& pod, const api::Container& container, bool init,
                      const ObservedContainer* latest) {
  if (latest == nullptr || latest->state == RunState::kCreated) return true;
  if (init && container.is_sidecar()) return true;
  // Killed because another image is wanted: it comes back whatever the policy says.
  if (!latest->hash.empty() && latest->hash != container_hash(container)) return true;
  const bool succeeded = latest->state == RunState::kExited && latest->exit_code == 0;
  if (init) return !succeeded && pod.spec.restart_policy != api::RestartPolicy::kNever;
  switch (pod.spec.restart_policy) {
    case api::RestartPolicy::kAlways:
      return true;
    case api::RestartPolicy::kOnFailure:
      return !succeeded;
    case api::RestartPolicy::kNever:
      return false;
  }
  return false;
}

bool is_initialized(const api::Pod& pod, const ObservedPod& observed, const ObservedSandbox& sandbox) {
  return std::ranges::any_of(pod.spec.containers, [&](const api::Container& container) {
    return observed.latest_in(sandbox.id, container.name) != nullptr;
  });
}

std::string back_off_key(const api::Pod& pod, const api::Container& container) {
  return base::concat(pod_description(pod), "/", container.name, "/", container_hash(container));
}

std::vector<ContainerToStop> decide_stop(const StopInput& input) {
  std::vector<ContainerToStop> apps;
  std::vector<ContainerToStop> sidecars;  // in the order of their start
  const bool used_up = input.remaining <= std::chrono::nanoseconds(0);
  const std::chrono::seconds grace =
      input.kill ? std::chrono::seconds(0)
                 : std::max(kLeastGrace, std::chrono::ceil<std::chrono::seconds>(input.remaining));
  for (const ObservedContainer& container : input.observed.containers) {
    const auto& inits = input.pod.spec.init_containers;
    const auto init = std::ranges::find(inits, container.name, &api::Container::name);
    if (container.state == RunState::kRunning && (init == inits.end() || !init->is_sidecar()))
      apps.push_back({container.id, container.name, grace});
  }
  for (const api::Container& container : input.pod.spec.init_containers) {
    if (!container.is_sidecar()) continue;
    for (const ObservedContainer& each : input.observed.containers)
      if (each.name == container.name && each.state == RunState::kRunning)
        sidecars.push_back({each.id, each.name, grace});
  }
  if (input.kill || used_up) {
    apps.insert(apps.end(), sidecars.begin(), sidecars.end());
    return apps;
  }
  if (!apps.empty() || sidecars.empty()) return apps;
  return {sidecars.back()};
}

}  // namespace agent::pods
