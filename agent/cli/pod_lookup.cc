#include "agent/cli/pod_lookup.h"

#include "agent/cli/node.h"
#include "agent/cli/output.h"
#include "agent/pods/naming.h"
#include "agent/workloads/lookup.h"

namespace agent::cli {

base::Result<NamedContainer> find_container(const Globals& globals, const std::string& pod,
                                            const std::string& container) {
  workloads::Named found = TRY(workloads::find(pod_paths(globals), pod));
  if (found.pods.empty()) return base::fail(base::Code::kNotFound, "there is no pod of ", pod, " now");
  if (found.pods.size() > 1)
    print_error(
        base::concat("nodeagent: ", pod, " has ", found.pods.size(), " pods, this is ", found.pods.front().name, "\n"));
  NamedContainer named{std::move(found.pods.front()), container};
  const api::PodSpec& spec = named.pod.pod->spec;
  if (container.empty()) {
    named.container = spec.containers.front().name;
    return named;
  }
  std::string known;
  for (const auto* list : {&spec.init_containers, &spec.containers})
    for (const api::Container& candidate : *list) {
      if (candidate.name == container) return named;
      known += (known.empty() ? "" : ", ") + candidate.name;
    }
  return base::fail(base::Code::kNotFound, "pod ", named.pod.name, " has no container ", container, "; it has ", known);
}

base::Result<std::string> running_container_id(cri::RuntimeService& runtime, const NamedContainer& named) {
  cri::v1::ListContainersRequest request;
  auto& labels = *request.mutable_filter()->mutable_label_selector();
  labels[pods::kPodUidLabel] = named.pod.uid;
  labels[pods::kContainerNameLabel] = named.container;
  request.mutable_filter()->mutable_state()->set_state(cri::v1::CONTAINER_RUNNING);
  const cri::v1::ListContainersResponse response = TRY(runtime.list_containers({}, request));
  if (response.containers().empty())
    return base::fail(base::Code::kFailedPrecondition, "container ", named.container, " of pod ", named.pod.name,
                      " is not running");
  return response.containers(0).id();
}

}  // namespace agent::cli
