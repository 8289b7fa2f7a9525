#include "runtime/service/execs.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <span>

#include "base/file.h"
#include "base/log.h"
#include "base/path.h"
#include "base/sys.h"
#include "runtime/oci/generate.h"
#include "runtime/service/ids.h"

namespace runtime::service {

using base::Code;
using base::Result;
using base::Status;
using base::UniqueFd;

namespace {

constexpr size_t kMaxSyncOutput = 16UL << 20;  // bytes of each stream of ExecSync (the CRI text's limit)

constexpr std::chrono::seconds kDrainTime{1};
constexpr int kUnknownExit = 137;  // as of a killed command: nobody can say how it ended

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) < 0) return base::fail_errno(errno, "make a pipe");
  return Pipe{.read = UniqueFd(ends[0]), .write = UniqueFd(ends[1])};
}

std::optional<oci::ConsoleSize> console_size(const std::optional<cri::TerminalSize>& terminal) {
  if (!terminal) return std::nullopt;
  return oci::ConsoleSize{.height = terminal->rows, .width = terminal->columns};
}

// At most a while, so that the caller looks at the deadline again.
int milliseconds_left(base::Monotonic deadline) {
  if (deadline == base::Monotonic::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, 1'000'000));
}

Result<std::shared_ptr<UniqueFd>> make_wake() {
  UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return base::fail_errno(errno, "make an eventfd");
  return std::make_shared<UniqueFd>(std::move(wake));
}

void ring(const std::shared_ptr<UniqueFd>& wake) {
  // Full, it has been rung.
  if (wake) (void)::eventfd_write(wake->get(), 1);
}

// One stream of ExecSync. What is beyond the limit is read and dropped, so that the command does not block.
struct Stream {
  UniqueFd fd;
  std::string& data;

  Status take(std::span<char> buffer) {
    const size_t got = TRY(base::sys::read(fd.get(), buffer));
    if (got == 0) fd.reset();
    const size_t room = kMaxSyncOutput - std::min(kMaxSyncOutput, data.size());
    data.append(buffer.data(), std::min(got, room));
    return {};
  }
};

}  // namespace

// One command that runs. Dropped before its end, it is killed: nobody waits for it any more.
class Execs::Session final : public cri::ExecSession {
 public:
  Session(Execs& execs, std::shared_ptr<shim::ShimClient> client, std::string container, std::string id,
          UniqueFd terminal)
      : execs_(execs),
        client_(std::move(client)),
        container_(std::move(container)),
        id_(std::move(id)),
        terminal_(std::move(terminal)) {}

  ~Session() override {
    const bool ended = execs_.exits_.with([&](Exits& exits) {
      const auto found = exits.find(id_);
      const bool over = found == exits.end() || found->second.exit_code.has_value();
      if (found != exits.end()) exits.erase(found);
      return over;
    });
    if (!ended) (void)client_->kill_exec(container_, id_, SIGKILL);
  }

  Result<int> wait(const cri::CallContext& context) override {
    const std::stop_callback wake(context.stop, [this] {
      (void)execs_.exits_.lock();
      execs_.exited_.notify_all();
    });
    auto exits = execs_.exits_.lock();
    const auto over = [&] { return exits->at(id_).exit_code.has_value() || context.stop.stop_requested(); };
    if (context.deadline == base::Monotonic::max()) {
      exits.wait(execs_.exited_, over);
    } else if (!exits.wait_until(execs_.exited_, context.deadline, over)) {
      return base::fail(Code::kDeadlineExceeded, "the command is still running");
    }
    const std::optional<int> code = exits->at(id_).exit_code;
    if (!code) return base::fail(Code::kCancelled, "waiting for the command was given up");
    return *code;
  }

  Status resize(unsigned columns, unsigned rows) override {
    if (!terminal_) return base::fail(Code::kFailedPrecondition, "the command has no terminal");
    struct winsize size{};
    size.ws_col = static_cast<unsigned short>(columns);
    size.ws_row = static_cast<unsigned short>(rows);
    if (::ioctl(terminal_.get(), TIOCSWINSZ, &size) < 0) return base::fail_errno(errno, "resize the terminal");
    return {};
  }

  bool ended() const {
    return execs_.exits_.with([&](Exits& exits) { return exits.at(id_).exit_code.has_value(); });
  }

  UniqueFd take_terminal() override { return base::sys::dup(terminal_.get()).value_or(UniqueFd()); }

 private:
  Execs& execs_;
  const std::shared_ptr<shim::ShimClient> client_;
  const std::string container_;
  const std::string id_;
  const UniqueFd terminal_;
};

Result<ContainerRecord> Execs::running_container(const std::string& id) {
  TRY(registry_.refresh());
  ContainerRecord record = TRY(registry_.container(id));
  if (record.state != ContainerRecord::State::kRunning) {
    return base::fail(Code::kFailedPrecondition, "container ", record.config->metadata().name(), " (", record.id,
                      ") is not running");
  }
  return record;
}

Result<std::unique_ptr<Execs::Session>> Execs::launch(const Command& command) {
  const ContainerRecord record = TRY(running_container(command.container_id));
  const std::string folder = registry_.paths().container(record.sandbox_id, record.id);
  const std::string config = TRY(base::read_file(base::join_path(folder, "config.json")));
  const oci::Spec spec = TRY(oci::decode(config), "read ", folder, "/config.json");
  const oci::Process process = TRY(oci::exec_process(spec, command.arguments, console_size(command.terminal)));
  const auto client = TRY(watch_.client(record.sandbox_id, registry_.paths().sandbox(record.sandbox_id)));
  const std::string id = TRY(new_id());
  shim::ExecRequest request{.container_id = record.id, .exec_id = id, .process_json = TRY(oci::encode(process))};
  request.seccomp_filter = spec.nodeagent->seccomp_filter;
  request.terminal = command.terminal.has_value();
  request.in = command.in;
  request.out = command.out;
  request.err = command.err;
  // Its end may be announced before start returns.
  exits_.lock()->try_emplace(
      id, Running{.sandbox = record.sandbox_id, .started = false, .wake = command.wake, .exit_code = std::nullopt});
  shim::StartFailure failure;
  Result<shim::ExecStarted> started = client->exec(request, &failure);
  if (!started) {
    exits_.lock()->erase(id);
    if (failure.exit_code == 127) started.error().set_code(Code::kNotFound);
    if (failure.exit_code == 126) started.error().set_code(Code::kPermissionDenied);
    started.error().add_context(base::concat("exec in container ", record.config->metadata().name()));
    return std::unexpected(std::move(started).error());
  }
  exits_.with([&](Exits& exits) { exits.at(id).started = true; });
  return std::make_unique<Session>(*this, client, record.id, id, std::move(started->terminal));
}

Result<std::unique_ptr<cri::ExecSession>> Execs::start(cri::ExecOptions options, cri::ExecStreams streams) {
  Result<std::unique_ptr<Session>> session = launch({.container_id = std::move(options.container_id),
                                                     .arguments = std::move(options.command),
                                                     .terminal = options.terminal,
                                                     .in = streams.in.get(),
                                                     .out = streams.out.get(),
                                                     .err = streams.err.get()});
  if (!session) return std::unexpected(std::move(session).error());
  return *std::move(session);
}

struct Execs::Collected {
  std::array<Stream, 2> streams;
  std::shared_ptr<UniqueFd> wake;
};

// Reads both streams until they end, or for kDrainTime after the command has: what still holds them then is a process
// that it left in the background.
Status Execs::collect(const cri::CallContext& context, Session& session, Collected& collected) const {
  const std::stop_callback stopped(context.stop, [&] { ring(collected.wake); });
  std::array<Stream, 2>& streams = collected.streams;
  std::array<char, 65536> buffer{};
  std::optional<base::Monotonic> drained;
  while (streams[0].fd || streams[1].fd) {
    const auto now = std::chrono::steady_clock::now();
    if (drained && *drained <= now) return {};
    if (context.stop.stop_requested()) return base::fail(Code::kCancelled, "waiting for the command was given up");
    if (!drained && context.deadline <= now) return base::fail(Code::kDeadlineExceeded, "the command is still running");
    std::array<struct pollfd, 3> ready{};
    for (size_t i = 0; i < 2; ++i) ready[i] = {.fd = streams[i].fd.get(), .events = POLLIN, .revents = 0};
    ready[2] = {.fd = drained ? -1 : collected.wake->get(), .events = POLLIN, .revents = 0};
    const int count = ::poll(ready.data(), ready.size(), milliseconds_left(drained.value_or(context.deadline)));
    if (count < 0 && errno != EINTR) return base::fail_errno(errno, "wait for the command's output");
    if (count <= 0) continue;
    if (ready[2].revents != 0 && session.ended()) drained = std::chrono::steady_clock::now() + kDrainTime;
    for (size_t i = 0; i < 2; ++i) {
      if (ready[i].revents != 0) TRY(streams[i].take(buffer));
    }
  }
  return {};
}

Result<v1::ExecSyncResponse> Execs::run_sync(const cri::CallContext& context, const v1::ExecSyncRequest& request) {
  cri::CallContext limited = context;
  if (request.timeout() > 0) {
    limited.deadline =
        std::min(context.deadline, std::chrono::steady_clock::now() + std::chrono::seconds(request.timeout()));
  }
  Pipe out = TRY(make_pipe());
  Pipe err = TRY(make_pipe());
  const std::shared_ptr<UniqueFd> wake = TRY(make_wake());
  // Dropped on every early return, the session kills the command.
  const Result<std::unique_ptr<Session>> launched = launch({.container_id = request.container_id(),
                                                            .arguments = {request.cmd().begin(), request.cmd().end()},
                                                            .out = out.write.get(),
                                                            .err = err.write.get(),
                                                            .wake = wake});
  if (!launched) return std::unexpected(launched.error());
  Session& session = **launched;
  out.write.reset();
  err.write.reset();
  v1::ExecSyncResponse response;
  Collected collected{.streams = {Stream{std::move(out.read), *response.mutable_stdout()},
                                  Stream{std::move(err.read), *response.mutable_stderr()}},
                      .wake = wake};
  Status complete = collect(limited, session, collected);
  if (!complete && complete.error().code() == Code::kDeadlineExceeded) {
    return base::fail(Code::kDeadlineExceeded, "the command did not end within ", request.timeout(),
                      " s and was killed");
  }
  TRY(std::move(complete));
  response.set_exit_code(TRY(session.wait(limited)));
  return response;
}

Result<cri::AttachedStreams> Execs::attach(const std::string& container_id, int out, int err, bool want_stdin) {
  const ContainerRecord record = TRY(running_container(container_id));
  const auto client = TRY(watch_.client(record.sandbox_id, registry_.paths().sandbox(record.sandbox_id)));
  shim::Attached attached = TRY(client->attach(record.id, out, err, want_stdin));
  return cri::AttachedStreams{.input = std::move(attached.input), .log_bytes = attached.log_bytes};
}

Status Execs::resize(const std::string& container_id, unsigned columns, unsigned rows) {
  const ContainerRecord record = TRY(running_container(container_id));
  const auto client = TRY(watch_.client(record.sandbox_id, registry_.paths().sandbox(record.sandbox_id)));
  return client->resize(record.id, columns, rows);
}

void Execs::on_exit(const shim::ExitEvent& event) {
  {
    auto exits = exits_.lock();
    const auto found = exits->find(event.exec_id);
    if (found == exits->end()) return;  // started by another process, or given up
    found->second.exit_code = event.exit_code;
    ring(found->second.wake);
  }
  exited_.notify_all();
}

void Execs::on_interruption(const std::string& sandbox) {
  std::set<std::string> waited_for;
  for (const auto& [id, running] : *exits_.lock()) {
    if (running.sandbox == sandbox && running.started && !running.exit_code) waited_for.insert(id);
  }
  if (waited_for.empty()) return;
  const auto client = watch_.client(sandbox, registry_.paths().sandbox(sandbox));
  if (!client) return;
  const auto known = (*client)->state();
  if (!known) return;
  for (const shim::ProcessInfo& process : *known) waited_for.erase(process.exec_id);
  {
    auto exits = exits_.lock();
    for (const std::string& id : waited_for) {
      const auto found = exits->find(id);
      // An end that came in the meantime stands.
      if (found == exits->end() || found->second.exit_code) continue;
      found->second.exit_code = kUnknownExit;
      ring(found->second.wake);
    }
  }
  exited_.notify_all();
}

void Execs::on_shim_lost(const std::string& sandbox) {
  {
    auto exits = exits_.lock();
    for (auto& [id, running] : *exits) {
      if (running.sandbox != sandbox || running.exit_code) continue;
      running.exit_code = kUnknownExit;
      ring(running.wake);
    }
  }
  exited_.notify_all();
}

}  // namespace runtime::service
