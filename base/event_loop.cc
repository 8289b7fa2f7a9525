#include "base/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/synchronized.h"
#include "base/unique_fd.h"

namespace base {

namespace {

// Sources are known to epoll by a number that is never used twice: an event that was fetched before its descriptor was
// removed cannot reach another source that got the same descriptor number.
using SourceId = uint64_t;
constexpr SourceId kWakeup = 0;

struct Source {
  int fd;
  std::function<void(uint32_t)> ready;
};

struct Timer {
  EventLoop::TimerId id;
  std::function<void()> due;
};

}  // namespace

struct EventLoop::Impl {
  explicit Impl(const Clock& clock_in) : clock(clock_in) {}

  const Clock& clock;
  UniqueFd epoll;
  UniqueFd wakeup;  // eventfd: readable when something was posted or the loop stopped

  // The loop's thread only.
  std::unordered_map<SourceId, std::shared_ptr<Source>> sources;
  std::unordered_map<int, SourceId> ids;
  SourceId next_source = kWakeup + 1;
  std::multimap<Monotonic, Timer> timers;
  std::unordered_map<TimerId, std::multimap<Monotonic, Timer>::iterator> timers_by_id;
  TimerId next_timer = 1;
  UniqueFd signals;
  sigset_t signal_set{};
  std::map<int, std::function<void(int)>> on_signal;

  // Any thread.
  Synchronized<std::deque<std::function<void()>>> posted;
  std::atomic<bool> stopped = false;

  void wake() const;
  Status wait_for_events(std::chrono::milliseconds wait);
  void run_ready(const struct epoll_event& event);
  void run_posted();
  void run_timers();
  void read_signals();
};

void EventLoop::Impl::wake() const {
  const uint64_t one = 1;
  // The only failure is EAGAIN: the counter is full, so the loop is being woken anyway.
  (void)!::write(wakeup.get(), &one, sizeof(one));
}

void EventLoop::Impl::run_ready(const struct epoll_event& event) {
  const uint64_t id = event.data.u64;  // the struct is packed: nothing may refer to it
  if (id == kWakeup) {
    uint64_t count = 0;
    (void)!::read(wakeup.get(), &count, sizeof(count));
    return;
  }
  const auto found = sources.find(id);
  if (found == sources.end()) return;
  // Held for the length of the call: the callback may remove itself.
  const std::shared_ptr<Source> source = found->second;
  source->ready(event.events);
}

void EventLoop::Impl::run_posted() {
  // What this work posts waits for the next step, or descriptors and timers would starve.
  std::deque<std::function<void()>> work = posted.with([](auto& all) { return std::exchange(all, {}); });
  while (!work.empty() && !stopped) {
    const std::function<void()> next = std::move(work.front());
    work.pop_front();
    next();
  }
}

void EventLoop::Impl::run_timers() {
  std::vector<TimerId> due;
  const auto end = timers.upper_bound(clock.now());
  for (auto timer = timers.begin(); timer != end; ++timer) due.push_back(timer->second.id);
  for (const TimerId id : due) {
    if (stopped) return;
    const auto found = timers_by_id.find(id);
    if (found == timers_by_id.end()) continue;  // an earlier one cancelled it
    const std::function<void()> run = std::move(found->second->second.due);
    timers.erase(found->second);
    timers_by_id.erase(found);
    run();
  }
}

void EventLoop::Impl::read_signals() {
  struct signalfd_siginfo info{};
  while (!stopped && ::read(signals.get(), &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info))) {
    const auto found = on_signal.find(static_cast<int>(info.ssi_signo));
    if (found == on_signal.end()) continue;
    const std::function<void(int)> received = found->second;
    received(static_cast<int>(info.ssi_signo));
  }
}

Status EventLoop::Impl::wait_for_events(std::chrono::milliseconds wait) {
  std::optional<std::chrono::nanoseconds> limit;
  if (wait != kForever) limit = std::min<std::chrono::milliseconds>(wait, std::chrono::hours(24));
  if (!timers.empty()) {
    const std::chrono::nanoseconds until_timer = timers.begin()->first - clock.now();
    limit = std::max(std::chrono::nanoseconds(0), limit ? std::min(*limit, until_timer) : until_timer);
  }
  struct timespec timeout{};
  if (limit) {
    timeout.tv_sec = limit->count() / 1'000'000'000;
    timeout.tv_nsec = limit->count() % 1'000'000'000;
  }
  std::array<struct epoll_event, 64> events{};
  // epoll_pwait2 (Linux 5.11): epoll_wait's milliseconds would round every timer.
  const int count =
      ::epoll_pwait2(epoll.get(), events.data(), static_cast<int>(events.size()), limit ? &timeout : nullptr, nullptr);
  if (count < 0 && errno != EINTR) return fail_errno(errno, "wait for events");
  for (int i = 0; i < count && !stopped; ++i) run_ready(events.at(static_cast<size_t>(i)));
  return {};
}

EventLoop::EventLoop(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EventLoop::~EventLoop() = default;

Result<std::unique_ptr<EventLoop>> EventLoop::create(const Clock& clock) {
  auto impl = std::make_unique<Impl>(clock);
  impl->epoll = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
  if (!impl->epoll) return fail_errno(errno, "make an event loop");
  impl->wakeup = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!impl->wakeup) return fail_errno(errno, "make an event loop");
  struct epoll_event event{.events = EPOLLIN, .data = {.u64 = kWakeup}};
  if (::epoll_ctl(impl->epoll.get(), EPOLL_CTL_ADD, impl->wakeup.get(), &event) < 0) {
    return fail_errno(errno, "make an event loop");
  }
  ::sigemptyset(&impl->signal_set);
  return std::unique_ptr<EventLoop>(new EventLoop(std::move(impl)));
}

Status EventLoop::add(int fd, uint32_t events, std::function<void(uint32_t)> ready) {
  const SourceId id = impl_->next_source++;
  struct epoll_event event{.events = events, .data = {.u64 = id}};
  if (::epoll_ctl(impl_->epoll.get(), EPOLL_CTL_ADD, fd, &event) < 0) {
    return fail_errno(errno, "watch descriptor ", fd);
  }
  impl_->sources.emplace(id, std::make_shared<Source>(Source{fd, std::move(ready)}));
  impl_->ids[fd] = id;
  return {};
}

Status EventLoop::modify(int fd, uint32_t events) {
  const auto found = impl_->ids.find(fd);
  if (found == impl_->ids.end()) return fail(Code::kNotFound, "descriptor ", fd, " is not watched");
  struct epoll_event event{.events = events, .data = {.u64 = found->second}};
  if (::epoll_ctl(impl_->epoll.get(), EPOLL_CTL_MOD, fd, &event) < 0) {
    return fail_errno(errno, "watch descriptor ", fd);
  }
  return {};
}

void EventLoop::remove(int fd) {
  const auto found = impl_->ids.find(fd);
  if (found == impl_->ids.end()) return;
  ::epoll_ctl(impl_->epoll.get(), EPOLL_CTL_DEL, fd, nullptr);
  impl_->sources.erase(found->second);
  impl_->ids.erase(found);
}

EventLoop::TimerId EventLoop::after(std::chrono::nanoseconds delay, std::function<void()> due) {
  const Monotonic now = impl_->clock.now();
  const Monotonic time = delay > Monotonic::max() - now ? Monotonic::max() : now + delay;
  const TimerId id = impl_->next_timer++;
  impl_->timers_by_id[id] = impl_->timers.emplace(time, Timer{id, std::move(due)});
  return id;
}

void EventLoop::cancel(TimerId timer) {
  const auto found = impl_->timers_by_id.find(timer);
  if (found == impl_->timers_by_id.end()) return;
  impl_->timers.erase(found->second);
  impl_->timers_by_id.erase(found);
}

Status EventLoop::on_signals(const std::vector<int>& signals, const std::function<void(int)>& received) {
  for (const int signal : signals) ::sigaddset(&impl_->signal_set, signal);
  if (const int error = ::pthread_sigmask(SIG_BLOCK, &impl_->signal_set, nullptr); error != 0) {
    return fail_errno(error, "block signals");
  }
  const int fd = ::signalfd(impl_->signals ? impl_->signals.get() : -1, &impl_->signal_set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (fd < 0) return fail_errno(errno, "make a signal descriptor");
  for (const int signal : signals) impl_->on_signal[signal] = received;
  if (impl_->signals) return {};
  impl_->signals = UniqueFd(fd);
  return add(fd, EPOLLIN, [this](uint32_t) { impl_->read_signals(); });
}

void EventLoop::post(std::function<void()> work) {
  impl_->posted.with([&](auto& all) { all.push_back(std::move(work)); });
  impl_->wake();
}

void EventLoop::stop() {
  impl_->stopped = true;
  impl_->wake();
}

Result<bool> EventLoop::step(std::chrono::milliseconds wait) {
  if (impl_->stopped) return false;
  TRY(impl_->wait_for_events(wait));
  impl_->run_posted();
  impl_->run_timers();
  return !impl_->stopped;
}

Status EventLoop::run() {
  while (TRY(step(kForever))) {
  }
  return {};
}

}  // namespace base
