#include "agent/workloads/job_run.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "agent/pods/naming.h"
#include "agent/pods/pod_record.h"
#include "agent/workloads/pods_of.h"
#include "base/log.h"
#include "base/path.h"

namespace agent::workloads {

namespace {

int64_t restarts_of(const api::PodStatus& status) {
  int64_t restarts = 0;
  for (const auto* list : {&status.init_container_statuses, &status.container_statuses})
    for (const api::ContainerStatus& container : *list) restarts += container.restart_count;
  return restarts;
}

// What a pod ended with that an earlier owner saw end.
int exit_code_of(const api::PodStatus& status) {
  if (status.phase == api::PodPhase::kSucceeded) return 0;
  for (const auto* list : {&status.init_container_statuses, &status.container_statuses})
    for (const api::ContainerStatus& container : *list)
      if (container.state.terminated && container.state.terminated->exit_code != 0)
        return container.state.terminated->exit_code;
  return 1;
}

base::Result<std::vector<pods::PodSummary>> pods_of_job(const pods::Paths& paths, const std::string& uid) {
  std::vector<pods::PodSummary> found = TRY(pods::list_pods(paths));
  std::erase_if(found, [&](const pods::PodSummary& pod) {
    const api::OwnerReference* controller = controller_of(pod.pod->metadata);
    return controller == nullptr || controller->uid != uid;
  });
  return found;
}

// The job's lock is held.
base::Status remove_remains(const pods::Deps& deps, const pods::Options& options, const std::string& uid,
                            const std::stop_token& cancel = {}) {
  for (const pods::PodSummary& pod : TRY(pods_of_job(options.paths, uid)))
    TRY(pods::remove_pod(deps, options, pod.uid, true, cancel), "remove pod ", pod.name);
  TRY(base::remove_tree(pods::pod_folder(options.paths, uid)), "remove the job's folder");
  TRY(forget_job(options.paths, uid));
  return pods::remove_pod_lock(options.paths, uid);
}

}  // namespace

std::string describe(const api::Job& job) {
  return base::concat("Job ", job.metadata.namespace_, "/", job.metadata.name);
}

base::Result<std::vector<JobRecord>> jobs_of_cron_job(const pods::Paths& paths, const std::string& uid) {
  std::vector<JobRecord> jobs = TRY(read_jobs(paths));
  std::erase_if(jobs, [&](const JobRecord& record) {
    const api::OwnerReference* controller = controller_of(record.job.metadata);
    return controller == nullptr || controller->uid != uid;
  });
  std::ranges::stable_sort(jobs, {}, [](const JobRecord& record) { return record.progress.start_time; });
  return jobs;
}

base::Result<std::unique_ptr<JobRun>> JobRun::take(const Surroundings& around, const api::Job& job) {
  const pods::Paths& paths = around.options.paths;
  const std::string uid = object_uid(paths.instance, api::Object(job));
  const std::string reference = "job/" + job.metadata.name;
  std::unique_ptr<Ownership> ownership = TRY(Ownership::take(around, uid, describe(job), reference));
  std::optional<JobRecord> before = TRY(read_job(paths, uid));
  if (before && before->finished) {
    TRY(remove_remains(around.threads.deps(), around.options, uid), "remove what is left of the finished ",
        describe(job));
    ownership = TRY(Ownership::take(around, uid, describe(job), reference));
    before.reset();
  }
  if (before && before->job.spec != job.spec)
    return base::fail(base::Code::kFailedPrecondition, describe(job),
                      " is already there with another specification; remove it first with `nodeagent rm --force ",
                      reference, "`");
  JobRecord record{.uid = uid, .job = job, .progress = {}};
  record.progress.start_time = around.threads.deps().clock->wall();
  if (before) record = *before;
  auto run = std::unique_ptr<JobRun>(new JobRun(around, std::move(ownership), std::move(record)));
  run->is_new_ = !before;
  run->ever_started_ = before.has_value();
  if (!before) TRY(write_job(paths, run->record_), "record ", describe(job));
  TRY(run->adopt_pods(), "adopt the pods of ", describe(job));
  TRY(run->ownership_->listen());
  return run;
}

JobRun::JobRun(const Surroundings& around, std::unique_ptr<Ownership> ownership, JobRecord record)
    : around_(around), ownership_(std::move(ownership)), record_(std::move(record)) {}

JobRun::~JobRun() {
  if (!is_new_ || looked_) return;
  ownership_->stop_listening();
  const base::Status forgotten = remove_remains(around_.threads.deps(), around_.options, record_.uid);
  if (!forgotten) base::log::warning({}, "forget ", what(), ": ", forgotten.error().to_string());
}

std::string JobRun::what() const { return describe(record_.job); }

// A pod of the job stays listed until it has been counted.
pods::Options JobRun::pod_options() const {
  pods::Options options = around_.options;
  options.keep_record = true;
  options.must_start = options.must_start && !ever_started_;
  return options;
}

// Those of an earlier owner: what has ended is to be counted, what runs goes on.
base::Status JobRun::adopt_pods() {
  for (const pods::PodSummary& pod : TRY(pods_of_job(around_.options.paths, record_.uid))) {
    Member member{.pod = *pod.pod};
    if (pod.finished) {
      if (record_.progress.counted.contains(pod.uid) && !around_.options.foreground) continue;
      member.has_ended = true;
      member.exit_code = exit_code_of(pod.pod->status);
    } else {
      TRY(around_.threads.take(*pod.pod, pod_options()));
      member.due = base::WallTime();
    }
    members_.push_back(std::move(member));
  }
  return {};
}

std::vector<ActivePod> JobRun::active() const {
  std::vector<ActivePod> pods;
  for (const Member& member : members_)
    if (!member.has_ended)
      pods.push_back(
          {.uid = member.pod.metadata.uid, .index = index_of(member.pod), .restarts = restarts_of(member.pod.status)});
  return pods;
}

base::Status JobRun::look(base::WallTime now) {
  looked_ = true;
  if (record_.foreground != around_.options.foreground) {
    JobRecord changed = record_;
    changed.foreground = around_.options.foreground;
    TRY(write_job(around_.options.paths, changed), "record ", what());
    record_ = std::move(changed);
  }
  wake_at_ = remove_at_;
  if (const std::optional<pods::StopRequest> request = ownership_->asked()) stop(*request);
  TRY(count_ended(now), "count the ended pods of ", what());
  TRY(decide(now), "go on with ", what());
  TRY(start_due(now), "start a pod of ", what());
  if (members_.empty() && (stopping_ || record_.progress.end)) return finish(now);
  return {};
}

base::Status JobRun::decide(base::WallTime now) {
  JobActions actions = decide_job(record_.job.spec, record_.progress, active(), now);
  if (actions.end && (!stopping_ || actions.end->complete)) {
    record_.progress.end = actions.end;
    base::log::info({.pod_namespace = record_.job.metadata.namespace_}, what(), ": ", actions.end->reason, ": ",
                    actions.end->message);
    TRY(write_job(around_.options.paths, record_));
    actions = decide_job(record_.job.spec, record_.progress, active(), now);
  }
  for (const std::string& uid : actions.stop) around_.threads.ask(uid, {});
  if (stopping_ || record_.progress.end) {
    decided_ = true;
    return {};
  }
  wake_at_ = actions.wake_at;
  TRY(make_pods(actions.start, now));
  decided_ = true;
  return {};
}

// Also those that were stopped before: what an earlier owner has left of them is then ended.
base::Status JobRun::start_due(base::WallTime now) {
  for (Member& member : members_) {
    if (!member.due || member.has_ended) continue;
    if (*member.due > now) {
      wake_at_ = std::min(wake_at_.value_or(*member.due), *member.due);
      continue;
    }
    const std::string& uid = member.pod.metadata.uid;
    if (!around_.threads.has(uid)) TRY(around_.threads.take(member.pod, pod_options()));
    if (stopping_ || record_.progress.end) around_.threads.ask(uid, {});
    around_.threads.start(uid);
    member.due.reset();
  }
  return {};
}

base::Status JobRun::count_ended(base::WallTime now) {
  const auto first = std::ranges::stable_partition(members_, [](const Member& member) { return !member.has_ended; });
  const std::vector<Member> ended(std::make_move_iterator(first.begin()), std::make_move_iterator(first.end()));
  members_.erase(first.begin(), first.end());
  if (ended.empty()) return {};
  for (const Member& member : ended) {
    // What was stopped because the job was is no failure of it.
    if (stopping_ && member.pod.status.phase != api::PodPhase::kSucceeded) {
      if (record_.progress.last_exit_code == 0) record_.progress.last_exit_code = member.exit_code;
      continue;
    }
    count_pod(record_.job,
              {.uid = member.pod.metadata.uid,
               .name = member.pod.metadata.name,
               .index = index_of(member.pod),
               .status = member.pod.status,
               .exit_code = member.exit_code},
              now, record_.progress);
  }
  const base::Status written = write_job(around_.options.paths, record_);
  // They are counted in memory; what is not on the disk by the end is counted again by the next owner.
  if (written && record_.foreground) remove_counted(ended);
  return written;
}

void JobRun::remove_counted(const std::vector<Member>& counted) {
  for (const Member& member : counted) {
    if (member.remains) {  // which has been told
      remains_ = true;
      continue;
    }
    const std::string& uid = member.pod.metadata.uid;
    const base::Status removed = pods::remove_pod(around_.threads.deps(), around_.options, uid, true);
    if (removed) {
      record_.progress.counted.erase(uid);
      continue;
    }
    remains_ = true;
    base::log::warning({.pod = member.pod.metadata.name},
                       "the pod has ended, but not all of it could be removed: ", removed.error().to_string());
  }
}

base::Status JobRun::make_pods(const std::vector<std::optional<int32_t>>& indexes, base::WallTime now) {
  if (indexes.empty()) return {};
  const size_t before = members_.size();
  for (const std::optional<int32_t>& index : indexes) members_.push_back({.pod = next_pod(index), .due = now});
  const base::Status written = write_job(around_.options.paths, record_);
  if (!written) members_.erase(members_.begin() + static_cast<ptrdiff_t>(before), members_.end());
  return written;
}

// One whose name no other pod of the job has now, or had and is still listed.
api::Pod JobRun::next_pod(const std::optional<int32_t>& index) {
  JobPodRequest request{.number = 0, .index = index};
  if (index)
    if (const auto found = record_.progress.index_failures.find(*index);
        found != record_.progress.index_failures.end()) {
      request.failures = found->second.counted;
      request.ignored_failures = found->second.all.in_a_row - found->second.counted;
    }
  while (true) {
    request.number = record_.progress.next_pod++;
    api::Pod pod = pod_of_job(record_.job, request, around_.options.paths.instance);
    const std::string& uid = pod.metadata.uid;
    const bool taken = record_.progress.counted.contains(uid) ||
                       std::ranges::any_of(members_, [&](const Member& each) { return each.pod.metadata.uid == uid; });
    if (!taken) return pod;
  }
}

base::Status JobRun::finish(base::WallTime now) {
  if (remove_at_ && now < *remove_at_ && !stopping_) return {};
  tell_end();
  const std::optional<int32_t>& ttl = record_.job.spec.ttl_seconds_after_finished;
  if (!record_.foreground) {
    record_.finished = true;
    if (!record_.ended_at) record_.ended_at = now;
    TRY(write_job(around_.options.paths, record_), "record the end of ", what());
    if (ttl && !remove_at_ && !stopping_) {
      remove_at_ = now + std::chrono::seconds(*ttl);
      wake_at_ = remove_at_;
      return {};
    }
  }
  ownership_->stop_listening();
  if (record_.foreground || (remove_at_ && !stopping_)) remove_all();
  ownership_.reset();
  over_ = true;
  return {};
}

void JobRun::remove_all() {
  base::Status removed;
  if (!remains_) removed = remove_remains(around_.threads.deps(), around_.options, record_.uid);
  if (removed && !remains_) return;
  record_.finished = true;
  const base::Status written = write_job(around_.options.paths, record_);
  base::log::warning({}, what(), " has ended, but not all of it could be removed (`nodeagent rm job/",
                     record_.job.metadata.name, "` tries again)", removed ? "" : ": " + removed.error().to_string(),
                     written ? "" : "; " + written.error().to_string());
}

void JobRun::tell_end() {
  if (ending_) return;
  const std::optional<JobEnd>& end = record_.progress.end;
  const int exit_code = std::max(1, record_.progress.last_exit_code);
  if (end && end->complete)
    ending_ = {what(), 0, "Complete", ""};
  else
    ending_ = {what(), exit_code, "Failed",
               end ? base::concat(end->reason, ": ", end->message) : "it was stopped before it was complete",
               !ever_started_};
  around_.ended(*ending_);
}

bool JobRun::hear(const PodNews& news, base::WallTime now) {
  const auto member = std::ranges::find(members_, news.uid, [](const Member& each) { return each.pod.metadata.uid; });
  if (member == members_.end()) return false;
  if (std::holds_alternative<PodStarted>(news.what)) {
    member->has_started = true;
    ever_started_ = true;
  } else if (const auto* change = std::get_if<PodChanged>(&news.what)) {
    member->pod.status = change->status;
  } else if (const auto* end = std::get_if<PodEnded>(&news.what)) {
    pod_ended(*member, *end, now);
  }
  return true;
}

void JobRun::pod_ended(Member& member, const PodEnded& end, base::WallTime now) {
  if (!end.outcome && stopping_) {
    base::log::error({.pod = member.pod.metadata.name}, end.outcome.error().to_string());
    member.has_ended = true;
    member.remains = true;
    member.exit_code = 1;
    return;
  }
  if (!end.outcome) {
    // It may run all the same: it is taken again, and counts for nothing until then.
    base::log::error({.pod = member.pod.metadata.name}, end.outcome.error().to_string(), "; it is tried again");
    member.due = now + kErrorPause;
    return;
  }
  const pods::Outcome& outcome = *end.outcome;
  if (outcome.detached) return;
  member.has_ended = true;
  member.remains = outcome.remains;
  member.exit_code = outcome.exit_code;
  if (outcome.not_started && !record_.progress.end && !stopping_)
    record_.progress.end = {.complete = false,
                            .reason = "CannotStart",
                            .message = base::concat("pod ", member.pod.metadata.name, ": ", outcome.message)};
}

void JobRun::stop(const pods::StopRequest& request) {
  stopping_ = true;
  for (const Member& member : members_) around_.threads.ask(member.pod.metadata.uid, request);
}

bool JobRun::started() const {
  return decided_ &&
         std::ranges::all_of(members_, [](const Member& member) { return member.has_started || member.has_ended; });
}

base::Status stop_job(const pods::Deps& deps, const pods::Options& options, const std::string& uid,
                      const pods::StopRequest& request, const std::stop_token& cancel) {
  return ask_or_act(options, uid, request, cancel, [&]() -> base::Status {
    std::optional<JobRecord> record = TRY(read_job(options.paths, uid));
    if (!record || record->finished) return {};
    TRY(pods::stop_pods(deps, options, TRY(pods_of_job(options.paths, uid)), request.grace, cancel));
    if (record->foreground) return remove_remains(deps, options, uid, cancel);
    record->finished = true;
    record->ended_at = deps.clock->wall();
    return write_job(options.paths, *record);
  });
}

base::Status remove_ownerless_job(const pods::Deps& deps, const pods::Options& options, const std::string& uid) {
  const base::FileLock lock = TRY(pods::lock_pod(options.paths, uid));
  return remove_remains(deps, options, uid);
}

base::Status remove_job(const pods::Deps& deps, const pods::Options& options, const std::string& uid, bool force,
                        const std::stop_token& cancel) {
  const std::optional<JobRecord> record = TRY(read_job(options.paths, uid));
  if (record && !record->finished && !force)
    return base::fail(base::Code::kFailedPrecondition, "it has not ended; stop it first, or remove it with --force");
  return ask_or_act(options, uid, {.kill = true, .grace = std::nullopt}, cancel,
                    [&] { return remove_remains(deps, options, uid, cancel); });
}

}  // namespace agent::workloads
