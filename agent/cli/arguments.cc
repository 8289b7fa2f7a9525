#include "agent/cli/arguments.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <map>
#include <memory>
#include <utility>

#include "base/path.h"
#include "base/sysctl.h"

namespace agent::cli {

namespace {

// For CLI11: empty where the name may be allowed, else why not.
std::string wrong_unsafe_sysctl(const std::string& name) {
  const std::string dotted = base::sysctl_with_dots(name);
  const std::string plain = dotted.ends_with('*') ? dotted.substr(0, dotted.size() - 1) : dotted;
  if (plain.find('*') != std::string::npos) return "a \"*\" can only be its end";
  if (base::owner_of_sysctl(plain) != base::SysctlOwner::kNode) return {};
  return "only those of namespaces can be allowed: kernel.shm*, kernel.msg*, kernel.sem, fs.mqueue.* and net.*";
}

constexpr int kUsageError = 2;
constexpr const char* kOnePod =
    "name, namespace/name or uid; or the first pod of deployment/NAME, job/NAME and the like";
constexpr const char* kPods = "name, namespace/name or uid; or deployment/NAME, job/NAME and the like";

const std::map<std::string, OutputFormat> kOutputFormats{{"table", OutputFormat::kTable},
                                                         {"json", OutputFormat::kJson}};
const std::map<std::string, ManifestFormat> kManifestFormats{
    {"text", ManifestFormat::kText}, {"json", ManifestFormat::kJson}, {"yaml", ManifestFormat::kYaml}};
const std::map<std::string, base::log::Level> kLogLevels{{"debug", base::log::Level::kDebug},
                                                         {"info", base::log::Level::kInfo},
                                                         {"warning", base::log::Level::kWarning},
                                                         {"error", base::log::Level::kError}};
using runtime::cgroup::DriverChoice;
const std::map<std::string, DriverChoice> kCgroupDrivers{
    {"auto", DriverChoice::kAuto}, {"cgroupfs", DriverChoice::kCgroupfs}, {"systemd", DriverChoice::kSystemd}};
const std::map<std::string, bool> kMissingControllers{{"fail", false}, {"warn", true}};
const std::map<std::string, base::log::Format> kLogFormats{{"auto", base::log::Format::kAuto},
                                                           {"text", base::log::Format::kText},
                                                           {"json", base::log::Format::kJson},
                                                           {"journal", base::log::Format::kJournal}};

template <typename Value>
std::string name_of(const std::map<std::string, Value>& names, Value value) {
  for (const auto& [name, known] : names)
    if (known == value) return name;
  return {};
}

// A flag whose value is one of a few words.
template <typename Value>
void add_choice(CLI::App& app, const std::string& flag, Value& value, const std::map<std::string, Value>& names,
                const std::string& help) {
  std::string words;
  for (const auto& [name, unused] : names) words += (words.empty() ? "" : ", ") + name;
  app.add_option_function<std::string>(
         flag, [&value, &names](const std::string& word) { value = names.at(word); }, help + ": " + words)
      ->check([&names, words](const std::string& word) {
        return names.contains(word) ? std::string() : "\"" + word + "\" is none of: " + words;
      })
      ->type_name("WORD");
}

void add_globals(CLI::App& app, Globals& globals) {
  const char* group = "Options of every command";
  const auto path = [&](const std::string& flag, std::string& value, const std::string& help) {
    app.add_option(flag, value, help)
        ->type_name("DIR")
        ->capture_default_str()
        ->group(group)
        ->check([](const std::string& folder) { return folder.empty() ? "must not be empty" : std::string(); });
  };
  path("--root", globals.root, "Images, pods' folders and volumes");
  path("--state", globals.state, "What lives until the next boot: sandboxes, sockets");
  path("--log-dir", globals.log_dir, "Containers' logs");
  app.add_option("--instance", globals.instance, "Separates bridge, subnet, cgroups and log links of several instances")
      ->type_name("NAME")
      ->capture_default_str()
      ->group(group)
      ->check([](const std::string& name) {
        constexpr size_t kMax = 32;
        const bool fits = !name.empty() && name.size() <= kMax &&
                          name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos &&
                          name.front() != '-';
        return fits ? std::string() : "must be at most 32 of a-z, 0-9 and '-', not beginning with '-'";
      });
  app.add_option("--subnet", globals.subnet, "IPv4 subnet of the built-in network (default: chosen by the instance)")
      ->type_name("CIDR")
      ->group(group);
  app.add_option("--shim", globals.shim, "The nodeagent-shim program (default: beside nodeagent)")
      ->type_name("PATH")
      ->group(group);
  app.add_flag("--seccomp-default", globals.seccomp_default,
               "RuntimeDefault seccomp profile for containers that name none")
      ->group(group);
  app.add_option("--allowed-unsafe-sysctls", globals.allowed_unsafe_sysctls,
                 "Kernel parameters that pods may set besides the safe ones: net.core.somaxconn,net.ipv6.*")
      ->type_name("NAME,…")
      ->delimiter(',')
      ->check(wrong_unsafe_sysctl)
      ->group(group);
  add_choice(app, "--cgroup-driver", globals.cgroup_driver, kCgroupDrivers,
             "Who makes cgroups: nodeagent (cgroupfs) or systemd; auto: systemd where it is process 1");
  add_choice(app, "--missing-controllers", globals.warn_of_missing_controllers, kMissingControllers,
             "What a limit does whose cgroup controller this node lacks (default: fail the pod)");
  add_choice(app, "--log-level", globals.log_level, kLogLevels, "Least serious lines that are logged");
  add_choice(app, "--log-format", globals.log_format, kLogFormats, "How lines are logged");
  app.get_option("--cgroup-driver")->group(group);
  app.get_option("--missing-controllers")->group(group);
  app.get_option("--log-level")->group(group);
  app.get_option("--log-format")->group(group);
}

// Adds subcommands to the parser; each callback leaves its values in the result.
class Subcommands {
 public:
  Subcommands(CLI::App& app, Arguments& result) : app_(app), result_(result) {}

  void add_all() {
    add_run();
    add_owner();
    add_ps();
    add_jobs();
    add_stats();
    add_logs();
    add_exec();
    add_stop();
    add_rm();
    add_image();
    add_explain();
    add_validate();
    add_version();
  }

 private:
  template <typename Values>
  std::pair<CLI::App*, std::shared_ptr<Values>> add(CLI::App& parent, const std::string& name,
                                                    const std::string& help) {
    CLI::App* command = parent.add_subcommand(name, help);
    command->fallthrough();
    auto values = std::make_shared<Values>();
    const std::string full = &parent == &app_ ? name : parent.get_name() + " " + name;
    // It outlives this object.
    command->callback([&result = result_, values, full] {
      result.name = full;
      result.command = *values;
    });
    return {command, values};
  }

  void add_run() {
    auto [command, values] = add<RunArguments>(app_, "run", "Run what a file says, until it ends");
    command
        ->add_option(
            "FILE", values->file,
            "Pods, Deployments, StatefulSets, Jobs and the like, as YAML or JSON, and ConfigMaps and Secrets for "
            "them; - for standard input")
        ->required();
    command->add_option("--config-file", values->config_files, "ConfigMaps and Secrets for the pods; may be repeated")
        ->type_name("FILE")
        ->allow_extra_args(false);
    command->add_flag("-d,--detach", values->detach,
                      "Leave the pods to an owner in the background, and return when their containers have started");
    command->footer(
        "The exit status is 0 when all pods and Jobs succeeded, else that of the container that failed first; 127 when "
        "a command was not found, 126 when it cannot be executed, 125 when nodeagent itself failed.\n"
        "Ctrl-C stops the pods gracefully, a second one kills them. Where the terminal is joined to a container (tty "
        "and "
        "stdin are true), Ctrl-C goes to that, and Ctrl-P Ctrl-Q leaves the pod running in the background.");
  }

  void add_owner() {
    auto [command, values] = add<OwnerArguments>(app_, "own-pod", "");
    command->group("");  // hidden
    command->add_option("--pod-fd", values->pod)->required();
    command->add_option("--ready-fd", values->ready)->required();
  }

  void add_ps() {
    auto [command, values] = add<PsArguments>(app_, "ps", "List the pods of this instance");
    add_choice(*command, "-o,--output", values->output, kOutputFormats, "How to print");
  }

  void add_jobs() {
    auto [command, values] = add<JobsArguments>(app_, "jobs", "List the Jobs and CronJobs of this instance");
    add_choice(*command, "-o,--output", values->output, kOutputFormats, "How to print");
  }

  void add_stats() {
    auto [command, values] = add<StatsArguments>(app_, "stats", "Show what running pods use");
    command->add_option("POD", values->pods, kPods);
    command->add_option("-s,--seconds", values->seconds, "Between the two looks that CPU and throttling are taken from")
        ->capture_default_str()
        ->check(CLI::Range(1, 86400))
        ->type_name("N");
    command->add_flag("-w,--watch", values->watch, "Go on until interrupted");
    add_choice(*command, "-o,--output", values->output, kOutputFormats, "How to print");
    command->footer(
        "CPU is in percent of one processor. MEMORY is the working set, which is what a pod is evicted for; PEAK the "
        "most "
        "that was used since the start. THROTTLED is the part of the periods in which the CPU limit held the container "
        "up, between the two looks, and the time since the start. IO and NET are since the start; NET is the pod's, "
        "told once. What this node's cgroups do not tell is \"-\".");
  }

  void add_logs() {
    auto [command, values] = add<LogsArguments>(app_, "logs", "Print what a container has written");
    command->add_option("POD", values->pod, kOnePod)->required();
    command->add_option("-c,--container", values->container, "The container (default: the first one)");
    command->add_flag("-f,--follow", values->follow, "Go on until the container ends");
    command->add_flag("--timestamps", values->timestamps, "When each line was written");
    command->add_flag("-p,--previous", values->previous, "The run before the last restart");
    command->add_option("--tail", values->tail, "Only the last N lines")->type_name("N");
  }

  void add_exec() {
    auto [command, values] = add<ExecArguments>(app_, "exec", "Run a command in a running container");
    command->add_option("POD", values->pod, kOnePod)->required();
    command->add_option("COMMAND", values->command, "What to run, after --")->required();
    command->add_option("-c,--container", values->container, "The container (default: the first one)");
    command->add_flag("-i,--stdin", values->stdin_open, "Pass standard input on");
    command->add_flag("-t,--tty", values->tty, "Give the command a terminal");
    command->footer("The exit status is the command's own; 127, 126 and 125 as for run.");
  }

  void add_stop() {
    auto [command, values] = add<StopArguments>(app_, "stop", "Stop pods and wait for their end");
    command->add_option("POD", values->pods, kPods)->required();
    command->add_option("--grace", values->grace, "Seconds instead of terminationGracePeriodSeconds")
        ->check(CLI::NonNegativeNumber)
        ->type_name("SECONDS");
  }

  void add_rm() {
    auto [command, values] = add<RmArguments>(app_, "rm", "Remove pods with their containers, volumes and logs");
    command->add_option("POD", values->pods, kPods)->required();
    command->add_flag("-f,--force", values->force, "Kill pods that still run");
  }

  void add_image() {
    CLI::App* image = app_.add_subcommand("image", "Images in the store");
    image->fallthrough();
    image->require_subcommand(1);
    {
      auto [command, values] = add<ImageImportArguments>(*image, "import", "Bring an image into the store");
      command
          ->add_option("PATH", values->path, "A docker-archive or oci-archive, an OCI layout folder, or a root folder")
          ->required();
      command->add_option("--name", values->name, "The name to give it (default: the names it holds itself)")
          ->type_name("REFERENCE");
    }
    {
      auto [command, values] = add<ImageExportArguments>(*image, "export", "Write an image as an oci-archive");
      command->add_option("REFERENCE", values->reference, "The image")->required();
      command->add_option("FILE", values->file, "Where to; - for standard output")->required();
    }
    {
      auto [command, values] = add<ImageListArguments>(*image, "list", "List the images in the store");
      add_choice(*command, "-o,--output", values->output, kOutputFormats, "How to print");
    }
    {
      auto [command, values] = add<ImageRmArguments>(*image, "rm", "Remove images from the store");
      command->add_option("REFERENCE", values->references, "The images")->required();
    }
  }

  void add_explain() {
    auto [command, values] =
        add<ExplainArguments>(app_, "explain", "Say what a field of a pod, or of another kind, means");
    command->add_option("PATH", values->path, "A kind and fields, such as pod.spec.containers.livenessProbe")
        ->required();
    command->add_flag("--recursive", values->recursive, "Names and types of all fields below it");
  }

  void add_validate() {
    auto [command, values] =
        add<ValidateArguments>(app_, "validate", "Check manifests as an apiserver would, without running anything");
    command->add_option("FILE", values->files, "Manifests in YAML or JSON; - for standard input")->required();
    command->add_flag("--defaulted", values->defaulted,
                      "Print the objects with their defaults, as they would be stored");
    add_choice(*command, "-o,--output", values->output, kManifestFormats, "How to print");
  }

  void add_version() {
    auto [command, values] = add<VersionArguments>(app_, "version", "What this program is");
    add_choice(*command, "-o,--output", values->output, kOutputFormats, "How to print");
  }

  CLI::App& app_;
  Arguments& result_;
};

std::string resolved(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), std::free);
  return real == nullptr ? std::string() : std::string(real.get());
}

// Absolute and free of links: what is recorded, mounted or handed to another process means the same everywhere, and is
// what the kernel says of it. What does not exist yet is taken as it is written.
std::string canonical(const std::string& path) {
  std::string existing = path;
  std::string rest;
  while (true) {
    if (const std::string real = resolved(existing.empty() ? "." : existing); !real.empty())
      return base::clean_path(rest.empty() ? real : base::join_path(real, rest));
    const size_t end = existing.find_last_not_of('/');
    if (end == std::string::npos) return path;  // not even "/" or the working folder can be resolved
    const size_t slash = existing.rfind('/', end);
    const size_t name = slash == std::string::npos ? 0 : slash + 1;
    const std::string last = existing.substr(name, end + 1 - name);
    rest = rest.empty() ? last : base::join_path(last, rest);
    existing.resize(name);
  }
}

}  // namespace

std::vector<std::string> to_flags(const Globals& globals) {
  std::vector<std::string> flags{"--root",       globals.root,
                                 "--state",      globals.state,
                                 "--log-dir",    globals.log_dir,
                                 "--instance",   globals.instance,
                                 "--log-level",  name_of(kLogLevels, globals.log_level),
                                 "--log-format", name_of(kLogFormats, globals.log_format)};
  if (!globals.subnet.empty()) flags.insert(flags.end(), {"--subnet", globals.subnet});
  if (!globals.shim.empty()) flags.insert(flags.end(), {"--shim", globals.shim});
  if (globals.seccomp_default) flags.emplace_back("--seccomp-default");
  for (const std::string& name : globals.allowed_unsafe_sysctls) {
    flags.insert(flags.end(), {"--allowed-unsafe-sysctls", name});
  }
  for (const auto& [name, driver] : kCgroupDrivers) {
    if (driver == globals.cgroup_driver && driver != DriverChoice::kAuto) {
      flags.insert(flags.end(), {"--cgroup-driver", name});
    }
  }
  if (globals.warn_of_missing_controllers) flags.insert(flags.end(), {"--missing-controllers", "warn"});
  return flags;
}

std::expected<Arguments, Usage> parse_arguments(const std::vector<std::string>& arguments) {
  Arguments result;
  CLI::App app("nodeagent runs pods on this machine: from a file, without a control plane.", "nodeagent");
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help for every command");
  try {
    add_globals(app, result.globals);
    Subcommands(app, result).add_all();
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    const CLI::App* about = &app;
    while (!about->get_subcommands().empty()) about = about->get_subcommands().front();
    return std::unexpected(Usage{0, about->help()});
  } catch (const CLI::CallForAllHelp&) {
    return std::unexpected(Usage{0, app.help("", CLI::AppFormatMode::All)});
  } catch (const CLI::ParseError& error) {
    const std::vector<std::string> unknown = app.remaining(true);
    if (app.get_subcommands().empty() && !unknown.empty())
      return std::unexpected(
          Usage{kUsageError, "nodeagent: there is no command \"" + unknown.front() + "\"; see nodeagent --help\n"});
    return std::unexpected(Usage{kUsageError, std::string("nodeagent: ") + error.what() +
                                                  "\nRun nodeagent --help, or nodeagent COMMAND --help.\n"});
  } catch (const std::exception& error) {
    return std::unexpected(Usage{kUsageError, std::string("nodeagent: ") + error.what() + "\n"});
  }
  for (std::string* path : {&result.globals.root, &result.globals.state, &result.globals.log_dir})
    *path = canonical(*path);
  if (!result.globals.shim.empty()) result.globals.shim = canonical(result.globals.shim);
  return result;
}

}  // namespace agent::cli
