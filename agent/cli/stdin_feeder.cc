#include "agent/cli/stdin_feeder.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace agent::cli {

base::Result<std::unique_ptr<StdinFeeder>> StdinFeeder::start() {
  base::UniqueFd wake(::eventfd(0, EFD_CLOEXEC));
  if (!wake) return base::fail_errno(errno, "make an eventfd");
  std::unique_ptr<StdinFeeder> self(new StdinFeeder(std::move(wake)));
  self->thread_ = std::thread([raw = self.get()] {
    ::pthread_setname_np(::pthread_self(), "stdin");
    raw->copy();
  });
  return self;
}

StdinFeeder::~StdinFeeder() {
  state_.with([](State& state) { state.stop = true; });
  (void)::eventfd_write(wake_.get(), 1);
  thread_.join();
}

void StdinFeeder::feed(base::UniqueFd input) {
  state_.with([&](State& state) { state.next = std::move(input); });
  (void)::eventfd_write(wake_.get(), 1);
}

bool StdinFeeder::stopped() {
  return state_.with([](State& state) { return state.stop; });
}

void StdinFeeder::copy() {
  base::UniqueFd input;
  bool ended = false;  // our own standard input
  while (!stopped()) {
    std::array<struct pollfd, 2> ready{{{.fd = wake_.get(), .events = POLLIN, .revents = 0},
                                        {.fd = input && !ended ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0}}};
    if (::poll(ready.data(), ready.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return;
    }
    if (ready[0].revents != 0) {
      eventfd_t count = 0;
      (void)::eventfd_read(wake_.get(), &count);
      base::UniqueFd next = state_.with([](State& state) { return std::move(state.next); });
      if (next) input = std::move(next);
      if (ended) input.reset();  // a restarted container finds the end of file, too
      continue;
    }
    if (ready[1].revents == 0 || pass_on(input.get())) continue;
    struct pollfd reader{.fd = input.get(), .events = 0, .revents = 0};
    const bool container_closed = ::poll(&reader, 1, 0) > 0 && (reader.revents & POLLERR) != 0;
    ended = !container_closed;
    input.reset();
  }
}

bool StdinFeeder::pass_on(int input) {
  std::array<char, 65536> buffer{};
  const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  if (got == 0) return false;
  for (ssize_t done = 0; done < got;) {
    const ssize_t written = ::write(input, buffer.data() + done, static_cast<size_t>(got - done));
    if (written >= 0) {
      done += written;
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return false;
    // The container reads slowly: wait for it, or for our end.
    std::array<struct pollfd, 2> ready{
        {{.fd = input, .events = POLLOUT, .revents = 0}, {.fd = wake_.get(), .events = POLLIN, .revents = 0}}};
    if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) return false;
    if (ready[1].revents != 0) return true;
  }
  return true;
}

}  // namespace agent::cli
