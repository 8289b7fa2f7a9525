#include "runtime/shim/server.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/sys.h"
#include "runtime/shim/memory.h"

namespace runtime::shim {

using base::Code;
using base::fail;
using base::Result;
using base::Status;
using base::UniqueFd;

namespace {

constexpr size_t kMaxClients = 256;
// After this long without an event the shim gives back the memory it does not need to wait.
constexpr std::chrono::milliseconds kIdleTime{500};
// How long the shim of a sandbox that could not be set up waits to tell why.
constexpr std::chrono::milliseconds kFailureTime{10'000};

// A page-aligned buffer of untouched zeros costs nothing until it is used.
alignas(4096) std::array<char, 64UL << 10> read_buffer_storage;

}  // namespace

Server::Server(Loop loop, UniqueFd listener, Result<Sandbox> sandbox)
    : loop_(std::move(loop)), listener_(std::move(listener)), sandbox_(std::move(sandbox)) {}

std::span<char> Server::read_buffer() { return read_buffer_storage; }

Status Server::listen() {
  spare_ = TRY(base::sys::open("/dev/null", O_RDONLY));
  if (shared_pid() != nullptr) TRY(loop_.add(shared_pid()->init_pidfd.get(), on_sandbox_init_end_));
  return loop_.add(listener_.get(), on_client_);
}

bool Server::step() {
  const std::chrono::milliseconds wait = next_wait();
  const bool handled = wait.count() < 0 ? loop_.step_frugally() : loop_.step(wait);
  pass_deadlines();
  sweep();
  if (handled) {
    trimmed_ = false;
  } else if (!sandbox_) {
    return false;
  } else if (!trimmed_) {
    trim_memory();
  }
  return !stopping_;
}

std::chrono::milliseconds Server::next_wait() const {
  if (!sandbox_) return kFailureTime;
  auto wait = trimmed_ ? std::chrono::milliseconds(-1) : kIdleTime;
  for (const auto& container : containers_) {
    if (!container->drain_deadline()) continue;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(*container->drain_deadline() - std::chrono::steady_clock::now());
    const auto positive = std::max(left, std::chrono::milliseconds(0));
    wait = wait.count() < 0 ? positive : std::min(wait, positive);
  }
  return wait;
}

void Server::pass_deadlines() {
  const auto now = std::chrono::steady_clock::now();
  for (const auto& container : containers_) {
    if (container->drain_deadline() && *container->drain_deadline() <= now) container->drain_deadline_passed();
  }
}

// What ended during the turn goes when no handler of it is running any more.
void Server::sweep() {
  std::erase_if(containers_, [](const auto& container) { return container->sweep(); });
  std::erase_if(clients_, [this](const auto& client) {
    if (client->closed) loop_.remove(client->socket.get());
    return client->closed;
  });
}

void Server::trim_memory() {
  trimmed_ = true;
  for (const auto& container : containers_) container->trim();
  release_data(read_buffer_storage);
}

void Server::on_client() {
  UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket && (errno == EMFILE || errno == ENFILE)) {
    // Nothing is left to accept with: the client is taken by the spare descriptor and turned away, or it would keep the
    // loop busy for as long as it waits.
    spare_.reset();
    socket.reset(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    socket.reset();
    spare_.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  }
  if (!socket) return;
  struct ucred peer{};
  socklen_t length = sizeof(peer);
  // The socket's folder is closed to others already; this is for a folder that someone opened by mistake.
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0 || peer.uid != ::geteuid()) return;
  if (clients_.size() >= kMaxClients) return;
  auto client = std::make_unique<Client>(*this, next_serial_++, std::move(socket));
  if (!loop_.add(client->socket.get(), *client)) return;
  clients_.push_back(std::move(client));
}

void Server::on_sandbox_init_end() {
  loop_.remove(shared_pid()->init_pidfd.get());
  (void)base::sys::waitid_pidfd(shared_pid()->init_pidfd.get(), WNOHANG);
  sandbox_->shared_pid.reset();
}

void Server::on_request(Client& client) {
  Result<std::optional<Received>> received = receive_frame(client.socket.get());
  if (received && !received->has_value()) return;
  if (!received) {
    if (received.error().code() == Code::kInvalidArgument) send_error(client, 0, received.error());
    client.closed = true;
    return;
  }
  Received& request = **received;
  const uint64_t request_id = request.frame.request_id;
  Result<Answer> answer = handle(client, request);
  if (!answer) {
    send_error(client, request_id, answer.error());
    client.closed = client.closed || !client.greeted;
    return;
  }
  if (answer->later) return;
  answer->frame.type = MessageType::kReply;
  answer->frame.request_id = request_id;
  const int descriptor = answer->descriptor.get();
  send(client, answer->frame, descriptor >= 0 ? std::span(&descriptor, 1) : std::span<const int>());
  // A subscriber hears of what ended before it came once it has been greeted.
  if (request.frame.type == MessageType::kHello && client.subscribed) {
    for (const auto& container : containers_) {
      if (const std::optional<Frame> exited = container->unacknowledged_exit()) send(client, *exited, {});
    }
  }
}

Result<Server::Answer> Server::handle(Client& client, Received& request) {
  const Frame& frame = request.frame;
  if (frame.type == MessageType::kHello) return hello(client, frame);
  if (!client.greeted) {
    return fail(Code::kFailedPrecondition, "the first message of a connection must be hello");
  }
  switch (frame.type) {
    case MessageType::kStart:
      TRY(start({client.serial, frame.request_id}, request));
      return Answer{.later = true};
    case MessageType::kState:
      return state();
    case MessageType::kShutdown:
      TRY(shutdown());
      return Answer{};
    default:
      return handle_container({client.serial, frame.request_id}, request);
  }
}

Result<Server::Answer> Server::handle_container(const Requester& requester, Received& request) {
  const Frame& frame = request.frame;
  const std::string_view exec_id = text_of(frame.exec_id);
  if (frame.type <= MessageType::kNone || frame.type > MessageType::kShutdown) {
    return fail(Code::kUnimplemented, "unexpected message of type ", static_cast<unsigned>(frame.type));
  }
  Container* container = find(text_of(frame.container_id));
  if (container == nullptr) {
    // Saying it twice is no mistake: the answer to the first may have been lost.
    if (frame.type == MessageType::kForget || frame.type == MessageType::kAckExit) return Answer{};
    return fail(Code::kNotFound, "no container ", text_of(frame.container_id));
  }
  Exec* exec = container->find_exec(exec_id);
  switch (frame.type) {
    case MessageType::kKill:
      if ((frame.flags & kFlagWholeCgroup) != 0) {
        TRY(container->kill_cgroup());
      } else {
        TRY(container->signal(frame.signal));
      }
      return Answer{};
    case MessageType::kExec:
      TRY(container->start_exec(std::string(exec_id), request.descriptors, (frame.flags & kFlagTerminal) != 0,
                                requester));
      return Answer{.later = true};
    case MessageType::kKillExec:
      if (exec == nullptr) return fail(Code::kNotFound, "no exec ", exec_id);
      TRY(exec->signal(frame.signal));
      return Answer{};
    case MessageType::kResize:
      TRY(container->resize(frame.columns, frame.rows));
      return Answer{};
    case MessageType::kAttach:
      return attach(*container, request);
    case MessageType::kCloseStdin:
      TRY(container->close_stdin());
      return Answer{};
    case MessageType::kReopenLog:
      TRY(container->reopen_log());
      return Answer{};
    case MessageType::kAckExit:
      if (!exec_id.empty()) {
        TRY(container->acknowledge_exec(exec_id));
      } else if (container->process().alive()) {
        return fail(Code::kFailedPrecondition, "it has not ended");
      } else {
        container->acknowledge();
      }
      return Answer{};
    case MessageType::kForget:
      TRY(forget(*container));
      return Answer{};
    default:
      return fail(Code::kUnimplemented, "unexpected message of type ", static_cast<unsigned>(frame.type));
  }
}

Result<Server::Answer> Server::hello(Client& client, const Frame& request) {
  if (!sandbox_) {
    stopping_ = true;
    return std::unexpected(sandbox_.error());
  }
  client.greeted = true;
  client.subscribed = (request.flags & kFlagSubscribe) != 0;
  Answer answer;
  answer.frame.pid = ::getpid();
  answer.frame.process_start_time = process_start_time(::getpid());
  answer.frame.sandbox_init_pid = shared_pid() != nullptr ? shared_pid()->init : 0;
  answer.frame.oom_score_adj = sandbox_->oom_score;
  answer.frame.oom_score_adj_wanted = kWantedOomScore;
  return answer;
}

Status Server::start(const Requester& requester, Received& request) {
  const std::string_view id = text_of(request.frame.container_id);
  if (id.empty()) return fail(Code::kInvalidArgument, "a container needs an id");
  if (find(id) != nullptr) return fail(Code::kAlreadyExists, "container ", id, " was started already");
  auto container = std::make_unique<Container>(*this, std::string(id));
  TRY(container->start(std::move(request.descriptors), requester));
  containers_.push_back(std::move(container));
  return {};
}

Result<Server::Answer> Server::attach(Container& container, Received& request) {
  size_t next = 0;
  const auto take = [&](uint32_t flag) {
    UniqueFd taken;
    if ((request.frame.flags & flag) != 0 && next < request.descriptors.size()) {
      taken = std::move(request.descriptors[next++]);
    }
    return taken;
  };
  UniqueFd out = take(kFlagWantsOut);
  UniqueFd err = take(kFlagWantsErr);
  Answer answer;
  answer.descriptor =
      TRY(container.attach(std::move(out), std::move(err), (request.frame.flags & kFlagWantsStdin) != 0));
  answer.frame.log_bytes = container.log_bytes();
  return answer;
}

Result<Server::Answer> Server::state() const {
  std::string entries;
  Answer answer;
  for (const auto& container : containers_) container->append_state(entries, answer.frame.count);
  answer.frame.entry_bytes = sizeof(StateEntry);
  answer.descriptor = TRY(sealed_memfd("state", entries));
  return answer;
}

Status Server::forget(Container& container) {
  if (container.busy()) return fail(Code::kFailedPrecondition, "container ", container.id(), " has not ended");
  std::erase_if(containers_, [&](const auto& each) { return each.get() == &container; });
  return {};
}

Status Server::shutdown() {
  for (const auto& container : containers_) {
    if (container->busy()) return fail(Code::kFailedPrecondition, "container ", container->id(), " has not ended");
  }
  stopping_ = true;
  return {};
}

Container* Server::find(std::string_view id) {
  for (const auto& container : containers_) {
    if (container->id() == id) return container.get();
  }
  return nullptr;
}

void Server::reply(const Requester& to, Frame frame, std::span<const int> descriptors) {
  frame.type = MessageType::kReply;
  frame.request_id = to.request_id;
  for (const auto& client : clients_) {
    if (client->serial == to.client) send(*client, frame, descriptors);
  }
}

void Server::announce(const Frame& exited) {
  for (const auto& client : clients_) {
    if (client->subscribed) send(*client, exited, {});
  }
}

void Server::send(Client& client, const Frame& frame, std::span<const int> descriptors) {
  // One that does not read its answers is cut off: it may come back and ask for the state.
  if (!client.closed && !send_frame(client.socket.get(), frame, descriptors)) client.closed = true;
}

void Server::send_error(Client& client, uint64_t request_id, const base::Error& error) {
  Frame frame;
  frame.type = MessageType::kReply;
  frame.request_id = request_id;
  frame.code = code_to_wire(error.code());
  frame.os_errno = error.os_errno();
  frame.exit_code = 128;
  put_text(frame.detail, error.to_string());
  send(client, frame, {});
}

}  // namespace runtime::shim
