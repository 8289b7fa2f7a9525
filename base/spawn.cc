#include "base/spawn.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <limits>

#include "base/vfork.h"

namespace base {

namespace {

using Milliseconds = std::chrono::milliseconds;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr Milliseconds kKillPatience = std::chrono::seconds(5);

SteadyTime deadline_after(Milliseconds wait) {
  return std::chrono::steady_clock::now() + std::min<Milliseconds>(wait, std::chrono::hours(24 * 365));
}

// For poll(2): what is left, rounded up so that a wait never ends early.
int milliseconds_until(SteadyTime deadline) {
  const auto left = std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, std::numeric_limits<int>::max()));
}

// poll(2) until something is ready (true) or the deadline has passed (false).
Result<bool> poll_until(std::span<struct pollfd> watched, SteadyTime deadline) {
  while (true) {
    const int ready = ::poll(watched.data(), watched.size(), milliseconds_until(deadline));
    if (ready > 0) return true;
    if (ready == 0 && std::chrono::steady_clock::now() >= deadline) return false;
    if (ready < 0 && errno != EINTR) return fail_errno(errno, "wait for a program");
  }
}

// --- the child's side: it shares our memory, so it reads what was prepared, and writes nothing but `failed_*` ---

// A sanitizer's notes about these frames would outlive them: execve never returns.
#define NODEAGENT_CHILD_SIDE __attribute__((no_sanitize("address", "thread", "undefined")))

// The kernel's struct sigaction, all zero: SIG_DFL without flags (at most 32 bytes on any architecture).
using KernelSigaction = std::array<uint64_t, 4>;

// The kernel's sigset_t is 64 bits everywhere; libc's is larger.
constexpr size_t kKernelSigsetSize = sizeof(uint64_t);

// Not libc's functions: libc and the sanitizers keep books about descriptors and handlers in memory that is still ours,
// and would note there what is true of the child only.
template <typename... Arguments>
NODEAGENT_CHILD_SIDE int raw_call(long number, Arguments... arguments) {
  return static_cast<int>(::syscall(number, arguments...));
}

enum class Step { kNone, kDescriptors, kWorkingDirectory, kSignals, kExec };

struct Launch {
  const char* program;
  char** arguments;
  char** environment;
  const char* working_directory;               // nullptr: stay
  std::span<std::pair<int, int>> descriptors;  // {ours, the child's}; [].first is overwritten by the child
  int first_free;                              // above every number in descriptors
  bool new_session;
  sigset_t no_signals{};
  KernelSigaction default_action{};
  Step failed_step = Step::kNone;
  int failed_errno = 0;
};

// Gives the child its descriptors: everything is first copied above the highest number that is asked for, so that no
// copy can overwrite one that is still needed; then to its place; then all the rest is closed on exec.
NODEAGENT_CHILD_SIDE bool place_descriptors(Launch& launch) {
  for (auto& [ours, theirs] : launch.descriptors) {
    ours = raw_call(SYS_fcntl, ours, F_DUPFD_CLOEXEC, launch.first_free);
    if (ours < 0) return false;
  }
  if (raw_call(SYS_close_range, 0, ~0U, CLOSE_RANGE_CLOEXEC) < 0) return false;
  for (const auto& [ours, theirs] : launch.descriptors) {
    if (raw_call(SYS_dup3, ours, theirs, 0) < 0) return false;
  }
  return true;
}

// Handlers are gone already (CLONE_CLEAR_SIGHAND); this is for what is ignored. It fails for SIGKILL and SIGSTOP only,
// which are never ignored.
NODEAGENT_CHILD_SIDE bool reset_signals(const Launch& launch) {
  constexpr int kLastSignal = 64;
  for (int signal = 1; signal <= kLastSignal; ++signal) {
    (void)raw_call(SYS_rt_sigaction, signal, &launch.default_action, nullptr, kKernelSigsetSize);
  }
  return raw_call(SYS_rt_sigprocmask, SIG_SETMASK, &launch.no_signals, nullptr, kKernelSigsetSize) == 0;
}

NODEAGENT_CHILD_SIDE int launch_in_child(void* argument) {
  Launch& launch = *static_cast<Launch*>(argument);
  Step step = Step::kDescriptors;
  bool fine = place_descriptors(launch);
  if (fine && launch.new_session) (void)::setsid();  // a fresh process is no group leader: it cannot fail
  if (fine && launch.working_directory != nullptr) {
    step = Step::kWorkingDirectory;
    fine = ::chdir(launch.working_directory) == 0;
  }
  if (fine) {
    step = Step::kSignals;
    fine = reset_signals(launch);
  }
  if (fine) {
    step = Step::kExec;
    ::execve(launch.program, launch.arguments, launch.environment);
  }
  launch.failed_step = step;
  launch.failed_errno = errno;
  return 127;
}

// --- the parent's side ---

// Every signal is kept off this thread for as long as the child runs on our memory: a handler of ours must not run in
// it, and we must not run one while it is on our behalf half-way.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> out;
  out.reserve(strings.size() + 1);
  // execve's type has no const, but it changes nothing.
  for (const std::string& string : strings) out.push_back(const_cast<char*>(string.c_str()));
  out.push_back(nullptr);
  return out;
}

Error launch_error(const Launch& launch) {
  switch (launch.failed_step) {
    case Step::kDescriptors:
      return errno_error(launch.failed_errno, concat("pass descriptors to ", launch.program));
    case Step::kWorkingDirectory:
      return errno_error(launch.failed_errno,
                         concat("start ", launch.program, " in folder ", launch.working_directory));
    case Step::kSignals:
      return errno_error(launch.failed_errno, concat("reset the signals of ", launch.program));
    case Step::kNone:
    case Step::kExec:
      break;
  }
  return errno_error(launch.failed_errno, concat("execute ", launch.program));
}

}  // namespace

Child& Child::operator=(Child&& other) noexcept {
  if (this != &other) {
    end();
    pid_ = other.pid_;
    pidfd_ = std::move(other.pidfd_);
  }
  return *this;
}

Child::~Child() { end(); }

void Child::end() {
  if (!pidfd_) return;
  (void)signal(SIGKILL);
  (void)wait(kKillPatience);
  pidfd_.reset();
}

Result<sys::Exit> Child::wait(Milliseconds wait) {
  if (!pidfd_) return fail(Code::kFailedPrecondition, "process ", pid_, " is no longer ours to wait for");
  struct pollfd ended{.fd = pidfd_.get(), .events = POLLIN, .revents = 0};
  if (!TRY(poll_until({&ended, 1}, deadline_after(wait)))) {
    return fail(Code::kDeadlineExceeded, "process ", pid_, " still runs after ", wait.count(), " ms");
  }
  const std::optional<sys::Exit> exit = TRY(sys::waitid_pidfd(pidfd_.get(), 0));
  pidfd_.reset();
  // Without WNOHANG waitid always says how it ended.
  return exit.value_or(sys::Exit{});
}

Status Child::signal(int signal) {
  if (!pidfd_) return fail(Code::kFailedPrecondition, "process ", pid_, " is no longer ours to signal");
  return sys::pidfd_send_signal(pidfd_.get(), signal);
}

UniqueFd Child::release() { return std::move(pidfd_); }

Result<Child> spawn(const SpawnOptions& options) {
  if (options.arguments.empty()) return fail(Code::kInvalidArgument, "start a program: no program is named");
  const std::string& program = options.arguments[0];
  const UniqueFd null = TRY(sys::open("/dev/null", O_RDWR));
  std::vector<std::pair<int, int>> descriptors = options.descriptors;
  for (const int standard : {0, 1, 2}) {
    if (std::ranges::find(descriptors, standard, &std::pair<int, int>::second) == descriptors.end()) {
      descriptors.emplace_back(null.get(), standard);
    }
  }
  std::vector<char*> arguments = pointers(options.arguments);
  std::vector<char*> environment = pointers(options.environment);
  Launch launch{.program = program.c_str(),
                .arguments = arguments.data(),
                .environment = environment.data(),
                .working_directory = options.working_directory.empty() ? nullptr : options.working_directory.c_str(),
                .descriptors = descriptors,
                .first_free = std::ranges::max(descriptors, {}, &std::pair<int, int>::second).second + 1,
                .new_session = options.new_session};
  ::sigemptyset(&launch.no_signals);
  Result<VforkedChild> started = [&] {
    const SignalsBlocked blocked;
    return clone_vfork(launch_in_child, &launch, options.cgroup);
  }();
  if (!started) return std::unexpected(std::move(started.error().add_context(concat("start ", program))));
  Child child(started->pid, std::move(started->pidfd));
  // It has ended by now; the destructor reaps it.
  if (launch.failed_step != Step::kNone) return std::unexpected(launch_error(launch));
  return child;
}

namespace {

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

// Our end does not block; the program's end does, as programs expect.
Result<Pipe> make_output_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) < 0) return fail_errno(errno, "make a pipe");
  Pipe pipe{.read = UniqueFd(ends[0]), .write = UniqueFd(ends[1])};
  if (::fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK) < 0) return fail_errno(errno, "make a pipe");
  return pipe;
}

// One output stream of a program, of which the first max_bytes are kept.
class Collector {
 public:
  Collector(UniqueFd pipe, std::string& kept, bool& truncated, size_t max_bytes)
      : pipe_(std::move(pipe)), kept_(kept), truncated_(truncated), max_bytes_(max_bytes) {}
  int fd() const { return pipe_.get(); }
  // Reads what is there now, at most what a pipe can hold (so that a program that never stops writing cannot keep us
  // here); closes at the end of the stream.
  Status collect() {
    constexpr int kReads = 64;
    std::array<char, 16384> buffer;
    for (int i = 0; i < kReads && pipe_; ++i) {
      const ssize_t got = ::read(pipe_.get(), buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) return {};
      if (got < 0) return fail_errno(errno, "read a program's output");
      if (got == 0) pipe_.reset();
      const size_t wanted = std::min(static_cast<size_t>(got), max_bytes_ - kept_.size());
      kept_.append(buffer.data(), wanted);
      if (wanted < static_cast<size_t>(got)) truncated_ = true;
    }
    return {};
  }

 private:
  UniqueFd pipe_;
  std::string& kept_;
  bool& truncated_;
  size_t max_bytes_;
};

// A memfd needs no pumping and cannot raise SIGPIPE when the program does not read it.
Result<UniqueFd> make_input(std::string_view input) {
  UniqueFd fd = TRY(sys::memfd("stdin", false));
  TRY(sys::write_all(fd.get(), input));
  if (::lseek(fd.get(), 0, SEEK_SET) < 0) return fail_errno(errno, "rewind the input");
  return fd;
}

}  // namespace

Result<Output> run(SpawnOptions options, std::string_view input, Milliseconds deadline, size_t max_bytes) {
  const bool names_standard =
      std::ranges::any_of(options.descriptors, [](const auto& pair) { return pair.second < 3; });
  if (names_standard) return fail(Code::kInvalidArgument, "run a program: its standard streams are already taken");
  const SteadyTime end = deadline_after(deadline);
  UniqueFd in = TRY(make_input(input));
  Pipe out = TRY(make_output_pipe());
  Pipe err = TRY(make_output_pipe());
  options.descriptors.insert(options.descriptors.end(), {{in.get(), 0}, {out.write.get(), 1}, {err.write.get(), 2}});
  Child child = TRY(spawn(options));
  in.reset();
  out.write.reset();
  err.write.reset();

  Output output;
  Collector out_stream(std::move(out.read), output.out, output.truncated, max_bytes);
  Collector err_stream(std::move(err.read), output.err, output.truncated, max_bytes);
  bool ended = false;
  while (!ended) {
    // poll(2) passes over a closed stream's -1.
    std::array<struct pollfd, 3> watched{{{.fd = child.pidfd(), .events = POLLIN, .revents = 0},
                                          {.fd = out_stream.fd(), .events = POLLIN, .revents = 0},
                                          {.fd = err_stream.fd(), .events = POLLIN, .revents = 0}}};
    if (!TRY(poll_until(watched, end))) {
      return fail(Code::kDeadlineExceeded, "run ", options.arguments[0], ": no end after ", deadline.count(),
                  " ms; it was killed");
    }
    ended = watched[0].revents != 0;
    TRY(out_stream.collect());
    TRY(err_stream.collect());
  }
  output.exit = TRY(child.wait(kKillPatience));
  return output;
}

}  // namespace base
