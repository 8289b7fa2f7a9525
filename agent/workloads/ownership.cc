#include "agent/workloads/ownership.h"

#include "agent/pods/control.h"
#include "agent/pods/pod_record.h"

namespace agent::workloads {

namespace {

constexpr std::chrono::milliseconds kLockWait(100);
constexpr std::chrono::seconds kOwnerChange(10);  // an owner that starts or goes holds the lock, but does not listen

}  // namespace

base::Result<std::unique_ptr<Ownership>> Ownership::take(const Surroundings& around, const std::string& uid,
                                                         const std::string& what, const std::string& reference) {
  // A sweep holds the locks of what has no owner for a moment.
  auto lock = pods::lock_pod(around.options.paths, uid, kLockWait);
  if (lock) return std::unique_ptr<Ownership>(new Ownership(around, uid, *std::move(lock)));
  const base::Code code = lock.error().code();
  if (code != base::Code::kDeadlineExceeded && code != base::Code::kUnavailable)
    return std::unexpected(std::move(lock.error()));
  return base::fail(base::Code::kUnavailable, what,
                    " is already run by another process; stop it first with `nodeagent stop ", reference, "`");
}

Ownership::Ownership(const Surroundings& around, std::string uid, base::FileLock lock)
    : around_(around), uid_(std::move(uid)), lock_(std::move(lock)) {}

Ownership::~Ownership() { stop_listening(); }

base::Status Ownership::listen() {
  control_ = TRY(pods::ControlServer::start(around_.options.paths, uid_, [this](const pods::StopRequest& request) {
    asked_.with([&](auto& asked) { merge(asked, request); });
    around_.threads.wake();
  }));
  return {};
}

void Ownership::stop_listening() { control_.reset(); }

std::optional<pods::StopRequest> Ownership::asked() {
  return asked_.with([](auto& asked) { return std::exchange(asked, {}); });
}

base::Status ask_or_act(const pods::Options& options, const std::string& uid, const pods::StopRequest& request,
                        const std::stop_token& cancel, const std::function<base::Status()>& act) {
  base::Monotonic give_up = std::chrono::steady_clock::now() + kOwnerChange;
  while (true) {
    const auto lock = pods::lock_pod(options.paths, uid);
    if (lock) return act();
    if (lock.error().code() != base::Code::kUnavailable) return std::unexpected(lock.error());
    const base::Status asked = pods::ask_owner(options.paths, uid, request, cancel);
    if (asked) {  // the owner is done with it, or has died: see what it leaves
      give_up = std::chrono::steady_clock::now() + kOwnerChange;
      continue;
    }
    const bool between_owners = asked.error().code() == base::Code::kUnavailable;
    if (!between_owners || std::chrono::steady_clock::now() > give_up) return asked;
    pods::wait_for_pod_lock(options.paths, uid, kLockWait);
  }
}

}  // namespace agent::workloads
