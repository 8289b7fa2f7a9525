// ps reads the pods' records only: no runtime is opened, and it answers at once.
#include "agent/cli/commands.h"
#include "agent/cli/node.h"
#include "agent/cli/output.h"
#include "agent/cli/pod_table.h"

namespace agent::cli {

base::Result<int> ps(const Globals& globals, const PsArguments& arguments) {
  const std::vector<pods::PodSummary> pods = TRY(pods::list_pods(pod_paths(globals)));
  if (arguments.output == OutputFormat::kJson) {
    TRY(print(pod_list_json(pods)));
  } else {
    TRY(print(format_table(pod_table(pods, base::system_clock().wall()))));
  }
  return 0;
}

}  // namespace agent::cli
