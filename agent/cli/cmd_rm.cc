#include "agent/cli/commands.h"
#include "agent/cli/node.h"
#include "agent/cli/output.h"
#include "agent/workloads/lookup.h"

namespace agent::cli {

base::Result<int> rm(const Globals& globals, const RmArguments& arguments) {
  const pods::Options options = TRY(pod_options(globals, true));
  const std::unique_ptr<Node> node = TRY(Node::open(globals, Purpose::kLook));
  const auto remove = [&](const std::string& reference) -> base::Status {
    const workloads::Named named = TRY(workloads::find(options.paths, reference));
    TRY(workloads::remove(node->deps(), options, named, arguments.force));
    return print(named.name + "\n");
  };
  base::Status removed;
  for (size_t i = 0; removed && i < arguments.pods.size(); ++i) removed = remove(arguments.pods[i]);
  node->tidy();
  TRY(removed);
  return 0;
}

}  // namespace agent::cli
