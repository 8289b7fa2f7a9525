// EventLoop: one thread's epoll, with timers, signals and work posted from other threads.
//
// Everything but post() and stop() belongs to the thread that runs the loop. Callbacks run on that thread, one at a
// time, and may add and remove any source, themselves included. A callback that was removed is not called any more,
// even where its event had already been fetched.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace base {

class EventLoop {
 public:
  using TimerId = uint64_t;
  // As step()'s wait: until something happens.
  static constexpr std::chrono::milliseconds kForever = std::chrono::milliseconds::max();

  // Timers are due by this clock, which must outlive the loop.
  static Result<std::unique_ptr<EventLoop>> create(const Clock& clock = system_clock());
  // Drops what was posted and not run. Signals taken by on_signals() stay blocked in their thread.
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // events: EPOLLIN, EPOLLOUT … (level-triggered). The callback gets the ready events. A pidfd is ready (EPOLLIN) when
  // its process has ended. The caller keeps owning the descriptor and removes it here before closing it.
  // kAlreadyExists when the descriptor is there already.
  Status add(int fd, uint32_t events, std::function<void(uint32_t)> ready);
  // kNotFound for a descriptor that was not added.
  Status modify(int fd, uint32_t events);
  // A descriptor that was not added: nothing happens.
  void remove(int fd);

  // Runs once when the delay has passed; timers that are due together run in the order in which they are due.
  TimerId after(std::chrono::nanoseconds delay, std::function<void()> due);
  // A timer that has run or is unknown: nothing happens.
  void cancel(TimerId timer);

  // Blocks these signals in the calling thread (block them in every other thread too: signal(7) picks any that does
  // not) and delivers them here instead. A signal given again gets the new callback.
  Status on_signals(const std::vector<int>& signals, const std::function<void(int)>& received);

  // From any thread: runs the function on the loop's thread, in the order of the calls.
  void post(std::function<void()> work);
  // From any thread and for good: run() returns after the current callback.
  void stop();

  // Handles what is ready, waiting at most `wait` for something; false once stopped. Tests call it directly.
  Result<bool> step(std::chrono::milliseconds wait);
  Status run();

 private:
  struct Impl;
  explicit EventLoop(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace base
