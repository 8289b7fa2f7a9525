// What a job does next, and how ended pods count.
#include "agent/workloads/job.h"

#include <catch2/catch.hpp>

#include "test/unit/workloads/manifest.h"

namespace {

using namespace agent::workloads;
using namespace std::chrono_literals;
using workloads_test::job_of;

const base::WallTime kStart(1'800'000'000s);

// A job that is run with a clock and pods of its own.
class JobInTest {
 public:
  explicit JobInTest(const std::string& spec, const std::string& restart_policy = "Never")
      : job_(job_of(spec, restart_policy)) {
    progress.start_time = kStart;
  }

  // Looks once; what is to be started then runs. The number of pods that run, or why the job has ended.
  std::string look() {
    actions = decide_job(job_.spec, progress, active, now);
    if (actions.end) {
      progress.end = actions.end;
      return actions.end->reason;
    }
    for (const std::optional<int32_t>& index : actions.start)
      active.push_back({.uid = std::to_string(next_++), .index = index});
    return std::to_string(active.size());
  }

  // Ends the pod that has run the longest, or the one of this index.
  void end(int exit_code, std::optional<int32_t> index = std::nullopt, const std::string& condition = "") {
    const auto pod = index ? std::ranges::find(active, index, &ActivePod::index) : active.begin();
    REQUIRE(pod != active.end());
    api::PodStatus status;
    status.phase = exit_code == 0 ? api::PodPhase::kSucceeded : api::PodPhase::kFailed;
    status.container_statuses = {{.name = "main"}};
    status.container_statuses[0].state.terminated = api::ContainerStateTerminated{.exit_code = exit_code};
    if (!condition.empty()) status.conditions = {{.type = condition, .status = api::ConditionStatus::kTrue}};
    count_pod(job_, {.uid = pod->uid, .name = "pi-x", .index = pod->index, .status = status, .exit_code = exit_code},
              now, progress);
    active.erase(pod);
  }

  std::string indexes() const {
    std::set<int32_t> of_active;
    for (const ActivePod& pod : active) of_active.insert(pod.index.value());
    return format_indexes(of_active);
  }

  base::WallTime now = kStart;
  JobProgress progress;
  std::vector<ActivePod> active;
  JobActions actions;

 private:
  const api::Job job_;
  int next_ = 0;
};

TEST_CASE("a job runs one pod unless it says more") {
  JobInTest job("");
  CHECK(job.look() == "1");
  job.end(0);
  CHECK(job.look() == "CompletionsReached");
  CHECK(job.progress.end->complete);
}

TEST_CASE("completions are reached with so many pods at once and no more") {
  JobInTest job("completions: 5, parallelism: 3");
  CHECK(job.look() == "3");
  CHECK(job.look() == "3");
  job.end(0);
  job.end(0);
  CHECK(job.look() == "3");
  job.end(0);
  CHECK(job.look() == "2");
  job.end(0);
  CHECK(job.look() == "1");
  job.end(0);
  CHECK(job.look() == "CompletionsReached");
  CHECK(job.progress.succeeded == 5);
}

TEST_CASE("nothing is to be completed: the job is complete at once") {
  JobInTest job("completions: 0");
  CHECK(job.look() == "CompletionsReached");
}

TEST_CASE("without completions one success is enough, and the others come to their end") {
  JobInTest job("parallelism: 3");
  CHECK(job.look() == "3");
  job.end(0);
  CHECK(job.look() == "2");
  CHECK(job.actions.stop.empty());
  job.end(0);
  job.end(0);
  CHECK(job.look() == "CompletionsReached");
}

TEST_CASE("a failed pod is replaced after a back-off that doubles up to ten minutes") {
  JobInTest job("backoffLimit: 20");
  CHECK(job.look() == "1");
  for (const auto pause : {10s, 20s, 40s, 80s, 160s, 320s, 600s, 600s}) {
    job.end(1);
    CHECK(job.look() == "0");
    CHECK(job.actions.wake_at == job.now + pause);
    job.now += pause - 1ms;
    CHECK(job.look() == "0");
    job.now += 1ms;
    CHECK(job.look() == "1");
  }
  job.end(0);
  CHECK(job.look() == "CompletionsReached");
}

TEST_CASE("a success ends the back-off") {
  JobInTest job("completions: 3, parallelism: 2");
  CHECK(job.look() == "2");
  job.end(1);
  CHECK(job.look() == "1");
  job.end(0);
  CHECK(job.look() == "2");
}

TEST_CASE("more failures than backoffLimit end the job") {
  JobInTest job("backoffLimit: 1, completions: 4, parallelism: 4");
  CHECK(job.look() == "4");
  job.end(3);
  CHECK(job.look() == "3");
  job.end(4);
  CHECK(job.look() == "BackoffLimitExceeded");
  CHECK_FALSE(job.progress.end->complete);
  CHECK(job.progress.end->message == "Job has reached the specified backoff limit");
  CHECK(job.progress.last_exit_code == 4);
  CHECK(job.look() == "2");
  CHECK(job.actions.stop.size() == 2);
  CHECK(job.actions.start.empty());
}

TEST_CASE("with OnFailure restarts within the pods count") {
  JobInTest job("backoffLimit: 3, completions: 2, parallelism: 2", "OnFailure");
  CHECK(job.look() == "2");
  job.active[0].restarts = 1;
  job.active[1].restarts = 1;
  CHECK(job.look() == "2");
  job.active[1].restarts = 2;
  CHECK(job.look() == "BackoffLimitExceeded");
  JobInTest none("backoffLimit: 0", "OnFailure");
  CHECK(none.look() == "1");
  none.active[0].restarts = 1;
  CHECK(none.look() == "BackoffLimitExceeded");
}

TEST_CASE("a job is ended at its deadline") {
  JobInTest job("activeDeadlineSeconds: 60, parallelism: 2, completions: 2");
  CHECK(job.look() == "2");
  CHECK(job.actions.wake_at == kStart + 60s);
  job.now += 60s;
  CHECK(job.look() == "DeadlineExceeded");
  CHECK(job.progress.end->message == "Job was active longer than specified deadline");
}

TEST_CASE("a pod is counted once, however often it is seen") {
  const api::Job job = job_of("");
  JobProgress progress;
  const api::PodStatus status{.phase = api::PodPhase::kSucceeded};
  for (int i = 0; i < 3; ++i)
    count_pod(job, {.uid = "a", .name = "a", .index = {}, .status = status, .exit_code = 0}, kStart, progress);
  CHECK(progress.succeeded == 1);
}

TEST_CASE("an indexed job runs each index until it has succeeded") {
  JobInTest job("completions: 4, parallelism: 2, completionMode: Indexed");
  CHECK(job.look() == "2");
  CHECK(job.indexes() == "0,1");
  job.end(0, 1);
  CHECK(job.look() == "2");
  CHECK(job.indexes() == "0,2");
  job.end(1, 0);
  job.now += 10s;
  CHECK(job.look() == "2");
  CHECK(job.indexes() == "0,2");
  job.end(0, 0);
  job.end(0, 2);
  CHECK(job.look() == "1");
  job.end(0, 3);
  CHECK(job.look() == "CompletionsReached");
  CHECK(format_indexes(job.progress.succeeded_indexes) == "0-3");
}

TEST_CASE("with a limit for each index, one that fails does not hold up the others") {
  JobInTest job("completions: 3, parallelism: 3, completionMode: Indexed, backoffLimitPerIndex: 1");
  CHECK(job.look() == "3");
  job.end(1, 1);
  CHECK(job.look() == "2");
  CHECK(job.actions.wake_at == job.now + 10s);
  job.now += 10s;
  CHECK(job.look() == "3");
  job.end(1, 1);
  job.end(0, 0);
  CHECK(job.look() == "1");
  CHECK(format_indexes(job.progress.failed_indexes) == "1");
  job.end(0, 2);
  CHECK(job.look() == "FailedIndexes");
  CHECK(job.progress.end->message == "Job has failed indexes");
}

TEST_CASE("more failed indexes than maxFailedIndexes end the job") {
  JobInTest job(
      "completions: 5, parallelism: 5, completionMode: Indexed, backoffLimitPerIndex: 0, maxFailedIndexes: 1");
  CHECK(job.look() == "5");
  job.end(1, 0);
  CHECK(job.look() == "4");
  job.end(1, 4);
  CHECK(job.look() == "MaxFailedIndexesExceeded");
}

TEST_CASE("a rule of podFailurePolicy says what a failure means") {
  const std::string rules =
      "podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {containerName: main, operator: In, values: [42]}}, "
      "{action: Ignore, onPodConditions: [{type: DisruptionTarget, status: 'True'}]}, "
      "{action: FailIndex, onExitCodes: {operator: In, values: [7]}}, "
      "{action: Count, onExitCodes: {operator: NotIn, values: [9]}}]}";
  JobInTest job("completions: 4, parallelism: 4, completionMode: Indexed, backoffLimitPerIndex: 1, " + rules);
  CHECK(job.look() == "4");
  job.end(7, 3);
  CHECK(format_indexes(job.progress.failed_indexes) == "3");
  job.end(5, 0, "DisruptionTarget");
  CHECK(job.progress.failed == 1);
  job.now += 10s;
  CHECK(job.look() == "3");
  job.end(42, 1);
  CHECK(job.progress.end->reason == "PodFailurePolicy");
  CHECK(job.progress.end->message ==
        "Container main for pod default/pi-x failed with exit code 42 matching FailJob rule at index 0");
  CHECK(job.look() == "2");
  CHECK(job.actions.stop.size() == 2);
}

TEST_CASE("a rule of successPolicy ends an indexed job early") {
  JobInTest job(
      "completions: 5, parallelism: 5, completionMode: Indexed, successPolicy: {rules: [{succeededIndexes: '0,3-4', "
      "succeededCount: 2}, {succeededIndexes: '1'}]}");
  CHECK(job.look() == "5");
  job.end(0, 2);
  job.end(0, 3);
  CHECK(job.look() == "3");
  job.end(0, 4);
  CHECK(job.look() == "SuccessPolicy");
  CHECK(job.progress.end->complete);
  CHECK(job.look() == "2");
  CHECK(job.actions.stop.size() == 2);
  JobInTest other(
      "completions: 5, parallelism: 5, completionMode: Indexed, successPolicy: {rules: [{succeededCount: 4}, "
      "{succeededIndexes: '1'}]}");
  CHECK(other.look() == "5");
  other.end(0, 1);
  CHECK(other.look() == "SuccessPolicy");
  CHECK(other.progress.end->message == "Matched rules at index 1");
}

TEST_CASE("ignored failures go on to be tried, with a back-off") {
  JobInTest job(
      "completions: 1, completionMode: Indexed, backoffLimitPerIndex: 0, podFailurePolicy: {rules: [{action: Ignore, "
      "onExitCodes: {operator: In, values: [42]}}]}");
  for (const auto pause : {10s, 20s, 40s}) {
    CHECK(job.look() == "1");
    job.end(42);
    CHECK(job.look() == "0");
    CHECK(job.actions.wake_at == job.now + pause);
    job.now += pause;
  }
  CHECK(job.progress.failed == 0);
}

TEST_CASE("the exit code of a failed job is that of the pod that failed it, not of those stopped after") {
  JobInTest job("backoffLimit: 0, completions: 2, parallelism: 2");
  CHECK(job.look() == "2");
  job.end(3);
  CHECK(job.look() == "BackoffLimitExceeded");
  job.end(143);
  CHECK(job.progress.last_exit_code == 3);
}

TEST_CASE("lists of indexes are written short and read back") {
  using Indexes = std::set<int32_t>;
  const std::pair<Indexes, std::string> row = GENERATE(values<std::pair<Indexes, std::string>>(
      {{{}, ""}, {{7}, "7"}, {{0, 1}, "0,1"}, {{0, 1, 2}, "0-2"}, {{1, 3, 4, 5, 9, 10}, "1,3-5,9,10"}}));
  CHECK(format_indexes(row.first) == row.second);
  CHECK(parse_indexes("1,3-5") == IndexRanges{{1, 1}, {3, 5}});
  CHECK(parse_indexes("0-2147483647") == IndexRanges{{0, 2147483647}});
  for (const char* text : {"a", "1,", ",1", "1-", "-1", "3-1", "1 2", "1-2-3", "99999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_indexes(text));
  }
}

}  // namespace
