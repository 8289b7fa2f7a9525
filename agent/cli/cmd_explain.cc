#include "agent/api/explain.h"
#include "agent/cli/commands.h"
#include "agent/cli/output.h"

namespace agent::cli {

base::Result<int> explain(const Globals& /*globals*/, const ExplainArguments& arguments) {
  const auto fields = arguments.recursive ? api::ExplainFields::kTree : api::ExplainFields::kMeanings;
  TRY(print(TRY(api::explain(arguments.path, fields))));
  return 0;
}

}  // namespace agent::cli
