#include "agent/workloads/pod_threads.h"

#include <pthread.h>

#include "agent/api/pod.h"

namespace agent::workloads {

PodThreads::PodThreads(pods::Deps deps, ObserverOf observer_of) : deps_(deps), observer_of_(std::move(observer_of)) {}

PodThreads::~PodThreads() {
  leave();
  for (auto& [uid, member] : members_)
    if (member.thread.joinable()) member.thread.join();
}

void PodThreads::tell(PodNews news) {
  queue_.with([&](Queue& queue) { queue.news.push_back(std::move(news)); });
  changed_.notify_one();
}

void PodThreads::wake() {
  queue_.with([](Queue& queue) { queue.woken = true; });
  changed_.notify_one();
}

// Hears what the owner tells before it is passed on.
pods::Observer PodThreads::listen(const std::string& uid, const pods::Observer& user) {
  pods::Observer observer = user;
  observer.started = [this, uid, passed_on = user.started] {
    if (passed_on) passed_on();
    tell({uid, PodStarted{}});
  };
  observer.status_changed = [this, uid, passed_on = user.status_changed](const api::PodStatus& status) {
    if (passed_on) passed_on(status);
    tell({uid, PodChanged{status}});
  };
  return observer;
}

base::Status PodThreads::take(const api::Pod& pod, const pods::Options& options) {
  const std::string& uid = pod.metadata.uid;
  Member member;
  member.owner = TRY(pods::PodOwner::adopt_or_create(deps_, options, pod, listen(uid, observer_of_(pod))));
  members_.insert_or_assign(uid, std::move(member));
  return {};
}

void PodThreads::start(const std::string& uid) {
  Member& member = members_.at(uid);
  member.thread = std::thread([this, uid, owner = member.owner.get()] {
    ::pthread_setname_np(::pthread_self(), "pod-owner");
    tell({uid, PodEnded{owner->run(leaving_.get_token())}});
  });
}

void PodThreads::ask(const std::string& uid, const pods::StopRequest& request) {
  if (const auto member = members_.find(uid); member != members_.end()) member->second.owner->request(request);
}

std::optional<PodNews> PodThreads::wait(std::optional<base::WallTime> until) {
  auto queue = queue_.lock();
  const auto ready = [&] { return queue->woken || !queue->news.empty(); };
  if (!until)
    queue.wait(changed_, ready);
  else if (!queue.wait_until(changed_, *until, ready))
    return std::nullopt;
  queue->woken = false;
  if (queue->news.empty()) return std::nullopt;
  PodNews news = std::move(queue->news.front());
  queue->news.pop_front();
  queue.unlock();
  if (std::holds_alternative<PodEnded>(news.what)) {
    const auto member = members_.find(news.uid);
    member->second.thread.join();
    members_.erase(member);
  }
  return news;
}

}  // namespace agent::workloads
