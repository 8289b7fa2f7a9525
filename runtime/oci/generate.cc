#include "runtime/oci/generate.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/sys.h"
#include "runtime/oci/generate_parts.h"
#include "runtime/oci/ulimits.h"
#include "runtime/oci/utf8.h"

namespace runtime::oci {
namespace {

constexpr const char* kDefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

constexpr std::array kMaskedPaths = {
    "/proc/asound",      "/proc/acpi",          "/proc/interrupts", "/proc/kcore",
    "/proc/keys",        "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
    "/proc/sched_debug", "/proc/scsi",          "/sys/firmware",    "/sys/devices/virtual/powercap",
};
constexpr std::array kReadonlyPaths = {
    "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

std::vector<std::string> strings(const google::protobuf::RepeatedPtrField<std::string>& field) {
  return {field.begin(), field.end()};
}

// --- command and environment ---

// CRI's command replaces the image's Entrypoint and drops its Cmd; CRI's args replace its Cmd.
base::Result<std::vector<std::string>> command_line(const GenerateInput& input) {
  const v1::ContainerConfig& container = *input.container;
  std::vector<std::string> line = strings(container.command());
  std::vector<std::string> arguments = strings(container.args());
  if (line.empty()) {
    line = input.image.entrypoint;
    if (arguments.empty()) arguments = input.image.cmd;
  }
  std::ranges::move(arguments, std::back_inserter(line));
  if (line.empty()) {
    return base::fail(base::Code::kInvalidArgument, "there is nothing to run: neither the pod nor the image ",
                      input.image_name, " gives a command");
  }
  if (line.front().empty()) {
    return base::fail(base::Code::kInvalidArgument, "the command's first word, the program to run, is empty");
  }
  return line;
}

// An environment in which the last value given for a name wins and keeps the first one's place.
class Environment {
 public:
  void set(std::string_view name, std::string_view value) {
    std::string entry = base::concat(name, "=", value);
    const auto found = find(name);
    if (found == entries_.end()) {
      entries_.push_back(std::move(entry));
    } else {
      *found = std::move(entry);
    }
  }
  void set_default(std::string_view name, std::string_view value) {
    if (find(name) == entries_.end()) set(name, value);
  }
  std::vector<std::string> take() && { return std::move(entries_); }

 private:
  std::vector<std::string>::iterator find(std::string_view name) {
    return std::ranges::find_if(entries_, [&](const std::string& entry) {
      return entry.starts_with(name) && entry.size() > name.size() && entry[name.size()] == '=';
    });
  }
  std::vector<std::string> entries_;
};

base::Result<std::vector<std::string>> environment(const GenerateInput& input) {
  Environment env;
  env.set("PATH", kDefaultPath);
  if (!input.hostname.empty()) env.set("HOSTNAME", input.hostname);
  if (input.container->tty()) env.set("TERM", "xterm");
  for (const std::string& entry : input.image.env) {
    // "NAME" without a value, as some images have it, sets nothing.
    const size_t equals = entry.find('=');
    if (equals != std::string::npos && equals > 0) env.set(entry.substr(0, equals), entry.substr(equals + 1));
  }
  for (const v1::KeyValue& entry : input.container->envs()) {
    const std::string& name = entry.key();
    if (name.empty() || name.find('=') != std::string::npos || !is_json_text(name)) {
      return base::fail(base::Code::kInvalidArgument, "envs has the name \"", name,
                        "\", which cannot be an environment variable's");
    }
    if (!is_json_text(entry.value())) {
      return base::fail(base::Code::kInvalidArgument, "the value of the environment variable ", name,
                        " is not UTF-8, or has a NUL in it");
    }
    env.set(name, entry.value());
  }
  env.set_default("HOME", input.user.home);
  return std::move(env).take();
}

base::Result<std::string> working_directory(const GenerateInput& input) {
  const std::string& requested = input.container->working_dir();
  if (!requested.empty()) return absolute_path("working_dir", requested);
  if (!input.image.working_dir.empty()) return absolute_path("the image's WorkingDir", input.image.working_dir);
  return "/";
}

// --- security ---

bool is_privileged(const GenerateInput& input) { return input.container->linux().security_context().privileged(); }

base::Result<security::CapabilitySet> capabilities(const GenerateInput& input) {
  if (is_privileged(input)) return input.available_capabilities;
  const v1::Capability& requested = input.container->linux().security_context().capabilities();
  return security::adjust_capabilities(security::default_capabilities(), input.available_capabilities,
                                       strings(requested.add_capabilities()), strings(requested.drop_capabilities()));
}

// No inheritable and no ambient ones: a program of another user than root gets none by execve (capabilities(7)).
Capabilities capability_sets(security::CapabilitySet set) {
  Capabilities sets;
  sets.bounding = sets.effective = sets.permitted = set.names();
  return sets;
}

// The older form of the same message, a kubelet's before 1.19: "localhost/" and the file's absolute path.
base::Result<v1::SecurityProfile> older_seccomp(const std::string& text) {
  constexpr std::string_view kLocalhost = "localhost/";
  v1::SecurityProfile profile;
  profile.set_profile_type(v1::SecurityProfile::Unconfined);
  if (text == "runtime/default" || text == "docker/default") {
    profile.set_profile_type(v1::SecurityProfile::RuntimeDefault);
  } else if (text.starts_with(kLocalhost)) {
    profile.set_profile_type(v1::SecurityProfile::Localhost);
    profile.set_localhost_ref(text.substr(kLocalhost.size()));
  } else if (text != "unconfined") {
    return base::fail(base::Code::kInvalidArgument, "security_context.seccomp_profile_path ", text,
                      " is none of runtime/default, docker/default, unconfined and localhost/PATH");
  }
  return profile;
}

base::Result<v1::SecurityProfile> seccomp_profile(const GenerateInput& input) {
  const v1::LinuxContainerSecurityContext& context = input.container->linux().security_context();
  v1::SecurityProfile profile;
  profile.set_profile_type(input.seccomp_default ? v1::SecurityProfile::RuntimeDefault
                                                 : v1::SecurityProfile::Unconfined);
  if (context.privileged()) {
    profile.set_profile_type(v1::SecurityProfile::Unconfined);
  } else if (context.has_seccomp()) {
    profile = context.seccomp();
  } else if (const std::string& text = older_seccomp_profile(context); !text.empty()) {
    profile = TRY(older_seccomp(text));
  }
  return profile;
}

base::Result<std::string> seccomp_filter(const GenerateInput& input, security::CapabilitySet granted) {
  const v1::SecurityProfile profile = TRY(seccomp_profile(input));
  switch (profile.profile_type()) {
    case v1::SecurityProfile::Unconfined:
      return std::string();
    case v1::SecurityProfile::RuntimeDefault:
      if (input.seccomp_filter) return input.seccomp_filter(granted);
      break;
    case v1::SecurityProfile::Localhost:
      if (!profile.localhost_ref().starts_with('/')) {
        return base::fail(base::Code::kInvalidArgument, "the seccomp profile \"", profile.localhost_ref(),
                          "\" is not named by an absolute path");
      }
      if (input.localhost_seccomp_filter) return input.localhost_seccomp_filter(profile.localhost_ref(), granted);
      break;
    default:
      return base::fail(base::Code::kInvalidArgument, "security_context.seccomp.profile_type ",
                        static_cast<int>(profile.profile_type()), " is unknown");
  }
  return base::fail(base::Code::kInternal, "no way to compile a seccomp profile");
}

// The pod's annotation, or the container's own, which the agent or a kubelet passes on.
base::Result<std::vector<Rlimit>> ulimits(const GenerateInput& input) {
  const std::string own = base::concat("ulimits.nodeagent.io/", input.container->metadata().name());
  for (const std::string& key : {own, std::string("nodeagent.io/ulimits")}) {
    const auto found = input.sandbox->annotations().find(key);
    if (found == input.sandbox->annotations().end()) continue;
    return TRY(parse_ulimits(found->second), "annotation ", key);
  }
  return std::vector<Rlimit>();
}

// --- the parts of the document ---

base::Result<Process> process(const GenerateInput& input, security::CapabilitySet granted) {
  const v1::LinuxContainerConfig& config = input.container->linux();
  const int64_t oom_score = config.resources().oom_score_adj();
  if (oom_score < -1000 || oom_score > 1000) {
    return base::fail(base::Code::kInvalidArgument, "resources.oom_score_adj is ", oom_score,
                      ", which does not lie in -1000..1000");
  }
  Process out;
  out.terminal = input.container->tty();
  out.user.uid = input.user.uid;
  out.user.gid = input.user.gid;
  out.user.additional_gids = input.user.additional_gids;
  out.args = TRY(command_line(input));
  out.env = TRY(environment(input));
  out.cwd = TRY(working_directory(input));
  out.capabilities = capability_sets(granted);
  out.no_new_privileges = config.security_context().no_new_privs();
  out.rlimits = TRY(ulimits(input));
  // Always said: otherwise the shim's own score would be inherited.
  out.oom_score_adj = static_cast<int32_t>(oom_score);
  return out;
}

base::Result<std::vector<Namespace>> namespaces(const GenerateInput& input) {
  std::vector<Namespace> out;
  const v1::NamespaceMode pid = input.container->linux().security_context().namespace_options().pid();
  if (pid == v1::POD && input.shared_pid_path.empty()) {
    return base::fail(base::Code::kInvalidArgument,
                      "security_context.namespace_options.pid is POD, but the pod's sandbox was not made with it");
  }
  if (pid != v1::NODE) out.push_back({.type = "pid", .path = pid == v1::POD ? input.shared_pid_path : std::string()});
  out.push_back({.type = "mount", .path = {}});
  // With the host's, a privileged container can manage all cgroups.
  if (!is_privileged(input)) out.push_back({.type = "cgroup", .path = {}});
  return out;
}

// Below /proc and /sys. A kubelet says which; who says nothing gets the same.
void hide_paths(const GenerateInput& input, Linux& out) {
  const v1::LinuxContainerSecurityContext& context = input.container->linux().security_context();
  if (context.privileged()) return;
  out.masked_paths = strings(context.masked_paths());
  if (out.masked_paths.empty()) {
    out.masked_paths.assign(kMaskedPaths.begin(), kMaskedPaths.end());
    std::ranges::copy(input.thermal_throttle_paths, std::back_inserter(out.masked_paths));
  }
  out.readonly_paths = strings(context.readonly_paths());
  if (out.readonly_paths.empty()) out.readonly_paths.assign(kReadonlyPaths.begin(), kReadonlyPaths.end());
}

base::Result<Linux> linux_part(const GenerateInput& input) {
  Linux out;
  out.namespaces = TRY(namespaces(input));
  out.devices = TRY(container_devices(input));
  out.cgroups_path = input.cgroups_path;
  out.resources = resources(input.container->linux().resources());
  out.resources->devices = device_rules(input, out.devices);
  hide_paths(input, out);
  return out;
}

std::map<std::string, std::string> annotations(const GenerateInput& input) {
  const v1::PodSandboxMetadata& pod = input.sandbox->metadata();
  return {
      {"io.kubernetes.cri.container-type", "container"},
      {"io.kubernetes.cri.container-name", input.container->metadata().name()},
      {"io.kubernetes.cri.image-name", input.image_name},
      {"io.kubernetes.cri.sandbox-id", input.sandbox_id},
      {"io.kubernetes.cri.sandbox-name", pod.name()},
      {"io.kubernetes.cri.sandbox-namespace", pod.namespace_()},
      {"io.kubernetes.cri.sandbox-uid", pod.uid()},
  };
}

base::Result<Extension> extension(const GenerateInput& input, security::CapabilitySet granted) {
  Extension out;
  if (!input.overlay.lower.empty()) out.rootfs = input.overlay;
  if (!input.log_path.empty()) out.log = Extension::Log{.path = input.log_path};
  out.open_stdin = input.container->stdin();
  out.stdin_once = input.container->stdin_once();
  out.seccomp_filter = TRY(seccomp_filter(input, granted));
  out.cgroup = input.cgroup_dir;
  return out;
}

}  // namespace

Resources resources(const v1::LinuxContainerResources& asked) {
  Resources out;
  Cpu cpu;
  if (asked.cpu_shares() > 0) cpu.shares = static_cast<uint64_t>(asked.cpu_shares());
  if (asked.cpu_quota() != 0) cpu.quota = asked.cpu_quota();
  if (asked.cpu_period() > 0) cpu.period = static_cast<uint64_t>(asked.cpu_period());
  cpu.cpus = asked.cpuset_cpus();
  cpu.mems = asked.cpuset_mems();
  if (cpu != Cpu()) out.cpu = cpu;
  Memory memory;
  if (asked.memory_limit_in_bytes() != 0) memory.limit = asked.memory_limit_in_bytes();
  if (asked.memory_swap_limit_in_bytes() != 0) memory.swap = asked.memory_swap_limit_in_bytes();
  if (memory != Memory()) out.memory = memory;
  for (const v1::HugepageLimit& pages : asked.hugepage_limits()) {
    out.hugepage_limits.push_back({.page_size = pages.page_size(), .limit = pages.limit()});
  }
  out.unified.insert(asked.unified().begin(), asked.unified().end());
  return out;
}

base::Result<Spec> generate(const GenerateInput& input) {
  TRY(refuse_what_is_not_carried_out(*input.container));
  const security::CapabilitySet granted = TRY(capabilities(input));
  Spec spec;
  spec.process = TRY(process(input, granted));
  spec.root.path = input.root_path;
  spec.root.readonly = input.container->linux().security_context().readonly_rootfs();
  spec.mounts = TRY(container_mounts(input));
  spec.annotations = annotations(input);
  spec.linux = TRY(linux_part(input));
  spec.nodeagent = TRY(extension(input, granted));
  spec.nodeagent->volumes = TRY(uncovered_volumes(input.image, spec.mounts));
  return spec;
}

UserRequest user_request(const v1::ContainerConfig& container, const ImageConfig& image) {
  const v1::LinuxContainerSecurityContext& context = container.linux().security_context();
  UserRequest request;
  if (context.has_run_as_user()) request.run_as_user = context.run_as_user().value();
  if (context.has_run_as_group()) request.run_as_group = context.run_as_group().value();
  request.run_as_username = context.run_as_username();
  request.supplemental_groups.assign(context.supplemental_groups().begin(), context.supplemental_groups().end());
  request.policy = context.supplemental_groups_policy() == v1::Strict ? GroupsPolicy::kStrict : GroupsPolicy::kMerge;
  request.image_user = image.user;
  return request;
}

base::Result<Process> exec_process(const Spec& spec, const std::vector<std::string>& command,
                                   const std::optional<ConsoleSize>& terminal) {
  if (command.empty() || command.front().empty()) {
    return base::fail(base::Code::kInvalidArgument, "exec: the command is empty");
  }
  Process process = spec.process;
  process.args = command;
  process.terminal = terminal.has_value();
  process.console_size = terminal;
  const auto is_term = [](const std::string& entry) { return entry.starts_with("TERM="); };
  if (terminal && std::ranges::none_of(process.env, is_term)) process.env.emplace_back("TERM=xterm");
  return process;
}

std::vector<std::string> host_thermal_throttle_paths() {
  std::vector<std::string> paths;
  // CPU numbers may have holes, where one is offline; the folder of a CPU that exists does not go away.
  constexpr int kMaxCpus = 8192;
  for (int cpu = 0; cpu < kMaxCpus; ++cpu) {
    const std::string folder = base::concat("/sys/devices/system/cpu/cpu", cpu);
    if (!base::sys::fstatat(AT_FDCWD, folder, 0)) break;
    std::string path = base::concat(folder, "/thermal_throttle");
    if (base::sys::fstatat(AT_FDCWD, path, 0)) paths.push_back(std::move(path));
  }
  return paths;
}

}  // namespace runtime::oci
