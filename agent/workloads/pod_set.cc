#include "agent/workloads/pod_set.h"

#include <algorithm>
#include <map>

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
  TRY(set->take_members(pods_of(object, around.options.paths.instance)));
  return set;
}

base::Status PodSet::take_members(std::vector<api::Pod> pods) {
  std::map<std::string, api::PodStatus> known;  // by uid: of an earlier owner
  if (in_order_)
    for (const pods::PodSummary& pod : TRY(pods::list_pods(around_.options.paths)))
      if (!pod.finished) known[pod.uid] = pod.pod->status;
  for (api::Pod& pod : pods) {
    const auto before = known.find(pod.metadata.uid);
    if (!in_order_ || members_.empty() || before != known.end()) TRY(around_.threads.take(pod, around_.options));
    Member& member = members_.emplace_back(Member{.pod = std::move(pod)});
    if (before != known.end() && is_ready(before->second)) member.ready_since = around_.threads.deps().clock->wall();
  }
  return {};
}

base::Status PodSet::look(base::WallTime now) {
  wake_at_.reset();
  for (size_t i = 0; i < members_.size(); ++i) {
    Member& member = members_[i];
    if (member.running || member.has_ended) continue;
    const bool is_taken = around_.threads.has(member.pod.metadata.uid);
    const bool has_turn = !in_order_ || i == 0 || may_follow(members_[i - 1], now);
    const bool has_none = stopping_ || (in_order_ && i > 0 && members_[i - 1].has_ended);
    if (has_none && !is_taken) {
      member.has_ended = true;  // it never was
    } else if (has_none) {
      // What an earlier owner has left of it is ended.
      around_.threads.ask(member.pod.metadata.uid, {});
      TRY(start(member));
    } else if (has_turn || is_taken) {
      TRY(start(member));
    } else {
      break;
    }
  }
  return {};
}

base::Status PodSet::start(Member& member) {
  const std::string& uid = member.pod.metadata.uid;
  if (!around_.threads.has(uid)) TRY(around_.threads.take(member.pod, around_.options), "start ", member.what());
  around_.threads.start(uid);
  member.running = true;
  return {};
}

bool PodSet::may_follow(const Member& before, base::WallTime now) {
  if (before.has_ended || !before.ready_since) return false;
  if (now - *before.ready_since >= min_ready_) return true;
  wake_at_ = *before.ready_since + min_ready_;
  return false;
}

bool PodSet::hear(const PodNews& news, base::WallTime now) {
  const auto member = std::ranges::find(members_, news.uid, [](const Member& each) { return each.pod.metadata.uid; });
  if (member == members_.end()) return false;
  if (std::holds_alternative<PodStarted>(news.what)) {
    member->has_started = true;
  } else if (const auto* change = std::get_if<PodChanged>(&news.what)) {
    if (!is_ready(change->status))
      member->ready_since.reset();
    else if (!member->ready_since)
      member->ready_since = now;
  } else if (const auto* end = std::get_if<PodEnded>(&news.what)) {
    hear(*member, *end);
  }
  return true;
}

void PodSet::hear(Member& member, const PodEnded& end) const {
  constexpr int kOwnFailure = 125;
  member.has_ended = true;
  Ending ending{.what = member.what(), .not_started = !member.has_started};
  if (!end.outcome) {
    ending.exit_code = kOwnFailure;
    ending.message = end.outcome.error().to_string();
  } else if (end.outcome->detached) {
    return;
  } else {
    ending.exit_code = end.outcome->exit_code;
    ending.phase = end.outcome->phase;
    ending.message = end.outcome->message;
  }
  around_.ended(ending);
}

void PodSet::stop(const pods::StopRequest& request) {
  stopping_ = true;
  for (const Member& member : members_)
    if (!member.has_ended) around_.threads.ask(member.pod.metadata.uid, request);
}

bool PodSet::started() const {
  return std::ranges::all_of(members_, [](const Member& member) { return member.has_started || member.has_ended; });
}

bool PodSet::over() const { return std::ranges::all_of(members_, &Member::has_ended); }

}  // namespace agent::workloads
