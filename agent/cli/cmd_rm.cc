#include "agent/cli/commands.h"
#include "agent/cli/node.h"
#include "agent/cli/output.h"

namespace agent::cli {

base::Result<int> rm(const Globals& globals, const RmArguments& arguments) {
  const pods::Options options = TRY(pod_options(globals, true));
  const std::unique_ptr<Node> node = TRY(Node::open(globals, Purpose::kLook));
  const auto remove = [&](const std::string& reference) -> base::Status {
    const pods::PodSummary pod = TRY(pods::find_pod(options.paths, reference));
    TRY(pods::remove_pod(node->deps(), options, pod.uid, arguments.force), "remove pod ", reference);
    return print(base::concat(pod.pod_namespace, "/", pod.name, "\n"));
  };
  base::Status removed;
  for (size_t i = 0; removed && i < arguments.pods.size(); ++i) removed = remove(arguments.pods[i]);
  node->tidy();
  TRY(removed);
  return 0;
}

}  // namespace agent::cli
