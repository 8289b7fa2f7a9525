#include "agent/workloads/job_run.h"

#include <algorithm>

#include "agent/pods/control.h"
#include "agent/pods/naming.h"
#include "agent/pods/pod_record.h"
#include "agent/workloads/pods_of.h"
#include "base/log.h"
#include "base/path.h"

namespace agent::workloads {

namespace {

constexpr std::string_view kCannotStart = "CannotStart";
constexpr std::chrono::milliseconds kLockWait(100);
constexpr std::chrono::seconds kOwnerChange(10);  // an owner that starts or goes holds the lock, but does not listen

// A pod of the job stays listed until it has been counted, whether the job is in the foreground or not.
pods::Options options_for_pods(pods::Options options) {
  options.foreground = false;
  options.must_start = true;
  return options;
}

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
    const api::OwnerReference* controller = controller_of(*pod.pod);
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

// Has to do with a job whose owner is gone: `act` is called with its lock held.
base::Status act_for_owner(const pods::Options& options, const std::string& uid, const pods::StopRequest& request,
                           const std::stop_token& cancel, const std::function<base::Status()>& act) {
  const base::Monotonic give_up = std::chrono::steady_clock::now() + kOwnerChange;
  while (true) {
    const auto lock = pods::lock_pod(options.paths, uid);
    if (lock) return act();
    if (lock.error().code() != base::Code::kUnavailable) return std::unexpected(lock.error());
    const base::Status asked = pods::ask_owner(options.paths, uid, request, cancel);
    const bool between_owners = !asked && asked.error().code() == base::Code::kUnavailable;
    if (!asked && (!between_owners || std::chrono::steady_clock::now() > give_up)) return asked;
    pods::wait_for_pod_lock(options.paths, uid, kLockWait);
  }
}

}  // namespace

std::string describe(const api::Job& job) {
  return base::concat("Job ", job.metadata.namespace_, "/", job.metadata.name);
}

base::Result<std::unique_ptr<JobRun>> JobRun::take(const Surroundings& around, const api::Job& job) {
  const pods::Paths& paths = around.options.paths;
  const std::string uid = object_uid(paths.instance, api::Object(job));
  auto lock = pods::lock_pod(paths, uid);
  if (!lock && lock.error().code() == base::Code::kUnavailable)
    return base::fail(base::Code::kUnavailable, describe(job),
                      " is already run by another process; stop it first with `nodeagent stop job/", job.metadata.name,
                      "`");
  if (!lock) return std::unexpected(std::move(lock.error()));
  std::optional<JobRecord> before = TRY(read_job(paths, uid));
  if (before && before->finished) {
    TRY(remove_remains(around.threads.deps(), around.options, uid), "remove what is left of the finished ",
        describe(job));
    lock = TRY(pods::lock_pod(paths, uid));
    before.reset();
  }
  if (before && before->job.spec != job.spec)
    return base::fail(base::Code::kFailedPrecondition, describe(job),
                      " is already there with another specification; remove it first with `nodeagent rm --force job/",
                      job.metadata.name, "`");
  JobRecord record{.uid = uid, .job = job, .progress = {}};
  record.progress.start_time = around.threads.deps().clock->wall();
  if (before) record = *before;
  record.foreground = around.options.foreground;
  auto run = std::unique_ptr<JobRun>(new JobRun(around, *std::move(lock), std::move(record)));
  run->is_new_ = !before;
  TRY(write_job(paths, run->record_), "record ", describe(job));
  TRY(run->adopt_pods(), "adopt the pods of ", describe(job));
  run->control_ = TRY(pods::ControlServer::start(paths, uid, [run = run.get()](const pods::StopRequest& request) {
    run->asked_.with([&](auto& asked) { asked = request; });
    run->around_.threads.wake();
  }));
  return run;
}

JobRun::JobRun(const Surroundings& around, base::FileLock lock, JobRecord record)
    : around_(around),
      pod_options_(options_for_pods(around.options)),
      lock_(std::move(lock)),
      record_(std::move(record)) {}

JobRun::~JobRun() {
  if (!is_new_ || looked_) return;
  const base::Status forgotten = remove_remains(around_.threads.deps(), pod_options_, record_.uid);
  if (!forgotten) base::log::warning({}, "forget ", what(), ": ", forgotten.error().to_string());
}

std::string JobRun::what() const { return describe(record_.job); }

// Those of an earlier owner: what has ended is to be counted, what runs goes on.
base::Status JobRun::adopt_pods() {
  for (const pods::PodSummary& pod : TRY(pods_of_job(pod_options_.paths, record_.uid))) {
    Member member{.uid = pod.uid, .name = pod.name, .index = index_of(*pod.pod)};
    if (pod.finished) {
      if (record_.progress.counted.contains(pod.uid) && !record_.foreground) continue;
      member.ended = pod.pod->status;
      member.exit_code = exit_code_of(pod.pod->status);
    } else {
      TRY(around_.threads.take(*pod.pod, pod_options_));
      around_.threads.start(pod.uid);
    }
    members_.push_back(std::move(member));
  }
  return {};
}

std::vector<ActivePod> JobRun::active() const {
  std::vector<ActivePod> pods;
  for (const Member& member : members_)
    if (!member.ended) pods.push_back({.uid = member.uid, .index = member.index, .restarts = member.restarts});
  return pods;
}

base::Status JobRun::look(base::WallTime now) {
  wake_at_ = remove_at_;
  stop_as_asked();
  TRY(count_ended(now), "count the ended pods of ", what());
  JobActions actions = decide_job(record_.job.spec, record_.progress, active(), now);
  if (actions.end && !stopping_) {
    record_.progress.end = actions.end;
    base::log::info({.pod_namespace = record_.job.metadata.namespace_}, what(), ": ", actions.end->reason, ": ",
                    actions.end->message);
    TRY(write_job(pod_options_.paths, record_), "record the end of ", what());
    actions = decide_job(record_.job.spec, record_.progress, active(), now);
  }
  for (const std::string& uid : actions.stop) around_.threads.ask(uid, {});
  if (!stopping_ && !record_.progress.end) {
    wake_at_ = actions.wake_at;
    TRY(start_pods(actions.start), "start pods of ", what());
  }
  looked_ = true;
  if (members_.empty() && (stopping_ || record_.progress.end)) return finish(now);
  return {};
}

void JobRun::stop_as_asked() {
  const std::optional<pods::StopRequest> request = asked_.with([](auto& asked) { return std::exchange(asked, {}); });
  if (request) stop(*request);
}

base::Status JobRun::count_ended(base::WallTime now) {
  for (auto member = members_.begin(); member != members_.end();) {
    if (!member->ended) {
      ++member;
      continue;
    }
    count_pod(record_.job,
              {.uid = member->uid,
               .name = member->name,
               .index = member->index,
               .status = *member->ended,
               .exit_code = member->exit_code},
              now, record_.progress);
    TRY(write_job(pod_options_.paths, record_));
    if (record_.foreground) {
      TRY(pods::remove_pod(around_.threads.deps(), pod_options_, member->uid, true), "remove pod ", member->name);
      record_.progress.counted.erase(member->uid);
    }
    member = members_.erase(member);
  }
  return {};
}

base::Status JobRun::start_pods(const std::vector<std::optional<int32_t>>& indexes) {
  if (indexes.empty()) return {};
  const uint64_t first = record_.progress.next_pod;
  record_.progress.next_pod += indexes.size();
  TRY(write_job(pod_options_.paths, record_));
  for (size_t i = 0; i < indexes.size(); ++i) {
    JobPodRequest request{.number = first + i, .index = indexes[i]};
    if (request.index)
      if (const auto failures = record_.progress.index_failures.find(*request.index);
          failures != record_.progress.index_failures.end())
        request.failures = failures->second.in_a_row;
    const api::Pod pod = pod_of_job(record_.job, request, pod_options_.paths.instance);
    TRY(around_.threads.take(pod, pod_options_));
    members_.push_back({.uid = pod.metadata.uid, .name = pod.metadata.name, .index = request.index});
    around_.threads.start(pod.metadata.uid);
  }
  return {};
}

base::Status JobRun::finish(base::WallTime now) {
  if (remove_at_ && now < *remove_at_ && !stopping_) return {};
  tell_end();
  const std::optional<int32_t>& ttl = record_.job.spec.ttl_seconds_after_finished;
  if (!record_.foreground && ttl && !remove_at_ && !stopping_) {
    record_.finished = true;
    TRY(write_job(pod_options_.paths, record_), "record the end of ", what());
    remove_at_ = now + std::chrono::seconds(*ttl);
    wake_at_ = remove_at_;
    return {};
  }
  // Before the lock is given up: the socket of the next owner has the same name.
  control_.reset();
  if (record_.foreground || remove_at_) {
    TRY(remove_remains(around_.threads.deps(), pod_options_, record_.uid), "remove ", what());
  } else {
    record_.finished = true;
    TRY(write_job(pod_options_.paths, record_), "record the end of ", what());
  }
  over_ = true;
  return {};
}

void JobRun::tell_end() {
  if (std::exchange(told_, true)) return;
  const std::optional<JobEnd>& end = record_.progress.end;
  if (end && end->complete) return around_.ended({what(), 0, "Complete", ""});
  const int exit_code = std::max(1, record_.progress.last_exit_code);
  around_.ended({what(), exit_code, "Failed",
                 end ? base::concat(end->reason, ": ", end->message) : "it was stopped before it was complete",
                 end && end->reason == kCannotStart});
}

bool JobRun::hear(const PodNews& news, base::WallTime /*now*/) {
  const auto member = std::ranges::find(members_, news.uid, &Member::uid);
  if (member == members_.end()) return false;
  if (std::holds_alternative<PodStarted>(news.what)) {
    member->has_started = true;
  } else if (const auto* change = std::get_if<PodChanged>(&news.what)) {
    member->restarts = restarts_of(change->status);
    member->last = change->status;
  } else if (const auto* end = std::get_if<PodEnded>(&news.what)) {
    if (end->outcome && end->outcome->detached) return true;
    member->ended = member->last;
    if (!end->outcome) {
      member->exit_code = 1;
      base::log::error({.pod = member->name}, end->outcome.error().to_string());
      return true;
    }
    member->exit_code = end->outcome->exit_code;
    if (end->outcome->not_started && !record_.progress.end && !stopping_)
      record_.progress.end = {.complete = false,
                              .reason = std::string(kCannotStart),
                              .message = base::concat("pod ", member->name, ": ", end->outcome->message)};
  }
  return true;
}

void JobRun::stop(const pods::StopRequest& request) {
  stopping_ = true;
  for (const Member& member : members_) around_.threads.ask(member.uid, request);
}

bool JobRun::started() const {
  return looked_ &&
         std::ranges::all_of(members_, [](const Member& member) { return member.has_started || member.ended; });
}

base::Status stop_job(const pods::Deps& deps, const pods::Options& options, const std::string& uid,
                      const pods::StopRequest& request, const std::stop_token& cancel) {
  return act_for_owner(options, uid, request, cancel, [&]() -> base::Status {
    std::optional<JobRecord> record = TRY(read_job(options.paths, uid));
    if (!record || record->finished) return {};
    for (const pods::PodSummary& pod : TRY(pods_of_job(options.paths, uid)))
      TRY(pods::stop_pod(deps, options, pod.uid, request.grace, cancel), "stop pod ", pod.name);
    if (record->foreground) return remove_remains(deps, options, uid, cancel);
    record->finished = true;
    return write_job(options.paths, *record);
  });
}

base::Status remove_job(const pods::Deps& deps, const pods::Options& options, const std::string& uid, bool force,
                        const std::stop_token& cancel) {
  const std::optional<JobRecord> record = TRY(read_job(options.paths, uid));
  if (record && !record->finished && !force)
    return base::fail(base::Code::kFailedPrecondition, "it has not ended; stop it first, or remove it with --force");
  return act_for_owner(options, uid, {.kill = true, .grace = std::nullopt}, cancel,
                       [&] { return remove_remains(deps, options, uid, cancel); });
}

}  // namespace agent::workloads
