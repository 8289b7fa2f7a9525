#include "agent/workloads/cron_run.h"

#include <algorithm>
#include <utility>

#include "agent/pods/naming.h"
#include "agent/pods/pod_record.h"
#include "agent/workloads/pods_of.h"
#include "base/log.h"
#include "base/path.h"

namespace agent::workloads {

namespace {

// The CronJob's lock is held.
base::Status remove_cron_remains(const pods::Deps& deps, const pods::Options& options, const std::string& uid,
                                 const std::stop_token& cancel = {}) {
  for (const JobRecord& job : TRY(jobs_of_cron_job(options.paths, uid)))
    TRY(remove_job(deps, options, job.uid, true, cancel), "remove ", describe(job.job));
  TRY(base::remove_tree(pods::pod_folder(options.paths, uid)), "remove the CronJob's folder");
  TRY(forget_cron_job(options.paths, uid));
  return pods::remove_pod_lock(options.paths, uid);
}

// Nobody waits to hear how a job starts: a pod that cannot be started yet is tried again.
pods::Options without_waiting(pods::Options options) {
  options.must_start = false;
  return options;
}

}  // namespace

std::string describe(const api::CronJob& cron_job) {
  return base::concat("CronJob ", cron_job.metadata.namespace_, "/", cron_job.metadata.name);
}

base::Result<std::unique_ptr<CronRun>> CronRun::take(const Surroundings& around, const api::CronJob& cron_job) {
  const pods::Paths& paths = around.options.paths;
  const std::string what = describe(cron_job);
  const std::string uid = object_uid(paths.instance, api::Object(cron_job));
  const std::string reference = "cronjob/" + cron_job.metadata.name;
  const base::WallTime now = std::chrono::floor<std::chrono::seconds>(around.threads.deps().clock->wall());
  const Schedule schedule = TRY(Schedule::make(cron_job.spec.schedule, cron_job.spec.time_zone.value_or("")), what);
  if (!schedule.next(now))
    return base::fail(base::Code::kInvalidArgument, what, ": no time of the next five years is on its schedule \"",
                      cron_job.spec.schedule, "\"");
  std::unique_ptr<Ownership> ownership = TRY(Ownership::take(around, uid, what, reference));
  std::optional<CronRecord> before = TRY(read_cron_job(paths, uid));
  if (before && before->finished) {
    TRY(remove_cron_remains(around.threads.deps(), around.options, uid), "remove what is left of the stopped ", what);
    ownership = TRY(Ownership::take(around, uid, what, reference));
    before.reset();
  }
  if (before && before->cron_job.spec != cron_job.spec)
    return base::fail(base::Code::kFailedPrecondition, what,
                      " is already there with another specification; remove it first with `nodeagent rm --force ",
                      reference, "`");
  CronRecord record{.uid = uid, .cron_job = cron_job, .progress = {.created = now, .last_schedule = {}}};
  if (before) record = *before;
  auto run = std::unique_ptr<CronRun>(new CronRun(around, schedule, std::move(ownership), std::move(record)));
  run->is_new_ = !before;
  if (!before) TRY(write_cron_job(paths, run->record_), "record ", what);
  TRY(run->adopt_jobs(), "adopt the jobs of ", what);
  TRY(run->ownership_->listen());
  return run;
}

CronRun::CronRun(const Surroundings& around, const Schedule& schedule, std::unique_ptr<Ownership> ownership,
                 CronRecord record)
    : around_(around),
      job_options_(without_waiting(around.options)),
      job_around_{
          .threads = around.threads, .options = job_options_, .ended = [this](const Ending& end) { job_ended(end); }},
      schedule_(schedule),
      ownership_(std::move(ownership)),
      record_(std::move(record)) {}

CronRun::~CronRun() {
  if (!is_new_ || looked_) return;
  ownership_->stop_listening();
  const base::Status forgotten = remove_cron_remains(around_.threads.deps(), around_.options, record_.uid);
  if (!forgotten) base::log::warning({}, "forget ", what(), ": ", forgotten.error().to_string());
}

std::string CronRun::what() const { return describe(record_.cron_job); }

base::Status CronRun::adopt_jobs() {
  for (const JobRecord& job : TRY(jobs_of_cron_job(around_.options.paths, record_.uid)))
    if (!job.finished) members_.push_back({.job = TRY(JobRun::take(job_around_, job.job))});
  return {};
}

bool CronRun::some_job_runs() const {
  return std::ranges::any_of(members_, [](const Member& member) { return !member.job->has_ended(); });
}

base::Status CronRun::look(base::WallTime now) {
  if (!std::exchange(looked_, true) && record_.foreground != around_.options.foreground) {
    record_.foreground = around_.options.foreground;
    TRY(write_cron_job(around_.options.paths, record_), "record ", what());
  }
  if (const std::optional<pods::StopRequest> request = ownership_->asked()) stop(*request);
  wake_at_.reset();
  base::Status started = stopping_ ? base::Status() : start_due(now);
  base::Status looked = look_at_jobs(now);
  TRY(std::move(started), "start a job of ", what());
  TRY(std::move(looked));
  TRY(keep_history(), "remove an old job of ", what());
  if (stopping_ && members_.empty()) finish();
  return {};
}

base::Status CronRun::start_due(base::WallTime now) {
  const CronActions actions = decide_cron(record_.cron_job.spec, schedule_, record_.progress, some_job_runs(), now);
  wake_at_ = actions.wake_at;
  if (actions.missed && std::exchange(told_, actions.missed) != actions.missed)
    base::log::warning({}, what(),
                       ": MissSchedule: the time to start a job is missed: ", schedule_.stamp(*actions.missed));
  if (actions.forbidden && std::exchange(told_, actions.forbidden) != actions.forbidden)
    base::log::info({}, what(), ": JobAlreadyActive: the job of ", schedule_.stamp(*actions.forbidden),
                    " waits for the end of the one before (concurrencyPolicy: Forbid)");
  if (!actions.start) return {};
  return start_job(*actions.start);
}

base::Status CronRun::start_job(base::WallTime scheduled) {
  const api::Job job = job_of(record_.cron_job, scheduled, schedule_.stamp(scheduled), around_.options.paths.instance);
  const bool is_there = std::ranges::any_of(
      members_, [&](const Member& member) { return member.job->record().job.metadata.name == job.metadata.name; });
  if (!is_there) {
    if (record_.cron_job.spec.concurrency_policy == api::ConcurrencyPolicy::kReplace) replace_jobs();
    members_.push_back({.job = TRY(JobRun::take(job_around_, job))});
    base::log::info({}, what(), ": SuccessfulCreate: ", describe(job), " is started");
  }
  const std::optional<base::WallTime> before = std::exchange(record_.progress.last_schedule, scheduled);
  base::Status written = write_cron_job(around_.options.paths, record_);
  if (!written) record_.progress.last_schedule = before;  // it is due again; the job is found by its name
  return written;
}

void CronRun::replace_jobs() {
  for (Member& member : members_) {
    if (member.job->has_ended()) continue;
    member.replaced = true;
    member.job->stop({});
  }
}

base::Status CronRun::look_at_jobs(base::WallTime now) {
  base::Status status;
  for (const Member& member : members_) {
    base::Status looked = member.job->look(now);
    if (!looked && status) status = std::move(looked);
    if (const std::optional<base::WallTime> time = member.job->wake_at())
      wake_at_ = std::min(wake_at_.value_or(*time), *time);
  }
  return status;
}

// Jobs that are over are let go; those that stay listed are as many as the limits allow.
base::Status CronRun::keep_history() {
  std::vector<std::string> replaced;
  for (const Member& member : members_)
    if (member.replaced && member.job->over()) replaced.push_back(member.job->record().uid);
  std::erase_if(members_, [](const Member& member) { return member.job->over(); });
  for (const std::string& uid : replaced) TRY(remove(uid));
  if (!history_changed_) return {};
  const std::vector<JobRecord> jobs = TRY(jobs_of_cron_job(around_.options.paths, record_.uid));
  std::vector<const JobRecord*> completed;
  std::vector<const JobRecord*> failed;
  for (const JobRecord& job : jobs) {
    const bool is_complete = job.progress.end && job.progress.end->complete;
    if (job.finished) (is_complete ? completed : failed).push_back(&job);
  }
  TRY(remove_oldest(completed, record_.cron_job.spec.successful_jobs_history_limit));
  TRY(remove_oldest(failed, record_.cron_job.spec.failed_jobs_history_limit));
  history_changed_ = false;
  return {};
}

base::Status CronRun::remove_oldest(const std::vector<const JobRecord*>& ended, std::optional<int32_t> limit) {
  if (!limit) return {};
  for (size_t i = 0; i + static_cast<size_t>(*limit) < ended.size(); ++i) TRY(remove(ended[i]->uid));
  return {};
}

base::Status CronRun::remove(const std::string& job_uid) {
  // One that has ended may still wait for its time to be removed.
  std::erase_if(members_, [&](const Member& member) { return member.job->record().uid == job_uid; });
  return remove_job(around_.threads.deps(), around_.options, job_uid, true);
}

void CronRun::job_ended(const Ending& end) {
  history_changed_ = true;
  const auto member = std::ranges::find(members_, end.what,
                                        [](const Member& each) { return workloads::describe(each.job->record().job); });
  const bool was_stopped = stopping_ || (member != members_.end() && member->replaced);
  if (end.exit_code == 0 || was_stopped)
    base::log::info({}, what(), ": SawCompletedJob: ", end.what, " ", end.phase);
  else
    base::log::warning({}, end.what, " ", end.phase, ": ", end.message);
}

bool CronRun::hear(const PodNews& news, base::WallTime now) {
  return std::ranges::any_of(members_, [&](const Member& member) { return member.job->hear(news, now); });
}

void CronRun::stop(const pods::StopRequest& request) {
  stopping_ = true;
  for (const Member& member : members_) member.job->stop(request);
}

void CronRun::finish() {
  ownership_->stop_listening();
  base::Status ended;
  if (record_.foreground) ended = remove_cron_remains(around_.threads.deps(), around_.options, record_.uid);
  if (!record_.foreground || !ended) {
    record_.finished = true;
    const base::Status written = write_cron_job(around_.options.paths, record_);
    if (ended) ended = written;
  }
  if (!ended)
    base::log::warning({}, what(),
                       " was stopped, but not all of it could be removed or recorded (`nodeagent rm cronjob/",
                       record_.cron_job.metadata.name, "` tries again): ", ended.error().to_string());
  ownership_.reset();
  over_ = true;
  around_.ended({what(), 0, "Stopped", ""});
}

base::Status stop_cron_job(const pods::Deps& deps, const pods::Options& options, const std::string& uid,
                           const pods::StopRequest& request, const std::stop_token& cancel) {
  return ask_or_act(options, uid, request, cancel, [&]() -> base::Status {
    std::optional<CronRecord> record = TRY(read_cron_job(options.paths, uid));
    if (!record || record->finished) return {};
    for (const JobRecord& job : TRY(jobs_of_cron_job(options.paths, uid)))
      TRY(stop_job(deps, options, job.uid, request, cancel), "stop ", describe(job.job));
    if (record->foreground) return remove_cron_remains(deps, options, uid, cancel);
    record->finished = true;
    return write_cron_job(options.paths, *record);
  });
}

base::Status remove_cron_job(const pods::Deps& deps, const pods::Options& options, const std::string& uid, bool force,
                             const std::stop_token& cancel) {
  const std::optional<CronRecord> record = TRY(read_cron_job(options.paths, uid));
  if (record && !record->finished && !force)
    return base::fail(base::Code::kFailedPrecondition, "it was not stopped; stop it first, or remove it with --force");
  return ask_or_act(options, uid, {.kill = true, .grace = std::nullopt}, cancel,
                    [&] { return remove_cron_remains(deps, options, uid, cancel); });
}

}  // namespace agent::workloads
