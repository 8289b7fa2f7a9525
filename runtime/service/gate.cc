#include "runtime/service/gate.h"

#include <algorithm>

namespace runtime::service {

using base::FileLock;
using base::Result;

Gates::Held::Held(Held&& other) noexcept
    : gates_(std::exchange(other.gates_, nullptr)), key_(std::move(other.key_)), lock_(std::move(other.lock_)) {
  other.lock_.reset();
}

Gates::Held::~Held() {
  if (gates_ == nullptr) return;
  lock_.reset();
  gates_->inside_.lock()->erase(key_);
  gates_->left_.notify_all();
}

Result<Gates::Held> Gates::enter(const cri::CallContext& context, const std::string& key,
                                 const std::string& lock_file) {
  const auto now = std::chrono::steady_clock::now();
  const auto deadline = std::min(context.deadline, now + kLongestWait);
  {
    auto inside = inside_.lock();
    const bool free = inside.wait_until(left_, deadline, [&] { return !inside->contains(key); });
    if (!free) return base::fail(base::Code::kDeadlineExceeded, "another operation on ", key, " is still running");
    inside->insert(key);
  }
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  Result<FileLock> lock = FileLock::acquire(lock_file, FileLock::Mode::kExclusive, left);
  if (!lock) {
    inside_.lock()->erase(key);
    left_.notify_all();
    return std::unexpected(std::move(lock).error());
  }
  return Held(this, key, *std::move(lock));
}

Result<Gates::Held> Gates::try_enter(const std::string& key, const std::string& lock_file) {
  if (!inside_.lock()->insert(key).second) {
    return base::fail(base::Code::kUnavailable, "another operation on ", key, " is running");
  }
  Result<FileLock> lock = FileLock::try_acquire(lock_file, FileLock::Mode::kExclusive);
  if (!lock) {
    inside_.lock()->erase(key);
    left_.notify_all();
    return std::unexpected(std::move(lock).error());
  }
  return Held(this, key, *std::move(lock));
}

}  // namespace runtime::service
