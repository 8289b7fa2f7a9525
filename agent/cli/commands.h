// The subcommands: one file each. A command gives back the process's exit status; an Error is printed by main as one
// message and ends the process with kOwnFailure (run, exec) or 1.
#pragma once

#include "agent/cli/arguments.h"
#include "base/error.h"

namespace agent::cli {

// nodeagent itself failed where the status otherwise is a container's, as with docker and podman.
constexpr int kOwnFailure = 125;
constexpr int kNotExecutable = 126;
constexpr int kCommandNotFound = 127;

base::Result<int> run(const Globals& globals, const RunArguments& arguments);
base::Result<int> own_pod(const Globals& globals, const OwnerArguments& arguments);
base::Result<int> ps(const Globals& globals, const PsArguments& arguments);
base::Result<int> jobs(const Globals& globals, const JobsArguments& arguments);
base::Result<int> stats(const Globals& globals, const StatsArguments& arguments);
base::Result<int> logs(const Globals& globals, const LogsArguments& arguments);
base::Result<int> exec(const Globals& globals, const ExecArguments& arguments);
base::Result<int> stop(const Globals& globals, const StopArguments& arguments);
base::Result<int> rm(const Globals& globals, const RmArguments& arguments);
base::Result<int> image_import(const Globals& globals, const ImageImportArguments& arguments);
base::Result<int> image_export(const Globals& globals, const ImageExportArguments& arguments);
base::Result<int> image_list(const Globals& globals, const ImageListArguments& arguments);
base::Result<int> image_rm(const Globals& globals, const ImageRmArguments& arguments);
base::Result<int> explain(const Globals& globals, const ExplainArguments& arguments);
base::Result<int> validate(const Globals& globals, const ValidateArguments& arguments);
base::Result<int> version(const Globals& globals, const VersionArguments& arguments);

}  // namespace agent::cli
