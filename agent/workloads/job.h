// What a Job does next, from how far it has come. Pure: job_run.cc carries it out and keeps the progress on disk.
//
// The rules are those of Kubernetes' job controller: completions and parallelism, back-off and backoffLimit, Indexed
// jobs with a limit for each index (KEP-3850), podFailurePolicy (KEP-3329) and successPolicy (KEP-3998). A pod that was
// replaced while it still ended would run twice: whatever podReplacementPolicy says, a pod is replaced once it has
// ended.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/api/pod_status.h"
#include "agent/api/workload.h"
#include "base/clock.h"

namespace agent::workloads {

// Why a job has ended, as its Complete or Failed condition says.
struct JobEnd {
  bool complete = false;
  std::string reason;
  std::string message;
  bool operator==(const JobEnd&) const = default;
};

// Failures since the last success, and when the last one was: what the back-off goes by.
struct Failures {
  int32_t in_a_row = 0;
  base::WallTime last;
  bool operator==(const Failures&) const = default;
};
struct IndexFailures {
  Failures all;
  int32_t counted = 0;  // but for those that podFailurePolicy ignores
  bool operator==(const IndexFailures&) const = default;
};

// How far a job has come; all that is needed to go on with it.
struct JobProgress {
  base::WallTime start_time;
  int32_t succeeded = 0;  // pods; of an Indexed job those whose index had not succeeded before
  int32_t failed = 0;
  Failures failures;
  std::set<int32_t> succeeded_indexes;  // of an Indexed job
  std::set<int32_t> failed_indexes;     // of one with backoffLimitPerIndex
  std::map<int32_t, IndexFailures> index_failures;
  std::set<std::string> counted;  // uids of ended pods that the numbers above hold
  uint64_t next_pod = 0;          // number of the next pod, for its name
  int last_exit_code = 0;         // of the pod that failed last before the end was decided
  std::optional<JobEnd> end;      // decided; pods may still be running
  bool operator==(const JobProgress&) const = default;
};

struct EndedPod {
  std::string uid;
  std::string name;
  std::optional<int32_t> index;
  const api::PodStatus& status;
  int exit_code = 0;
};

// Adds an ended pod to the progress, once.
void count_pod(const api::Job& job, const EndedPod& pod, base::WallTime now, JobProgress& progress);

// A pod that has not been counted yet.
struct ActivePod {
  std::string uid;
  std::optional<int32_t> index;
  int64_t restarts = 0;  // of all its containers
};

struct JobActions {
  std::optional<JobEnd> end;                  // the job ends now; nothing else is to be done before that is recorded
  std::vector<std::optional<int32_t>> start;  // pods to make; of an Indexed job each with its index
  std::vector<std::string> stop;              // uids of pods that are not wanted any more
  std::optional<base::WallTime> wake_at;      // when time alone changes the answer
};

JobActions decide_job(const api::JobSpec& spec, const JobProgress& progress, const std::vector<ActivePod>& active,
                      base::WallTime now);

// "1,3-5,7" and back; nothing when the text is not of this form.
std::string format_indexes(const std::set<int32_t>& indexes);
using IndexRanges = std::vector<std::pair<int32_t, int32_t>>;  // first and last of each
std::optional<IndexRanges> parse_indexes(const std::string& text);

}  // namespace agent::workloads
