#include "agent/cli/pod_table.h"

#include <catch2/catch.hpp>

#include "agent/api/pod.h"

namespace {

using namespace agent::cli;
using namespace std::chrono_literals;

api::Pod make_pod() {
  api::Pod pod;
  pod.metadata.name = "web";
  pod.metadata.namespace_ = "default";
  pod.spec.init_containers = {{.name = "setup", .image = "x"}, {.name = "proxy", .image = "x"}};
  pod.spec.init_containers[1].restart_policy = api::RestartPolicy::kAlways;
  pod.spec.containers = {{.name = "main", .image = "x"}};
  pod.status.phase = api::PodPhase::kPending;
  pod.status.init_container_statuses.resize(2);
  pod.status.init_container_statuses[0].name = "setup";
  pod.status.init_container_statuses[1].name = "proxy";
  pod.status.container_statuses.resize(1);
  pod.status.container_statuses[0].name = "main";
  return pod;
}

void finish_init(api::Pod& pod) {
  pod.status.init_container_statuses[0].state.terminated.emplace();
  pod.status.init_container_statuses[1].state.running.emplace();
  pod.status.init_container_statuses[1].started = true;
  pod.status.init_container_statuses[1].ready = true;
}

TEST_CASE("the status says what holds the pod up, else how it is") {
  api::Pod pod = make_pod();
  CHECK(pod_status_word(pod) == "Init:0/2");
  pod.status.init_container_statuses[0].state.waiting = {"CrashLoopBackOff", ""};
  CHECK(pod_status_word(pod) == "Init:CrashLoopBackOff");
  pod.status.init_container_statuses[0].state = {.terminated =
                                                     api::ContainerStateTerminated{.exit_code = 3, .reason = "Error"}};
  CHECK(pod_status_word(pod) == "Init:Error");
  pod = make_pod();
  finish_init(pod);
  CHECK(pod_status_word(pod) == "Pending");
  pod.status.phase = api::PodPhase::kRunning;
  pod.status.container_statuses[0].state.running.emplace();
  CHECK(pod_status_word(pod) == "Running");
  pod.status.container_statuses[0].state = {.waiting = api::ContainerStateWaiting{"ErrImageNeverPull", ""}};
  CHECK(pod_status_word(pod) == "ErrImageNeverPull");
  pod.status.container_statuses[0].state = {.terminated =
                                                api::ContainerStateTerminated{.exit_code = 0, .reason = "Completed"}};
  pod.status.phase = api::PodPhase::kSucceeded;
  CHECK(pod_status_word(pod) == "Completed");
  pod.status.reason = "DeadlineExceeded";
  CHECK(pod_status_word(pod) == "DeadlineExceeded");
}

TEST_CASE("a container that failed says more of an ended pod than one that did not") {
  api::Pod pod = make_pod();
  finish_init(pod);
  pod.status.phase = api::PodPhase::kFailed;
  pod.status.container_statuses.resize(2);
  pod.status.container_statuses[0].state.terminated = {.exit_code = 1, .reason = "Error"};
  pod.status.container_statuses[1].state.terminated = {.exit_code = 0, .reason = "Completed"};
  CHECK(pod_status_word(pod) == "Error");
}

TEST_CASE("a row counts what is ready and how often it was restarted, sidecars included") {
  api::Pod pod = make_pod();
  finish_init(pod);
  pod.status.phase = api::PodPhase::kRunning;
  pod.status.pod_ip = "10.88.0.2";
  pod.status.start_time = base::WallTime(1000s);
  pod.status.container_statuses[0].state.running.emplace();
  pod.status.container_statuses[0].restart_count = 2;
  pod.status.init_container_statuses[1].restart_count = 1;
  agent::pods::PodSummary summary;
  summary.owned = true;
  summary.owner_pid = 77;
  summary.pod = std::make_shared<const api::Pod>(pod);
  const auto rows = pod_table({summary}, base::WallTime(1065s));
  REQUIRE(rows.size() == 2);
  CHECK(rows[1] == std::vector<std::string>{"default", "web", "1/2", "Running", "3", "65s", "10.88.0.2", "77"});
  summary.owned = false;
  CHECK(pod_table({summary}, base::WallTime(1065s))[1].back() == "unattended");
  summary.finished = true;
  CHECK(pod_table({summary}, base::WallTime(1065s))[1].back() == "-");
}

}  // namespace
