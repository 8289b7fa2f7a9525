#include "agent/workloads/pod_set.h"

#include <algorithm>

#include "agent/workloads/pods_of.h"

namespace agent::workloads {

namespace {

bool is_ready(const api::PodStatus& status) {
  return std::ranges::any_of(status.conditions, [](const api::PodCondition& condition) {
    return condition.type == "Ready" && condition.status == api::ConditionStatus::kTrue;
  });
}

}  // namespace

base::Result<std::unique_ptr<PodSet>> PodSet::take(const Surroundings& around, const api::Object& object) {
  auto set = std::unique_ptr<PodSet>(new PodSet(around));
  if (const auto* stateful = std::get_if<api::StatefulSet>(&object)) {
    set->in_order_ = stateful->spec.pod_management_policy == api::PodManagementPolicy::kOrderedReady;
    set->min_ready_ = std::chrono::seconds(stateful->spec.min_ready_seconds);
  }
  for (const api::Pod& pod : pods_of(object, around.options.paths.instance)) {
    TRY(around.threads.take(pod, around.options));
    set->members_.push_back({.uid = pod.metadata.uid, .name = api::full_name(pod)});
  }
  return set;
}

base::Status PodSet::look(base::WallTime now) {
  wake_at_.reset();
  for (size_t i = 0; i < members_.size(); ++i) {
    Member& member = members_[i];
    if (member.running) continue;
    if (in_order_ && i > 0 && !stopping_) {
      if (!members_[i - 1].has_ended && !may_follow(members_[i - 1], now)) break;
      // Its turn will not come.
      if (members_[i - 1].has_ended) around_.threads.ask(member.uid, {});
    }
    // One that is stopped before its turn is started, too: what an earlier owner has left of it is then ended.
    around_.threads.start(member.uid);
    member.running = true;
  }
  return {};
}

bool PodSet::may_follow(const Member& before, base::WallTime now) {
  if (!before.ready_since) return false;
  if (now - *before.ready_since >= min_ready_) return true;
  wake_at_ = *before.ready_since + min_ready_;
  return false;
}

bool PodSet::hear(const PodNews& news, base::WallTime now) {
  const auto member = std::ranges::find(members_, news.uid, &Member::uid);
  if (member == members_.end()) return false;
  if (std::holds_alternative<PodStarted>(news.what)) {
    member->has_started = true;
  } else if (const auto* change = std::get_if<PodChanged>(&news.what)) {
    if (!is_ready(change->status))
      member->ready_since.reset();
    else if (!member->ready_since)
      member->ready_since = now;
  } else if (const auto* end = std::get_if<PodEnded>(&news.what)) {
    constexpr int kOwnFailure = 125;
    member->has_ended = true;
    const std::string what = "pod " + member->name;
    if (!end->outcome)
      around_.ended({what, kOwnFailure, "", end->outcome.error().to_string(), !member->has_started});
    else if (!end->outcome->detached)
      around_.ended({what, end->outcome->exit_code, end->outcome->phase, end->outcome->message, !member->has_started});
  }
  return true;
}

void PodSet::stop(const pods::StopRequest& request) {
  stopping_ = true;
  for (const Member& member : members_)
    if (!member.has_ended) around_.threads.ask(member.uid, request);
}

bool PodSet::started() const {
  return std::ranges::all_of(members_, [](const Member& member) { return member.has_started || member.has_ended; });
}

bool PodSet::over() const { return std::ranges::all_of(members_, &Member::has_ended); }

}  // namespace agent::workloads
