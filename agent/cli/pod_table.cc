#include "agent/cli/pod_table.h"

#include <algorithm>

#include "agent/api/codec.h"
#include "agent/api/pod.h"
#include "agent/cli/output.h"
#include "base/concat.h"

namespace agent::cli {

namespace {

std::string ended_word(const api::ContainerStateTerminated& ended) {
  if (!ended.reason.empty()) return ended.reason;
  return ended.signal != 0 ? base::concat("Signal:", ended.signal) : base::concat("ExitCode:", ended.exit_code);
}

bool is_sidecar(const api::Pod& pod, const std::string& name) {
  const auto found = std::ranges::find(pod.spec.init_containers, name, &api::Container::name);
  return found != pod.spec.init_containers.end() && found->is_sidecar();
}

// "Init:1/2", "Init:CrashLoopBackOff"; empty when the init containers are behind the pod.
std::string init_word(const api::Pod& pod) {
  const auto& statuses = pod.status.init_container_statuses;
  for (size_t i = 0; i < statuses.size(); ++i) {
    const api::ContainerState& state = statuses[i].state;
    if (state.terminated && state.terminated->exit_code == 0) continue;
    if (is_sidecar(pod, statuses[i].name) && statuses[i].started == true) continue;
    if (state.terminated) return "Init:" + ended_word(*state.terminated);
    const bool plain_wait = !state.waiting || state.waiting->reason.empty() ||
                            state.waiting->reason == "PodInitializing" || state.waiting->reason == "ContainerCreating";
    if (!plain_wait) return "Init:" + state.waiting->reason;
    return base::concat("Init:", i, "/", pod.spec.init_containers.size());
  }
  return {};
}

std::string owner_word(const pods::PodSummary& pod) {
  if (pod.owned) return base::concat(pod.owner_pid);
  return pod.finished ? "-" : "unattended";
}

}  // namespace

std::string pod_status_word(const api::Pod& pod) {
  const api::PodStatus& status = pod.status;
  if (!status.reason.empty()) return status.reason;
  const bool ended = status.phase == api::PodPhase::kSucceeded || status.phase == api::PodPhase::kFailed;
  if (!ended) {
    if (std::string init = init_word(pod); !init.empty()) return init;
  }
  std::string word;
  bool any_running = false;
  for (const api::ContainerStatus& container : status.container_statuses) {
    if (container.state.running) any_running = true;
    if (container.state.waiting && !container.state.waiting->reason.empty()) return container.state.waiting->reason;
    // Of several that ended, one that failed says more.
    if (container.state.terminated && (word.empty() || container.state.terminated->exit_code != 0))
      word = ended_word(*container.state.terminated);
  }
  if (word.empty() || (any_running && word == "Completed")) return std::string(api::to_string(status.phase));
  return word;
}

std::vector<std::vector<std::string>> pod_table(const std::vector<pods::PodSummary>& pods, base::WallTime now) {
  std::vector<std::vector<std::string>> rows{
      {"NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "OWNER"}};
  for (const pods::PodSummary& summary : pods) {
    const api::Pod& pod = *summary.pod;
    size_t ready = 0;
    size_t total = pod.spec.containers.size();
    int64_t restarts = 0;
    for (const api::Container& container : pod.spec.init_containers) total += container.is_sidecar() ? 1U : 0U;
    for (const api::ContainerStatus& container : pod.status.container_statuses) {
      ready += container.ready ? 1U : 0U;
      restarts += container.restart_count;
    }
    for (const api::ContainerStatus& container : pod.status.init_container_statuses) {
      restarts += container.restart_count;
      if (is_sidecar(pod, container.name)) ready += container.ready ? 1U : 0U;
    }
    const auto begun = pod.status.start_time ? pod.status.start_time : pod.metadata.creation_timestamp;
    const auto age = [&] { return std::chrono::duration_cast<std::chrono::seconds>(now - *begun).count(); };
    rows.push_back({pod.metadata.namespace_, pod.metadata.name, base::concat(ready, "/", total), pod_status_word(pod),
                    base::concat(restarts), begun ? short_duration(age()) : "-",
                    pod.status.pod_ip.empty() ? "-" : pod.status.pod_ip, owner_word(summary)});
  }
  return rows;
}

std::string pod_list_json(const std::vector<pods::PodSummary>& pods) {
  std::string out = R"({"apiVersion":"v1","kind":"List","items":[)";
  for (const pods::PodSummary& summary : pods) {
    api::Pod pod = *summary.pod;
    if (summary.owned)
      pod.metadata.annotations["nodeagent/owner-pid"] = base::concat(summary.owner_pid);
    else
      pod.metadata.annotations["nodeagent/unattended"] = summary.finished ? "false" : "true";
    if (&summary != &pods.front()) out += ",";
    out += api::to_json(pod);
  }
  return out + "]}\n";
}

}  // namespace agent::cli
