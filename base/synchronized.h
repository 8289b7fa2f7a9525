// Synchronized<T>: state that cannot be touched without its lock.
#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>

namespace base {

template <typename T>
class Synchronized {
 public:
  Synchronized() = default;
  explicit Synchronized(T value) : value_(std::move(value)) {}

  // The lock together with access to the value, for as long as it lives.
  class Locked {
   public:
    T& operator*() { return *value_; }
    T* operator->() { return value_; }
    // Waits on a condition variable with this lock; true when the predicate holds.
    template <typename Predicate>
    void wait(std::condition_variable& changed, Predicate predicate) {
      changed.wait(lock_, std::move(predicate));
    }
    template <typename Deadline, typename Predicate>
    bool wait_until(std::condition_variable& changed, Deadline deadline, Predicate predicate) {
      return changed.wait_until(lock_, deadline, std::move(predicate));
    }
    // For work that must not be done under the lock; nothing may be touched until relock().
    void unlock() { lock_.unlock(); }
    void relock() { lock_.lock(); }

   private:
    friend class Synchronized;
    Locked(std::mutex& mutex, T* value) : lock_(mutex), value_(value) {}
    std::unique_lock<std::mutex> lock_;
    T* value_;
  };

  [[nodiscard]] Locked lock() { return Locked(mutex_, &value_); }

  // Runs the function with the value locked and gives its result.
  template <typename Function>
  auto with(Function&& function) {
    const std::lock_guard<std::mutex> guard(mutex_);
    return std::forward<Function>(function)(value_);
  }
  template <typename Function>
  auto with(Function&& function) const {
    const std::lock_guard<std::mutex> guard(mutex_);
    return std::forward<Function>(function)(value_);
  }

 private:
  mutable std::mutex mutex_;
  T value_;
};

}  // namespace base
