#include "agent/cli/signals.h"

#include <pthread.h>

#include "base/log.h"

namespace agent::cli {

base::Result<std::unique_ptr<SignalThread>> SignalThread::start(const std::vector<int>& signals,
                                                                std::function<void(int)> received) {
  std::unique_ptr<base::EventLoop> loop = TRY(base::EventLoop::create());
  TRY(loop->on_signals(signals, std::move(received)), "take over signals");
  std::unique_ptr<SignalThread> self(new SignalThread(std::move(loop)));
  self->thread_ = std::thread([events = self->loop_.get()] {
    ::pthread_setname_np(::pthread_self(), "signals");
    if (const base::Status ran = events->run(); !ran.has_value())
      base::log::error({}, "signals are no longer received: ", ran.error().to_string());
  });
  return self;
}

SignalThread::~SignalThread() {
  loop_->stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace agent::cli
