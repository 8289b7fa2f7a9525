// The shim's event loop: epoll, one event a turn. One at a time gives every container and client its fair share (epoll
// queues a descriptor that is still ready behind the others), and lets a handler destroy any watcher it likes.
#pragma once

#include <sys/epoll.h>

#include <chrono>
#include <cstdint>

#include "base/error.h"
#include "base/unique_fd.h"

namespace runtime::shim {

class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void ready() = 0;
};

// Calls a member function: `MemberWatcher<Container, &Container::on_exit> exit_{*this};`
template <typename Owner, void (Owner::*kMember)()>
class MemberWatcher final : public Watcher {
 public:
  explicit MemberWatcher(Owner& owner) : owner_(owner) {}
  void ready() override { (owner_.*kMember)(); }

 private:
  Owner& owner_;
};

class Loop {
 public:
  static base::Result<Loop> create();
  // Calls the watcher whenever the descriptor is readable or hung up, until it is removed. Remove before closing.
  base::Status add(int fd, Watcher& watcher);
  void remove(int fd);
  // Handles one event; false when none came within `wait` (negative: for ever).
  bool step(std::chrono::milliseconds wait);
  // As step for ever, holding as little memory as possible meanwhile (memory.h).
  bool step_frugally();

 private:
  static bool handle(int count, const struct epoll_event& event);
  explicit Loop(base::UniqueFd epoll) : epoll_(std::move(epoll)) {}
  base::UniqueFd epoll_;
};

}  // namespace runtime::shim
