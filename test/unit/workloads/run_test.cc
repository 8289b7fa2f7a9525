// Runs of whole files: what each pod's thread and the run's own tell each other.
#include "agent/workloads/pods_of.h"
#include "test/unit/workloads/run_fixture.h"

namespace {

using namespace workloads_test;

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

}  // namespace
