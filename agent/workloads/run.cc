#include "agent/workloads/run.h"

#include <algorithm>

#include "agent/workloads/cron_run.h"
#include "agent/workloads/job_run.h"
#include "agent/workloads/pod_set.h"

namespace agent::workloads {

namespace {

void note_wake(std::optional<base::WallTime>& earliest, std::optional<base::WallTime> time) {
  if (time) earliest = earliest ? std::min(*earliest, *time) : *time;
}

}  // namespace

Run::Run(const pods::Deps& deps, pods::Options options, RunObserver observer)
    : options_(std::move(options)),
      observer_(std::move(observer)),
      threads_(deps, observer_.of_pod),
      around_{.threads = threads_, .options = options_, .ended = observer_.ended} {}

Run::~Run() = default;

base::Result<std::unique_ptr<Run>> Run::take(const pods::Deps& deps, const pods::Options& options,
                                             const std::vector<api::Object>& objects, RunObserver observer) {
  auto run = std::unique_ptr<Run>(new Run(deps, options, std::move(observer)));
  for (const api::Object& object : objects) TRY(run->add(object));
  return run;
}

base::Status Run::add(const api::Object& object) {
  if (const auto* job = std::get_if<api::Job>(&object))
    controllers_.push_back(TRY(JobRun::take(around_, *job)));
  else if (const auto* cron_job = std::get_if<api::CronJob>(&object))
    controllers_.push_back(TRY(CronRun::take(around_, *cron_job)));
  else
    controllers_.push_back(TRY(PodSet::take(around_, object)));
  return {};
}

void Run::request(const pods::StopRequest& request) {
  asked_.with([&](Asked& asked) { merge(asked.stop, request); });
  threads_.wake();
}

void Run::leave() {
  asked_.with([](Asked& asked) { asked.leave = true; });
  threads_.leave();
  threads_.wake();
}

void Run::pass_on_request() {
  const std::optional<pods::StopRequest> request =
      asked_.with([](Asked& asked) { return std::exchange(asked.stop, std::nullopt); });
  if (!request) return;
  for (const std::unique_ptr<Controller>& controller : controllers_) controller->stop(*request);
}

std::optional<base::WallTime> Run::look(base::WallTime now) {
  std::optional<base::WallTime> wake_at;
  for (const std::unique_ptr<Controller>& controller : controllers_) {
    if (controller->over()) continue;
    const base::Status looked = controller->look(now);
    std::string& told = trouble_[controller.get()];
    const std::string trouble = looked ? "" : looked.error().to_string();
    if (!trouble.empty()) {
      if (trouble != told) observer_.trouble(trouble);
    }
    told = trouble;
    // What is due and has failed would wake at once.
    note_wake(wake_at, looked ? controller->wake_at() : now + kErrorPause);
  }
  return wake_at;
}

void Run::tell_started() {
  if (told_started_ || !std::ranges::all_of(controllers_, &Controller::started)) return;
  told_started_ = true;
  if (observer_.started) observer_.started();
}

bool Run::run() {
  const base::Clock& clock = *threads_.deps().clock;
  while (!asked_.with([](const Asked& asked) { return asked.leave; })) {
    pass_on_request();
    const std::optional<base::WallTime> wake_at = look(clock.wall());
    tell_started();
    if (std::ranges::all_of(controllers_, &Controller::over)) return true;
    const std::optional<PodNews> news = threads_.wait(wake_at);
    for (size_t i = 0; news && i < controllers_.size(); ++i)
      if (controllers_[i]->hear(*news, clock.wall())) break;
  }
  return false;
}

}  // namespace agent::workloads
