#include "runtime/shim/loop.h"

#include <cerrno>

#include "runtime/shim/memory.h"

namespace runtime::shim {

base::Result<Loop> Loop::create() {
  base::UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return base::fail_errno(errno, "epoll_create1");
  return Loop(std::move(epoll));
}

base::Status Loop::add(int fd, Watcher& watcher) {
  struct epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &watcher;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) < 0) return base::fail_errno(errno, "watch a descriptor");
  return {};
}

void Loop::remove(int fd) { ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

bool Loop::step(std::chrono::milliseconds wait) {
  struct epoll_event event{};
  const int timeout = wait.count() < 0 ? -1 : static_cast<int>(wait.count());
  const int count = ::epoll_wait(epoll_.get(), &event, 1, timeout);
  return handle(count, event);
}

bool Loop::step_frugally() {
  struct epoll_event event{};
  return handle(release_code_and_wait(epoll_.get(), &event), event);
}

bool Loop::handle(int count, const struct epoll_event& event) {
  if (count <= 0) return count < 0 && errno == EINTR;
  static_cast<Watcher*>(event.data.ptr)->ready();
  return true;
}

}  // namespace runtime::shim
