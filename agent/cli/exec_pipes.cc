#include "agent/cli/exec_pipes.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "agent/cli/exec_end.h"
#include "base/sys.h"

namespace agent::cli {

namespace {

struct Pipe {
  base::UniqueFd read;
  base::UniqueFd write;
};

base::Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) < 0) return base::fail_errno(errno, "make a pipe");
  return Pipe{base::UniqueFd(ends[0]), base::UniqueFd(ends[1])};
}

}  // namespace

base::Result<ExecPipes> ExecPipes::create(bool take_input) {
  ExecPipes pipes;
  if (take_input) {
    Pipe in = TRY(make_pipe());
    if (::fcntl(in.write.get(), F_SETFL, O_NONBLOCK) < 0) return base::fail_errno(errno, "make a pipe non-blocking");
    pipes.commands_.in = std::move(in.read);
    pipes.input_ = std::move(in.write);
  }
  Pipe out = TRY(make_pipe());
  Pipe err = TRY(make_pipe());
  pipes.commands_.out = std::move(out.write);
  pipes.commands_.err = std::move(err.write);
  pipes.outputs_ = {Output{std::move(out.read), STDOUT_FILENO}, Output{std::move(err.read), STDERR_FILENO}};
  return pipes;
}

base::Result<int> ExecPipes::copy(cri::ExecSession& session, const cri::CallContext& context) {
  // Writing to a reader that has gone, ours or the command, is an error to see and not our end.
  ::signal(SIGPIPE, SIG_IGN);
  const std::unique_ptr<ExecEnd> end = TRY(ExecEnd::watch(session, context));
  bool over = false;
  while (!over) TRY(step(end->fd(), over));
  return end->status();
}

base::Status ExecPipes::step(int ended, bool& over) {
  const bool want_input = input_ && pending_.empty() && !input_ended_;
  std::array<struct pollfd, 5> ready{
      {{.fd = want_input ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0},
       // Without pending input, too: POLLERR tells that the command has closed its end.
       {.fd = input_.get(), .events = static_cast<short>(pending_.empty() ? 0 : POLLOUT), .revents = 0},
       {.fd = outputs_[0].from.get(), .events = POLLIN, .revents = 0},
       {.fd = outputs_[1].from.get(), .events = POLLIN, .revents = 0},
       {.fd = ended, .events = POLLIN, .revents = 0}}};
  if (::poll(ready.data(), ready.size(), -1) < 0) {
    if (errno == EINTR) return {};
    return base::fail_errno(errno, "wait for the command's output");
  }
  if ((ready[1].revents & POLLERR) != 0) input_.reset();
  if (ready[0].revents != 0) read_input();
  if ((ready[1].revents & POLLOUT) != 0) write_pending();
  if (ready[2].revents != 0) copy_once(outputs_[0]);
  if (ready[3].revents != 0) copy_once(outputs_[1]);
  if (ready[4].revents == 0) return {};
  over = true;
  for (Output& output : outputs_) copy_rest(output);
  return {};
}

void ExecPipes::read_input() {
  std::array<char, 65536> buffer{};
  const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  // An input that cannot be read (a terminal of which we are in the background) is at its end for the command.
  if (got <= 0) {
    input_ended_ = true;
  } else {
    pending_.assign(buffer.data(), static_cast<size_t>(got));
  }
  write_pending();
}

void ExecPipes::write_pending() {
  if (input_ && !pending_.empty()) {
    const ssize_t written = ::write(input_.get(), pending_.data(), pending_.size());
    if (written > 0) pending_.erase(0, static_cast<size_t>(written));
    if (written < 0 && errno != EAGAIN && errno != EINTR) input_.reset();
  }
  if (input_ended_ && pending_.empty()) input_.reset();
}

void ExecPipes::copy_once(Output& output) {
  std::array<char, 65536> buffer{};
  const ssize_t got = ::read(output.from.get(), buffer.data(), buffer.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0 || !base::sys::write_all(output.to, {buffer.data(), static_cast<size_t>(got)})) output.from.reset();
}

// As much as is there now: what the command has left running may write on for ever.
void ExecPipes::copy_rest(Output& output) {
  int left = 0;
  if (!output.from || ::ioctl(output.from.get(), FIONREAD, &left) < 0) return;
  std::array<char, 65536> buffer{};
  while (left > 0) {
    const ssize_t got = ::read(output.from.get(), buffer.data(), std::min(buffer.size(), static_cast<size_t>(left)));
    if (got <= 0 || !base::sys::write_all(output.to, {buffer.data(), static_cast<size_t>(got)})) return;
    left -= static_cast<int>(got);
  }
}

}  // namespace agent::cli
