#include "agent/cli/commands.h"
#include "agent/cli/output.h"
#include "base/concat.h"

namespace agent::cli {

base::Result<int> version(const Globals& /*globals*/, const VersionArguments& arguments) {
  constexpr std::string_view kKubernetes = "v1.36";
  constexpr std::string_view kCri = "v1";
  if (arguments.output == OutputFormat::kJson) {
    TRY(print(base::concat(R"({"nodeagent":")", NODEAGENT_VERSION, R"(","kubernetesApi":")", kKubernetes,
                           R"(","cri":")", kCri, "\"}\n")));
  } else {
    TRY(print(base::concat("nodeagent ", NODEAGENT_VERSION, " (Kubernetes API ", kKubernetes, ", CRI ", kCri, ")\n")));
  }
  return 0;
}

}  // namespace agent::cli
