// Stats through CRI and LocalRuntime, of real pods.
#include "runtime/service/stats.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <semaphore>

#include "base/path.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/service/registry.h"
#include "test/host/service/test_node.h"

namespace v1 = cri::v1;
using runtime::service::ContainerRecord;
using runtime::service::Paths;
using runtime::service::process_start_time;
using runtime::service::Registry;
using runtime::service::SandboxRecord;

namespace {

bool soon(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    (void)::poll(nullptr, 0, 50);
  }
  return true;
}

v1::ContainerStats container_stats(TestNode& node, const std::string& id) {
  v1::ContainerStatsRequest request;
  request.set_container_id(id);
  const auto response = node.runtime().container_stats(within(20), request);
  if (!response.has_value()) FAIL(response.error().to_string());
  return response->stats();
}

v1::PodSandboxStats pod_stats(TestNode& node, const std::string& id) {
  v1::PodSandboxStatsRequest request;
  request.set_pod_sandbox_id(id);
  const auto response = node.runtime().pod_sandbox_stats(within(20), request);
  if (!response.has_value()) FAIL(response.error().to_string());
  return response->stats();
}

std::vector<std::string> listed(TestNode& node, const v1::ContainerStatsFilter& filter) {
  v1::ListContainerStatsRequest request;
  *request.mutable_filter() = filter;
  const auto response = node.runtime().list_container_stats(within(20), request);
  REQUIRE(response.has_value());
  std::vector<std::string> ids;
  for (const v1::ContainerStats& stats : response->stats()) ids.push_back(stats.attributes().id());
  std::ranges::sort(ids);
  return ids;
}

// Whether cgroup v2 counts memory, tasks and io on this node; in the test VM it does.
bool has_controllers() {
  const auto hierarchy = runtime::cgroup::Hierarchy::find();
  REQUIRE(hierarchy.has_value());
  const bool all = hierarchy->controllers().contains("memory") && hierarchy->controllers().contains("pids");
  if (!all && std::getenv("NODEAGENT_TEST_VM") != nullptr) FAIL("the test VM has no memory controller");
  return all;
}

struct Pod {
  v1::PodSandboxConfig config;
  std::string sandbox;
  std::string container;
};
Pod run(TestNode& node, const std::string& name, const std::string& script) {
  Pod pod{.config = node.pod(name), .sandbox = {}, .container = {}};
  pod.sandbox = node.run_pod(pod.config);
  v1::ContainerConfig config = node.container("main", {"sh", "-c", script});
  (*config.mutable_labels())["which"] = name;
  pod.container = node.create(pod.sandbox, pod.config, config);
  node.start(pod.container);
  return pod;
}

// A pod of which there is nothing but the records, and containers' writable layers.
struct RecordedPod {
  RecordedPod() {
    REQUIRE(::mkdtemp(folder.data()) != nullptr);
    registry.emplace(Paths{.root = folder + "/root", .state = folder + "/state", .instance = "vanish"}, "boot");
    SandboxRecord sandbox;
    sandbox.id = "s1";
    sandbox.config = std::make_shared<v1::PodSandboxConfig>();
    sandbox.state = SandboxRecord::State::kReady;
    sandbox.shim_pid = ::getpid();
    sandbox.shim_start_time = process_start_time(::getpid()).value();
    sandbox.cgroup_parent = "/vanish-none";
    REQUIRE(registry->add(sandbox));
  }
  ~RecordedPod() { CHECK(base::remove_tree(folder)); }
  RecordedPod(const RecordedPod&) = delete;
  RecordedPod& operator=(const RecordedPod&) = delete;

  // That is said to be running.
  void add(const std::string& id, const std::string& cgroup) {
    v1::ContainerConfig config;
    config.mutable_metadata()->set_name(id);
    ContainerRecord container;
    container.id = id;
    container.sandbox_id = "s1";
    container.config = std::make_shared<v1::ContainerConfig>(config);
    container.state = ContainerRecord::State::kRunning;
    container.cgroup = cgroup;
    REQUIRE(registry->add(container));
    REQUIRE(base::make_dirs(base::join_path(registry->paths().writable_layer(id), "upper"), 0755));
  }

  std::string folder = "/tmp/nodeagent-stats-XXXXXX";
  std::optional<Registry> registry;
};

// Holds up whoever counts a layer, at its end, until it is let go.
class HeldClock final : public base::Clock {
 public:
  base::Monotonic now() const override { return base::system_clock().now(); }
  base::WallTime wall() const override {
    held_.acquire();
    held_.release();
    return base::system_clock().wall();
  }
  void let_go() { held_.release(); }

 private:
  mutable std::counting_semaphore<> held_{0};
};

}  // namespace

TEST_CASE("a container's stats are what it uses") {
  TestNode node;
  const Pod pod = run(node, "busy", "dd if=/dev/zero of=/data bs=1024 count=300; touch /done; while :; do :; done");
  v1::ContainerStats stats;
  // The rate comes with the second sample, a second after the first.
  REQUIRE(soon([&] {
    stats = container_stats(node, pod.container);
    return stats.cpu().usage_nano_cores().value() > 0;
  }));
  CHECK(stats.attributes().id() == pod.container);
  CHECK(stats.attributes().metadata().name() == "main");
  CHECK(stats.attributes().labels().at("which") == "busy");
  CHECK(stats.cpu().timestamp() > 0);
  CHECK(stats.cpu().usage_core_nano_seconds().value() > 0);
  CHECK(stats.cpu().usage_nano_cores().value() <= 1'200'000'000);
  CHECK(stats.cpu().has_psi());
  CHECK(stats.memory().has_psi());
  CHECK(stats.io().has_psi());
  REQUIRE(stats.has_writable_layer());
  CHECK(stats.writable_layer().fs_id().mountpoint() == base::join_path(node.options().root, "containers"));
  CHECK(stats.writable_layer().timestamp() > 0);
  if (!has_controllers()) {
    CHECK_FALSE(stats.memory().has_working_set_bytes());
    CHECK_FALSE(stats.has_swap());
    return;
  }
  CHECK(stats.memory().usage_bytes().value() > 0);
  CHECK(stats.memory().working_set_bytes().value() > 0);
  CHECK(stats.memory().rss_bytes().value() > 0);
  CHECK(stats.memory().page_faults().value() > 0);
  CHECK(stats.swap().swap_usage_bytes().value() == 0);
}

TEST_CASE("what a container writes is in its layer's usage") {
  TestNode node;
  const Pod pod = run(node, "writer", "dd if=/dev/zero of=/data bs=1024 count=300; touch /done; sleep 1000");
  REQUIRE(soon([&] { return node.log_of(pod.container).find("300+0 records out") != std::string::npos; }));
  // Not asked for before: the first walk is now. The top folder and two files, or one.
  v1::FilesystemUsage layer;
  REQUIRE(soon([&] {
    layer = container_stats(node, pod.container).writable_layer();
    return layer.timestamp() > 0;
  }));
  CHECK(layer.used_bytes().value() >= 300 * 1024);
  CHECK(layer.used_bytes().value() < 400 * 1024);
  CHECK(layer.inodes_used().value() >= 2);
}

TEST_CASE("a pod's stats are those of its cgroup, its network and its containers") {
  TestNode node;
  const Pod pod = run(node, "web", "sleep 1000");
  const std::string second = node.create(pod.sandbox, pod.config, node.container("second", {"sleep", "1000"}));
  node.start(second);
  const std::string ended = node.create(pod.sandbox, pod.config, node.container("ended", {"true"}));
  node.start(ended);
  (void)node.wait(ended);

  const v1::PodSandboxStats stats = pod_stats(node, pod.sandbox);
  CHECK(stats.attributes().metadata().name() == "web");
  CHECK(stats.linux().cpu().usage_core_nano_seconds().value() > 0);
  CHECK(stats.linux().cpu().has_psi());
  CHECK(stats.linux().io().has_psi());
  CHECK(stats.linux().network().default_interface().name() == "eth0");
  CHECK(stats.linux().network().default_interface().has_rx_bytes());
  CHECK(stats.linux().network().interfaces().empty());
  CHECK(stats.linux().containers_size() == 2);
  if (has_controllers()) {
    CHECK(stats.linux().process().process_count().value() == 2);
    CHECK(stats.linux().memory().working_set_bytes().value() > 0);
  }
}

TEST_CASE("a pod on the host's network has no network stats of its own") {
  TestNode node;
  v1::PodSandboxConfig config = node.pod("host");
  config.mutable_linux()->mutable_security_context()->mutable_namespace_options()->set_network(v1::NODE);
  const std::string sandbox = node.run_pod(config);
  CHECK_FALSE(pod_stats(node, sandbox).linux().has_network());
}

TEST_CASE("lists of stats hold what runs and fits the filter") {
  TestNode node;
  const Pod one = run(node, "one", "sleep 1000");
  const Pod two = run(node, "two", "sleep 1000");
  const std::string ended = node.create(one.sandbox, one.config, node.container("ended", {"true"}));
  node.start(ended);
  (void)node.wait(ended);

  std::vector<std::string> both{one.container, two.container};
  std::ranges::sort(both);
  v1::ContainerStatsFilter filter;
  CHECK(listed(node, filter) == both);
  filter.set_pod_sandbox_id(two.sandbox);
  CHECK(listed(node, filter) == std::vector<std::string>{two.container});
  filter.Clear();
  filter.set_id(one.container.substr(0, 20));
  CHECK(listed(node, filter) == std::vector<std::string>{one.container});
  filter.Clear();
  (*filter.mutable_label_selector())["which"] = "two";
  CHECK(listed(node, filter) == std::vector<std::string>{two.container});

  std::vector<std::string> streamed;
  REQUIRE(node.runtime().stream_container_stats(within(20), {}, [&](const v1::StreamContainerStatsResponse& batch) {
    for (const v1::ContainerStats& stats : batch.container_stats()) streamed.push_back(stats.attributes().id());
    return true;
  }));
  std::ranges::sort(streamed);
  CHECK(streamed == both);

  // A container that has ended is still known, by its attributes.
  const v1::ContainerStats of_ended = container_stats(node, ended);
  CHECK(of_ended.attributes().id() == ended);
  CHECK_FALSE(of_ended.has_cpu());
  v1::ContainerStatsRequest unknown;
  unknown.set_container_id("none");
  CHECK(node.runtime().container_stats(within(20), unknown).error().code() == base::Code::kNotFound);
}

TEST_CASE("a stopped pod is in no list of stats, and its attributes are still told") {
  TestNode node;
  const Pod stays = run(node, "stays", "sleep 1000");
  const Pod goes = run(node, "goes", "sleep 1000");
  CHECK(listed(node, {}).size() == 2);
  v1::StopPodSandboxRequest stop;
  stop.set_pod_sandbox_id(goes.sandbox);
  REQUIRE(node.runtime().stop_pod_sandbox(within(60), stop).has_value());

  CHECK(listed(node, {}) == std::vector<std::string>{stays.container});
  const auto pods = node.runtime().list_pod_sandbox_stats(within(20), {});
  REQUIRE(pods.has_value());
  REQUIRE(pods->stats_size() == 1);
  CHECK(pods->stats(0).attributes().id() == stays.sandbox);
  std::vector<std::string> streamed;
  REQUIRE(node.runtime().stream_pod_sandbox_stats(within(20), {}, [&](const v1::StreamPodSandboxStatsResponse& batch) {
    for (const v1::PodSandboxStats& stats : batch.pod_sandbox_stats()) streamed.push_back(stats.attributes().id());
    return true;
  }));
  CHECK(streamed == std::vector<std::string>{stays.sandbox});
  const v1::PodSandboxStats of_stopped = pod_stats(node, goes.sandbox);
  CHECK(of_stopped.attributes().id() == goes.sandbox);
  CHECK_FALSE(of_stopped.has_linux());
}

TEST_CASE("a container that vanishes while the list is made does not fail it") {
  const auto hierarchy = runtime::cgroup::Hierarchy::find();
  REQUIRE(hierarchy.has_value());
  RecordedPod pod;
  // Recorded as running; the cgroup of the first has gone already, the second's is ours.
  const auto cgroup = runtime::cgroup::Cgroup::create(*hierarchy, "/vanish-test");
  REQUIRE(cgroup.has_value());
  pod.add("gone", "/vanish-none/gone");
  pod.add("stays", "/vanish-test");
  runtime::service::StatsReader stats(*pod.registry, *hierarchy);
  const auto list = stats.containers({}, {});
  const auto pods = stats.sandboxes({}, {});
  const auto usage = stats.usage({});
  CHECK(runtime::cgroup::remove(*hierarchy, "/vanish-test", std::chrono::seconds(10)).has_value());
  // And what was read before is gone now.
  const auto later = stats.containers({}, {});
  REQUIRE(list.has_value());
  REQUIRE(list->stats_size() == 2);
  CHECK(list->stats(0).attributes().id() == "gone");
  CHECK_FALSE(list->stats(0).has_cpu());
  CHECK(list->stats(1).cpu().has_usage_core_nano_seconds());
  REQUIRE(pods.has_value());
  REQUIRE(pods->stats_size() == 1);
  CHECK_FALSE(pods->stats(0).linux().has_cpu());
  CHECK(pods->stats(0).linux().containers_size() == 2);
  REQUIRE(usage.has_value());
  CHECK(usage->empty());
  REQUIRE(later.has_value());
  REQUIRE(later->stats_size() == 2);
  CHECK_FALSE(later->stats(1).has_cpu());
}

TEST_CASE("a layer that cannot be counted is waited for once, for a tenth of a second, and the rest is told") {
  const auto hierarchy = runtime::cgroup::Hierarchy::find();
  REQUIRE(hierarchy.has_value());
  RecordedPod pod;
  const auto cgroup = runtime::cgroup::Cgroup::create(*hierarchy, "/vanish-test");
  REQUIRE(cgroup.has_value());
  for (const char* id : {"one", "two"}) pod.add(id, "/vanish-test");
  HeldClock clock;
  runtime::service::StatsReader stats(*pod.registry, *hierarchy, clock);
  const auto began = std::chrono::steady_clock::now();
  const auto list = stats.containers(within(60), {});
  const auto later = stats.sandboxes(within(60), {});
  // With a lot of room: both would have waited for a minute.
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(10));
  clock.let_go();
  const auto settled = [&] {
    const auto all = stats.containers(within(60), {});
    return all && all->stats_size() == 2 && all->stats(0).has_writable_layer() && all->stats(1).has_writable_layer();
  };
  CHECK(soon(settled));
  CHECK(runtime::cgroup::remove(*hierarchy, "/vanish-test", std::chrono::seconds(10)).has_value());
  REQUIRE((list.has_value() && later.has_value()));
  REQUIRE((list->stats_size() == 2 && later->stats_size() == 1));
  REQUIRE(later->stats(0).linux().containers_size() == 2);
  for (const auto& all : {list->stats(), later->stats(0).linux().containers()})
    for (const v1::ContainerStats& each : all) {
      CHECK(each.has_cpu());
      CHECK_FALSE(each.has_writable_layer());
    }
}

TEST_CASE("usage says what CRI cannot: throttling, processes and input and output of each container") {
  TestNode node;
  const Pod one = run(node, "one", "while :; do :; done");
  const Pod two = run(node, "two", "sleep 1000");
  const auto all = node.local().usage(within(20), {});
  REQUIRE(all.has_value());
  CHECK(all->size() == 2);
  const auto found = node.local().usage(within(20), {one.config.metadata().uid()});
  REQUIRE(found.has_value());
  REQUIRE(found->size() == 1);
  const cri::PodUsage& pod = found->front();
  CHECK(pod.sandbox_id == one.sandbox);
  CHECK(pod.name == "one");
  CHECK(pod.pod_namespace == "default");
  CHECK(pod.uid == one.config.metadata().uid());
  CHECK(pod.stats.cpu_usage_ns > 0);
  REQUIRE(pod.interfaces.size() == 1);
  CHECK(pod.interfaces[0].name == "eth0");
  REQUIRE(pod.containers.size() == 1);
  CHECK(pod.containers[0].id == one.container);
  CHECK(pod.containers[0].name == "main");
  CHECK(pod.containers[0].started_at > 0);
  CHECK(pod.containers[0].stats.cpu_pressure.has_value());
  if (has_controllers()) {
    CHECK(pod.containers[0].stats.processes == 1);
    CHECK(pod.containers[0].stats.memory_peak > 0);
    CHECK(pod.containers[0].stats.cpu_throttled_periods == 0);
    CHECK(pod.containers[0].stats.io_read_bytes.has_value());
  }
  CHECK(node.local().usage(within(20), {"none"})->empty());
}
