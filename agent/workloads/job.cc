#include "agent/workloads/job.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>

#include "base/concat.h"

namespace agent::workloads {

namespace {

constexpr std::chrono::seconds kFirstBackOff(10);
constexpr std::chrono::seconds kLongestBackOff(600);

// --- counting ---

bool fits(const api::PodFailureOnExitCodes& wanted, const api::ContainerStatus& container) {
  if (!container.state.terminated || container.state.terminated->exit_code == 0) return false;
  if (wanted.container_name && *wanted.container_name != container.name) return false;
  const bool listed = std::ranges::find(wanted.values, container.state.terminated->exit_code) != wanted.values.end();
  return listed == (wanted.operator_ == api::ExitCodesOperator::kIn);
}

// What fits, in the words of the job's condition; nothing when the rule does not hold.
std::optional<std::string> why_it_holds(const api::PodFailureRule& rule, const std::string& pod,
                                        const api::PodStatus& status) {
  if (rule.on_exit_codes) {
    for (const auto* list : {&status.container_statuses, &status.init_container_statuses})
      for (const api::ContainerStatus& container : *list)
        if (fits(*rule.on_exit_codes, container))
          return base::concat("Container ", container.name, " for pod ", pod, " failed with exit code ",
                              container.state.terminated->exit_code);
    return std::nullopt;
  }
  for (const api::PodFailureOnCondition& wanted : rule.on_pod_conditions)
    for (const api::PodCondition& condition : status.conditions)
      if (condition.type == wanted.type && condition.status == wanted.status)
        return base::concat("Pod ", pod, " has condition ", condition.type);
  return std::nullopt;
}

struct PolicyVerdict {
  api::PodFailureAction action = api::PodFailureAction::kCount;
  std::string message;
};

PolicyVerdict apply_policy(const api::Job& job, const EndedPod& pod) {
  if (!job.spec.pod_failure_policy) return {};
  const std::string name = base::concat(job.metadata.namespace_, "/", pod.name);
  const std::vector<api::PodFailureRule>& rules = job.spec.pod_failure_policy->rules;
  for (size_t i = 0; i < rules.size(); ++i) {
    const std::optional<std::string> why = why_it_holds(rules[i], name, pod.status);
    if (!why) continue;
    const api::PodFailureAction action = rules[i].action.value_or(api::PodFailureAction::kCount);
    return {action, base::concat(*why, " matching ", api::to_string(action), " rule at index ", i)};
  }
  return {};
}

void count_failure(const api::Job& job, const EndedPod& pod, base::WallTime now, JobProgress& progress) {
  // Those that are stopped because the job ends say nothing of why it does.
  if (!progress.end || progress.last_exit_code == 0) progress.last_exit_code = pod.exit_code;
  ++progress.failures.in_a_row;
  progress.failures.last = now;
  const PolicyVerdict verdict = apply_policy(job, pod);
  if (verdict.action == api::PodFailureAction::kFailJob && !progress.end)
    progress.end = {.complete = false, .reason = "PodFailurePolicy", .message = verdict.message};
  const bool counts = verdict.action != api::PodFailureAction::kIgnore;
  if (counts) ++progress.failed;
  if (!pod.index || !job.spec.backoff_limit_per_index) return;
  IndexFailures& of_index = progress.index_failures[*pod.index];
  of_index.all.last = now;
  ++of_index.all.in_a_row;
  if (counts) ++of_index.counted;
  if (verdict.action == api::PodFailureAction::kFailIndex || of_index.counted > *job.spec.backoff_limit_per_index)
    progress.failed_indexes.insert(*pod.index);
}

// --- deciding ---

class Decision {
 public:
  Decision(const api::JobSpec& spec, const JobProgress& progress, const std::vector<ActivePod>& active,
           base::WallTime now)
      : spec_(spec), progress_(progress), active_(active), now_(now) {}

  JobActions run() {
    if (progress_.end) {
      for (const ActivePod& pod : active_) actions_.stop.push_back(pod.uid);
      return std::move(actions_);
    }
    actions_.end = failure();
    if (!actions_.end) actions_.end = success();
    if (!actions_.end) make_pods();
    return std::move(actions_);
  }

 private:
  static JobEnd failed(std::string reason, std::string message) {
    return {.complete = false, .reason = std::move(reason), .message = std::move(message)};
  }

  std::optional<JobEnd> failure() {
    if (progress_.failed > limit() || restarted_too_often())
      return failed("BackoffLimitExceeded", "Job has reached the specified backoff limit");
    if (spec_.active_deadline_seconds) {
      const base::WallTime deadline = progress_.start_time + std::chrono::seconds(*spec_.active_deadline_seconds);
      if (now_ >= deadline) return failed("DeadlineExceeded", "Job was active longer than specified deadline");
      wake_by(deadline);
    }
    if (!spec_.backoff_limit_per_index) return std::nullopt;
    const auto failed_indexes = static_cast<int64_t>(progress_.failed_indexes.size());
    if (spec_.max_failed_indexes && failed_indexes > *spec_.max_failed_indexes)
      return failed("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes");
    if (failed_indexes > 0 && progress_.succeeded + failed_indexes >= spec_.completions.value_or(0))
      return failed("FailedIndexes", "Job has failed indexes");
    return std::nullopt;
  }

  int32_t limit() const { return spec_.backoff_limit.value_or(std::numeric_limits<int32_t>::max()); }

  // With restartPolicy OnFailure a failure is a restart within the pod.
  bool restarted_too_often() const {
    if (spec_.pod_template.spec.restart_policy != api::RestartPolicy::kOnFailure) return false;
    int64_t restarts = 0;
    for (const ActivePod& pod : active_) restarts += pod.restarts;
    return restarts > 0 && restarts >= limit();
  }

  std::optional<JobEnd> success() const {
    if (spec_.success_policy) {
      const std::vector<api::SuccessPolicyRule>& rules = spec_.success_policy->rules;
      for (size_t i = 0; i < rules.size(); ++i)
        if (holds(rules[i]))
          return JobEnd{
              .complete = true, .reason = "SuccessPolicy", .message = base::concat("Matched rules at index ", i)};
    }
    const bool enough = spec_.completions ? progress_.succeeded >= *spec_.completions : progress_.succeeded > 0;
    if (!enough || !active_.empty()) return std::nullopt;
    return JobEnd{
        .complete = true, .reason = "CompletionsReached", .message = "Reached expected number of succeeded pods"};
  }

  bool holds(const api::SuccessPolicyRule& rule) const {
    const std::set<int32_t>& succeeded = progress_.succeeded_indexes;
    auto count = static_cast<int64_t>(succeeded.size());
    int64_t wanted = 0;
    if (rule.succeeded_indexes) {
      const std::optional<IndexRanges> ranges = parse_indexes(*rule.succeeded_indexes);
      if (!ranges) return false;
      count = 0;
      for (const auto& [first, last] : *ranges) {
        count += std::distance(succeeded.lower_bound(first), succeeded.upper_bound(last));
        wanted += int64_t{last} - first + 1;
      }
    }
    return count >= rule.succeeded_count.value_or(wanted);
  }

  void make_pods() {
    const auto active = static_cast<int64_t>(active_.size());
    const int64_t parallelism = spec_.parallelism.value_or(1);
    int64_t wanted = parallelism;
    if (spec_.completions)
      wanted = std::min<int64_t>(parallelism, *spec_.completions - progress_.succeeded);
    else if (progress_.succeeded > 0)
      wanted = std::min(parallelism, active);  // the work is done: the others come to their end
    for (int64_t i = wanted; i < active; ++i) actions_.stop.push_back(active_[static_cast<size_t>(i)].uid);
    if (wanted <= active || must_wait(progress_.failures)) return;
    if (spec_.is_indexed())
      make_indexes(wanted - active);
    else
      actions_.start.resize(static_cast<size_t>(wanted - active));
  }

  void make_indexes(int64_t count) {
    std::set<int32_t> taken;
    for (const ActivePod& pod : active_)
      if (pod.index) taken.insert(*pod.index);
    for (int32_t index = 0; index < spec_.completions.value_or(0) && count > 0; ++index) {
      if (taken.contains(index) || progress_.succeeded_indexes.contains(index) ||
          progress_.failed_indexes.contains(index))
        continue;
      const auto failures = progress_.index_failures.find(index);
      if (failures != progress_.index_failures.end() && is_early(failures->second.all)) continue;
      actions_.start.emplace_back(index);
      --count;
    }
  }

  // With a limit for each index, each has a back-off of its own.
  bool must_wait(const Failures& failures) { return !spec_.backoff_limit_per_index && is_early(failures); }

  // Whether the next pod is due later; then that is when to wake.
  bool is_early(const Failures& failures) {
    if (failures.in_a_row == 0) return false;
    std::chrono::seconds pause = kFirstBackOff;
    for (int32_t i = 1; i < failures.in_a_row && pause < kLongestBackOff; ++i) pause *= 2;
    const base::WallTime due = failures.last + std::min(pause, kLongestBackOff);
    if (now_ >= due) return false;
    wake_by(due);
    return true;
  }

  void wake_by(base::WallTime time) { actions_.wake_at = std::min(actions_.wake_at.value_or(time), time); }

  const api::JobSpec& spec_;
  const JobProgress& progress_;
  const std::vector<ActivePod>& active_;
  const base::WallTime now_;
  JobActions actions_;
};

}  // namespace

void count_pod(const api::Job& job, const EndedPod& pod, base::WallTime now, JobProgress& progress) {
  if (!progress.counted.insert(pod.uid).second) return;
  if (pod.status.phase != api::PodPhase::kSucceeded) return count_failure(job, pod, now, progress);
  progress.failures = {};
  if (pod.index && !progress.succeeded_indexes.insert(*pod.index).second) return;
  ++progress.succeeded;
}

JobActions decide_job(const api::JobSpec& spec, const JobProgress& progress, const std::vector<ActivePod>& active,
                      base::WallTime now) {
  return Decision(spec, progress, active, now).run();
}

std::string format_indexes(const std::set<int32_t>& indexes) {
  std::string text;
  for (auto at = indexes.begin(); at != indexes.end();) {
    const int32_t first = *at;
    int32_t last = first;
    for (++at; at != indexes.end() && *at == last + 1; ++at) last = *at;
    text += base::concat(text.empty() ? "" : ",", first);
    // Two neighbours are listed, more are a range.
    if (last > first) text += base::concat(last == first + 1 ? "," : "-", last);
  }
  return text;
}

std::optional<IndexRanges> parse_indexes(const std::string& text) {
  IndexRanges ranges;
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto number = [&](int32_t& value) {
    const auto [after, error] = std::from_chars(at, end, value);
    at = after;
    return error == std::errc() && value >= 0;
  };
  while (at != end) {
    int32_t first = 0;
    if (!number(first)) return std::nullopt;
    int32_t last = first;
    if (at != end && *at == '-') {
      ++at;
      if (!number(last) || last < first) return std::nullopt;
    }
    ranges.emplace_back(first, last);
    if (at == end) break;
    if (*at != ',' || at + 1 == end) return std::nullopt;
    ++at;
  }
  return ranges;
}

}  // namespace agent::workloads
