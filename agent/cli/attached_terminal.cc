#include "agent/cli/attached_terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/log.h"
#include "base/sys.h"

namespace agent::cli {

namespace {

constexpr int kPipeBytes = 1 << 20;  // how far the terminal may be behind before it takes the rest from the log

struct Pipe {
  base::UniqueFd read;
  base::UniqueFd write;
};

base::Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) < 0) return base::fail_errno(errno, "make a pipe");
  // Where this is refused it holds less, which only sends us to the log sooner.
  (void)::fcntl(ends[1], F_SETPIPE_SZ, kPipeBytes);
  return Pipe{base::UniqueFd(ends[0]), base::UniqueFd(ends[1])};
}

}  // namespace

base::Result<std::unique_ptr<AttachedTerminal>> AttachedTerminal::start(cri::LocalRuntime& runtime, Hooks hooks) {
  base::UniqueFd wake(::eventfd(0, EFD_CLOEXEC));
  if (!wake) return base::fail_errno(errno, "make an eventfd");
  SizeChanges resized = TRY(SizeChanges::watch());
  std::unique_ptr<AttachedTerminal> self(
      new AttachedTerminal(runtime, std::move(hooks), std::move(resized), std::move(wake)));
  self->thread_ = std::thread([raw = self.get()] {
    ::pthread_setname_np(::pthread_self(), "terminal");
    raw->work();
  });
  return self;
}

AttachedTerminal::~AttachedTerminal() {
  state_.with([](State& state) { state.stop = true; });
  changed_.notify_all();
  (void)::eventfd_write(wake_.get(), 1);
  thread_.join();
}

void AttachedTerminal::show(const pods::ContainerLog& run) {
  state_.with([&](State& state) { state.next = run; });
  changed_.notify_all();
}

void AttachedTerminal::drain() {
  auto state = state_.lock();
  state->draining = true;
  changed_.notify_all();
  state.wait(changed_, [&] { return !state->draining; });
}

void AttachedTerminal::work() {
  while (true) {
    auto state = state_.lock();
    state.wait(changed_, [&] { return state->stop || state->next || state->draining; });
    if (state->stop) return;
    const std::optional<pods::ContainerLog> next = std::exchange(state->next, std::nullopt);
    state.unlock();
    base::Status done;
    // What a run wrote last may have come into its log after we had looked.
    if (shown_ && !let_go_) done = shown_->finish();
    if (done && next && !let_go_) done = join(*next);
    if (!done) {
      let_go_ = true;
      hooks_.reader_gone();
    }
    state.relock();
    if (next) continue;
    state->draining = false;
    changed_.notify_all();
  }
}

// An error is standard output's.
base::Status AttachedTerminal::join(const pods::ContainerLog& run) {
  shown_.emplace(run.path, run.adopted, STDOUT_FILENO);
  std::unique_ptr<RawTerminal> raw;
  while (true) {
    base::Result<Pipe> pipe = make_pipe();
    base::Result<cri::AttachedStreams> attached =
        pipe ? runtime_.attach({}, run.container_id, pipe->write.get(), -1, true) : std::unexpected(pipe.error());
    if (!attached) {
      const base::Code code = attached.error().code();
      // It has ended, or its shim has: what it wrote is in its log.
      const bool ended = raw || code == base::Code::kNotFound || code == base::Code::kFailedPrecondition;
      if (!ended)
        base::log::warning({.container = run.container},
                           "the terminal is not joined to the container: ", attached.error().to_string());
      if (raw) raw->take_keys_back();
      return shown_->finish();
    }
    pipe->write.reset();
    shown_->attached(attached->log_bytes);
    if (!raw) {
      base::Result<std::unique_ptr<RawTerminal>> entered = RawTerminal::enter();
      if (entered)
        raw = *std::move(entered);
      else
        base::log::warning({.container = run.container}, entered.error().to_string());
      resize(run.container_id, terminal_size());
    }
    const Over over = TRY(copy(run.container_id, attached->input.get(), pipe->read.get()));
    input_.drop_pending();
    if (over == Over::kStopped) return {};
    if (over == Over::kDetached) {
      raw.reset();
      let_go_ = true;
      hooks_.detach();
      return {};
    }
    // It has ended, or we were behind and cut off: attaching again tells.
  }
}

base::Result<AttachedTerminal::Over> AttachedTerminal::copy(const std::string& container, int input, int output) {
  while (true) {
    if (const std::optional<Over> over = TRY(step(container, input, output))) return *over;
  }
}

base::Result<std::optional<AttachedTerminal::Over>> AttachedTerminal::step(const std::string& container, int input,
                                                                           int output) {
  const bool behind = shown_->behind();
  std::array<struct pollfd, 5> ready{{{.fd = wake_.get(), .events = POLLIN, .revents = 0},
                                      {.fd = input_.wants_more() ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0},
                                      {.fd = input_.has_pending() ? input : -1, .events = POLLOUT, .revents = 0},
                                      {.fd = resized_.fd(), .events = POLLIN, .revents = 0},
                                      {.fd = behind ? -1 : output, .events = POLLIN, .revents = 0}}};
  if (::poll(ready.data(), ready.size(), behind ? 0 : -1) < 0 && errno != EINTR)
    return base::fail_errno(errno, "wait for the terminal");
  if (ready[0].revents != 0) return Over::kStopped;
  if (ready[1].revents != 0) {
    const base::Result<bool> stays = input_.read(STDIN_FILENO);
    if (!stays) input_.close();  // the terminal is gone, and SIGHUP will tell
    if (stays && !*stays) return Over::kDetached;
  }
  if (input_.has_pending()) input_.write_to(input);
  if (ready[3].revents != 0) resize(container, resized_.take());
  if (behind) TRY(shown_->catch_up());
  if (ready[4].revents == 0) return std::nullopt;
  std::array<char, 65536> buffer{};
  const size_t got = TRY(base::sys::read(output, buffer), "read the container's output");
  if (got == 0) return Over::kOutput;
  TRY(shown_->copy({buffer.data(), got}));
  return std::nullopt;
}

void AttachedTerminal::resize(const std::string& container, const TerminalSize& size) {
  (void)runtime_.resize(container, size.columns, size.rows);  // a container that has just ended has no use for it
}

}  // namespace agent::cli
