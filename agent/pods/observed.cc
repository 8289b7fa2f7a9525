#include "agent/pods/observed.h"

#include <dirent.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "agent/pods/naming.h"
#include "agent/pods/termination_message.h"
#include "cri-proto/service.h"

namespace agent::pods {

namespace {

namespace v1 = cri::v1;

base::WallTime from_nanoseconds(int64_t nanoseconds) {
  return base::WallTime(std::chrono::duration_cast<base::WallTime::duration>(std::chrono::nanoseconds(nanoseconds)));
}

RunState from_cri(v1::ContainerState state) {
  switch (state) {
    case v1::CONTAINER_CREATED:
      return RunState::kCreated;
    case v1::CONTAINER_RUNNING:
      return RunState::kRunning;
    case v1::CONTAINER_EXITED:
      return RunState::kExited;
    default:
      return RunState::kUnknown;
  }
}

ObservedSandbox from_cri(const v1::PodSandboxStatus& status) {
  ObservedSandbox sandbox;
  sandbox.id = status.id();
  sandbox.attempt = status.metadata().attempt();
  sandbox.ready = status.state() == v1::SANDBOX_READY;
  sandbox.host_network = status.linux().namespaces().options().network() == v1::NODE;
  sandbox.created_at = from_nanoseconds(status.created_at());
  if (!status.network().ip().empty()) sandbox.ips.push_back(status.network().ip());
  for (const v1::PodIP& ip : status.network().additional_ips()) sandbox.ips.push_back(ip.ip());
  return sandbox;
}

ObservedContainer from_cri(const v1::ContainerStatus& status, const v1::Container& listed) {
  ObservedContainer container;
  container.id = status.id();
  container.sandbox_id = listed.pod_sandbox_id();
  container.name = status.metadata().name();
  container.attempt = status.metadata().attempt();
  container.state = from_cri(status.state());
  container.started_at = from_nanoseconds(status.started_at());
  container.finished_at = from_nanoseconds(status.finished_at());
  container.exit_code = status.exit_code();
  container.reason = status.reason();
  container.message = status.message();
  if (container.state == RunState::kExited || container.state == RunState::kUnknown)
    container.termination_message = termination_message(status);
  const auto hash = listed.annotations().find(kContainerHashAnnotation);
  if (hash != listed.annotations().end()) container.hash = hash->second;
  container.image =
      status.image().user_specified_image().empty() ? status.image().image() : status.image().user_specified_image();
  container.image_id = status.image_id().empty() ? status.image_ref() : status.image_id();
  return container;
}

base::Result<std::vector<ObservedSandbox>> observe_sandboxes(cri::RuntimeService& runtime,
                                                             const cri::CallContext& context, const std::string& uid) {
  v1::ListPodSandboxRequest request;
  (*request.mutable_filter()->mutable_label_selector())[kPodUidLabel] = uid;
  const v1::ListPodSandboxResponse list = TRY(runtime.list_pod_sandbox(context, request), "list the pod's sandboxes");
  std::vector<ObservedSandbox> sandboxes;
  for (const v1::PodSandbox& item : list.items()) {
    v1::PodSandboxStatusRequest status_request;
    status_request.set_pod_sandbox_id(item.id());
    auto status = runtime.pod_sandbox_status(context, status_request);
    if (!status && status.error().code() == base::Code::kNotFound) continue;  // removed since it was listed
    sandboxes.push_back(from_cri(TRY(std::move(status), "get the status of sandbox ", item.id()).status()));
  }
  std::ranges::sort(sandboxes, [](const auto& a, const auto& b) {
    return std::pair(a.attempt, a.created_at) > std::pair(b.attempt, b.created_at);
  });
  return sandboxes;
}

base::Result<std::vector<ObservedContainer>> observe_containers(cri::RuntimeService& runtime,
                                                                const cri::CallContext& context,
                                                                const std::string& uid) {
  v1::ListContainersRequest request;
  (*request.mutable_filter()->mutable_label_selector())[kPodUidLabel] = uid;
  const v1::ListContainersResponse list = TRY(runtime.list_containers(context, request), "list the pod's containers");
  std::vector<ObservedContainer> containers;
  for (const v1::Container& item : list.containers()) {
    v1::ContainerStatusRequest status_request;
    status_request.set_container_id(item.id());
    auto status = runtime.container_status(context, status_request);
    if (!status && status.error().code() == base::Code::kNotFound) continue;
    containers.push_back(from_cri(TRY(std::move(status), "get the status of container ", item.id()).status(), item));
  }
  std::ranges::stable_sort(containers, [](const auto& a, const auto& b) { return a.attempt > b.attempt; });
  return containers;
}

// The highest N of the N.log files (and what rotation made of them, "N.log.…") in the folder, plus one; 0 where there
// are none.
unsigned count_logs(const std::string& folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(folder.c_str()), closedir);
  if (dir == nullptr) return 0;
  unsigned count = 0;
  while (const dirent* entry = readdir(dir.get())) {
    const std::string_view name = entry->d_name;
    unsigned number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    const std::string_view rest(end, static_cast<size_t>(name.data() + name.size() - end));
    if (error == std::errc() && rest.starts_with(".log")) count = std::max(count, number + 1);
  }
  return count;
}

}  // namespace

const ObservedContainer* ObservedPod::latest(const std::string& name) const {
  const auto found = std::ranges::find(containers, name, &ObservedContainer::name);
  return found == containers.end() ? nullptr : &*found;
}

const ObservedContainer* ObservedPod::latest_in(const std::string& sandbox_id, const std::string& name) const {
  const auto found = std::ranges::find_if(
      containers, [&](const auto& each) { return each.name == name && each.sandbox_id == sandbox_id; });
  return found == containers.end() ? nullptr : &*found;
}

const ObservedContainer* ObservedPod::previous_end(const std::string& name) const {
  const ObservedContainer* newest = latest(name);
  const auto found = std::ranges::find_if(containers, [&](const auto& each) {
    return each.name == name && &each != newest && each.state != RunState::kRunning && each.state != RunState::kCreated;
  });
  return found == containers.end() ? nullptr : &*found;
}

base::Result<ObservedPod> observe(cri::RuntimeService& runtime, const cri::CallContext& context, const api::Pod& pod,
                                  const Paths& paths) {
  ObservedPod observed;
  observed.sandboxes = TRY(observe_sandboxes(runtime, context, pod.metadata.uid));
  observed.containers = TRY(observe_containers(runtime, context, pod.metadata.uid));
  const std::string logs = pod_log_folder(paths, pod);
  for (const auto* list : {&pod.spec.init_containers, &pod.spec.containers})
    for (const api::Container& container : *list) {
      const unsigned count = count_logs(base::concat(logs, "/", container.name));
      if (count > 0) observed.log_counts[container.name] = count;
    }
  return observed;
}

}  // namespace agent::pods
