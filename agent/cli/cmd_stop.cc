#include "agent/cli/commands.h"
#include "agent/cli/node.h"
#include "agent/cli/output.h"
#include "agent/workloads/lookup.h"

namespace agent::cli {

base::Result<int> stop(const Globals& globals, const StopArguments& arguments) {
  const pods::Options options = TRY(pod_options(globals, true));
  const std::unique_ptr<Node> node = TRY(Node::open(globals, Purpose::kLook));
  pods::StopRequest request;
  if (arguments.grace) request.grace = std::chrono::seconds(*arguments.grace);
  for (const std::string& reference : arguments.pods) {
    const workloads::Named named = TRY(workloads::find(options.paths, reference));
    TRY(workloads::stop(node->deps(), options, named, request));
    TRY(print(named.name + "\n"));
  }
  node->tidy();
  return 0;
}

}  // namespace agent::cli
