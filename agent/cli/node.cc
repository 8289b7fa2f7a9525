#include "agent/cli/node.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "agent/resources/pod_cgroups.h"
#include "agent/workloads/list.h"
#include "base/log.h"
#include "base/path.h"
#include "base/sys.h"
#include "runtime/service/runtime.h"

namespace agent::cli {

namespace {

std::string folder_of(const std::string& path) { return path.substr(0, std::max<size_t>(path.rfind('/'), 1)); }

// Beside nodeagent (installed together), in the package's own folder, or where the build puts it.
base::Result<std::string> find_shim(const Globals& globals) {
  if (!globals.shim.empty()) {
    if (::access(globals.shim.c_str(), X_OK) != 0) return base::fail_errno(errno, "use --shim ", globals.shim);
    return globals.shim;
  }
  const std::string folder = folder_of(TRY(own_path()));
  const std::array<std::string, 3> places{folder + "/nodeagent-shim", folder + "/../libexec/nodeagent/nodeagent-shim",
                                          folder + "/../../runtime/shim/nodeagent-shim"};
  for (const std::string& place : places)
    if (::access(place.c_str(), X_OK) == 0) return base::clean_path(place);
  return base::fail(base::Code::kNotFound, "nodeagent-shim is not beside nodeagent in ", folder,
                    " nor in ../libexec/nodeagent; name it with --shim PATH");
}

}  // namespace

base::Result<std::string> own_path() {
  return TRY(base::sys::readlinkat(AT_FDCWD, "/proc/self/exe"), "find this program's own path");
}

pods::Paths pod_paths(const Globals& globals) {
  return {.root = globals.root,
          .state = globals.state,
          .log_dir = globals.log_dir,
          // /var/log/containers beside /var/log/pods.
          .log_links = base::join_path(folder_of(base::clean_path(globals.log_dir)), "containers"),
          .instance = globals.instance};
}

base::Result<pods::Options> pod_options(const Globals& globals, bool foreground) {
  pods::Options options;
  options.node = TRY(resources::read_node_facts(globals.root));
  options.paths = pod_paths(globals);
  options.foreground = foreground;
  options.seccomp_default = globals.seccomp_default;
  options.allowed_unsafe_sysctls = globals.allowed_unsafe_sysctls;
  return options;
}

Node::Node(pods::Paths paths, std::unique_ptr<runtime::service::Runtime> runtime,
           std::unique_ptr<resources::PodCgroups> cgroups)
    : paths_(std::move(paths)), runtime_(std::move(runtime)), cgroups_(std::move(cgroups)) {}
Node::~Node() = default;

base::Result<std::unique_ptr<Node>> Node::open(const Globals& globals, Purpose purpose) {
  runtime::service::RuntimeOptions options;
  options.root = globals.root;
  options.state = globals.state;
  options.instance = globals.instance;
  options.subnet = globals.subnet;
  base::Result<std::string> shim = find_shim(globals);
  if (shim.has_value()) {
    options.shim_binary = *std::move(shim);
  } else if (purpose == Purpose::kRunPods || !globals.shim.empty()) {
    return std::unexpected(std::move(shim).error());
  }
  options.cgroup_driver = globals.cgroup_driver;
  if (globals.warn_of_missing_controllers) options.missing_controllers = runtime::cgroup::MissingControllers::kWarn;
  options.recover = purpose == Purpose::kRunPods;
  std::unique_ptr<runtime::service::Runtime> runtime = TRY(runtime::service::Runtime::open(options));
  auto cgroups =
      std::make_unique<resources::NodeCgroups>(runtime->cgroups(), runtime->cgroup_names(),
                                               TRY(resources::read_node_facts(globals.root)), runtime->cgroup_lock());
  return std::unique_ptr<Node>(new Node(pod_paths(globals), std::move(runtime), std::move(cgroups)));
}

cri::RuntimeService& Node::runtime() { return runtime_->runtime(); }
cri::ImageService& Node::images() { return runtime_->images(); }
cri::LocalRuntime& Node::local() { return runtime_->local(); }
pods::Deps Node::deps() { return deps(pods::no_configuration()); }
pods::Deps Node::deps(const pods::Configuration& configuration) {
  return {.runtime = &runtime(), .images = &images(), .configuration = &configuration, .cgroups = cgroups_.get()};
}

void Node::tidy() {
  for (const base::Status& tidied : {pods::sweep_pods(paths_), workloads::sweep_job_records(paths_), runtime_->tidy()})
    if (!tidied) base::log::warning({}, "tidy up: ", tidied.error().to_string());
}

base::Status require_root(const std::string& command) {
  if (::geteuid() == 0) return {};
  return base::fail(base::Code::kPermissionDenied, "nodeagent ", command,
                    " needs root: pods are made of namespaces, mounts and cgroups; run it as root, for example with "
                    "sudo");
}

}  // namespace agent::cli
