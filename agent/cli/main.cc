// nodeagent: reads the command line and hands over to the subcommand's file.
#include <type_traits>
#include <variant>

#include "agent/cli/commands.h"
#include "agent/cli/node.h"
#include "agent/cli/output.h"
#include "base/concat.h"
#include "base/log.h"

namespace agent::cli {

namespace {

struct Dispatch {
  const Globals& globals;
  base::Result<int> operator()(const VersionArguments& arguments) const { return version(globals, arguments); }
  base::Result<int> operator()(const RunArguments& arguments) const { return run(globals, arguments); }
  base::Result<int> operator()(const OwnerArguments& arguments) const { return own_pod(globals, arguments); }
  base::Result<int> operator()(const PsArguments& arguments) const { return ps(globals, arguments); }
  base::Result<int> operator()(const JobsArguments& arguments) const { return jobs(globals, arguments); }
  base::Result<int> operator()(const StatsArguments& arguments) const { return stats(globals, arguments); }
  base::Result<int> operator()(const LogsArguments& arguments) const { return logs(globals, arguments); }
  base::Result<int> operator()(const ExecArguments& arguments) const { return exec(globals, arguments); }
  base::Result<int> operator()(const StopArguments& arguments) const { return stop(globals, arguments); }
  base::Result<int> operator()(const RmArguments& arguments) const { return rm(globals, arguments); }
  base::Result<int> operator()(const ImageImportArguments& arguments) const { return image_import(globals, arguments); }
  base::Result<int> operator()(const ImageExportArguments& arguments) const { return image_export(globals, arguments); }
  base::Result<int> operator()(const ImageListArguments& arguments) const { return image_list(globals, arguments); }
  base::Result<int> operator()(const ImageRmArguments& arguments) const { return image_rm(globals, arguments); }
  base::Result<int> operator()(const ExplainArguments& arguments) const { return explain(globals, arguments); }
  base::Result<int> operator()(const ValidateArguments& arguments) const { return validate(globals, arguments); }
};

// Whether the command looks at nothing but itself.
bool works_for_everyone(const Command& command) {
  return std::holds_alternative<VersionArguments>(command) || std::holds_alternative<ExplainArguments>(command) ||
         std::holds_alternative<ValidateArguments>(command);
}

int run_program(const std::vector<std::string>& words) {
  const std::expected<Arguments, Usage> parsed = parse_arguments(words);
  if (!parsed.has_value()) {
    if (parsed.error().status != 0) {
      print_error(parsed.error().text);
      return parsed.error().status;
    }
    return print(parsed.error().text).has_value() ? 0 : 1;
  }
  const Arguments& arguments = *parsed;
  base::log::init(arguments.globals.log_level, arguments.globals.log_format);
  base::Status allowed = works_for_everyone(arguments.command) ? base::Status() : require_root(arguments.name);
  base::Result<int> done = 0;
  if (allowed.has_value())
    done = std::visit(Dispatch{arguments.globals}, arguments.command);
  else
    done = std::unexpected(std::move(allowed).error());
  if (done.has_value()) return *done;
  print_error(base::concat("nodeagent: ", done.error().to_string(), "\n"));
  const bool status_is_a_containers = std::holds_alternative<RunArguments>(arguments.command) ||
                                      std::holds_alternative<ExecArguments>(arguments.command);
  return status_is_a_containers ? kOwnFailure : 1;
}

}  // namespace

}  // namespace agent::cli

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  return agent::cli::run_program(words);
}
