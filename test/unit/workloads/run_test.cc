// Runs of whole files against a runtime in memory: what each pod's thread and the run's own tell each other.
#include "agent/workloads/run.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <mutex>
#include <thread>

#include "agent/workloads/cron_run.h"
#include "agent/workloads/job_record.h"
#include "agent/workloads/pods_of.h"
#include "test/unit/pods/fake_runtime.h"
#include "test/unit/temp_dir.h"
#include "test/unit/workloads/manifest.h"

namespace {

using namespace agent;
using workloads_test::object_from;

api::Object job_running_app(const std::string& spec) {
  return object_from(
      "apiVersion: batch/v1\nkind: Job\nmetadata: {name: pi}\nspec: {template: {spec: {restartPolicy: Never, "
      "containers: [{name: work, image: 'app:1'}]}}" +
      (spec.empty() ? "" : ", " + spec) + "}\n");
}

// Each minute a job of one pod.
api::Object cron_job_running_app(const std::string& spec = "") {
  return object_from(
      "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: tick}\nspec: {schedule: '* * * * *', jobTemplate: {spec: "
      "{template: {spec: {restartPolicy: Never, containers: [{name: work, image: 'app:1'}]}}}}" +
      (spec.empty() ? "" : ", " + spec) + "}\n");
}

api::Object pod_running_app(const std::string& name) {
  return object_from("apiVersion: v1\nkind: Pod\nmetadata: {name: " + name +
                     "}\nspec: {restartPolicy: Never, containers: [{name: " + name + ", image: 'app:1'}]}\n");
}

struct RunFixture {
  RunFixture() {
    options.paths = {
        .root = dir / "root", .state = dir / "state", .log_dir = dir / "logs", .log_links = "", .instance = "t"};
  }

  std::unique_ptr<workloads::Run> take(const std::vector<api::Object>& objects) {
    workloads::RunObserver observer;
    observer.of_pod = [this](const api::Pod& /*pod*/) {
      pods::Observer of_pod;
      of_pod.event = [this](const pods::Event& event) {
        if (event.reason == "FailedSync") clock.advance(std::chrono::minutes(1));
      };
      of_pod.started = [this] {
        const std::lock_guard lock(mutex);
        if (on_start) on_start();
      };
      return of_pod;
    };
    observer.ended = [this](const workloads::Ending& end) { endings[end.what] = end; };
    observer.trouble = [this](const std::string& trouble) { troubles += trouble; };
    auto run = workloads::Run::take(deps, options, objects, std::move(observer));
    if (!run) FAIL(run.error().to_string());
    return std::move(*run);
  }
  bool nothing_left() const {
    return pods::list_pods(options.paths)->empty() && workloads::read_jobs(options.paths)->empty() &&
           workloads::read_cron_jobs(options.paths)->empty() && std::filesystem::is_empty(dir / "root/locks/pods") &&
           std::filesystem::is_empty(dir / "state/pods");
  }

  test::TempDir dir;
  test::FakeClock clock;
  test::FakeRuntime runtime{clock};
  pods::Options options;
  pods::Deps deps{.runtime = &runtime, .images = &runtime, .clock = &clock};
  std::map<std::string, workloads::Ending> endings;
  std::string troubles;
  std::mutex mutex;
  std::function<void()> on_start;  // called for one pod at a time
};

}  // namespace

TEST_CASE("pods and a job of one file run beside each other to their ends") {
  RunFixture f;
  f.runtime.exits_at_once["work"] = {0, 0, 0, 0, 0};
  f.runtime.exits_at_once["one"] = {0};
  f.runtime.exits_at_once["two"] = {7};
  CHECK(f.take({job_running_app("completions: 5, parallelism: 3"), pod_running_app("one"), pod_running_app("two")})
            ->run());
  CHECK(f.endings.size() == 3);
  CHECK(f.endings["Job default/pi"].phase == "Complete");
  CHECK(f.endings["pod default/one"].exit_code == 0);
  CHECK(f.endings["pod default/two"].exit_code == 7);
  CHECK(f.runtime.count("start work") == 5);
  CHECK(f.troubles == "");
  CHECK(f.nothing_left());
}

TEST_CASE("a job that is left goes on in the next run, with what it had counted") {
  RunFixture f;
  const std::vector<api::Object> objects{job_running_app("completions: 4, parallelism: 1")};
  f.runtime.exits_at_once["work"] = {0, 0};
  {
    const auto run = f.take(objects);
    int started = 0;
    f.on_start = [&] {
      if (++started == 3) run->leave();
    };
    CHECK_FALSE(run->run());
    f.on_start = nullptr;
  }
  REQUIRE(workloads::read_jobs(f.options.paths)->size() == 1);
  CHECK(workloads::read_jobs(f.options.paths)->front().progress.succeeded == 2);
  f.runtime.exits_at_once["work"] = {0};
  const auto run = f.take(objects);
  f.runtime.exit("work", 0);
  CHECK(run->run());
  CHECK(f.endings["Job default/pi"].phase == "Complete");
  CHECK(f.runtime.count("start work") == 4);
  CHECK(f.nothing_left());
}

TEST_CASE("a job whose pod cannot be removed ends all the same, and stays listed") {
  RunFixture f;
  f.runtime.exits_at_once["work"] = {0};
  f.runtime.remove_fails = base::Error(base::Code::kInternal, "boom");
  CHECK(f.take({job_running_app("")})->run());
  CHECK(f.endings["Job default/pi"].phase == "Complete");
  REQUIRE(workloads::read_jobs(f.options.paths)->size() == 1);
  CHECK(workloads::read_jobs(f.options.paths)->front().finished);
  CHECK(pods::list_pods(f.options.paths)->size() == 1);
}

TEST_CASE("a run that is stopped stops all of its pods, and starts no more") {
  RunFixture f;
  const auto run = f.take({job_running_app("completions: 9, parallelism: 2"), pod_running_app("one")});
  int started = 0;
  f.on_start = [&] {
    if (++started == 3) run->request({});
  };
  CHECK(run->run());
  CHECK(started == 3);
  CHECK(f.endings["Job default/pi"].message == "it was stopped before it was complete");
  CHECK(f.endings["Job default/pi"].exit_code != 0);
  CHECK(f.nothing_left());
}

TEST_CASE("what cannot be taken leaves nothing of what was") {
  RunFixture f;
  const auto holder = f.take({pod_running_app("one")});
  workloads::RunObserver observer;
  observer.of_pod = [](const api::Pod& /*pod*/) { return pods::Observer(); };
  const auto refused = workloads::Run::take(
      f.deps, f.options, {job_running_app(""), pod_running_app("two"), pod_running_app("one")}, observer);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == base::Code::kUnavailable);
  CHECK(pods::list_pods(f.options.paths)->size() == 1);
  CHECK(workloads::read_jobs(f.options.paths)->empty());
}

namespace {

// Runs it; the clock goes on by a minute before the first pod, and whenever one has been started. Stopped after so many
// starts.
void run_for_starts(RunFixture& f, const api::Object& object, int starts) {
  const auto run = f.take({object});
  f.clock.advance(std::chrono::minutes(1));
  int started = 0;
  f.on_start = [&] {
    if (++started == starts)
      run->request({});
    else
      f.clock.advance(std::chrono::minutes(1));
  };
  CHECK(run->run());
  f.on_start = nullptr;
}

std::vector<std::string> names_of_jobs(const RunFixture& f) {
  std::vector<std::string> names;
  for (const workloads::JobRecord& job : *workloads::read_jobs(f.options.paths)) names.push_back(job.job.metadata.name);
  return names;
}

}  // namespace

TEST_CASE("a CronJob starts a job at each time of its schedule until it is stopped") {
  RunFixture f;
  f.runtime.exits_at_once["work"] = {0, 0, 0};
  const api::Object cron_job = cron_job_running_app("startingDeadlineSeconds: 30");
  run_for_starts(f, cron_job, 3);
  CHECK(f.endings.size() == 1);
  CHECK(f.endings["CronJob default/tick"].phase == "Stopped");
  CHECK(f.endings["CronJob default/tick"].exit_code == 0);
  CHECK(f.troubles == "");
  CHECK(f.nothing_left());
}

TEST_CASE("of a CronJob's jobs as many stay listed as its limits say") {
  RunFixture f;
  f.options.foreground = false;
  f.runtime.exits_at_once["work"] = {0, 0, 0, 0, 0, 0};
  run_for_starts(f, cron_job_running_app("successfulJobsHistoryLimit: 2, failedJobsHistoryLimit: 0"), 6);
  // The last one may have been stopped before it was seen to end.
  const std::vector<std::string> left = names_of_jobs(f);
  CHECK(left.size() == 2);
  CHECK(f.runtime.count("start work") == 6);
  const auto records = *workloads::read_cron_jobs(f.options.paths);
  REQUIRE(records.size() == 1);
  CHECK(records.front().finished);
  CHECK(records.front().progress.last_schedule.has_value());
  CHECK(workloads::remove_cron_job(f.deps, f.options, records.front().uid, false));
  CHECK(f.nothing_left());
}

TEST_CASE("a CronJob's job waits for the one before, or takes its place") {
  RunFixture f;
  SECTION("Forbid") {
    const auto run = f.take({cron_job_running_app("concurrencyPolicy: Forbid")});
    f.clock.advance(std::chrono::minutes(1));
    std::atomic<int> started = 0;
    f.on_start = [&] {
      if (++started == 2) run->request({});
    };
    std::jthread world([&] {
      while (started < 1) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      f.clock.advance(std::chrono::minutes(5));
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      CHECK(f.runtime.count("start work") == 1);
      f.runtime.exit("work", 0);
    });
    CHECK(run->run());
    CHECK(f.runtime.count("start work") == 2);
  }
  SECTION("Replace") {
    run_for_starts(f, cron_job_running_app("concurrencyPolicy: Replace"), 3);
    CHECK(f.runtime.count("start work") == 3);
  }
  SECTION("Replace, and it stays listed") {
    f.options.foreground = false;
    run_for_starts(f, cron_job_running_app("concurrencyPolicy: Replace"), 3);
    CHECK(f.runtime.count("start work") == 3);
    CHECK(names_of_jobs(f).size() == 1);
    CHECK(
        workloads::remove_cron_job(f.deps, f.options, workloads::read_cron_jobs(f.options.paths)->front().uid, false));
  }
  CHECK(f.troubles == "");
  CHECK(f.nothing_left());
}

TEST_CASE("a CronJob that is left goes on in the next run, and no time of it runs twice") {
  RunFixture f;
  const std::vector<api::Object> objects{cron_job_running_app()};
  {
    const auto run = f.take(objects);
    f.clock.advance(std::chrono::minutes(1));
    f.on_start = [&] { run->leave(); };
    CHECK_FALSE(run->run());
    f.on_start = nullptr;
  }
  CHECK(names_of_jobs(f).size() == 1);
  SECTION("as it was") {}
  SECTION("died before it had recorded the start") {
    workloads::CronRecord record = workloads::read_cron_jobs(f.options.paths)->front();
    record.progress.last_schedule.reset();
    CHECK(workloads::write_cron_job(f.options.paths, record));
  }
  const auto run = f.take(objects);
  std::atomic<bool> done = false;
  std::jthread world([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    f.runtime.exit("work", 0);
    done = true;
    run->request({});
  });
  CHECK(run->run());
  CHECK(done);
  CHECK(f.runtime.count("start work") == 1);
  CHECK(f.nothing_left());
}

TEST_CASE("a CronJob whose time never comes is refused, and so is one that somebody runs") {
  RunFixture f;
  const auto refused = [&](const api::Object& object) {
    workloads::RunObserver observer;
    const auto run = workloads::Run::take(f.deps, f.options, {object}, observer);
    return run ? "" : run.error().to_string();
  };
  api::Object never = cron_job_running_app();
  std::get<api::CronJob>(never).spec.schedule = "0 0 30 2 *";
  CHECK(refused(never).find("no time of the next five years") != std::string::npos);
  {
    const auto run = f.take({cron_job_running_app()});
    CHECK(refused(cron_job_running_app()).find("nodeagent stop cronjob/tick") != std::string::npos);
  }
  CHECK(f.nothing_left());
}
