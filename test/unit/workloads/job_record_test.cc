#include "agent/workloads/job_record.h"

#include <catch2/catch.hpp>

#include "test/unit/workloads/manifest.h"

namespace {

using namespace agent::workloads;
using namespace std::chrono_literals;

TEST_CASE("a job's record says all that it was given") {
  JobRecord record{.uid = "u-1", .job = workloads_test::job_of("completions: 3, completionMode: Indexed")};
  record.foreground = false;
  record.finished = true;
  record.progress = {
      .start_time = base::WallTime(1'800'000'000'123456789ns),
      .succeeded = 2,
      .failed = 3,
      .failures = {.in_a_row = 1, .last = base::WallTime(1'800'000'001s)},
      .succeeded_indexes = {0, 2},
      .failed_indexes = {1},
      .index_failures = {{1, {.all = {.in_a_row = 3, .last = base::WallTime(1'800'000'002s)}, .counted = 2}}},
      .counted = {"a", "b"},
      .next_pod = 7,
      .last_exit_code = 42,
      .end = JobEnd{.complete = false, .reason = "FailedIndexes", .message = "Job has failed indexes"}};
  const auto read = parse_job(format_job(record), "f");
  REQUIRE(read);
  CHECK(read->uid == record.uid);
  CHECK(read->job == record.job);
  CHECK(read->progress == record.progress);
  CHECK(read->foreground == false);
  CHECK(read->finished);
}

TEST_CASE("what is no record of a job is refused, with the file's name") {
  const std::string good = format_job({.uid = "u-1", .job = workloads_test::job_of("")});
  REQUIRE(parse_job(good, "f"));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
  };
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("[]"), with("\"u-1\"", "\"\""), with("\"u-1\"", "7"),
        with("\"succeeded\":0", "\"succeeded\":\"0\""), with("\"succeededIndexes\":\"\"", "\"succeededIndexes\":\"x\""),
        with("\"counted\":[]", "\"counted\":7"), with("\"failures\":{", "\"failures\":7,\"x\":{"),
        with("\"succeeded\":0", "\"indexFailures\":{\"x\":{}}"), with("\"succeeded\":0", "\"end\":1"),
        with("\"job\":{", "\"job\":{\"x\":1,")}) {
    CAPTURE(text);
    const auto read = parse_job(text, "/run/f.json");
    REQUIRE_FALSE(read);
    CHECK(read.error().to_string().find("/run/f.json") != std::string::npos);
  }
  CHECK(parse_job(with("\"version\":1", "\"version\":2"), "f").error().code() == base::Code::kFailedPrecondition);
}

}  // namespace
