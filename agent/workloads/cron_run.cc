#include "agent/workloads/cron_run.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "agent/pods/naming.h"
#include "agent/pods/pod_record.h"
#include "agent/workloads/pods_of.h"
#include "base/log.h"
#include "base/path.h"

namespace agent::workloads {

namespace {

base::Status forget_cron_job_folder(const pods::Paths& paths, const std::string& uid) {
  TRY(base::remove_tree(pods::pod_folder(paths, uid)), "remove the CronJob's folder");
  TRY(forget_cron_job(paths, uid));
  return pods::remove_pod_lock(paths, uid);
}

// The CronJob's lock is held. Its jobs go, but for those that somebody owns: they are run for themselves.
base::Status remove_ownerless(const pods::Deps& deps, const pods::Options& options, const std::string& uid) {
  for (const JobRecord& job : TRY(jobs_of_cron_job(options.paths, uid))) {
    base::Status removed = remove_ownerless_job(deps, options, job.uid);
    if (!removed && removed.error().code() != base::Code::kUnavailable)
      TRY(std::move(removed), "remove ", describe(job.job));
  }
  return forget_cron_job_folder(options.paths, uid);
}

// The first that was wrong, of several that are all tried.
void keep_first(base::Status& first, base::Status next) {
  if (first) first = std::move(next);
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
    TRY(remove_ownerless(around.threads.deps(), around.options, uid), "remove what is left of the stopped ", what);
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
      job_around_{.threads = around.threads, .options = job_options_, .ended = [](const Ending& /*see ending()*/) {}},
      schedule_(schedule),
      ownership_(std::move(ownership)),
      record_(std::move(record)) {}

CronRun::~CronRun() {
  if (!is_new_ || looked_) return;
  members_.clear();
  ownership_->stop_listening();
  const base::Status forgotten = forget_cron_job_folder(around_.options.paths, record_.uid);
  if (!forgotten) base::log::warning({}, "forget ", what(), ": ", forgotten.error().to_string());
}

std::string CronRun::what() const { return describe(record_.cron_job); }

base::Status CronRun::adopt_jobs() {
  std::optional<base::WallTime>& last = record_.progress.last_schedule;
  for (const JobRecord& job : TRY(jobs_of_cron_job(around_.options.paths, record_.uid))) {
    // One whose start an earlier owner could not record any more: it was for the last time before it.
    const base::WallTime from = last.value_or(record_.progress.created);
    if (const auto time = schedule_.latest(from, job.progress.start_time)) {
      last = time;
      is_unwritten_ = true;
    }
    if (!job.finished) members_.push_back({.job = TRY(JobRun::take(job_around_, job.job))});
  }
  // Where there are several, they were being replaced.
  const bool replace = record_.cron_job.spec.concurrency_policy == api::ConcurrencyPolicy::kReplace;
  for (size_t i = 0; replace && i + 1 < members_.size(); ++i) {
    members_[i].replaced = true;
    members_[i].job->stop({});
  }
  return {};
}

bool CronRun::some_job_runs() const {
  return std::ranges::any_of(members_, [](const Member& member) { return !member.job->ending(); });
}

void CronRun::wake_by(std::optional<base::WallTime> time) {
  if (time) wake_at_ = std::min(wake_at_.value_or(*time), *time);
}

base::Status CronRun::look(base::WallTime now) {
  looked_ = true;
  wake_at_.reset();
  if (record_.foreground != around_.options.foreground) {
    record_.foreground = around_.options.foreground;
    is_unwritten_ = true;
  }
  if (const std::optional<pods::StopRequest> request = ownership_->asked()) stop(*request);
  // What fails one step keeps none of the others from being done.
  base::Status status = look_at_jobs(now);
  if (!stopping_) keep_first(status, start_due(now));
  keep_first(status, keep_history(now));
  if (stopping_ && members_.empty()) {
    finish();
  } else if (is_unwritten_) {
    base::Status written = write_cron_job(around_.options.paths, record_);
    is_unwritten_ = !written;
    keep_first(status, std::move(written));
  }
  for (const Member& member : members_) wake_by(member.job->wake_at());
  TRY(std::move(status), what());
  return {};
}

// Those that are over are let go.
base::Status CronRun::look_at_jobs(base::WallTime now) {
  base::Status status;
  std::vector<std::string> replaced;
  for (Member& member : members_) {
    keep_first(status, member.job->look(now));
    if (member.job->ending() && !std::exchange(member.told, true)) tell_end(member);
    if (member.replaced && member.job->over()) replaced.push_back(member.job->record().uid);
  }
  std::erase_if(members_, [](const Member& member) { return member.job->over(); });
  for (const std::string& uid : replaced) keep_first(status, remove(uid));
  return status;
}

void CronRun::tell_end(Member& member) {
  history_changed_ = true;
  const Ending& end = *member.job->ending();
  if (end.exit_code == 0 || stopping_ || member.replaced)
    base::log::info({}, what(), ": SawCompletedJob: ", end.what, " ", end.phase);
  else
    base::log::warning({}, end.what, " ", end.phase, ": ", end.message);
}

base::Status CronRun::start_due(base::WallTime now) {
  const CronActions actions = decide_cron(record_.cron_job.spec, schedule_, record_.progress, some_job_runs(), now);
  wake_by(actions.wake_at);
  if (actions.missed && std::exchange(told_, actions.missed) != actions.missed)
    base::log::warning({}, what(),
                       ": MissSchedule: the time to start a job is missed: ", schedule_.stamp(*actions.missed));
  if (actions.forbidden && std::exchange(told_, actions.forbidden) != actions.forbidden)
    base::log::info({}, what(), ": JobAlreadyActive: the job of ", schedule_.stamp(*actions.forbidden),
                    " waits for the end of the one before (concurrencyPolicy: Forbid)");
  if (!actions.start) return {};
  return start_job(*actions.start, now);
}

base::Status CronRun::start_job(base::WallTime scheduled, base::WallTime now) {
  const api::Job job = job_of(record_.cron_job, scheduled, schedule_.stamp(scheduled), around_.options.paths.instance);
  // Several times of one minute have one name between them.
  const auto same = std::ranges::find(members_, job.metadata.name, [](const Member& member) -> const std::string& {
    return member.job->record().job.metadata.name;
  });
  if (same != members_.end() && same->job->ending()) {
    TRY(remove(same->job->record().uid));
  } else if (same != members_.end()) {
    base::log::info({}, what(), ": ", describe(job), " of the same minute still runs: no job for ",
                    schedule_.stamp(scheduled));
    record_.progress.last_schedule = scheduled;
    is_unwritten_ = true;
    return {};
  }
  if (record_.cron_job.spec.concurrency_policy == api::ConcurrencyPolicy::kReplace) replace_jobs();
  std::unique_ptr<JobRun> run = TRY(JobRun::take(job_around_, job), "start ", describe(job));
  members_.push_back({.job = std::move(run)});
  record_.progress.last_schedule = scheduled;
  is_unwritten_ = true;
  base::log::info({}, what(), ": SuccessfulCreate: ", describe(job), " is started");
  return members_.back().job->look(now);
}

void CronRun::replace_jobs() {
  for (Member& member : members_) {
    if (member.job->ending()) continue;
    member.replaced = true;
    member.job->stop({});
  }
}

// Of the jobs that have ended as many stay listed as the limits allow, and none beyond its time.
base::Status CronRun::keep_history(base::WallTime now) {
  if (!history_changed_ && !(remove_at_ && *remove_at_ <= now)) {
    wake_by(remove_at_);
    return {};
  }
  remove_at_.reset();
  const std::vector<JobRecord> jobs = TRY(jobs_of_cron_job(around_.options.paths, record_.uid), "look for old jobs");
  const api::CronJobSpec& spec = record_.cron_job.spec;
  std::optional<int32_t> completed_left = spec.successful_jobs_history_limit;
  std::optional<int32_t> failed_left = spec.failed_jobs_history_limit;
  base::Status status;
  for (const JobRecord& job : std::views::reverse(jobs)) {
    if (!job.finished) continue;
    const bool is_complete = job.progress.end && job.progress.end->complete;
    std::optional<int32_t>& left = is_complete ? completed_left : failed_left;
    std::optional<base::WallTime> until;
    if (const std::optional<int32_t>& ttl = job.job.spec.ttl_seconds_after_finished; ttl && job.ended_at)
      until = *job.ended_at + std::chrono::seconds(*ttl);
    if ((left && (*left)-- <= 0) || (until && *until <= now))
      keep_first(status, remove(job.uid));
    else if (until)
      remove_at_ = std::min(remove_at_.value_or(*until), *until);
  }
  wake_by(remove_at_);
  history_changed_ = !status;
  return status;
}

base::Status CronRun::remove(const std::string& job_uid) {
  // One that has ended may still wait for its time to be removed.
  std::erase_if(members_, [&](const Member& member) { return member.job->record().uid == job_uid; });
  TRY(remove_ownerless_job(around_.threads.deps(), around_.options, job_uid), "remove an old job");
  return {};
}

bool CronRun::hear(const PodNews& news, base::WallTime now) {
  return std::ranges::any_of(members_, [&](const Member& member) { return member.job->hear(news, now); });
}

void CronRun::stop(const pods::StopRequest& request) {
  stopping_ = true;
  for (const Member& member : members_) member.job->stop(request);
}

void CronRun::finish() {
  base::Status ended;
  if (record_.foreground) ended = remove_ownerless(around_.threads.deps(), around_.options, record_.uid);
  ownership_->stop_listening();
  if (!record_.foreground || !ended) {
    record_.finished = true;
    keep_first(ended, write_cron_job(around_.options.paths, record_));
  }
  if (!ended)
    base::log::warning({}, what(),
                       " was stopped, but not all of it could be removed or recorded (`nodeagent rm --force cronjob/",
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
    if (record->foreground) return remove_ownerless(deps, options, uid);
    record->finished = true;
    return write_cron_job(options.paths, *record);
  });
}

base::Status remove_cron_job(const pods::Deps& deps, const pods::Options& options, const std::string& uid, bool force,
                             const std::stop_token& cancel) {
  const std::optional<CronRecord> record = TRY(read_cron_job(options.paths, uid));
  if (record && !record->finished && !force)
    return base::fail(base::Code::kFailedPrecondition, "it was not stopped; stop it first, or remove it with --force");
  return ask_or_act(options, uid, {.kill = true, .grace = std::nullopt}, cancel, [&]() -> base::Status {
    for (const JobRecord& job : TRY(jobs_of_cron_job(options.paths, uid)))
      TRY(remove_job(deps, options, job.uid, true, cancel), "remove ", describe(job.job));
    return forget_cron_job_folder(options.paths, uid);
  });
}

}  // namespace agent::workloads
