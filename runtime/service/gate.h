// Gates: one operation at a time on one sandbox, over all threads and processes that use one --root.
//
// A gate is not a mutex: it is held across blocking system calls, waited for with a deadline, and, being a flock(2) as
// well, lets go when its process dies. A sandbox that is half made and whose gate is open was left by a dead process.
#pragma once

#include <condition_variable>
#include <optional>
#include <set>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "base/synchronized.h"
#include "cri-proto/service.h"

namespace runtime::service {

class Gates {
 public:
  // Open again when it goes.
  class Held {
   public:
    Held(Held&& other) noexcept;
    Held& operator=(Held&&) = delete;
    ~Held();

   private:
    friend class Gates;
    Held(Gates* gates, std::string key, base::FileLock lock)
        : gates_(gates), key_(std::move(key)), lock_(std::move(lock)) {}
    Gates* gates_;
    std::string key_;
    std::optional<base::FileLock> lock_;
  };

  // Waits for the gate until the context's deadline, at most kLongestWait.
  base::Result<Held> enter(const cri::CallContext& context, const std::string& key, const std::string& lock_file);
  // kUnavailable at once when another thread or process is inside.
  base::Result<Held> try_enter(const std::string& key, const std::string& lock_file);

 private:
  static constexpr std::chrono::minutes kLongestWait{5};

  base::Synchronized<std::set<std::string>> inside_;
  std::condition_variable left_;
};

}  // namespace runtime::service
