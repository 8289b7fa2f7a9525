// When CronJobs start.
#include "agent/workloads/schedule.h"

#include <absl/time/time.h>

#include <catch2/catch.hpp>

#include "agent/workloads/cron.h"
#include "test/unit/workloads/manifest.h"

namespace {

using namespace agent;
using workloads::Schedule;

base::WallTime at(const std::string& text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) FAIL(error);
  return absl::ToChronoTime(time);
}

Schedule schedule_of(const std::string& text, const std::string& zone = "UTC") {
  auto made = Schedule::make(text, zone);
  if (!made) FAIL(made.error().to_string());
  return *made;
}

std::string next(const std::string& text, const std::string& after, const std::string& zone = "UTC") {
  const Schedule schedule = schedule_of(text, zone);
  const auto time = schedule.next(at(after));
  return time ? schedule.stamp(*time) : "never";
}

workloads::CronActions decide(const std::string& spec, const workloads::CronProgress& progress, bool job_runs,
                              const std::string& now) {
  const auto cron = std::get<api::CronJob>(workloads_test::object_from(
      "{apiVersion: batch/v1, kind: CronJob, metadata: {name: tick}, spec: {" + spec +
      ", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: b}]}}}}}}"));
  return workloads::decide_cron(cron.spec, schedule_of(cron.spec.schedule), progress, job_runs, at(now));
}

}  // namespace

TEST_CASE("the next time of a schedule") {
  const std::string now = "2026-11-23T10:07:30Z";  // a Monday
  CHECK(next("* * * * *", now) == "2026-11-23T10:08:00Z");
  CHECK(next("* * * * *", "2026-11-23T10:08:00Z") == "2026-11-23T10:09:00Z");
  CHECK(next("*/15 * * * *", now) == "2026-11-23T10:15:00Z");
  CHECK(next("5/20 * * * *", now) == "2026-11-23T10:25:00Z");
  CHECK(next("7 10 * * *", now) == "2026-11-24T10:07:00Z");
  CHECK(next("0 0 1 * *", now) == "2026-12-01T00:00:00Z");
  CHECK(next("30 6-16/4 * * 1-5", now) == "2026-11-23T10:30:00Z");
  CHECK(next("0 8 * * sun", now) == "2026-11-29T08:00:00Z");
  CHECK(next("0 0 29 feb *", now) == "2028-02-29T00:00:00Z");
  CHECK(next("0 0 31 2 *", now) == "never");
  CHECK(next(", * * * *", now) == "never");
  CHECK(next("@hourly", now) == "2026-11-23T11:00:00Z");
  CHECK(next("@daily", now) == "2026-11-24T00:00:00Z");
  CHECK(next("@weekly", now) == "2026-11-29T00:00:00Z");
  CHECK(next("@monthly", now) == "2026-12-01T00:00:00Z");
  CHECK(next("@yearly", now) == "2027-01-01T00:00:00Z");
  CHECK(next("@every 1h30m", now) == "2026-11-23T11:37:30Z");
  CHECK(next("@every 1500ms", "2026-11-23T10:07:30.9Z") == "2026-11-23T10:07:31Z");
  CHECK(next("@every -5m", now) == "2026-11-23T10:07:31Z");
  CHECK(next("@every 2300000h", now) == "never");
}

TEST_CASE("a day of the month and one of the week: either will do, unless one of them is any") {
  const std::string now = "2026-11-23T10:00:00Z";
  CHECK(next("0 0 13 * fri", now) == "2026-11-27T00:00:00Z");
  CHECK(next("0 0 25 * fri", now) == "2026-11-25T00:00:00Z");
  CHECK(next("0 0 13 * *", now) == "2026-12-13T00:00:00Z");
  CHECK(next("0 0 ? * fri", now) == "2026-11-27T00:00:00Z");
  CHECK(next("0 0 */1 * fri", now) == "2026-11-27T00:00:00Z");
  // With a step it is not any more.
  CHECK(next("0 0 */2 * fri", now) == "2026-11-25T00:00:00Z");
}

TEST_CASE("a schedule goes by the clock of its zone") {
  CHECK(next("30 2 * * *", "2026-11-23T00:00:00Z", "Europe/Berlin") == "2026-11-23T02:30:00+01:00");
  CHECK(next("0 0 * * *", "2026-11-23T12:00:00Z", "Asia/Kolkata") == "2026-11-24T00:00:00+05:30");
  CHECK(next("0 0 * * *", "2026-11-23T12:00:00Z", "America/New_York") == "2026-11-24T00:00:00-05:00");
  // 02:30 does not come on the day of the change to summer time, and comes twice on that of the change back.
  CHECK(next("30 2 * * *", "2026-03-28T12:00:00Z", "Europe/Berlin") == "2026-03-30T02:30:00+02:00");
  CHECK(next("30 2 * * *", "2026-10-24T12:00:00Z", "Europe/Berlin") == "2026-10-25T02:30:00+02:00");
  CHECK(next("30 2 * * *", "2026-10-25T00:30:00Z", "Europe/Berlin") == "2026-10-25T02:30:00+01:00");
  CHECK(next("30 2 * * *", "2026-10-25T01:30:00Z", "Europe/Berlin") == "2026-10-26T02:30:00+01:00");
  // Midnight itself is skipped there, or comes twice.
  CHECK(next("30 * 24 4 *", "2026-04-23T12:00:00Z", "Africa/Cairo") == "2026-04-24T01:30:00+03:00");
  CHECK(next("0 12 2 11 *", "2003-10-26T03:30:00Z", "America/St_Johns") == "2003-11-02T12:00:00-03:30");
  const auto unknown = Schedule::make("@daily", "Mars/Olympus");
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code() == base::Code::kNotFound);
}

TEST_CASE("the last of the times that have passed") {
  const auto latest = [](const std::string& text, const std::string& after, const std::string& until) {
    const Schedule schedule = schedule_of(text);
    const auto time = schedule.latest(at(after), at(until));
    return time ? schedule.stamp(*time) : "none";
  };
  CHECK(latest("* * * * *", "2026-11-23T10:07:30Z", "2026-11-23T10:07:59Z") == "none");
  CHECK(latest("* * * * *", "2026-11-23T10:07:30Z", "2026-11-23T10:08:00Z") == "2026-11-23T10:08:00Z");
  CHECK(latest("* * * * *", "2006-11-23T10:07:30Z", "2026-11-23T10:08:59Z") == "2026-11-23T10:08:00Z");
  CHECK(latest("0,1 0 * * *", "2026-11-01T00:00:00Z", "2026-11-23T10:08:00Z") == "2026-11-23T00:01:00Z");
  CHECK(latest("0 0 29 2 *", "2020-03-01T00:00:00Z", "2026-11-23T10:08:00Z") == "2024-02-29T00:00:00Z");
  CHECK(latest("0 0 31 2 *", "2020-03-01T00:00:00Z", "2026-11-23T10:08:00Z") == "none");
  CHECK(latest("@every 7m", "2026-11-23T10:00:00Z", "2026-11-23T10:20:59Z") == "2026-11-23T10:14:00Z");
  CHECK(latest("@every 7m", "2026-11-23T10:00:00Z", "2026-11-23T10:06:59Z") == "none");
  CHECK(latest("* * * * *", "2026-11-23T10:07:30Z", "2026-11-23T09:00:00Z") == "none");
}

TEST_CASE("a CronJob's next step") {
  const workloads::CronProgress progress{.created = at("2026-11-23T10:00:30Z"), .last_schedule = {}};
  const auto early = decide("schedule: '*/5 * * * *'", progress, false, "2026-11-23T10:04:59Z");
  CHECK_FALSE(early.start);
  CHECK(early.wake_at == at("2026-11-23T10:05:00Z"));

  const auto due = decide("schedule: '*/5 * * * *'", progress, false, "2026-11-23T10:16:00Z");
  CHECK(due.start == at("2026-11-23T10:15:00Z"));
  CHECK(due.wake_at == at("2026-11-23T10:20:00Z"));
  CHECK(decide("schedule: '*/5 * * * *'", progress, true, "2026-11-23T10:16:00Z").start);

  const workloads::CronProgress done{.created = progress.created, .last_schedule = at("2026-11-23T10:15:00Z")};
  CHECK_FALSE(decide("schedule: '*/5 * * * *'", done, false, "2026-11-23T10:16:00Z").start);

  const std::string strict = "schedule: '*/5 * * * *', startingDeadlineSeconds: 60";
  CHECK(decide(strict, progress, false, "2026-11-23T10:16:00Z").start);
  const auto late = decide(strict, progress, false, "2026-11-23T10:16:00.5Z");
  CHECK_FALSE(late.start);
  CHECK(late.missed == at("2026-11-23T10:15:00Z"));
  CHECK(late.wake_at == at("2026-11-23T10:20:00Z"));
  CHECK(decide("schedule: '@daily', startingDeadlineSeconds: 9223372036854775807",
               {.created = at("1980-01-01T00:00:00Z"), .last_schedule = {}}, false, "2026-11-23T10:16:00Z")
            .start);

  const std::string alone = "schedule: '*/5 * * * *', concurrencyPolicy: Forbid";
  const auto waits = decide(alone, progress, true, "2026-11-23T10:16:00Z");
  CHECK_FALSE(waits.start);
  CHECK(waits.forbidden == at("2026-11-23T10:15:00Z"));
  CHECK(decide(alone, progress, false, "2026-11-23T10:16:00Z").start == at("2026-11-23T10:15:00Z"));

  const auto every =
      decide("schedule: '@every 10m', startingDeadlineSeconds: 30", progress, false, "2026-11-23T10:10:30Z");
  CHECK(every.start == at("2026-11-23T10:10:30Z"));
}
