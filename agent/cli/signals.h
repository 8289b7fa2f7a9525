// SignalThread: signals of the process as calls on a thread of its own.
#pragma once

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/event_loop.h"

namespace agent::cli {

// Blocks the signals in the calling thread: make it before any other thread is started, so that those inherit that.
class SignalThread {
 public:
  static base::Result<std::unique_ptr<SignalThread>> start(const std::vector<int>& signals,
                                                           std::function<void(int)> received);
  // From here on the callback is not called any more; the signals stay blocked.
  ~SignalThread();
  SignalThread(const SignalThread&) = delete;
  SignalThread& operator=(const SignalThread&) = delete;

 private:
  explicit SignalThread(std::unique_ptr<base::EventLoop> loop) : loop_(std::move(loop)) {}
  std::unique_ptr<base::EventLoop> loop_;
  std::thread thread_;
};

}  // namespace agent::cli
