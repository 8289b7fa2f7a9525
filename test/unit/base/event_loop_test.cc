#include "base/event_loop.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <thread>
#include <vector>

#include "base/spawn.h"
#include "base/sys.h"
#include "base/unique_fd.h"

using base::EventLoop;
using base::UniqueFd;
using namespace std::chrono_literals;

namespace {

class FakeClock final : public base::Clock {
 public:
  base::Monotonic now() const override { return now_; }
  base::WallTime wall() const override { return {}; }
  void advance(std::chrono::nanoseconds by) { now_ += by; }

 private:
  base::Monotonic now_{1000s};
};

struct Pipe {
  UniqueFd read;
  UniqueFd write;
  Pipe() {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0);
    read = UniqueFd(ends[0]);
    write = UniqueFd(ends[1]);
  }
  void put(char character) const { REQUIRE(::write(write.get(), &character, 1) == 1); }
  void take() const {
    char character = 0;
    REQUIRE(::read(read.get(), &character, 1) == 1);
  }
};

void step(EventLoop& loop, std::chrono::milliseconds wait = 0ms) { REQUIRE(loop.step(wait).value()); }

}  // namespace

TEST_CASE("a ready descriptor is told once a step, for as long as it is ready") {
  const auto loop = EventLoop::create().value();
  const Pipe pipe;
  int calls = 0;
  REQUIRE(loop->add(pipe.read.get(), EPOLLIN, [&](uint32_t events) {
    CHECK((events & EPOLLIN) != 0);
    ++calls;
  }));
  step(*loop);
  CHECK(calls == 0);
  pipe.put('x');
  step(*loop, 10s);
  step(*loop, 10s);
  CHECK(calls == 2);
  pipe.take();
  step(*loop);
  CHECK(calls == 2);
}

TEST_CASE("what is watched can change") {
  const auto loop = EventLoop::create().value();
  const Pipe pipe;
  uint32_t seen = 0;
  REQUIRE(loop->add(pipe.write.get(), 0, [&](uint32_t events) { seen = events; }));
  CHECK(loop->add(pipe.write.get(), 0, [](uint32_t) {}).error().code() == base::Code::kAlreadyExists);
  step(*loop);
  CHECK(seen == 0);
  REQUIRE(loop->modify(pipe.write.get(), EPOLLOUT));
  step(*loop, 10s);
  CHECK(seen == EPOLLOUT);
  CHECK(loop->modify(pipe.read.get(), EPOLLIN).error().code() == base::Code::kNotFound);
  loop->remove(pipe.read.get());
}

TEST_CASE("a callback may remove itself and any other source, whose fetched event is then dropped") {
  const auto loop = EventLoop::create().value();
  const Pipe first;
  const Pipe second;
  int calls = 0;
  // Whichever is called first removes both.
  const auto remove_both = [&](uint32_t) {
    ++calls;
    loop->remove(first.read.get());
    loop->remove(second.read.get());
  };
  REQUIRE(loop->add(first.read.get(), EPOLLIN, remove_both));
  REQUIRE(loop->add(second.read.get(), EPOLLIN, remove_both));
  first.put('x');
  second.put('x');
  step(*loop, 10s);
  step(*loop);
  CHECK(calls == 1);
}

TEST_CASE("an event of a removed source does not reach the one that took over its descriptor") {
  const auto loop = EventLoop::create().value();
  Pipe first;
  Pipe second;
  int new_calls = 0;
  const auto replace = [&](Pipe& other) {
    loop->remove(first.read.get());
    loop->remove(second.read.get());
    // The same number, now an empty pipe.
    const Pipe fresh;
    const int number = other.read.get();
    REQUIRE(::dup3(fresh.read.get(), number, O_CLOEXEC) == number);
    REQUIRE(loop->add(number, EPOLLIN, [&](uint32_t events) { new_calls += (events & EPOLLIN) != 0 ? 1 : 0; }));
  };
  REQUIRE(loop->add(first.read.get(), EPOLLIN, [&](uint32_t) { replace(second); }));
  REQUIRE(loop->add(second.read.get(), EPOLLIN, [&](uint32_t) { replace(first); }));
  first.put('x');
  second.put('x');
  step(*loop, 10s);
  CHECK(new_calls == 0);
}

TEST_CASE("timers run when they are due, by the clock that was handed in, in order") {
  FakeClock clock;
  const auto loop = EventLoop::create(clock).value();
  std::string order;
  loop->after(20ms, [&] { order += 'c'; });
  loop->after(10ms, [&] { order += 'a'; });
  loop->after(10ms, [&] { order += 'b'; });
  step(*loop);
  CHECK(order.empty());
  clock.advance(10ms);
  step(*loop);
  CHECK(order == "ab");
  clock.advance(1h);
  step(*loop);
  step(*loop);
  CHECK(order == "abc");
}

TEST_CASE("a timer can be cancelled, also by one that is due at the same time") {
  FakeClock clock;
  const auto loop = EventLoop::create(clock).value();
  std::string order;
  EventLoop::TimerId second = 0;
  loop->after(1ms, [&] {
    order += '1';
    loop->cancel(second);
  });
  second = loop->after(1ms, [&] { order += '2'; });
  const EventLoop::TimerId third = loop->after(1ms, [&] { order += '3'; });
  loop->cancel(third);
  loop->cancel(third);
  clock.advance(1s);
  step(*loop);
  CHECK(order == "1");
}

TEST_CASE("a timer that sets itself again does not hold the loop") {
  FakeClock clock;
  const auto loop = EventLoop::create(clock).value();
  int runs = 0;
  std::function<void()> again = [&] {
    ++runs;
    loop->after(0ns, again);
  };
  loop->after(0ns, again);
  step(*loop);
  CHECK(runs == 1);
  step(*loop);
  CHECK(runs == 2);
}

TEST_CASE("a step waits no longer than until the next timer, and no shorter") {
  const auto loop = EventLoop::create().value();
  bool due = false;
  const auto begin = std::chrono::steady_clock::now();
  loop->after(2ms, [&] { due = true; });
  while (!due) step(*loop, 10s);
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK(took >= 2ms);
  CHECK(took < 5s);
  loop->after(std::chrono::nanoseconds::max(), [] { FAIL("never due"); });
  step(*loop);
}

TEST_CASE("posted work runs in order, and what it posts runs in the next step") {
  const auto loop = EventLoop::create().value();
  std::string order;
  loop->post([&] {
    order += '1';
    loop->post([&] { order += '3'; });
  });
  loop->post([&] { order += '2'; });
  step(*loop, 10s);
  CHECK(order == "12");
  step(*loop, 10s);
  CHECK(order == "123");
}

TEST_CASE("other threads post and stop while the loop runs") {
  const auto loop = EventLoop::create().value();
  int sum = 0;  // the loop's thread only
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 250; ++j) {
        loop->post([&] {
          if (++sum == 1000) loop->stop();
        });
      }
    });
  }
  REQUIRE(loop->run());
  for (std::thread& thread : threads) thread.join();
  CHECK(sum == 1000);
  CHECK_FALSE(loop->step(0ms).value());
}

TEST_CASE("after a stop nothing more is run") {
  const auto loop = EventLoop::create().value();
  int runs = 0;
  loop->post([&] {
    ++runs;
    loop->stop();
  });
  loop->post([&] { ++runs; });
  loop->after(0ns, [&] { ++runs; });
  REQUIRE(loop->run());
  CHECK(runs == 1);
}

TEST_CASE("signals come as callbacks") {
  sigset_t before;
  REQUIRE(::pthread_sigmask(SIG_SETMASK, nullptr, &before) == 0);
  {
    const auto loop = EventLoop::create().value();
    std::vector<int> received;
    REQUIRE(loop->on_signals({SIGUSR1}, [&](int signal) { received.push_back(signal); }));
    REQUIRE(loop->on_signals({SIGUSR2}, [&](int signal) { received.push_back(-signal); }));
    ::pthread_kill(::pthread_self(), SIGUSR1);
    ::pthread_kill(::pthread_self(), SIGUSR2);
    step(*loop, 10s);
    CHECK(received == std::vector<int>{SIGUSR1, -SIGUSR2});
  }
  REQUIRE(::pthread_sigmask(SIG_SETMASK, &before, nullptr) == 0);
}

TEST_CASE("a pidfd is ready when its process has ended") {
  const auto loop = EventLoop::create().value();
  base::Child child = base::spawn({.arguments = {"/bin/sh", "-c", "exit 5"}}).value();
  bool ended = false;
  REQUIRE(loop->add(child.pidfd(), EPOLLIN, [&](uint32_t) {
    ended = true;
    loop->remove(child.pidfd());
  }));
  step(*loop, 10s);
  CHECK(ended);
  CHECK(child.wait(0ms).value().code == 5);
}
