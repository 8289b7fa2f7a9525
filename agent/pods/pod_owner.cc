#include "agent/pods/pod_owner.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "agent/api/pod.h"
#include "agent/pods/configuration.h"
#include "agent/pods/control.h"
#include "agent/pods/naming.h"
#include "agent/pods/pod_record.h"
#include "agent/pods/pod_worker.h"
#include "base/log.h"
#include "base/path.h"
#include "cri-proto/service.h"
#include "volumes/volume_manager.h"

namespace agent::pods {

namespace {

constexpr std::chrono::seconds kResync(60);      // kubelet's syncFrequency: a missed event heals
constexpr std::chrono::seconds kFirstResync(1);  // an event may be missed before the stream stands
constexpr std::chrono::milliseconds kFirstErrorPause(100);
constexpr std::chrono::milliseconds kLongestErrorPause(5000);
constexpr int kForegroundTries = 8;               // in a row, before a foreground run gives up (about 18 s)
constexpr std::chrono::seconds kOwnerChange(10);  // an owner that starts or goes holds the lock, but does not listen
constexpr std::chrono::milliseconds kLockWait(100);

WorkerDeps worker_deps(const Deps& deps, volumes::VolumeManager* volumes) {
  return {.runtime = deps.runtime,
          .images = deps.images,
          .clock = deps.clock,
          .volumes = volumes,
          .configuration = deps.configuration,
          .cgroups = deps.cgroups};
}

// The specification without what may change while a pod runs: the images.
api::PodSpec without_images(api::PodSpec spec) {
  for (auto* list : {&spec.init_containers, &spec.containers})
    for (api::Container& container : *list) {
      container.image.clear();
      container.image_pull_policy.reset();  // its default follows the image
    }
  return spec;
}

void pass_on(const StopRequest& request, Inbox& inbox) {
  if (request.kill)
    inbox.request_kill();
  else
    inbox.request_stop(request.grace);
}

// Follows the runtime's events on a thread of its own; each one is a wake-up.
std::jthread follow_events(cri::RuntimeService* runtime, Inbox* inbox) {
  return std::jthread([runtime, inbox](const std::stop_token& stop) {
    ::pthread_setname_np(::pthread_self(), "runtime-events");
    std::condition_variable_any paused;
    std::mutex mutex;
    while (!stop.stop_requested()) {
      const base::Status ended = runtime->get_container_events({.stop = stop}, {}, [&](const auto&) {
        inbox->poke();
        return !stop.stop_requested();
      });
      if (stop.stop_requested()) return;
      base::log::warning({}, "the runtime's event stream ended, it is opened again: ",
                         ended ? "end of stream" : ended.error().to_string());
      std::unique_lock lock(mutex);
      paused.wait_for(lock, stop, kFirstResync, [] { return false; });
      inbox->poke();
    }
  });
}

}  // namespace

const Configuration& no_configuration() {
  static const Configuration empty;
  return empty;
}

struct PodOwner::Impl {
  Impl(Deps dependencies, Options given, base::FileLock held, PodRecord initial, Observer callbacks)
      : deps(dependencies),
        options(std::move(given)),
        lock(std::move(held)),
        record(std::move(initial)),
        user_observer(std::move(callbacks)),
        volumes(options.paths.root) {
    observer = user_observer;
    observer.status_changed = [this](const api::PodStatus& status) {
      record.pod.status = status;
      save();
      if (user_observer.status_changed) user_observer.status_changed(status);
    };
    worker = std::make_unique<PodWorker>(worker_deps(deps, &volumes), options, record.pod, &observer);
  }

  void save() {
    const base::Status saved = write_record(options.paths, record);
    const bool told = unsaved;
    unsaved = !saved;
    if (!saved && !told)
      base::log::error({.pod = record.pod.metadata.name, .pod_namespace = record.pod.metadata.namespace_},
                       "write the pod's record: ", saved.error().to_string());
  }

  base::Result<Outcome> run(const std::stop_token& leave);
  base::Status put_away();
  base::Status forget();
  Outcome leave_remains(const base::Error& error);

  Deps deps;
  Options options;
  base::FileLock lock;
  PodRecord record;
  bool is_new = false;   // nothing was there of the pod before
  bool has_run = false;  // run() was called
  bool unsaved = false;  // the record could not be written the last time
  Observer user_observer;
  Observer observer;  // what the worker calls
  volumes::VolumeManager volumes;
  std::unique_ptr<PodWorker> worker;
};

base::Result<std::unique_ptr<PodOwner>> PodOwner::adopt_or_create(const Deps& deps, const Options& options,
                                                                  const api::Pod& pod, Observer observer) {
  PodRecord record;
  record.pod = pod;
  std::string& uid = record.pod.metadata.uid;
  if (uid.empty()) uid = pod_uid(options.paths.instance, pod.metadata.namespace_, pod.metadata.name);
  auto lock = lock_pod(options.paths, uid);
  if (!lock && lock.error().code() == base::Code::kUnavailable) {
    const auto present = TRY(read_record(options.paths, uid));
    return base::fail(base::Code::kUnavailable, "pod ", api::full_name(pod), " is already run by process ",
                      present ? present->owner_pid : 0, "; stop it first with `nodeagent stop ", pod.metadata.name,
                      "`");
  }
  if (!lock) return std::unexpected(std::move(lock.error()));

  std::optional<PodRecord> before = TRY(read_record(options.paths, uid));
  if (before && before->finished) {
    volumes::VolumeManager volumes(options.paths.root);
    TRY(remove_remains(worker_deps(deps, &volumes), options, before->pod), "remove what is left of the finished pod ",
        api::full_name(pod));
    before.reset();
  }
  if (before) {
    if (without_images(before->pod.spec) != without_images(pod.spec))
      return base::fail(base::Code::kFailedPrecondition, "pod ", api::full_name(pod),
                        " is already there with another specification; remove it first with `nodeagent rm --force ",
                        pod.metadata.name, "`");
    record.pod.status = before->pod.status;
  }
  record.foreground = options.foreground;
  record.keep_record = options.keep_record;
  record.boot_id = TRY(base::boot_id());
  record.owner_pid = ::getpid();
  record.owner_start = process_start(record.owner_pid);
  TRY(write_record(options.paths, record), "record pod ", api::full_name(pod));
  auto impl = std::make_unique<Impl>(deps, options, std::move(*lock), std::move(record), std::move(observer));
  impl->is_new = !before;
  return std::unique_ptr<PodOwner>(new PodOwner(std::move(impl)));
}

PodOwner::PodOwner(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PodOwner::~PodOwner() {
  if (!impl_->is_new || impl_->has_run) return;
  const base::Status left = impl_->forget();
  if (!left) base::log::warning({}, "forget pod ", api::full_name(impl_->record.pod), ": ", left.error().to_string());
}

base::Result<Outcome> PodOwner::run(const std::stop_token& leave) { return impl_->run(leave); }
void PodOwner::request(const StopRequest& request) { pass_on(request, impl_->worker->inbox()); }
const std::string& PodOwner::uid() const { return impl_->record.pod.metadata.uid; }

base::Result<Outcome> PodOwner::Impl::run(const std::stop_token& leave) {
  has_run = true;
  Inbox& inbox = worker->inbox();
  std::unique_ptr<ControlServer> control = TRY(ControlServer::start(
      options.paths, record.pod.metadata.uid, [&inbox](const StopRequest& request) { pass_on(request, inbox); }));
  std::jthread events = follow_events(deps.runtime, &inbox);
  std::chrono::nanoseconds resync = kFirstResync;
  std::chrono::milliseconds error_pause = kFirstErrorPause;
  for (int failures = 0; !leave.stop_requested();) {
    base::Result<PodWorker::Step> step = worker->sync();
    if (!step) {
      if (user_observer.event)
        user_observer.event(
            {.warning = true, .reason = "FailedSync", .message = step.error().to_string(), .container = ""});
      if (options.foreground && (++failures >= kForegroundTries || worker->clean_up_over())) {
        if (!worker->has_outcome()) return std::unexpected(std::move(step.error()));
        control.reset();
        return leave_remains(step.error());
      }
      inbox.wait(error_pause, leave);
      error_pause = std::min(error_pause * 2, kLongestErrorPause);
      continue;
    }
    failures = 0;
    error_pause = kFirstErrorPause;
    if (step->done) {
      // Before the record and the lock are given up: the socket of the next owner has the same name.
      control.reset();
      if (const base::Status away = put_away(); !away) return leave_remains(away.error());
      return worker->outcome();
    }
    if (step->again) continue;
    inbox.wait(step->wake_in ? std::min<std::chrono::nanoseconds>(*step->wake_in, resync) : resync, leave);
    resync = kResync;
  }
  return Outcome{.phase = std::string(api::to_string(worker->pod().status.phase)),
                 .exit_code = 0,
                 .message = "",
                 .detached = true};
}

// The pod has ended: a foreground one leaves nothing, a detached one its record.
base::Status PodOwner::Impl::put_away() {
  if (options.foreground && !options.keep_record) return forget();
  record.finished = true;
  record.owner_pid = 0;
  return write_record(options.paths, record);
}

base::Status PodOwner::Impl::forget() {
  TRY(remove_record(options.paths, record.pod.metadata.uid));
  return remove_pod_lock(options.paths, record.pod.metadata.uid);
}

// The pod has ended, but not all of it could be removed: that takes nothing from its outcome. It stays listed as a
// finished one does, for rm or the next run to remove.
Outcome PodOwner::Impl::leave_remains(const base::Error& error) {
  base::log::warning({.pod = record.pod.metadata.name, .pod_namespace = record.pod.metadata.namespace_},
                     "the pod has ended, but not all of it could be removed (`nodeagent rm ", record.pod.metadata.name,
                     "` tries again): ", error.to_string());
  record.finished = true;
  record.owner_pid = 0;
  save();
  Outcome outcome = worker->outcome();
  outcome.remains = true;
  return outcome;
}

namespace {

// As the last owner saw it, but that nothing of it can run any more.
void end_with_boot(api::PodStatus& status) {
  status.phase = api::PodPhase::kUnknown;
  for (auto* list : {&status.init_container_statuses, &status.container_statuses})
    for (api::ContainerStatus& container : *list) {
      if (!container.state.running) continue;
      container.ready = false;
      container.started = false;
      container.state = {.terminated = api::ContainerStateTerminated{
                             .exit_code = 137,
                             .reason = "ContainerStatusUnknown",
                             .message = "the machine was started again while the container ran",
                             .started_at = container.state.running->started_at,
                             .container_id = container.container_id}};
    }
}

PodSummary summarise(PodRecord record, const std::string& boot) {
  PodSummary summary;
  summary.uid = record.pod.metadata.uid;
  summary.name = record.pod.metadata.name;
  summary.pod_namespace = record.pod.metadata.namespace_;
  summary.owned = !record.finished && record.owner_lives(boot);
  summary.owner_pid = summary.owned ? record.owner_pid : 0;
  summary.finished = record.finished;
  if (!record.finished && record.is_of_another_boot(boot)) end_with_boot(record.pod.status);
  summary.pod = std::make_shared<const api::Pod>(std::move(record.pod));
  return summary;
}

// Takes the pod of an owner that is gone; nothing when it is gone or finished as well. kUnavailable: owned.
base::Result<std::unique_ptr<PodOwner>> take_over(const Deps& deps, const Options& options, const std::string& uid) {
  const std::optional<PodRecord> record = TRY(read_record(options.paths, uid));
  if (!record || record->finished) return nullptr;
  Options same = options;
  same.foreground = record->foreground;
  same.keep_record = record->keep_record;
  return PodOwner::adopt_or_create(deps, same, record->pod, {});
}

base::Status end_pod(const Deps& deps, const Options& options, const std::string& uid, const StopRequest& request,
                     const std::stop_token& cancel) {
  base::Monotonic give_up = std::chrono::steady_clock::now() + kOwnerChange;
  while (true) {
    auto owner = take_over(deps, options, uid);
    if (owner) {
      if (*owner == nullptr) return {};
      (*owner)->request(request);
      const Outcome outcome = TRY((*owner)->run(cancel));
      if (outcome.detached) return base::fail(base::Code::kCancelled, "stopping pod ", uid, " was interrupted");
      return {};
    }
    if (owner.error().code() != base::Code::kUnavailable) return std::unexpected(std::move(owner.error()));
    const base::Status asked = ask_owner(options.paths, uid, request, cancel);
    if (asked) {  // the owner has gone or is about to: see what it leaves
      give_up = std::chrono::steady_clock::now() + kOwnerChange;
      continue;
    }
    const bool between_owners = asked.error().code() == base::Code::kUnavailable;
    if (!between_owners || std::chrono::steady_clock::now() > give_up) return asked;
    wait_for_pod_lock(options.paths, uid, kLockWait);
  }
}

}  // namespace

base::Result<std::vector<PodSummary>> list_pods(const Paths& paths) {
  std::vector<PodSummary> pods;
  const std::string boot = TRY(base::boot_id());
  for (PodRecord& record : TRY(read_records(paths))) pods.push_back(summarise(std::move(record), boot));
  return pods;
}

base::Result<PodSummary> find_pod(const Paths& paths, const std::string& reference) {
  constexpr size_t kShortestPrefix = 4;
  std::vector<PodSummary> pods = TRY(list_pods(paths));
  std::vector<PodSummary> found;
  const auto collect = [&](const auto& matches) {
    if (found.empty()) std::ranges::copy_if(pods, std::back_inserter(found), matches);
  };
  collect([&](const PodSummary& pod) {
    return pod.name == reference || base::concat(pod.pod_namespace, "/", pod.name) == reference;
  });
  if (reference.size() >= kShortestPrefix)
    collect([&](const PodSummary& pod) { return pod.uid.starts_with(reference); });
  if (found.empty())
    return base::fail(base::Code::kNotFound, "there is no pod ", reference, "; `nodeagent ps` lists all");
  if (found.size() > 1) {
    std::string names;
    for (const PodSummary& pod : found)
      names += base::concat(names.empty() ? "" : ", ", pod.pod_namespace, "/", pod.name);
    return base::fail(base::Code::kFailedPrecondition, "\"", reference, "\" means more than one pod: ", names);
  }
  return std::move(found.front());
}

base::Status sweep_pods(const Paths& paths) {
  for (const std::string& folder : {base::join_path(paths.root, "pods"), paths.log_dir}) {
    base::Status swept = base::sweep_removed(folder);
    if (!swept && swept.error().code() != base::Code::kNotFound) return swept;
  }
  return sweep_records(paths);
}

base::Status stop_pod(const Deps& deps, const Options& options, const std::string& uid,
                      std::optional<std::chrono::seconds> grace, const std::stop_token& cancel) {
  return end_pod(deps, options, uid, {.kill = false, .grace = grace}, cancel);
}

base::Status stop_pods(const Deps& deps, const Options& options, const std::vector<PodSummary>& pods,
                       std::optional<std::chrono::seconds> grace, const std::stop_token& cancel) {
  std::vector<base::Status> results(pods.size());
  {
    std::vector<std::jthread> threads;
    threads.reserve(pods.size());
    for (size_t i = 0; i < pods.size(); ++i)
      threads.emplace_back([&, i] { results[i] = stop_pod(deps, options, pods[i].uid, grace, cancel); });
  }
  for (size_t i = 0; i < pods.size(); ++i) TRY(results[i], "stop pod ", pods[i].name);
  return {};
}

base::Status remove_pod(const Deps& deps, const Options& options, const std::string& uid, bool force,
                        const std::stop_token& cancel) {
  std::optional<PodRecord> record = TRY(read_record(options.paths, uid));
  if (record && !record->finished) {
    if (!force)
      return base::fail(base::Code::kFailedPrecondition, "it has not ended; stop it first, or remove it with --force");
    TRY(end_pod(deps, options, uid, {.kill = true, .grace = std::nullopt}, cancel));
    record = TRY(read_record(options.paths, uid));
  }
  if (!record) return {};  // a foreground pod leaves nothing
  // An owner that has put the pod away lets go of the lock a moment later.
  const base::FileLock lock = TRY(lock_pod(options.paths, uid, kOwnerChange));
  volumes::VolumeManager volumes(options.paths.root);
  TRY(remove_remains(worker_deps(deps, &volumes), options, record->pod));
  TRY(remove_record(options.paths, uid));
  return remove_pod_lock(options.paths, uid);
}

}  // namespace agent::pods
