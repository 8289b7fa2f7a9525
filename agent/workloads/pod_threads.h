// PodThreads: the pods of one process, each driven to its end by a thread of its own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <variant>

#include "agent/api/pod_status.h"
#include "agent/pods/pod_owner.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/synchronized.h"

namespace agent::workloads {

// What the threads tell.
struct PodStarted {};  // every container has been started
struct PodChanged {
  api::PodStatus status;
};
struct PodEnded {
  base::Result<pods::Outcome> outcome;  // an error: the runtime or the disk failed it
};
struct PodNews {
  std::string uid;
  std::variant<PodStarted, PodChanged, PodEnded> what;
};

// Everything but wake() and leave() belongs to one thread.
class PodThreads {
 public:
  using ObserverOf = std::function<pods::Observer(const api::Pod&)>;
  // observer_of: what each pod's owner tells, on that pod's thread. What deps points to outlives the object.
  PodThreads(pods::Deps deps, ObserverOf observer_of);
  // Leaves the pods that have not ended.
  ~PodThreads();
  PodThreads(const PodThreads&) = delete;
  PodThreads& operator=(const PodThreads&) = delete;

  const pods::Deps& deps() const { return deps_; }

  // As PodOwner::adopt_or_create(); the pod is driven from start() on, and forgotten if that never comes.
  base::Status take(const api::Pod& pod, const pods::Options& options);
  void start(const std::string& uid);
  bool has(const std::string& uid) const { return members_.contains(uid); }
  // Of a pod that has been taken: for one that has not been started it counts as soon as it is.
  void ask(const std::string& uid, const pods::StopRequest& request);

  // The next thing that a pod has to tell; nothing when `until` has come, or wake() was called. A pod that has ended is
  // no longer there.
  std::optional<PodNews> wait(std::optional<base::WallTime> until);
  // From any thread.
  void wake();
  // From any thread: the pods run on without an owner, and each tells that it has been detached.
  void leave() { leaving_.request_stop(); }

 private:
  struct Member {
    std::unique_ptr<pods::PodOwner> owner;
    std::thread thread;
  };
  struct Queue {
    std::deque<PodNews> news;
    bool woken = false;
  };
  void tell(PodNews news);
  pods::Observer listen(const std::string& uid, const pods::Observer& user);

  const pods::Deps deps_;
  const ObserverOf observer_of_;
  std::stop_source leaving_;
  std::map<std::string, Member> members_;
  base::Synchronized<Queue> queue_;
  std::condition_variable changed_;
};

}  // namespace agent::workloads
