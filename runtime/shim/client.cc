#include "runtime/shim/client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/spawn.h"
#include "base/sys.h"
#include "runtime/shim/frame_io.h"

namespace runtime::shim {

using base::Code;
using base::concat;
using base::fail;
using base::fail_errno;
using base::Result;
using base::Status;
using base::UniqueFd;
namespace sys = base::sys;

namespace {

using Time = std::chrono::steady_clock::time_point;
constexpr int kBacklog = 128;
// The descriptor numbers that the shim is started with.
constexpr int kListenerNumber = 3;
constexpr int kBinaryNumber = 4;
constexpr size_t kMaxIdleConnections = 8;

Time deadline_after(std::chrono::milliseconds wait) { return std::chrono::steady_clock::now() + wait; }

Status wait_for(int fd, short events, Time deadline) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return fail(Code::kDeadlineExceeded, "no answer from the shim in time");
    struct pollfd watched{.fd = fd, .events = events, .revents = 0};
    const int count = ::poll(&watched, 1, static_cast<int>(left));
    if (count > 0) return {};
    if (count < 0 && errno != EINTR) return fail_errno(errno, "wait for the shim");
  }
}

// A peer that has gone is the same to a caller however it is noticed.
base::Error gone(base::Error error) {
  const int number = error.os_errno();
  if (number == EPIPE || number == ECONNRESET || number == ECONNREFUSED || number == ENOENT || number == ENOTCONN) {
    error.set_code(Code::kUnavailable);
  }
  return error;
}

struct SocketAddress {
  struct sockaddr_un address{};
  socklen_t length = sizeof(struct sockaddr_un);
};
// A socket's path is limited to 108 bytes, a state folder's is not: it is named by our descriptor of the folder.
SocketAddress socket_address(int state_dir) {
  SocketAddress out;
  out.address.sun_family = AF_UNIX;
  std::snprintf(out.address.sun_path, sizeof(out.address.sun_path), "/proc/self/fd/%d/%s", state_dir, kSocketName);
  return out;
}

Result<UniqueFd> open_socket() {
  UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno(errno, "open a socket");
  return socket;
}

// A blocking connect that gives up: the time limit of sending holds for connecting too, unix(7).
Result<UniqueFd> connect_socket(int state_dir, std::chrono::milliseconds wait) {
  UniqueFd socket = TRY(open_socket());
  const struct timeval limit{.tv_sec = wait.count() / 1000, .tv_usec = wait.count() % 1000 * 1000};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  const SocketAddress where = socket_address(state_dir);
  if (::connect(socket.get(), reinterpret_cast<const struct sockaddr*>(&where.address), where.length) < 0) {
    return std::unexpected(gone(base::errno_error(errno, "connect to the shim")));
  }
  if (::fcntl(socket.get(), F_SETFL, O_NONBLOCK) < 0) return fail_errno(errno, "make the socket non-blocking");
  return socket;
}

Result<UniqueFd> listen_in(int state_dir) {
  if (connect_socket(state_dir, std::chrono::milliseconds(1000))) {
    return fail(Code::kAlreadyExists, "a shim listens there already");
  }
  const Status removed = sys::unlinkat(state_dir, kSocketName, 0);
  if (!removed && removed.error().os_errno() != ENOENT) return std::unexpected(removed.error());
  UniqueFd socket = TRY(open_socket());
  TRY(sys::fchmod(socket.get(), 0600));
  const SocketAddress where = socket_address(state_dir);
  if (::bind(socket.get(), reinterpret_cast<const struct sockaddr*>(&where.address), where.length) < 0) {
    return fail_errno(errno, "make socket ", kSocketName);
  }
  if (::listen(socket.get(), kBacklog) < 0) return fail_errno(errno, "listen on ", kSocketName);
  return socket;
}

std::vector<std::string> arguments_of(const ShimOptions& options) {
  std::vector<std::string> arguments{concat("/proc/self/fd/", kBinaryNumber),
                                     "--id",
                                     options.sandbox_id,
                                     "--listen",
                                     concat(kListenerNumber),
                                     "--close",
                                     concat(kBinaryNumber)};
  if (!options.hostname.empty()) arguments.insert(arguments.end(), {"--hostname", options.hostname});
  if (options.host_network) arguments.emplace_back("--host-network");
  if (options.host_ipc) arguments.emplace_back("--host-ipc");
  if (options.host_uts) arguments.emplace_back("--host-uts");
  if (options.shared_pid) arguments.emplace_back("--shared-pid");
  for (const auto& [name, value] : options.sysctls) {
    arguments.insert(arguments.end(), {"--sysctl", concat(name, "=", value)});
  }
  return arguments;
}

Status send_by(int socket, const Frame& frame, std::span<const int> descriptors, Time deadline) {
  while (true) {
    Status sent = send_frame(socket, frame, descriptors);
    if (sent || sent.error().os_errno() != EAGAIN) return sent;
    TRY(wait_for(socket, POLLOUT, deadline));
  }
}

Result<Received> receive_by(int socket, Time deadline) {
  while (true) {
    std::optional<Received> received = TRY(receive_frame(socket));
    if (received) return *std::move(received);
    TRY(wait_for(socket, POLLIN, deadline));
  }
}

// A request's ids; one that does not fit is refused rather than cut.
Result<Frame> new_request(MessageType type, const std::string& container_id, const std::string& exec_id = "") {
  static std::atomic<uint64_t> next_id{1};
  if (container_id.size() >= kIdBytes || exec_id.size() >= kIdBytes) {
    return fail(Code::kInvalidArgument, "an id is longer than ", kIdBytes - 1, " bytes");
  }
  Frame frame;
  frame.type = type;
  frame.request_id = next_id.fetch_add(1, std::memory_order_relaxed);
  put_text(frame.container_id, container_id);
  put_text(frame.exec_id, exec_id);
  return frame;
}

base::Error error_of(const Frame& answer) {
  return {code_from_wire(answer.code), std::string(text_of(answer.detail)), answer.os_errno};
}

Result<UniqueFd> settings_memfd(const Settings& settings) { return sealed_memfd("settings", bytes_of(settings)); }

Status put_path(std::span<char> field, const std::string& path) {
  if (path.size() >= field.size()) return fail_errno(ENAMETOOLONG, path);
  put_text(field, path);
  return {};
}

Result<Settings> settings_of(const StartRequest& request) {
  Settings settings;
  settings.size = sizeof(settings);
  settings.flags = (request.terminal ? kSettingTerminal : 0U) | (request.open_stdin ? kSettingStdin : 0U) |
                   (request.stdin_once ? kSettingStdinOnce : 0U) |
                   (request.new_pid_namespace ? kSettingNewPidNamespace : 0U) |
                   (request.kill_cgroup_at_exit ? kSettingKillCgroupAtExit : 0U);
  settings.max_line_bytes = request.max_line_bytes;
  TRY(put_path(settings.log_path, request.log_path));
  TRY(put_path(settings.pid_namespace, request.pid_namespace));
  return settings;
}

}  // namespace

Result<ShimProgram> ShimProgram::open(const std::string& path) {
  UniqueFd mount = TRY(sys::open_tree(AT_FDCWD, path, OPEN_TREE_CLONE), "find the shim's program");
  struct mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  TRY(sys::mount_setattr(mount.get(), "", AT_EMPTY_PATH, attributes), "protect the shim's program");
  return ShimProgram(std::move(mount));
}

Result<StartingShim> ShimClient::begin(const ShimOptions& options) {
  const auto context = concat("start the shim of sandbox ", options.sandbox_id);
  UniqueFd state_dir = TRY(sys::open(options.state_dir, O_PATH | O_DIRECTORY), context);
  // Our copy of the listener must not keep its place alive: it goes with the end of this call.
  const UniqueFd listener = TRY(listen_in(state_dir.get()), context);
  base::SpawnOptions process;
  process.arguments = arguments_of(options);
  process.working_directory = std::string(1, '/');
  process.descriptors = {{listener.get(), kListenerNumber}, {options.program, kBinaryNumber}};
  process.cgroup = options.cgroup;
  return StartingShim(options.sandbox_id, std::move(state_dir), TRY(base::spawn(process), context));
}

Result<ShimClient> StartingShim::finish(ShimClient::Wait deadline) && {
  const auto context = concat("start the shim of sandbox ", sandbox_id_);
  // The shim itself is a child of this one and greets us when its namespaces are ready.
  const sys::Exit exit = TRY(starter_.wait(deadline), context);
  if (exit.code != 0) return fail(Code::kInternal, context, ": nodeagent-shim ended with status ", exit.code);
  return TRY(ShimClient::connect_in(std::move(state_dir_), deadline), context);
}

Result<ShimClient> ShimClient::spawn(const ShimOptions& options, Wait deadline) {
  return TRY(begin(options)).finish(deadline);
}

Result<ShimClient> ShimClient::connect(const std::string& state_dir, Wait deadline) {
  Result<UniqueFd> folder = sys::open(state_dir, O_PATH | O_DIRECTORY);
  if (!folder) return std::unexpected(gone(folder.error()));
  return TRY(connect_in(*std::move(folder), deadline), "connect to the shim in ", state_dir);
}

Result<ShimClient> ShimClient::reconnect(Wait deadline) const {
  return connect_in(TRY(sys::dup(state_dir_.get())), deadline);
}

Result<ShimClient> ShimClient::connect_in(UniqueFd state_dir, Wait deadline) {
  ShimClient client;
  client.state_dir_ = std::move(state_dir);
  client.events_ = TRY(client.open_connection(kFlagSubscribe, deadline, &client.info_));
  return client;
}

Result<UniqueFd> ShimClient::open_connection(uint32_t flags, Wait deadline, ShimInfo* info) const {
  const Time until = deadline_after(deadline);
  UniqueFd socket = TRY(connect_socket(state_dir_.get(), deadline));
  Frame hello = TRY(new_request(MessageType::kHello, ""));
  hello.flags = flags;
  Status sent = send_by(socket.get(), hello, {}, until);
  if (!sent) return std::unexpected(gone(sent.error()));
  Result<Received> answer = receive_by(socket.get(), until);
  if (!answer) return std::unexpected(gone(answer.error()));
  const Frame& frame = answer->frame;
  if (frame.type != MessageType::kReply || frame.request_id != hello.request_id) {
    return fail(Code::kInternal, "unexpected message of type ", static_cast<unsigned>(frame.type), " after hello");
  }
  if (frame.code != 0) return std::unexpected(error_of(frame));
  if (info != nullptr) {
    *info = {.version = frame.version,
             .pid = frame.pid,
             .process_start_time = frame.process_start_time,
             .sandbox_init_pid = frame.sandbox_init_pid,
             .oom_score_adj = frame.oom_score_adj,
             .oom_score_adj_wanted = frame.oom_score_adj_wanted};
  }
  return socket;
}

Result<ShimClient::Answer> ShimClient::exchange(const Frame& request, std::span<const int> descriptors, Wait deadline) {
  const Time until = deadline_after(deadline);
  UniqueFd socket = idle_->with([](std::vector<UniqueFd>& idle) {
    UniqueFd taken;
    if (!idle.empty()) {
      taken = std::move(idle.back());
      idle.pop_back();
    }
    return taken;
  });
  if (!socket) socket = TRY(open_connection(0, deadline, nullptr));
  Status sent = send_by(socket.get(), request, descriptors, until);
  if (!sent) return std::unexpected(gone(sent.error()));
  Result<Received> answer = receive_by(socket.get(), until);
  if (!answer) return std::unexpected(gone(answer.error()));
  if (answer->frame.type != MessageType::kReply || answer->frame.request_id != request.request_id) {
    return fail(Code::kInternal, "unexpected message of type ", static_cast<unsigned>(answer->frame.type),
                " instead of the answer to type ", static_cast<unsigned>(request.type));
  }
  // A connection on which something went wrong is closed; this one can be used again.
  idle_->with([&](std::vector<UniqueFd>& idle) {
    if (idle.size() < kMaxIdleConnections) idle.push_back(std::move(socket));
  });
  return Answer{answer->frame, std::move(answer->descriptors)};
}

Result<ShimClient::Answer> ShimClient::call(const Frame& request, std::span<const int> descriptors, Wait deadline,
                                            StartFailure* failure) {
  Answer answer = TRY(exchange(request, descriptors, deadline));
  if (answer.frame.code == 0) return answer;
  if (failure != nullptr) *failure = {answer.frame.step, answer.frame.exit_code};
  return std::unexpected(error_of(answer.frame));
}

Status ShimClient::simple_call(MessageType type, const std::string& container_id, const std::string& exec_id,
                               int signal, uint32_t flags) {
  Frame request = TRY(new_request(type, container_id, exec_id));
  request.signal = signal;
  request.flags = flags;
  TRY(call(request));
  return {};
}

Result<std::optional<ExitEvent>> ShimClient::next_event() {
  while (true) {
    std::optional<Received> received = TRY(receive_frame(events_.get()));
    if (!received) return std::nullopt;
    const Frame& frame = received->frame;
    // Other events of a newer shim do not concern us.
    if (frame.type != MessageType::kExited) continue;
    return ExitEvent{.container_id = std::string(text_of(frame.container_id)),
                     .exec_id = std::string(text_of(frame.exec_id)),
                     .exit_code = frame.exit_code,
                     .exit_signal = frame.exit_signal,
                     .started_at_ns = frame.started_at_ns,
                     .finished_at_ns = frame.finished_at_ns,
                     .oom_kills = frame.oom_kills};
  }
}

Result<Started> ShimClient::start(const StartRequest& request, StartFailure* failure, Wait deadline) {
  const Frame frame = TRY(new_request(MessageType::kStart, request.container_id));
  if (request.mounts.size() > kMaxStartMounts) {
    return fail(Code::kResourceExhausted, request.mounts.size(), " bind mounts; at most ", kMaxStartMounts,
                " are supported");
  }
  const UniqueFd config = TRY(sealed_memfd("config.json", request.config_json));
  const Settings values = TRY(settings_of(request));
  const UniqueFd settings = TRY(settings_memfd(values));
  std::vector<int> descriptors{config.get(), request.exit_record, settings.get(), request.cgroup};
  descriptors.insert(descriptors.end(), request.mounts.begin(), request.mounts.end());
  const Answer answer = TRY(call(frame, descriptors, deadline, failure));
  return Started{.pid = answer.frame.pid,
                 .process_start_time = answer.frame.process_start_time,
                 .started_at_ns = answer.frame.started_at_ns};
}

Status ShimClient::kill(const std::string& container_id, int signal) {
  TRY(simple_call(MessageType::kKill, container_id, "", signal), "send signal ", signal, " to container ",
      container_id);
  return {};
}

Status ShimClient::kill_all(const std::string& container_id) {
  TRY(simple_call(MessageType::kKill, container_id, "", SIGKILL, kFlagWholeCgroup), "kill all of container ",
      container_id);
  return {};
}

Result<ExecStarted> ShimClient::exec(const ExecRequest& request, StartFailure* failure, Wait deadline) {
  Frame frame = TRY(new_request(MessageType::kExec, request.container_id, request.exec_id));
  Settings values;
  values.size = sizeof(values);
  TRY(put_path(values.seccomp_filter, request.seccomp_filter));
  const UniqueFd process = TRY(sealed_memfd("process.json", request.process_json));
  const UniqueFd settings = TRY(settings_memfd(values));
  std::vector<int> descriptors{process.get(), settings.get()};
  UniqueFd null;
  if (request.terminal) {
    frame.flags |= kFlagTerminal;
  } else {
    null = TRY(sys::open("/dev/null", O_RDWR));
    for (const int stream : {request.in, request.out, request.err}) {
      descriptors.push_back(stream >= 0 ? stream : null.get());
    }
  }
  Answer answer = TRY(call(frame, descriptors, deadline, failure));
  ExecStarted started;
  started.pid = answer.frame.pid;
  if (!answer.descriptors.empty()) started.terminal = std::move(answer.descriptors[0]);
  if (request.terminal && !started.terminal) return fail(Code::kInternal, "no terminal came back");
  return started;
}

Status ShimClient::kill_exec(const std::string& container_id, const std::string& exec_id, int signal) {
  TRY(simple_call(MessageType::kKillExec, container_id, exec_id, signal), "send signal ", signal, " to exec ", exec_id,
      " in container ", container_id);
  return {};
}

Status ShimClient::resize(const std::string& container_id, unsigned columns, unsigned rows) {
  Frame frame = TRY(new_request(MessageType::kResize, container_id));
  frame.columns = columns;
  frame.rows = rows;
  TRY(call(frame), "resize the terminal of container ", container_id);
  return {};
}

Result<Attached> ShimClient::attach(const std::string& container_id, int out, int err, bool want_stdin) {
  Frame frame = TRY(new_request(MessageType::kAttach, container_id));
  std::vector<int> descriptors;
  if (out >= 0) {
    frame.flags |= kFlagWantsOut;
    descriptors.push_back(out);
  }
  if (err >= 0) {
    frame.flags |= kFlagWantsErr;
    descriptors.push_back(err);
  }
  if (want_stdin) frame.flags |= kFlagWantsStdin;
  Answer answer = TRY(call(frame, descriptors), "attach to container ", container_id);
  Attached attached{.input = {}, .log_bytes = answer.frame.log_bytes};
  if (!answer.descriptors.empty()) attached.input = std::move(answer.descriptors[0]);
  return attached;
}

Status ShimClient::close_stdin(const std::string& container_id) {
  TRY(simple_call(MessageType::kCloseStdin, container_id), "close the stdin of container ", container_id);
  return {};
}

Status ShimClient::reopen_log(const std::string& container_id) {
  TRY(simple_call(MessageType::kReopenLog, container_id), "reopen the log of container ", container_id);
  return {};
}

Result<std::vector<ProcessInfo>> ShimClient::state() {
  const Frame request = TRY(new_request(MessageType::kState, ""));
  const Answer answer = TRY(call(request), "ask the shim for its state");
  if (answer.descriptors.empty()) return fail(Code::kInternal, "the shim's state came without its descriptor");
  std::vector<ProcessInfo> processes;
  const size_t known = std::min<size_t>(answer.frame.entry_bytes, sizeof(StateEntry));
  for (uint32_t i = 0; i < answer.frame.count; ++i) {
    StateEntry entry;
    const auto offset = static_cast<off_t>(i) * answer.frame.entry_bytes;
    if (::pread(answer.descriptors[0].get(), &entry, known, offset) != static_cast<ssize_t>(known)) {
      return fail(Code::kInternal, "the shim's state is cut short");
    }
    processes.push_back({.container_id = std::string(text_of(entry.container_id)),
                         .exec_id = std::string(text_of(entry.exec_id)),
                         .state = entry.state,
                         .pid = entry.pid,
                         .process_start_time = entry.process_start_time,
                         .started_at_ns = entry.started_at_ns,
                         .finished_at_ns = entry.finished_at_ns,
                         .exit_code = entry.exit_code,
                         .exit_signal = entry.exit_signal,
                         .acknowledged = (entry.flags & kFlagAcknowledged) != 0,
                         .log_lines_dropped = entry.log_lines_dropped});
  }
  return processes;
}

Status ShimClient::ack_exit(const std::string& container_id, const std::string& exec_id) {
  TRY(simple_call(MessageType::kAckExit, container_id, exec_id), "acknowledge the exit of container ", container_id);
  return {};
}

Status ShimClient::forget(const std::string& container_id) {
  TRY(simple_call(MessageType::kForget, container_id), "forget container ", container_id);
  return {};
}

Status ShimClient::shutdown() {
  TRY(simple_call(MessageType::kShutdown, ""), "end the shim");
  return {};
}

}  // namespace runtime::shim
