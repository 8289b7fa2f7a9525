// Runs of whole files against a runtime in memory.
#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <mutex>

#include "agent/workloads/cron_record.h"
#include "agent/workloads/job_record.h"
#include "agent/workloads/run.h"
#include "test/unit/pods/fake_runtime.h"
#include "test/unit/temp_dir.h"
#include "test/unit/workloads/manifest.h"

namespace workloads_test {

using namespace agent;

inline api::Object job_running_app(const std::string& spec) {
  return object_from(
      "apiVersion: batch/v1\nkind: Job\nmetadata: {name: pi}\nspec: {template: {spec: {restartPolicy: Never, "
      "containers: [{name: work, image: 'app:1'}]}}" +
      (spec.empty() ? "" : ", " + spec) + "}\n");
}

// Each minute a job of one pod.
inline api::Object cron_job_running_app(const std::string& spec = "") {
  return object_from(
      "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: tick}\nspec: {schedule: '* * * * *', jobTemplate: {spec: "
      "{template: {spec: {restartPolicy: Never, containers: [{name: work, image: 'app:1'}]}}}}" +
      (spec.empty() ? "" : ", " + spec) + "}\n");
}

inline api::Object pod_running_app(const std::string& name) {
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

}  // namespace workloads_test
