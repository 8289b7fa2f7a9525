#include <algorithm>
#include <charconv>
#include <limits>
#include <set>

#include "agent/api/forms.h"
#include "agent/api/names.h"
#include "agent/api/validate.h"

namespace api {

namespace {

constexpr int32_t kManyCompletions = 100000;
constexpr size_t kMaxRules = 20;

// The counts of an indexed job, whose lists of indexes must not become too long.
void validate_indexed(const JobSpec& spec, const FieldPath& path, FaultList& faults) {
  constexpr int32_t kMaxParallelism = 100000;
  constexpr int32_t kMaxFailed = 100000;
  constexpr int32_t kMaxWhenMany = 10000;
  const int32_t parallelism = spec.parallelism.value_or(0);
  const int32_t failed = spec.max_failed_indexes.value_or(0);
  const auto at_most = [&](std::string_view field, int32_t value, int32_t most, std::string_view when) {
    if (value > most) faults.invalid(path / field, value, base::concat("must be less than or equal to ", most, when));
  };
  if (!spec.completions) faults.required(path / "completions", "when completion mode is Indexed");
  at_most("parallelism", parallelism, kMaxParallelism, " when completion mode is Indexed");
  if (spec.completions && failed > *spec.completions)
    faults.invalid(path / "maxFailedIndexes", failed, "must be less than or equal to completions");
  at_most("maxFailedIndexes", failed, kMaxFailed, "");
  if (spec.completions.value_or(0) <= kManyCompletions || !spec.backoff_limit_per_index) return;
  constexpr std::string_view kWhen = " when completions are above 100000 and used with backoff limit per index";
  if (!spec.max_failed_indexes)
    faults.required(path / "maxFailedIndexes", "must be specified when completions is above 100000");
  at_most("parallelism", parallelism, kMaxWhenMany, kWhen);
  at_most("maxFailedIndexes", failed, kMaxWhenMany, kWhen);
}

void validate_counts(const JobSpec& spec, const FieldPath& path, FaultList& faults) {
  check_non_negative(spec.parallelism.value_or(0), path / "parallelism", faults);
  check_non_negative(spec.completions.value_or(0), path / "completions", faults);
  check_non_negative(spec.active_deadline_seconds.value_or(0), path / "activeDeadlineSeconds", faults);
  check_non_negative(spec.backoff_limit.value_or(0), path / "backoffLimit", faults);
  check_non_negative(spec.ttl_seconds_after_finished.value_or(0), path / "ttlSecondsAfterFinished", faults);
  check_non_negative(spec.backoff_limit_per_index.value_or(0), path / "backoffLimitPerIndex", faults);
  check_non_negative(spec.max_failed_indexes.value_or(0), path / "maxFailedIndexes", faults);
  if (spec.max_failed_indexes && !spec.backoff_limit_per_index)
    faults.required(path / "backoffLimitPerIndex", "when maxFailedIndexes is specified");
  if (spec.is_indexed()) return validate_indexed(spec, path, faults);
  if (spec.backoff_limit_per_index)
    faults.invalid(path / "backoffLimitPerIndex", *spec.backoff_limit_per_index, "requires indexed completion mode");
  if (spec.max_failed_indexes)
    faults.invalid(path / "maxFailedIndexes", *spec.max_failed_indexes, "requires indexed completion mode");
}

// "example.com/controller": a domain and a path.
void validate_managed_by(const std::string& name, const FieldPath& path, FaultList& faults) {
  constexpr size_t kMax = 63;
  const size_t slash = name.find('/');
  const auto is_path_character = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/%:-._~!$&'()*+,;=").find(c) != std::string_view::npos;
  };
  if (name.empty())
    faults.required(path);
  else if (slash == std::string::npos || slash == 0 || slash + 1 == name.size())
    faults.invalid(path, name, "must be a domain-prefixed path (such as \"acme.io/foo\")");
  else
    check_dns_subdomain(std::string_view(name).substr(0, slash), path, faults);
  if (slash != std::string::npos && slash != 0 &&
      !std::ranges::all_of(std::string_view(name).substr(slash + 1), is_path_character))
    faults.invalid(path, name, "must consist of the characters of a URL's path after the domain");
  if (name.size() > kMax) faults.too_long(path, kMax);
}

void validate_exit_codes(const PodFailureOnExitCodes& codes, const PodSpec& pod, const FieldPath& path,
                         FaultList& faults) {
  constexpr size_t kMaxCodes = 255;
  if (!codes.operator_) faults.required(path / "operator", "valid values: [\"In\" \"NotIn\"]");
  const auto has = [&](const std::vector<Container>& list) {
    return std::ranges::find(list, *codes.container_name, &Container::name) != list.end();
  };
  if (codes.container_name && !has(pod.containers) && !has(pod.init_containers))
    faults.invalid(path / "containerName", *codes.container_name,
                   "must be one of the container or initContainer names in the pod template");
  const FieldPath values = path / "values";
  if (codes.values.empty()) faults.add(values, "Invalid value: at least one value is required");
  if (codes.values.size() > kMaxCodes) faults.too_many(values, codes.values.size(), kMaxCodes);
  std::set<int32_t> seen;
  for (size_t i = 0; i < codes.values.size(); ++i) {
    if (codes.operator_ == ExitCodesOperator::kIn && codes.values[i] == 0)
      faults.invalid(values[i], int64_t{0}, "must not be 0 for the In operator");
    if (!seen.insert(codes.values[i]).second) faults.duplicate(values[i], std::to_string(codes.values[i]));
  }
  if (!std::ranges::is_sorted(codes.values)) faults.add(values, "Invalid value: must be ordered");
}

void validate_failure_rule(const PodFailureRule& rule, const JobSpec& spec, const FieldPath& path, FaultList& faults) {
  constexpr size_t kMaxConditions = 20;
  if (!rule.action) faults.required(path / "action", "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]");
  if (rule.action == PodFailureAction::kFailIndex && !spec.backoff_limit_per_index)
    faults.invalid(path / "action", "FailIndex", "requires the backoffLimitPerIndex to be set");
  if (rule.on_exit_codes)
    validate_exit_codes(*rule.on_exit_codes, spec.pod_template.spec, path / "onExitCodes", faults);
  const FieldPath conditions = path / "onPodConditions";
  if (rule.on_pod_conditions.size() > kMaxConditions)
    faults.too_many(conditions, rule.on_pod_conditions.size(), kMaxConditions);
  for (size_t i = 0; i < rule.on_pod_conditions.size(); ++i)
    check_qualified_name(rule.on_pod_conditions[i].type, conditions[i] / "type", faults);
  const bool has_conditions = !rule.on_pod_conditions.empty();
  if (rule.on_exit_codes && has_conditions)
    faults.add(path, "Invalid value: specifying both OnExitCodes and OnPodConditions is not supported");
  if (!rule.on_exit_codes && !has_conditions)
    faults.add(path, "Invalid value: specifying one of OnExitCodes and OnPodConditions is required");
}

void validate_failure_policy(const JobSpec& spec, const FieldPath& path, FaultList& faults) {
  const std::vector<PodFailureRule>& rules = spec.pod_failure_policy->rules;
  if (rules.size() > kMaxRules) faults.too_many(path / "rules", rules.size(), kMaxRules);
  for (size_t i = 0; i < rules.size(); ++i) validate_failure_rule(rules[i], spec, (path / "rules")[i], faults);
}

std::unexpected<base::Error> no_index(std::string_view text, std::string_view why) {
  return base::fail(base::Code::kInvalidArgument, "\"", text, "\" ", why);
}

base::Result<int32_t> read_index(std::string_view text, int32_t completions) {
  const std::string_view digits = text.starts_with('+') ? text.substr(1) : text;
  int64_t index = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.starts_with('-'))
    return no_index(text, "is not a number");
  if (index >= completions) return no_index(text, "is too large an index");
  return static_cast<int32_t>(index);
}

// "1,3-5,7" in rising order: how many indexes these are.
base::Result<int32_t> count_indexes(std::string_view text, int32_t completions) {
  int32_t count = 0;
  int32_t last = -1;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    const std::string_view interval = text.substr(0, comma);
    const size_t dash = interval.find('-');
    const int32_t from = TRY(read_index(interval.substr(0, dash), completions));
    int32_t to = from;
    if (dash != std::string_view::npos) {
      to = TRY(read_index(interval.substr(dash + 1), completions));
      if (to <= from) return no_index(interval, "does not rise");
    }
    if (from <= last) return no_index(interval, "is not above the one before");
    count += to - from + 1;
    last = to;
    if (comma == std::string_view::npos) return count;
    text.remove_prefix(comma + 1);
    if (text.empty()) return no_index(text, "is not a number");
  }
  return count;
}

void validate_success_rule(const SuccessPolicyRule& rule, int32_t completions, const FieldPath& path,
                           FaultList& faults) {
  constexpr size_t kMaxIndexes = 64UL << 10;
  if (!rule.succeeded_count && !rule.succeeded_indexes)
    faults.required(path, "at least one of succeededCount or succeededIndexes must be specified");
  int32_t indexes = std::numeric_limits<int32_t>::max();
  if (rule.succeeded_indexes) {
    const FieldPath field = path / "succeededIndexes";
    if (rule.succeeded_indexes->size() > kMaxIndexes) faults.too_long(field, kMaxIndexes);
    const base::Result<int32_t> count = count_indexes(*rule.succeeded_indexes, completions);
    if (!count.has_value())
      faults.invalid(field, *rule.succeeded_indexes,
                     base::concat("error parsing succeededIndexes: ", count.error().message()));
    indexes = count.value_or(0);
  }
  if (!rule.succeeded_count) return;
  const FieldPath field = path / "succeededCount";
  const int32_t wanted = *rule.succeeded_count;
  check_non_negative(wanted, field, faults);
  if (wanted > completions)
    faults.invalid(
        field, wanted,
        base::concat("must be less than or equal to ", completions, " (the number of specified completions)"));
  if (wanted > indexes)
    faults.invalid(field, wanted,
                   base::concat("must be less than or equal to ", indexes,
                                " (the number of indexes in the specified succeededIndexes field)"));
}

void validate_success_policy(const JobSpec& spec, const FieldPath& path, FaultList& faults) {
  if (!spec.is_indexed()) return faults.add(path, "Invalid value: requires indexed completion mode");
  const std::vector<SuccessPolicyRule>& rules = spec.success_policy->rules;
  if (rules.empty())
    faults.required(path / "rules", "at least one rules must be specified when the successPolicy is specified");
  if (rules.size() > kMaxRules) faults.too_many(path / "rules", rules.size(), kMaxRules);
  if (!spec.completions) return;  // a fault of its own
  for (size_t i = 0; i < rules.size(); ++i)
    validate_success_rule(rules[i], *spec.completions, (path / "rules")[i], faults);
}

void validate_restart_policy(const JobSpec& spec, const FieldPath& path, FaultList& faults) {
  const RestartPolicy policy = spec.pod_template.spec.restart_policy;
  if (policy == RestartPolicy::kAlways)
    faults.required(path, "valid values: \"OnFailure\", \"Never\"");
  else if (spec.pod_failure_policy && policy != RestartPolicy::kNever)
    faults.invalid(path, to_string(policy), "only \"Never\" is supported when podFailurePolicy is specified");
}

void validate_job_spec(const JobSpec& spec, const FieldPath& path, FaultList& faults) {
  validate_counts(spec, path, faults);
  if (spec.managed_by) validate_managed_by(*spec.managed_by, path / "managedBy", faults);
  if (spec.pod_failure_policy) validate_failure_policy(spec, path / "podFailurePolicy", faults);
  if (spec.success_policy) validate_success_policy(spec, path / "successPolicy", faults);
  if (spec.pod_failure_policy && spec.pod_replacement_policy == PodReplacementPolicy::kTerminatingOrFailed)
    faults.unsupported(path / "podReplacementPolicy", "TerminatingOrFailed", {"Failed"});
  validate_pod_template(spec.pod_template, path / "template", faults);
  validate_restart_policy(spec, path / "template.spec.restartPolicy", faults);
}

// The apiserver adds the job's name and uid to the template's labels and selects by the uid; what is written there
// already has to agree, and of the uid nobody knows.
void validate_generated_selector(const Job& job, FaultList& faults) {
  const std::string name = name_to_be(job.metadata);
  const FieldPath path("spec.template.metadata.labels");
  const std::map<std::string, std::string>& labels = job.spec.pod_template.metadata.labels;
  for (const char* key : {"job-name", "batch.kubernetes.io/job-name"}) {
    const auto label = labels.find(key);
    if (label == labels.end())
      check_label_value(name, FieldPath("spec.template.labels"), faults);
    else if (label->second != name)
      faults.invalid(path.key(key), label->second, base::concat("must be '", name, "'"));
  }
  for (const char* key : {"controller-uid", "batch.kubernetes.io/controller-uid"})
    if (const auto label = labels.find(key); label != labels.end())
      faults.invalid(path.key(key), label->second, "must be the uid that the job is given; leave it out");
  if (!job.spec.selector || !is_selector(*job.spec.selector)) return;
  const std::map<std::string, std::string> generated = {{"job-name", name},
                                                        {"batch.kubernetes.io/job-name", name},
                                                        {"controller-uid", "\n"},
                                                        {"batch.kubernetes.io/controller-uid", "\n"}};
  if (!selects(*job.spec.selector, generated))
    faults.add(FieldPath("spec.selector"), "Invalid value: `selector` not auto-generated");
  PodTemplateSpec labelled;
  labelled.metadata.labels = labels;
  labelled.metadata.labels.insert(generated.begin(), generated.end());
  validate_selected(job.spec.selector, labelled, FieldPath("spec.template"), faults);
}

void validate_job_selector(const Job& job, FaultList& faults) {
  const FieldPath selector("spec.selector");
  if (job.spec.selector) validate_label_selector(*job.spec.selector, selector, faults);
  if (job.spec.manual_selector != true) return validate_generated_selector(job, faults);
  if (!job.spec.selector) faults.required(selector);
  validate_selected(job.spec.selector, job.spec.pod_template, FieldPath("spec.template"), faults);
}

}  // namespace

void validate_object(const Job& job, FaultList& faults) {
  validate_metadata(job.metadata, Scope::kNamespaced, faults);
  validate_job_selector(job, faults);
  validate_job_spec(job.spec, FieldPath("spec"), faults);
  // The host names of its pods are its name and the index.
  const int32_t completions = job.spec.completions.value_or(0);
  if (!job.spec.is_indexed() || completions <= 0) return;
  const std::string host = base::concat(name_to_be(job.metadata), "-", completions - 1);
  if (!is_dns_label(host))
    faults.invalid(FieldPath("metadata.name"), job.metadata.name,
                   base::concat("will not able to create pod with invalid DNS label: ", host));
}

void validate_object(const CronJob& job, FaultList& faults) {
  validate_metadata(job.metadata, Scope::kNamespaced, faults);
  constexpr size_t kMaxName = 52;
  const CronJobSpec& spec = job.spec;
  const FieldPath path("spec");
  validate_schedule(spec.schedule, path / "schedule", faults);
  check_non_negative(spec.starting_deadline_seconds.value_or(0), path / "startingDeadlineSeconds", faults);
  if (spec.time_zone) validate_time_zone(*spec.time_zone, path / "timeZone", faults);
  const FieldPath job_path = path / "jobTemplate.spec";
  validate_job_spec(spec.job_template.spec, job_path, faults);
  if (spec.job_template.spec.selector)
    faults.add(job_path / "selector", "Invalid value: `selector` will be auto-generated");
  if (spec.job_template.spec.manual_selector == true)
    faults.unsupported(job_path / "manualSelector", "true", {"nil", "false"});
  check_non_negative(spec.successful_jobs_history_limit.value_or(0), path / "successfulJobsHistoryLimit", faults);
  check_non_negative(spec.failed_jobs_history_limit.value_or(0), path / "failedJobsHistoryLimit", faults);
  // The names of its jobs are its name and the time.
  if (const std::string name = name_to_be(job.metadata); name.size() > kMaxName)
    faults.invalid(FieldPath("metadata.name"), name, "must be no more than 52 characters");
}

}  // namespace api
