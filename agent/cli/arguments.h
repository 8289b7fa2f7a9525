// The command line as values: what the user asked for, parsed and checked, before anything is done.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/log.h"
#include "runtime/cgroup/names.h"

namespace agent::cli {

struct Globals {
  std::string root = "/var/lib/nodeagent";
  std::string state = "/run/nodeagent";
  std::string log_dir = "/var/log/pods";
  std::string instance = "nodeagent";
  std::string subnet;  // of the built-in network, "10.88.0.0/16"; empty: the instance's own
  std::string shim;    // --shim; empty: searched for beside the program
  base::log::Level log_level = base::log::Level::kWarning;
  base::log::Format log_format = base::log::Format::kAuto;
  bool seccomp_default = false;
  std::vector<std::string> allowed_unsafe_sysctls;
  runtime::cgroup::DriverChoice cgroup_driver = runtime::cgroup::DriverChoice::kAuto;
  bool warn_of_missing_controllers = false;  // --missing-controllers=warn
};

// The flags that give another process the same globals.
std::vector<std::string> to_flags(const Globals& globals);

enum class OutputFormat : uint8_t { kTable, kJson };
enum class ManifestFormat : uint8_t { kText, kJson, kYaml };

struct RunArguments {
  std::string file;                       // "-": standard input
  std::vector<std::string> config_files;  // ConfigMaps and Secrets for the pods
  bool detach = false;
};
// The background owner that `run --detach` leaves; not for users.
struct OwnerArguments {
  int pod = -1;    // descriptor of what runs and its documents, as to_lines() writes them
  int ready = -1;  // told when all is taken over, or why not
};
struct PsArguments {
  OutputFormat output = OutputFormat::kTable;
};
struct JobsArguments {
  OutputFormat output = OutputFormat::kTable;
};
struct StatsArguments {
  std::vector<std::string> pods;  // none: all that run
  int seconds = 1;                // between two looks
  bool watch = false;
  OutputFormat output = OutputFormat::kTable;
};
struct LogsArguments {
  std::string pod;
  std::string container;  // empty: the first one
  bool follow = false;
  bool timestamps = false;
  bool previous = false;
  std::optional<uint64_t> tail;  // lines
};
struct ExecArguments {
  std::string pod;
  std::string container;  // empty: the first one
  bool stdin_open = false;
  bool tty = false;
  std::vector<std::string> command;
};
struct StopArguments {
  std::vector<std::string> pods;
  std::optional<int64_t> grace;  // seconds
};
struct RmArguments {
  std::vector<std::string> pods;
  bool force = false;
};
struct ImageImportArguments {
  std::string path;
  std::string name;
};
struct ImageExportArguments {
  std::string reference;
  std::string file;  // "-": standard output
};
struct ImageListArguments {
  OutputFormat output = OutputFormat::kTable;
};
struct ImageRmArguments {
  std::vector<std::string> references;
};
struct ExplainArguments {
  std::string path;  // "pod.spec.containers"
  bool recursive = false;
};
struct ValidateArguments {
  std::vector<std::string> files;  // "-": standard input
  bool defaulted = false;
  ManifestFormat output = ManifestFormat::kText;
};
struct VersionArguments {
  OutputFormat output = OutputFormat::kTable;
};

using Command =
    std::variant<VersionArguments, RunArguments, OwnerArguments, PsArguments, JobsArguments, StatsArguments,
                 LogsArguments, ExecArguments, StopArguments, RmArguments, ImageImportArguments, ImageExportArguments,
                 ImageListArguments, ImageRmArguments, ExplainArguments, ValidateArguments>;

struct Arguments {
  Globals globals;
  std::string name;  // as the user knows the command: "image import"
  Command command;
};

// What to print instead of doing anything: help (status 0, on standard output) or what is wrong with the command line.
struct Usage {
  int status = 0;
  std::string text;
};

std::expected<Arguments, Usage> parse_arguments(const std::vector<std::string>& arguments);

}  // namespace agent::cli
