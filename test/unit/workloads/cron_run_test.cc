// Runs of CronJobs, with a clock that tests move.
#include "agent/workloads/cron_run.h"

#include <atomic>
#include <fstream>
#include <thread>

#include "agent/workloads/pods_of.h"
#include "test/unit/workloads/run_fixture.h"

namespace {

using namespace workloads_test;

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
  const auto jobs = workloads::read_jobs(f.options.paths);
  if (!jobs) return {jobs.error().to_string()};
  for (const workloads::JobRecord& job : *jobs) names.push_back(job.job.metadata.name);
  return names;
}

// Whether it comes to hold within ten seconds.
bool eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 1000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

// A job once a day, at midnight.
api::CronJob daily() {
  api::CronJob cron_job = std::get<api::CronJob>(cron_job_running_app());
  cron_job.spec.schedule = "0 0 * * *";
  return cron_job;
}

// Runs it for a day, until its job has ended, and leaves it.
void leave_after_one_job(RunFixture& f, const api::CronJob& cron_job) {
  f.runtime.exits_at_once["work"] = {0};
  const auto run = f.take({cron_job});
  f.clock.advance(std::chrono::hours(24));
  std::jthread world([&] {
    (void)eventually([&] {
      const auto jobs = workloads::read_jobs(f.options.paths);
      return jobs && jobs->size() == 1 && jobs->front().finished;
    });
    run->leave();
  });
  CHECK_FALSE(run->run());
  CHECK(names_of_jobs(f).size() == 1);
}

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
    f.on_start = [&] { ++started; };
    bool came = true;
    std::jthread world([&] {
      came &= eventually([&] { return started == 1; });
      f.clock.advance(std::chrono::minutes(5));
      f.runtime.exit("work", 0);
      came &= eventually([&] { return started == 2; });
      run->request({});
    });
    CHECK(run->run());
    CHECK(came);
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

TEST_CASE("a CronJob's job may end while the start of the next cannot be recorded") {
  RunFixture f;
  f.runtime.exits_at_once["work"] = {0, 0};
  const auto run = f.take({cron_job_running_app()});
  const auto folder = std::filesystem::path(f.options.paths.state) / "cronjobs";
  const auto away = std::filesystem::path(f.options.paths.state) / "away";
  f.clock.advance(std::chrono::minutes(1));
  std::atomic<int> started = 0;
  f.on_start = [&] {
    if (++started > 1) return;
    std::filesystem::rename(folder, away);
    std::ofstream(folder) << "in the way";
    f.clock.advance(std::chrono::minutes(1));
  };
  bool came = true;
  std::jthread world([&] {
    came &= eventually([&] { return started == 2; });
    std::filesystem::remove(folder);
    std::filesystem::rename(away, folder);
    run->request({});
  });
  CHECK(run->run());
  CHECK(came);
  CHECK(f.troubles != "");
  CHECK(f.runtime.count("start work") == 2);
  CHECK(f.nothing_left());
}

TEST_CASE("a CronJob can be stopped although an old job cannot be removed") {
  RunFixture f;
  f.options.foreground = GENERATE(true, false);
  f.runtime.exits_at_once["work"] = {0};
  f.runtime.remove_fails = base::Error(base::Code::kInternal, "boom");
  const auto run = f.take({cron_job_running_app("successfulJobsHistoryLimit: 0")});
  f.clock.advance(std::chrono::minutes(1));
  bool came = true;
  std::jthread world([&] {
    came &= eventually([&] {
      const auto jobs = workloads::read_jobs(f.options.paths);
      return jobs && !jobs->empty() && jobs->front().finished;
    });
    run->request({});
  });
  CHECK(run->run());
  CHECK(came);
  CHECK(f.endings["CronJob default/tick"].phase == "Stopped");
  REQUIRE(workloads::read_cron_jobs(f.options.paths)->size() == 1);
  CHECK(workloads::read_cron_jobs(f.options.paths)->front().finished);
}

TEST_CASE("a Job of the file that names the CronJob as its owner is nobody's but its own") {
  RunFixture f;
  const std::string uid = "11111111-1111-1111-1111-111111111111";
  api::Object cron_job = cron_job_running_app();
  std::get<api::CronJob>(cron_job).metadata.uid = uid;
  api::Object job = job_running_app("");
  std::get<api::Job>(job).metadata.owner_references = {
      {.api_version = "batch/v1", .kind = "CronJob", .name = "tick", .uid = uid, .controller = true}};
  SECTION("after it") {
    const auto run = f.take({cron_job, job});
    f.on_start = [&] { run->request({}); };
    CHECK(run->run());
  }
  SECTION("before it") {
    workloads::RunObserver observer;
    observer.of_pod = [](const api::Pod& /*pod*/) { return pods::Observer(); };
    const auto refused = workloads::Run::take(f.deps, f.options, {job, cron_job}, observer);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == base::Code::kUnavailable);
  }
  CHECK(f.nothing_left());
}

TEST_CASE("a job that was being replaced when the owner died does not come back") {
  RunFixture f;
  f.options.foreground = false;
  const std::vector<api::Object> objects{cron_job_running_app("concurrencyPolicy: Replace")};
  {
    const auto run = f.take(objects);
    f.clock.advance(std::chrono::minutes(1));
    f.on_start = [&] { run->leave(); };
    CHECK_FALSE(run->run());
    f.on_start = nullptr;
  }
  // Killed right after the second job was recorded: the first one's pod has been asked to end.
  workloads::CronRecord record = workloads::read_cron_jobs(f.options.paths)->front();
  workloads::JobRecord second = workloads::read_jobs(f.options.paths)->front();
  const base::WallTime time = *record.progress.last_schedule + std::chrono::minutes(1);
  second.job = workloads::job_of(record.cron_job, time, "", f.options.paths.instance);
  second.uid = workloads::object_uid(f.options.paths.instance, api::Object(second.job));
  second.progress = {.start_time = time};
  CHECK(workloads::write_job(f.options.paths, second));
  record.progress.last_schedule = time;
  CHECK(workloads::write_cron_job(f.options.paths, record));
  f.clock.advance(std::chrono::minutes(1));
  const auto run = f.take(objects);
  f.runtime.exit("work", 143);
  bool came = true;
  std::jthread world([&] {
    came &= eventually([&] { return f.runtime.count("start work") == 2 && names_of_jobs(f).size() == 1; });
    run->request({});
  });
  CHECK(run->run());
  CHECK(came);
  CHECK(f.runtime.count("start work") == 2);
}

TEST_CASE("a job that has ended is removed when its time is over, by whoever runs the CronJob then") {
  RunFixture f;
  f.options.foreground = false;
  api::CronJob cron_job = daily();
  cron_job.spec.job_template.spec.ttl_seconds_after_finished = 60;
  leave_after_one_job(f, cron_job);
  f.clock.advance(std::chrono::minutes(2));
  const auto run = f.take({cron_job});
  bool came = true;
  std::jthread world([&] {
    came &= eventually([&] { return names_of_jobs(f).empty(); });
    run->request({});
  });
  CHECK(run->run());
  CHECK(came);
}

TEST_CASE("a time whose job has ended is not run again, though its start was never recorded") {
  RunFixture f;
  f.options.foreground = false;
  leave_after_one_job(f, daily());
  // As when the record could not be written until the owner was killed.
  workloads::CronRecord record = workloads::read_cron_jobs(f.options.paths)->front();
  const auto scheduled = std::exchange(record.progress.last_schedule, std::nullopt);
  CHECK(workloads::write_cron_job(f.options.paths, record));
  const auto run = f.take({daily()});
  bool came = true;
  std::jthread world([&] {
    came &= eventually(
        [&] { return workloads::read_cron_jobs(f.options.paths)->front().progress.last_schedule == scheduled; });
    run->request({});
  });
  CHECK(run->run());
  CHECK(came);
  CHECK(f.runtime.count("start work") == 1);
}

}  // namespace
