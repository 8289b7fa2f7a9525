// The worker on a runtime in memory: what is started, in which order, when again, and what is reported.
#include <catch2/catch.hpp>
#include <fstream>

#include "agent/pods/naming.h"
#include "agent/pods/pod_record.h"
#include "agent/pods/pod_worker.h"
#include "agent/resources/pod_cgroups.h"
#include "test/unit/pods/fake_runtime.h"
#include "test/unit/pods/pods.h"
#include "test/unit/temp_dir.h"
#include "volumes/volume_manager.h"

using agent::pods::Event;
using agent::pods::Observer;
using agent::pods::Options;
using agent::pods::PodWorker;
using std::chrono::seconds;
using Calls = std::vector<std::string>;

namespace {

// Remembers for which pods cgroups were made and given back.
class FakeCgroups final : public agent::resources::PodCgroups {
 public:
  std::string path_of(const api::Pod& pod) const override { return "/test/pod" + pod.metadata.uid; }
  base::Status prepare(const api::Pod& /*pod*/) override {
    ++prepared;
    return failure ? base::Status(std::unexpected(*failure)) : base::Status();
  }
  void released(const api::Pod& /*pod*/) override { ++given_back; }

  std::optional<base::Error> failure;
  int prepared = 0;
  int given_back = 0;
};

class WorkerFixture {
 public:
  WorkerFixture() {
    options.paths = {.root = dir / "root",
                     .state = dir / "state",
                     .log_dir = dir / "logs",
                     .log_links = dir / "links",
                     .instance = "test"};
    options.foreground = false;
    observer.event = [this](const Event& event) { events.push_back(event); };
    observer.container_log = [this](const agent::pods::ContainerLog& log) { logs.push_back(log); };
    observer.started = [this] { ++started; };
    observer.status_changed = [this](const api::PodStatus& status) { phases.push_back(status.phase); };
  }

  void make(const std::string& spec) { make(test::pod_from(spec)); }
  void make(api::Pod pod) {
    worker = std::make_unique<PodWorker>(
        agent::pods::WorkerDeps{
            .runtime = &runtime, .images = &runtime, .clock = &clock, .volumes = &volumes, .cgroups = &cgroups},
        options, std::move(pod), &observer);
  }

  // Steps until nothing happens without time or the world moving on; the last step.
  PodWorker::Step settle() {
    for (int i = 0; i < 500; ++i) {
      auto step = worker->sync();
      if (!step) FAIL(step.error().to_string());
      if (step->done) return *step;
      if (step->again) continue;
      if (!worker->stopping_containers()) return *step;
      worker->inbox().wait(std::chrono::seconds(10), {});
    }
    FAIL("the worker never comes to rest");
    return {};
  }
  PodWorker::Step after(std::chrono::nanoseconds time) {
    clock.advance(time);
    return settle();
  }
  const api::PodStatus& status() const { return worker->pod().status; }
  const api::ContainerStatus& app(size_t index = 0) const { return status().container_statuses.at(index); }
  bool told(const std::string& reason) const {
    return std::ranges::any_of(events, [&](const Event& event) { return event.reason == reason; });
  }

  test::TempDir dir;
  test::FakeClock clock;
  test::FakeRuntime runtime{clock};
  FakeCgroups cgroups;
  Options options;
  volumes::VolumeManager volumes{dir / "root"};
  Observer observer;
  std::vector<Event> events;
  std::vector<agent::pods::ContainerLog> logs;
  std::vector<api::PodPhase> phases;
  int started = 0;
  std::unique_ptr<PodWorker> worker;
};

}  // namespace

TEST_CASE("a pod's container is started and reported running") {
  WorkerFixture f;
  f.make(test::kWeb);
  f.settle();
  CHECK(f.runtime.calls() == Calls{"sandbox 0", "create web 0", "start web"});
  CHECK(f.status().phase == api::PodPhase::kRunning);
  CHECK(f.status().pod_ip == "10.88.0.7");
  CHECK(f.app().ready);
  REQUIRE(f.logs.size() == 1);
  CHECK(f.logs[0].path == f.options.paths.log_dir + "/default_site_u-1/web/0.log");
  CHECK_FALSE(f.logs[0].adopted);
  CHECK(
      std::filesystem::is_symlink(f.options.paths.log_links + "/site_default_web-" + f.logs[0].container_id + ".log"));
  const cri::v1::ContainerConfig config = f.runtime.config("web");
  CHECK(config.image().image() == "sha256:app:1");
  CHECK(config.log_path() == "web/0.log");
  std::ifstream hosts(f.dir / "root/pods/u-1/etc-hosts");
  const std::string text((std::istreambuf_iterator<char>(hosts)), {});
  CHECK(text.find("10.88.0.7\tsite\n") != std::string::npos);
  CHECK(f.runtime.sandbox_config().linux().cgroup_parent() == "/test/podu-1");
}

TEST_CASE("a pod's cgroup is made before its sandbox and given back after its end") {
  WorkerFixture f;
  f.options.node = {.milli_cpu = 2000, .memory = 1 << 30};
  f.make(
      "  restartPolicy: Never\n  containers:\n"
      "  - {name: web, image: 'app:1', resources: {requests: {cpu: 1}, limits: {memory: 64Mi}}}\n");
  f.settle();
  CHECK(f.cgroups.prepared > 0);
  const cri::v1::LinuxContainerResources asked = f.runtime.config("web").linux().resources();
  CHECK(asked.cpu_shares() == 1024);
  CHECK(asked.memory_limit_in_bytes() == 64 << 20);
  CHECK(f.runtime.sandbox_config().linux().resources().memory_limit_in_bytes() == 64 << 20);
  CHECK(f.app().allocated_resources.at("cpu").to_string() == "1");
  REQUIRE(f.app().resources);
  CHECK(f.app().resources->limits.at("memory").to_string() == "64Mi");
  CHECK(f.cgroups.given_back == 0);
  f.runtime.exit("web", 0);
  f.settle();
  CHECK(f.cgroups.given_back == 1);
}

TEST_CASE("where the pod's cgroup cannot be made nothing is started, and it is tried again") {
  WorkerFixture f;
  f.cgroups.failure = base::Error(base::Code::kUnimplemented, "no controller memory");
  f.make(test::kWeb);
  f.settle();
  CHECK(f.runtime.calls().empty());
  CHECK(f.told("FailedCreatePodContainer"));
  f.cgroups.failure.reset();
  f.after(std::chrono::seconds(10));
  CHECK(f.runtime.calls() == Calls{"sandbox 0", "create web 0", "start web"});
}

TEST_CASE("a pod that requests more than the node has fails at once") {
  WorkerFixture f;
  f.options.node = {.milli_cpu = 2000, .memory = 1 << 30};
  f.make("  containers:\n  - {name: web, image: 'app:1', resources: {requests: {cpu: 3}}}\n");
  f.settle();
  CHECK(f.runtime.calls().empty());
  CHECK(f.told("OutOfcpu"));
  CHECK(f.status().phase == api::PodPhase::kFailed);
  CHECK(f.status().reason == "OutOfcpu");
  CHECK(f.status().message ==
        "Pod was rejected: Node didn't have enough resource: cpu, requested: 3000, used: 0, capacity: 2000");
}

TEST_CASE("init containers run in order, each to its end") {
  WorkerFixture f;
  f.make(
      "  initContainers:\n  - {name: a, image: 'app:1'}\n  - {name: b, image: 'app:1'}\n"
      "  containers:\n  - {name: web, image: 'app:1'}\n  - {name: aux, image: 'app:1'}\n");
  f.settle();
  CHECK(f.runtime.calls() == Calls{"sandbox 0", "create a 0", "start a"});
  CHECK(f.status().phase == api::PodPhase::kPending);
  CHECK(f.app().state.waiting->reason == "PodInitializing");
  f.runtime.exit("a", 0);
  f.settle();
  CHECK(f.runtime.running("b"));
  CHECK_FALSE(f.runtime.running("web"));
  f.runtime.exit("b", 0);
  f.settle();
  CHECK(f.runtime.calls() == Calls{"sandbox 0", "create a 0", "start a", "create b 0", "start b", "create web 0",
                                   "start web", "create aux 0", "start aux"});
  CHECK(f.status().phase == api::PodPhase::kRunning);
  CHECK(f.status().init_container_statuses[0].ready);
}

TEST_CASE("an init container that fails ends a pod that never restarts") {
  WorkerFixture f;
  f.options.foreground = true;
  f.runtime.exits_at_once["a"] = {3};
  f.make("  restartPolicy: Never\n  initContainers:\n  - {name: a, image: 'app:1'}\n" + std::string(test::kWeb));
  CHECK(f.settle().done);
  CHECK(f.worker->outcome().phase == "Failed");
  CHECK(f.worker->outcome().exit_code == 3);
  CHECK(f.runtime.count("create web 0") == 0);
  CHECK(f.runtime.sandboxes() == 0);
}

TEST_CASE("an init container is tried again with back-off") {
  WorkerFixture f;
  f.runtime.exits_at_once["a"] = {1, 1, 0};
  f.make("  restartPolicy: OnFailure\n  initContainers:\n  - {name: a, image: 'app:1'}\n" + std::string(test::kWeb));
  const PodWorker::Step step = f.settle();
  CHECK(f.runtime.count("start a") == 2);  // the first restart is immediate
  CHECK(step.wake_in == seconds(10));
  const api::ContainerStatus& init = f.status().init_container_statuses[0];
  CHECK(init.state.waiting->reason == "CrashLoopBackOff");
  CHECK(init.restart_count == 1);
  CHECK(f.status().phase == api::PodPhase::kPending);
  f.after(seconds(10));
  CHECK(f.runtime.count("start a") == 3);
  CHECK(f.runtime.running("web"));
}

TEST_CASE("a crash loop backs off from 10 s, doubling to 300 s, and starts over after a long run") {
  WorkerFixture f;
  f.runtime.exits_at_once["web"] = {1, 1, 1, 1, 1, 1, 1, 1};
  f.make(test::kWeb);
  PodWorker::Step step = f.settle();
  for (const int expected : {10, 20, 40, 80, 160, 300, 300}) {
    REQUIRE(step.wake_in == seconds(expected));
    CHECK(f.app().state.waiting->reason == "CrashLoopBackOff");
    f.after(seconds(expected) - std::chrono::milliseconds(1));
    CHECK(f.worker->sync()->wake_in == std::chrono::milliseconds(1));
    step = f.after(std::chrono::milliseconds(1));
  }
  CHECK(f.app().restart_count == 8);
  CHECK(f.runtime.running("web"));
  f.clock.advance(seconds(600));
  f.runtime.exit("web", 1);
  f.settle();
  CHECK(f.app().restart_count == 9);  // at once
  f.runtime.exit("web", 1);
  CHECK(f.settle().wake_in == seconds(10));
  CHECK(f.app().state.waiting->message == "back-off 10s restarting failed container=web pod=site_default(u-1)");
  CHECK(f.told("BackOff"));
}

TEST_CASE("what the kernel killed for lack of memory is told once, when it is seen") {
  WorkerFixture f;
  f.make(test::kWeb);
  f.settle();
  const auto told = [&] {
    std::vector<std::string> all;
    for (const Event& event : f.events) {
      const bool ours = event.reason == "OOMKilled" || event.reason == "SystemOOM";
      if (ours && event.warning && event.container == "web") all.push_back(event.reason + ": " + event.message);
    }
    return all;
  };
  f.runtime.exit("web", 137, "OOMKilled", "process 7 (java) was killed");
  f.settle();
  f.settle();
  CHECK(told() == std::vector<std::string>{"OOMKilled: process 7 (java) was killed"});
  CHECK(f.app().last_state.terminated->message == "process 7 (java) was killed");
  f.after(seconds(600));
  f.runtime.exit("web", 0, "Completed", "process 8 (java) was killed: the node ran out of memory");
  f.settle();
  CHECK(told().size() == 2);
  CHECK(told().back() == "SystemOOM: process 8 (java) was killed: the node ran out of memory");
  f.after(seconds(600));
  f.runtime.exit("web", 1, "Error");
  f.settle();
  CHECK(told().size() == 2);
}

TEST_CASE("restart policies") {
  struct Row {
    const char* policy;
    int exit_code;
    bool restarted;
    const char* phase;
  };
  const auto row = GENERATE(Row{"Never", 0, false, "Succeeded"}, Row{"Never", 7, false, "Failed"},
                            Row{"OnFailure", 0, false, "Succeeded"}, Row{"OnFailure", 7, true, "Running"},
                            Row{"Always", 0, true, "Running"}, Row{"Always", 7, true, "Running"});
  CAPTURE(row.policy, row.exit_code);
  WorkerFixture f;
  f.runtime.exits_at_once["web"] = {row.exit_code};
  f.make(std::string("  restartPolicy: ") + row.policy + "\n" + test::kWeb);
  const bool done = f.settle().done;
  CHECK(done == !row.restarted);
  CHECK(f.runtime.running("web") == row.restarted);
  CHECK(api::to_string(f.status().phase) == row.phase);
  if (done) CHECK(f.worker->outcome().exit_code == row.exit_code);
}

TEST_CASE("sidecars start first, are restarted, do not keep the pod alive and end last, in reverse order") {
  WorkerFixture f;
  f.make(
      "  restartPolicy: Never\n  initContainers:\n"
      "  - {name: s1, image: 'app:1', restartPolicy: Always}\n  - {name: s2, image: 'app:1', restartPolicy: Always}\n" +
      std::string(test::kWeb));
  f.settle();
  CHECK(f.runtime.calls() ==
        Calls{"sandbox 0", "create s1 0", "start s1", "create s2 0", "start s2", "create web 0", "start web"});
  f.runtime.exit("s1", 1);
  f.settle();
  CHECK(f.runtime.running("s1"));
  CHECK(f.status().init_container_statuses[0].restart_count == 1);
  f.runtime.forget_calls();
  f.runtime.exit("web", 0);
  CHECK(f.settle().done);
  CHECK(f.runtime.calls() == Calls{"stop s2 30", "stop s1 30", "stop-sandbox"});
  CHECK(f.worker->outcome().phase == "Succeeded");  // although the sidecars ended with 143
  CHECK(f.worker->outcome().exit_code == 0);
}

TEST_CASE("a stop ends app containers before sidecars, within one budget") {
  WorkerFixture f;
  f.runtime.ignores_term = {"web"};
  f.make(
      "  terminationGracePeriodSeconds: 20\n  initContainers:\n"
      "  - {name: s1, image: 'app:1', restartPolicy: Always}\n  - {name: s2, image: 'app:1', restartPolicy: Always}\n" +
      std::string(test::kWeb));
  f.settle();
  f.runtime.forget_calls();
  f.worker->inbox().request_stop(std::nullopt);
  CHECK(f.settle().done);
  // web used the budget up: the sidecars get the floor, both at once.
  Calls calls = f.runtime.calls();
  CHECK(calls.front() == "stop web 20");
  CHECK(f.runtime.count("stop s1 2") == 1);
  CHECK(f.runtime.count("stop s2 2") == 1);
  CHECK(calls.back() == "stop-sandbox");
  CHECK(f.worker->outcome().phase == "Failed");
  CHECK(f.worker->outcome().exit_code == 137);
}

TEST_CASE("a stop may shorten the grace; a kill waits for nothing") {
  WorkerFixture f;
  f.make(test::kWeb);
  f.settle();
  f.runtime.forget_calls();
  SECTION("shorter") {
    f.worker->inbox().request_stop(seconds(5));
    CHECK(f.settle().done);
    CHECK(f.runtime.calls() == Calls{"stop web 5", "stop-sandbox"});
    CHECK(f.worker->outcome().exit_code == 143);
  }
  SECTION("never below the floor") {
    f.worker->inbox().request_stop(seconds(0));
    CHECK(f.settle().done);
    CHECK(f.runtime.calls() == Calls{"stop web 2", "stop-sandbox"});
  }
  SECTION("kill") {
    f.worker->inbox().request_kill();
    CHECK(f.settle().done);
    CHECK(f.runtime.calls() == Calls{"stop web 0", "stop-sandbox"});
    CHECK(f.worker->outcome().exit_code == 137);
  }
}

TEST_CASE("activeDeadlineSeconds ends the pod as DeadlineExceeded") {
  WorkerFixture f;
  f.make("  activeDeadlineSeconds: 60\n" + std::string(test::kWeb));
  CHECK(f.settle().wake_in == seconds(60));
  CHECK_FALSE(f.after(seconds(59)).done);
  CHECK(f.runtime.running("web"));
  CHECK(f.after(seconds(1)).done);
  CHECK(f.status().phase == api::PodPhase::kFailed);
  CHECK(f.status().reason == "DeadlineExceeded");
  CHECK(f.worker->outcome().exit_code == 143);
}

TEST_CASE("a lost sandbox is replaced and everything runs again") {
  WorkerFixture f;
  f.runtime.exits_at_once["a"] = {0, 0};
  f.make("  initContainers:\n  - {name: a, image: 'app:1'}\n" + std::string(test::kWeb));
  f.settle();
  f.runtime.forget_calls();
  f.runtime.kill_sandbox();
  f.settle();
  CHECK(f.told("SandboxChanged"));
  CHECK(f.runtime.count("sandbox 1") == 1);
  CHECK(f.runtime.count("create a 1") == 1);
  CHECK(f.runtime.count("create web 1") == 1);
  CHECK(f.app().restart_count == 1);
  CHECK(f.app().last_state.terminated->reason == "ContainerStatusUnknown");
  CHECK(f.app().last_state.terminated->exit_code == 137);
  CHECK(f.status().phase == api::PodPhase::kRunning);
}

TEST_CASE("a lost sandbox ends a pod that never restarts") {
  WorkerFixture f;
  f.make("  restartPolicy: Never\n" + std::string(test::kWeb));
  f.settle();
  f.runtime.kill_sandbox();
  CHECK(f.settle().done);
  CHECK(f.runtime.count("sandbox 1") == 0);
  CHECK(f.worker->outcome().exit_code == 137);
  CHECK(f.app().state.terminated->reason == "ContainerStatusUnknown");
}

TEST_CASE("another worker adopts what runs, with its restart counts") {
  WorkerFixture f;
  f.runtime.exits_at_once["web"] = {1};
  f.make(test::kWeb);
  f.settle();
  REQUIRE(f.app().restart_count == 1);
  const api::Pod recorded = f.worker->pod();
  f.runtime.forget_calls();
  f.logs.clear();
  f.make(recorded);
  f.settle();
  CHECK(f.runtime.calls().empty());
  CHECK(f.app().restart_count == 1);
  REQUIRE(f.logs.size() == 2);  // the dead run's and the living one's
  CHECK(f.logs[0].attempt == 0);
  CHECK(f.logs[1].attempt == 1);
  CHECK(f.logs[1].adopted);
  f.runtime.exit("web", 1);
  f.settle();
  CHECK(f.app().restart_count == 2);
}

TEST_CASE("restart counts are recovered from the logs when the runtime has forgotten everything") {
  WorkerFixture f;
  f.make(test::kWeb);
  std::filesystem::create_directories(f.dir / "logs/default_site_u-1/web");
  std::ofstream(f.dir / "logs/default_site_u-1/web/4.log") << "x";
  f.settle();
  CHECK(f.runtime.count("create web 5") == 1);
  CHECK(f.app().restart_count == 5);
}

TEST_CASE("another image restarts the container, whatever the policy") {
  WorkerFixture f;
  f.runtime.images.insert("app:2");
  f.make("  restartPolicy: Never\n" + std::string(test::kWeb));
  f.settle();
  api::Pod changed = f.worker->pod();
  changed.spec.containers[0].image = "app:2";
  f.runtime.forget_calls();
  f.make(changed);
  f.settle();
  CHECK(f.runtime.calls() == Calls{"stop web 30", "create web 1", "start web"});
}

TEST_CASE("one that was created but never started is made again under the same number") {
  WorkerFixture f;
  f.make(test::kWeb);
  f.runtime.start_fails.emplace("web", base::Error(base::Code::kUnavailable, "the runtime is busy"));
  f.settle();
  f.runtime.start_fails.clear();
  f.settle();
  CHECK(f.app().last_state.terminated->reason == "StartError");
}

TEST_CASE("a container that was only created has not run: a foreground run is given up when it cannot be started") {
  WorkerFixture f;
  f.make(test::kWeb);
  f.settle();
  f.runtime.leave_created("web");
  f.options.foreground = true;
  f.runtime.create_fails.emplace("web", base::Error(base::Code::kInternal, "boom"));
  f.make(test::kWeb);
  CHECK(f.settle().done);
  CHECK(f.worker->outcome().exit_code == 125);
}

TEST_CASE("the detached pod keeps its dead container and its logs; the foreground one leaves nothing") {
  WorkerFixture f;
  f.options.foreground = GENERATE(true, false);
  f.runtime.exits_at_once["web"] = {0};
  bool before_removal = false;
  f.observer.before_removal = [&] { before_removal = f.runtime.containers() == 1; };
  f.make(
      "  restartPolicy: Never\n  volumes:\n  - {name: data, emptyDir: {}}\n"
      "  containers:\n  - {name: web, image: 'app:1', volumeMounts: [{name: data, mountPath: /data}]}\n");
  CHECK(f.settle().done);
  CHECK(before_removal);
  const bool gone = f.options.foreground;
  CHECK(f.runtime.containers() == (gone ? 0 : 1));
  CHECK(f.runtime.sandboxes() == (gone ? 0 : 1));
  CHECK(std::filesystem::exists(f.dir / "logs/default_site_u-1/web") == !gone);
  CHECK(std::filesystem::is_empty(f.dir / "links") == gone);
  CHECK(std::filesystem::exists(f.dir / "root/pods/u-1") == !gone);
  CHECK_FALSE(std::filesystem::exists(f.dir / "root/pods/u-1/volumes"));
}

TEST_CASE("that a pod has started is told once, when its last container has been") {
  WorkerFixture f;
  f.options.must_start = true;
  f.make(
      "  initContainers:\n  - {name: a, image: 'app:1'}\n"
      "  containers:\n  - {name: web, image: 'app:1'}\n  - {name: aux, image: 'app:1'}\n");
  f.settle();
  CHECK(f.started == 0);
  f.runtime.exit("a", 0);
  f.settle();
  CHECK(f.started == 1);
  f.runtime.exit("web", 1);
  f.settle();
  CHECK(f.runtime.count("start web") == 2);
  CHECK(f.started == 1);
}

TEST_CASE("a pod whose container ended before anybody looked has started, one whose init container failed has not") {
  WorkerFixture f;
  SECTION("ended") {
    f.runtime.exits_at_once["web"] = {7};
    f.make("  restartPolicy: Never\n" + std::string(test::kWeb));
    CHECK(f.settle().done);
    CHECK(f.started == 1);
  }
  SECTION("init") {
    f.runtime.exits_at_once["a"] = {3};
    f.make("  restartPolicy: Never\n  initContainers:\n  - {name: a, image: 'app:1'}\n" + std::string(test::kWeb));
    CHECK(f.settle().done);
    CHECK(f.started == 0);
    CHECK(f.worker->outcome().exit_code == 3);
  }
}

TEST_CASE("a background pod that must start is given up until it has, and tried again from then on") {
  WorkerFixture f;
  f.options.must_start = true;
  SECTION("at its start") {
    f.make("  containers:\n  - {name: web, image: 'other:1'}\n");
    CHECK(f.settle().done);
    CHECK(f.started == 0);
    CHECK(f.worker->outcome().exit_code == 125);
    CHECK(f.worker->outcome().message.find("nodeagent image import") != std::string::npos);
  }
  SECTION("later") {
    f.make(test::kWeb);
    f.settle();
    CHECK(f.started == 1);
    f.runtime.kill_sandbox();
    f.runtime.sandbox_fails.emplace_back(base::Code::kInternal, "boom");
    CHECK_FALSE(f.settle().done);
    CHECK(f.told("FailedCreatePodSandBox"));
    f.after(std::chrono::seconds(11));
    CHECK(f.runtime.running("web"));
  }
}

TEST_CASE("what cannot be started ends a foreground run with the reason and a shell's exit status") {
  WorkerFixture f;
  f.options.foreground = true;
  SECTION("no such command") {
    f.runtime.start_fails.emplace("web", base::errno_error(ENOENT, "exec /app"));
    f.make(test::kWeb);
    CHECK(f.settle().done);
    CHECK(f.worker->outcome().exit_code == 127);
    CHECK(f.worker->outcome().message.find("exec /app") != std::string::npos);
    CHECK(f.app().state.terminated->reason == "StartError");
  }
  SECTION("not executable") {
    f.runtime.start_fails.emplace("web", base::errno_error(EACCES, "exec /app"));
    f.make(test::kWeb);
    CHECK(f.settle().done);
    CHECK(f.worker->outcome().exit_code == 126);
  }
  SECTION("cannot be created") {
    f.runtime.create_fails.emplace("web", base::Error(base::Code::kInvalidArgument, "user nobody1 is not in passwd"));
    f.make(test::kWeb);
    CHECK(f.settle().done);
    CHECK(f.worker->outcome().exit_code == 125);
    CHECK(f.status().reason == "CreateContainerError");
  }
  SECTION("no image") {
    f.make("  containers:\n  - {name: web, image: 'other:1'}\n");
    CHECK(f.settle().done);
    CHECK(f.worker->outcome().exit_code == 125);
    CHECK(f.worker->outcome().message.find("nodeagent image import") != std::string::npos);
  }
  SECTION("no sandbox") {
    f.runtime.sandbox_fails = {base::Error(base::Code::kResourceExhausted, "No space left on device")};
    f.make(test::kWeb);
    CHECK(f.settle().done);
    CHECK(f.worker->outcome().message.find("No space left") != std::string::npos);
  }
  SECTION("a volume that is not what it should be") {
    f.make(
        "  volumes:\n  - {name: data, hostPath: {path: /proc/self/status, type: Directory}}\n"
        "  containers:\n  - {name: web, image: 'app:1', volumeMounts: [{name: data, mountPath: /data}]}\n");
    CHECK(f.settle().done);
    CHECK(f.worker->outcome().message ==
          "MountVolume.SetUp failed for volume \"data\": hostPath type check failed: /proc/self/status is not a "
          "directory");
  }
  CHECK(f.worker->outcome().phase == "Failed");
  CHECK(f.runtime.sandboxes() == 0);
  CHECK_FALSE(std::filesystem::exists(f.dir / "root/pods/u-1"));
}

TEST_CASE("a detached pod that cannot be started waits and is tried again") {
  WorkerFixture f;
  SECTION("image") {
    f.make("  containers:\n  - {name: web, image: 'other:1'}\n");
    CHECK(f.settle().wake_in == seconds(10));
    CHECK(f.app().state.waiting->reason == "ImagePullBackOff");
    CHECK(f.app().state.waiting->message.starts_with("Back-off pulling image \"other:1\": ErrImagePull: image"));
    CHECK(f.told("BackOff"));
    CHECK(f.status().phase == api::PodPhase::kPending);
    f.runtime.images.insert("other:1");
    f.after(seconds(10));
    CHECK(f.runtime.running("web"));
  }
  SECTION("image that may not be pulled") {
    f.make("  containers:\n  - {name: web, image: 'other:1', imagePullPolicy: Never}\n");
    f.settle();
    CHECK(f.app().state.waiting->reason == "ErrImageNeverPull");
    CHECK(f.runtime.count("pull other:1") == 0);
  }
  SECTION("create") {
    f.runtime.create_fails.emplace("web", base::Error(base::Code::kInternal, "boom"));
    f.make(test::kWeb);
    CHECK(f.settle().wake_in == seconds(10));
    CHECK(f.app().state.waiting->reason == "CreateContainerError");
  }
  SECTION("start") {
    f.runtime.start_fails.emplace("web", base::errno_error(ENOENT, "exec /app"));
    f.make(test::kWeb);
    CHECK(f.settle().wake_in == seconds(10));
    CHECK(f.app().state.waiting->reason == "CrashLoopBackOff");
    CHECK(f.app().last_state.terminated->reason == "StartError");
    CHECK(f.app().last_state.terminated->exit_code == 128);
  }
  SECTION("network not ready") {
    f.runtime.sandbox_fails = {base::Error(base::Code::kUnavailable, "the network is not ready")};
    f.make(test::kWeb);
    CHECK(f.settle().wake_in == seconds(1));
    CHECK(f.told("FailedCreatePodSandBox"));
    f.after(seconds(1));
    CHECK(f.runtime.running("web"));
  }
}

TEST_CASE("a local image is used when the policy says Always but nothing can be pulled") {
  WorkerFixture f;
  f.runtime.images.insert("app:latest");
  f.make("  containers:\n  - {name: web, image: 'app:latest'}\n");
  f.settle();
  CHECK(f.runtime.running("web"));
  CHECK(f.runtime.count("pull app:latest") == 1);
  CHECK(f.told("Pulled"));
}

TEST_CASE("a worker that comes after the pod has ended only clears away") {
  WorkerFixture f;
  f.options.foreground = true;
  api::Pod pod = test::pod_from("  restartPolicy: Never\n" + std::string(test::kWeb));
  pod.status.phase = api::PodPhase::kSucceeded;
  f.make(pod);
  CHECK(f.settle().done);
  CHECK(f.runtime.calls().empty());
}

TEST_CASE("dead containers are kept one a name") {
  WorkerFixture f;
  f.runtime.exits_at_once["web"] = {1, 1, 1};
  f.make(test::kWeb);
  f.settle();
  CHECK(f.runtime.containers() == 1);  // the second: the first restart comes at once
  const auto write_log = [&](int attempt) {
    std::ofstream(f.dir / "logs/default_site_u-1/web/" + std::to_string(attempt) + ".log") << "said\n";
  };
  write_log(1);
  f.after(seconds(10));
  CHECK(f.runtime.containers() == 1);
  CHECK_FALSE(std::filesystem::exists(f.dir / "logs/default_site_u-1/web/1.log"));
  const std::filesystem::directory_iterator links(f.dir / "links");
  CHECK(std::distance(begin(links), end(links)) == 1);
  write_log(2);
  f.after(seconds(20));
  CHECK(std::filesystem::exists(f.dir / "logs/default_site_u-1/web/2.log"));
  CHECK(f.runtime.running("web"));
  CHECK(f.runtime.containers() == 2);
  CHECK(f.app().last_state.terminated.has_value());
}
