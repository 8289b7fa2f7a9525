// Owners of pods: the lock, the record, adoption, and requests from another owner-to-be.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "agent/pods/pod_owner.h"
#include "agent/pods/pod_record.h"
#include "base/clock.h"
#include "test/unit/pods/fake_runtime.h"
#include "test/unit/pods/pods.h"
#include "test/unit/temp_dir.h"

using namespace agent::pods;

namespace {

struct OwnerFixture {
  OwnerFixture() {
    options.paths = {
        .root = dir / "root", .state = dir / "state", .log_dir = dir / "logs", .log_links = "", .instance = "t"};
  }
  std::unique_ptr<PodOwner> own(const api::Pod& pod, Observer observer = {}) {
    auto owner = PodOwner::adopt_or_create(deps, options, pod, std::move(observer));
    if (!owner) FAIL(owner.error().to_string());
    return std::move(*owner);
  }
  // Runs until the container runs, then leaves the pod alone.
  void start_and_leave(const api::Pod& pod) {
    std::stop_source leave;
    Observer observer;
    observer.status_changed = [&](const api::PodStatus& status) {
      if (status.phase == api::PodPhase::kRunning) leave.request_stop();
    };
    observer.container_log = [&](const ContainerLog& log) {
      if (log.adopted) leave.request_stop();
    };
    const auto owner = own(pod, observer);
    const auto outcome = owner->run(leave.get_token());
    REQUIRE(outcome);
    CHECK(outcome->detached);
  }

  test::TempDir dir;
  test::FakeClock clock;
  test::FakeRuntime runtime{clock};
  Options options;
  Deps deps{.runtime = &runtime, .images = &runtime, .clock = &clock};
};

}  // namespace

TEST_CASE("a pod runs to its end and leaves nothing") {
  OwnerFixture f;
  f.runtime.exits_at_once["web"] = {5};
  const auto owner = f.own(test::pod_from("  restartPolicy: Never\n" + std::string(test::kWeb)));
  const auto outcome = owner->run();
  REQUIRE(outcome);
  CHECK(outcome->phase == "Failed");
  CHECK(outcome->exit_code == 5);
  CHECK(outcome->message == "container web: Error, exit code 5");
  CHECK(list_pods(f.options.paths)->empty());
  CHECK(std::filesystem::is_empty(f.dir / "state/pods"));
  CHECK(std::filesystem::is_empty(f.dir / "root/locks/pods"));
}

TEST_CASE("a failing clean-up takes nothing from a foreground pod's outcome") {
  OwnerFixture f;
  const bool impatient = GENERATE(true, false);
  f.runtime.exits_at_once["web"] = {5};
  f.runtime.remove_fails = base::Error(base::Code::kInternal, "boom");
  PodOwner* running = nullptr;
  const auto owner =
      f.own(test::pod_from("  restartPolicy: Never\n" + std::string(test::kWeb)), {.event = [&](const Event& event) {
              if (event.reason != "FailedSync") return;
              if (impatient)
                running->request({.kill = true});
              else
                f.clock.advance(std::chrono::minutes(1));
            }});
  running = owner.get();
  const auto outcome = owner->run();
  REQUIRE(outcome);
  CHECK(outcome->exit_code == 5);
  REQUIRE(list_pods(f.options.paths)->size() == 1);
  CHECK(list_pods(f.options.paths)->front().finished);
}

TEST_CASE("a forced removal waits for an owner that has put its pod away but still holds it") {
  OwnerFixture f;
  f.options.foreground = false;
  f.runtime.exits_at_once["web"] = {0};
  auto owner = f.own(test::pod_from("  restartPolicy: Never\n" + std::string(test::kWeb)));
  const std::string uid = owner->uid();
  REQUIRE(owner->run());
  auto removed = std::async(std::launch::async, [&] { return remove_pod(f.deps, f.options, uid, true); });
  CHECK(removed.wait_for(std::chrono::milliseconds(50)) == std::future_status::timeout);
  owner.reset();
  CHECK(removed.get());
  CHECK(list_pods(f.options.paths)->empty());
}

TEST_CASE("what interrupted removals left is swept") {
  OwnerFixture f;
  f.runtime.exits_at_once["web"] = {0};
  REQUIRE(f.own(test::pod_from("  restartPolicy: Never\n" + std::string(test::kWeb)))->run());
  for (const char* folder : {"root/pods/.removing-1", "logs/.removing-2"})
    std::filesystem::create_directories(f.dir / folder + "/deep");
  REQUIRE(sweep_pods(f.options.paths));
  CHECK(std::filesystem::is_empty(f.dir / "root/pods"));
  CHECK(std::filesystem::is_empty(f.dir / "logs"));
}

TEST_CASE("an exit is noticed by its event") {
  OwnerFixture f;
  const auto owner = f.own(test::pod_from("  restartPolicy: Never\n" + std::string(test::kWeb)),
                           {.status_changed = [&](const api::PodStatus& status) {
                             if (status.phase == api::PodPhase::kRunning) f.runtime.exit("web", 0);
                           }});
  const auto outcome = owner->run();
  REQUIRE(outcome);
  CHECK(outcome->phase == "Succeeded");
}

TEST_CASE("one owner a pod; the next one adopts what the first left") {
  OwnerFixture f;
  const api::Pod pod = test::pod_from(test::kWeb);
  {
    const auto owner = f.own(pod);
    const auto second = PodOwner::adopt_or_create(f.deps, f.options, pod, {});
    REQUIRE_FALSE(second);
    CHECK(second.error().code() == base::Code::kUnavailable);
  }
  f.start_and_leave(pod);
  const auto pods = list_pods(f.options.paths);
  REQUIRE(pods);
  REQUIRE(pods->size() == 1);
  CHECK(pods->front().pod->status.phase == api::PodPhase::kRunning);
  f.runtime.forget_calls();
  f.start_and_leave(pod);
  CHECK(f.runtime.count("create web 1") == 0);
  CHECK(f.runtime.running("web"));
}

TEST_CASE("a pod that is there with another specification is not touched") {
  OwnerFixture f;
  f.start_and_leave(test::pod_from(test::kWeb));
  const auto other = PodOwner::adopt_or_create(
      f.deps, f.options, test::pod_from("  restartPolicy: Never\n" + std::string(test::kWeb)), {});
  REQUIRE_FALSE(other);
  CHECK(other.error().code() == base::Code::kFailedPrecondition);
  CHECK(f.runtime.running("web"));
}

TEST_CASE("a pod without an owner is stopped by whoever asks") {
  OwnerFixture f;
  f.options.foreground = GENERATE(true, false);
  f.start_and_leave(test::pod_from(test::kWeb));
  REQUIRE(stop_pod(f.deps, f.options, "u-1", std::chrono::seconds(3)));
  CHECK(f.runtime.count("stop web 3") == 1);
  const auto pods = list_pods(f.options.paths);
  REQUIRE(pods);
  CHECK(pods->size() == (f.options.foreground ? 0 : 1));
  REQUIRE(remove_pod(f.deps, f.options, "u-1", false));
  CHECK(list_pods(f.options.paths)->empty());
  CHECK(f.runtime.sandboxes() == 0);
  CHECK(std::filesystem::is_empty(f.dir / "root/pods"));
}

TEST_CASE("a living owner is asked to stop its pod") {
  OwnerFixture f;
  f.options.foreground = GENERATE(true, false);
  std::promise<void> runs;
  const auto owner = f.own(test::pod_from(test::kWeb), {.status_changed = [&](const api::PodStatus& status) {
                             if (status.phase == api::PodPhase::kRunning) runs.set_value();
                           }});
  base::Result<Outcome> outcome;
  std::thread thread([&] { outcome = owner->run(); });
  runs.get_future().wait();
  CHECK(list_pods(f.options.paths)->front().owned);
  const auto refused = remove_pod(f.deps, f.options, "u-1", false);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == base::Code::kFailedPrecondition);
  // The lock is only free when the owner is destroyed, so the request is made from beside it.
  base::Status stopped;
  std::thread asking([&] { stopped = stop_pod(f.deps, f.options, "u-1", std::chrono::seconds(4)); });
  thread.join();
  asking.join();
  if (!stopped) FAIL(stopped.error().to_string());
  REQUIRE(outcome);
  CHECK(outcome->exit_code == 143);
  CHECK(f.runtime.count("stop web 4") == 1);
}

TEST_CASE("a finished pod stays listed until it is removed, and running it again starts it anew") {
  OwnerFixture f;
  f.options.foreground = false;
  f.runtime.exits_at_once["web"] = {0, 0};
  const api::Pod pod = test::pod_from("  restartPolicy: Never\n" + std::string(test::kWeb));
  REQUIRE(f.own(pod)->run());
  const auto found = find_pod(f.options.paths, "site");
  REQUIRE(found);
  CHECK(found->finished);
  CHECK(found->pod->status.phase == api::PodPhase::kSucceeded);
  CHECK(f.runtime.containers() == 1);
  REQUIRE(f.own(pod)->run());
  CHECK(f.runtime.count("create web 0") == 2);
  REQUIRE(remove_pod(f.deps, f.options, "u-1", false));
  CHECK(f.runtime.containers() == 0);
  CHECK(find_pod(f.options.paths, "site").error().code() == base::Code::kNotFound);
}

TEST_CASE("pods are found by name, by namespace and by the start of their uid") {
  OwnerFixture f;
  for (const char* space : {"a", "b"}) {
    PodRecord record;
    record.pod = test::pod_from(test::kWeb);
    record.pod.metadata.namespace_ = space;
    record.pod.metadata.uid = std::string("uid-") + space;
    REQUIRE(write_record(f.options.paths, record));
  }
  CHECK(find_pod(f.options.paths, "site").error().code() == base::Code::kFailedPrecondition);
  CHECK(find_pod(f.options.paths, "a/site")->uid == "uid-a");
  CHECK(find_pod(f.options.paths, "uid-b")->pod_namespace == "b");
  CHECK(find_pod(f.options.paths, "uid-").error().code() == base::Code::kFailedPrecondition);
  CHECK(find_pod(f.options.paths, "uid").error().code() == base::Code::kNotFound);
}

TEST_CASE("a file pod without a uid gets the same one every time") {
  OwnerFixture f;
  api::Pod pod = test::pod_from(test::kWeb);
  pod.metadata.uid.clear();
  const std::string first = f.own(pod)->uid();
  CHECK(first.size() == 36);
  CHECK(f.own(pod)->uid() == first);
}

TEST_CASE("a pod of another boot is listed as one that nobody knows the end of, until it is run again") {
  OwnerFixture f;
  const api::Pod pod = test::pod_from("  restartPolicy: Always\n" + std::string(test::kWeb));
  f.start_and_leave(pod);
  auto record = agent::pods::read_record(f.options.paths, pod.metadata.uid);
  REQUIRE((record && *record));
  CHECK((*record)->boot_id == base::boot_id().value());
  (*record)->boot_id = "another";
  (*record)->owner_pid = ::getpid();
  (*record)->owner_start = agent::pods::process_start(::getpid());
  REQUIRE(agent::pods::write_record(f.options.paths, **record));
  f.runtime.drop_everything();

  const auto listed = list_pods(f.options.paths);
  REQUIRE((listed && listed->size() == 1));
  CHECK_FALSE(listed->front().owned);
  CHECK_FALSE(listed->front().finished);
  const api::PodStatus& status = listed->front().pod->status;
  CHECK(status.phase == api::PodPhase::kUnknown);
  CHECK(status.container_statuses[0].state.terminated->reason == "ContainerStatusUnknown");
  CHECK_FALSE(status.container_statuses[0].ready);

  std::stop_source leave;
  Observer observer;
  observer.container_log = [&](const ContainerLog&) { leave.request_stop(); };
  const auto outcome = f.own(pod, observer)->run(leave.get_token());
  REQUIRE(outcome);
  CHECK(outcome->detached);
  CHECK(f.runtime.running("web"));
  CHECK((*agent::pods::read_record(f.options.paths, pod.metadata.uid))->boot_id == base::boot_id().value());
}
