#include "test/host/service/test_node.h"

#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>

#include "base/file.h"
#include "base/path.h"
#include "cni/bridge.h"
#include "runtime/cgroup/driver.h"
#include "test/fixtures/busybox_root.h"

using cri::CallContext;
namespace v1 = cri::v1;

namespace {

constexpr const char* kImage = "docker.io/library/busybox:test";

template <typename T>
T must(base::Result<T> result) {
  if (!result) FAIL(result.error().to_string());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

std::string shim_path() {
  const char* path = ::getenv("NODEAGENT_SHIM");
  return path != nullptr ? path : "runtime/shim/nodeagent-shim";
}

}  // namespace

CallContext within(int seconds) {
  return {.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds), .stop = {}};
}

TestNode::TestNode() {
  std::array<char, 64> name{"/tmp/nodeagent-service-XXXXXX"};
  folder_ = ::mkdtemp(name.data());
  options_.root = folder_ + "/root";
  options_.state = folder_ + "/state";
  options_.instance = base::concat("t", ::getpid());
  options_.shim_binary = shim_path();
  options_.recover = true;
  restart();
  must(fixtures::make_busybox_root(folder_ + "/busybox"));
  must(local().import_image(within(60), folder_ + "/busybox", kImage, {}));
}

TestNode::~TestNode() {
  const auto sandboxes = runtime().list_pod_sandbox(within(10), {});
  if (sandboxes) {
    for (const v1::PodSandbox& sandbox : sandboxes->items()) {
      v1::RemovePodSandboxRequest request;
      request.set_pod_sandbox_id(sandbox.id());
      const auto removed = runtime().remove_pod_sandbox(within(60), request);
      if (!removed) UNSCOPED_INFO(removed.error().to_string());
      CHECK(removed);
    }
  }
  runtime_.reset();
  if (const auto hierarchy = runtime::cgroup::Hierarchy::find()) {
    runtime::cgroup::Driver cgroups(*hierarchy, runtime::cgroup::MissingControllers::kWarn);
    for (const std::string& cgroup : {"/" + options_.instance, "/" + options_.instance + ".slice"}) {
      CHECK(cgroups.remove(cgroup, std::chrono::seconds(10)));
    }
  }
  auto network = cni::BridgeNetwork::open({.bridge = options_.instance + "-b",
                                           .subnet = cni::default_subnet(options_.instance),
                                           .nft_table = options_.instance,
                                           .state_dir = options_.root + "/network",
                                           .locks_dir = options_.root + "/locks"});
  if (network) {
    const base::Status removed = (*network)->remove_all();
    if (!removed) UNSCOPED_INFO(removed.error().to_string());
    CHECK(removed);
  }
  CHECK(base::remove_tree(folder_));
}

void TestNode::restart(const std::function<void()>& meanwhile) {
  runtime_.reset();
  if (meanwhile) meanwhile();
  runtime_ = must(runtime::service::Runtime::open(options_));
}

v1::PodSandboxConfig TestNode::pod(const std::string& name) const {
  v1::PodSandboxConfig config;
  config.mutable_metadata()->set_name(name);
  config.mutable_metadata()->set_namespace_("default");
  config.mutable_metadata()->set_uid("uid-" + name);
  config.set_hostname(name);
  config.set_log_directory(base::concat(folder_, "/logs/", name));
  config.mutable_linux()->mutable_security_context()->mutable_namespace_options()->set_pid(v1::CONTAINER);
  return config;
}

v1::ContainerConfig TestNode::container(const std::string& name, const std::vector<std::string>& command) const {
  v1::ContainerConfig config;
  config.mutable_metadata()->set_name(name);
  config.mutable_image()->set_image(kImage);
  for (const std::string& word : command) config.add_command(word);
  config.set_log_path(name + "/0.log");
  config.mutable_linux()->mutable_security_context()->mutable_namespace_options()->set_pid(v1::CONTAINER);
  return config;
}

std::string TestNode::run_pod(const v1::PodSandboxConfig& config) {
  v1::RunPodSandboxRequest request;
  *request.mutable_config() = config;
  return must(runtime().run_pod_sandbox(within(30), request)).pod_sandbox_id();
}

std::string TestNode::create(const std::string& sandbox, const v1::PodSandboxConfig& pod,
                             const v1::ContainerConfig& config) {
  v1::CreateContainerRequest request;
  request.set_pod_sandbox_id(sandbox);
  *request.mutable_config() = config;
  *request.mutable_sandbox_config() = pod;
  return must(runtime().create_container(within(30), request)).container_id();
}

void TestNode::start(const std::string& container) {
  v1::StartContainerRequest request;
  request.set_container_id(container);
  must(runtime().start_container(within(30), request));
}

v1::ContainerStatus TestNode::status(const std::string& container) {
  v1::ContainerStatusRequest request;
  request.set_container_id(container);
  return must(runtime().container_status(within(10), request)).status();
}

v1::ContainerStatus TestNode::wait(const std::string& container) {
  std::stop_source done;
  CallContext context = within(20);
  context.stop = done.get_token();
  // Events that come after the subscription are heard; what came before shows in the status.
  v1::ContainerStatus last = status(container);
  while (last.state() != v1::CONTAINER_EXITED && std::chrono::steady_clock::now() < context.deadline) {
    CallContext round = within(1);
    (void)runtime().get_container_events(round, {}, [&](const v1::ContainerEventResponse& event) {
      return !(event.container_id() == container && event.container_event_type() == v1::CONTAINER_STOPPED_EVENT);
    });
    last = status(container);
  }
  REQUIRE(last.state() == v1::CONTAINER_EXITED);
  return last;
}

std::string TestNode::log_of(const std::string& container) {
  const std::string text = must(base::read_file(status(container).log_path()));
  std::string out;
  size_t start = 0;
  while (start < text.size()) {
    const size_t end = text.find('\n', start);
    const std::string line = text.substr(start, end - start);
    // "<time> stdout F <text>"
    size_t at = 0;
    for (int space = 0; space < 3; ++space) at = line.find(' ', at) + 1;
    out += line.substr(at) + "\n";
    start = end == std::string::npos ? text.size() : end + 1;
  }
  return out;
}

std::string TestNode::output_of(const std::vector<std::string>& command) {
  static int number = 0;
  const v1::PodSandboxConfig config = pod(base::concat("out", number++));
  const std::string sandbox = run_pod(config);
  const std::string id = create(sandbox, config, container("main", command));
  start(id);
  wait(id);
  return log_of(id);
}
