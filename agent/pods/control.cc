#include "agent/pods/control.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <vector>

#include "base/path.h"
#include "base/sys.h"

namespace agent::pods {

namespace {

constexpr int kBacklog = 16;

std::string socket_name(const std::string& uid) { return uid + ".sock"; }

// A socket path may have 108 bytes at most, a state folder more: it is named through its folder's descriptor.
base::Result<sockaddr_un> socket_address(int folder, const std::string& name) {
  const std::string path = base::concat("/proc/self/fd/", folder, "/", name);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path))
    return base::fail(base::Code::kInvalidArgument, "socket name ", name, " is too long");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

base::Result<base::UniqueFd> open_folder(const Paths& paths) {
  return base::sys::open(base::join_path(paths.state, "pods"), O_PATH | O_DIRECTORY);
}

base::Result<base::UniqueFd> make_socket() {
  base::UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!fd) return base::fail_errno(errno, "make a Unix socket");
  return fd;
}

void signal_event(int eventfd) {
  const uint64_t one = 1;
  // An eventfd takes any number of these; it cannot fail but for a full counter, which is a signal too.
  (void)!::write(eventfd, &one, sizeof(one));
}

// Waits for any of them; EINTR is no event.
void wait_for(std::vector<pollfd>& polled) {
  while (::poll(polled.data(), polled.size(), -1) < 0 && errno == EINTR) {
  }
}

}  // namespace

std::string format_request(const StopRequest& request) {
  if (request.kill) return "kill";
  return request.grace ? base::concat("stop ", request.grace->count()) : "stop";
}

base::Result<StopRequest> parse_request(std::string_view text) {
  constexpr std::string_view kStop = "stop ";
  if (text == "kill") return StopRequest{.kill = true, .grace = std::nullopt};
  if (text == "stop") return StopRequest{};
  int64_t seconds = 0;
  if (text.starts_with(kStop)) {
    const auto [end, error] = std::from_chars(text.data() + kStop.size(), text.data() + text.size(), seconds);
    if (error == std::errc() && end == text.data() + text.size() && seconds >= 0)
      return StopRequest{.kill = false, .grace = std::chrono::seconds(seconds)};
  }
  return base::fail(base::Code::kInvalidArgument, "\"", text, "\" is no request to a pod's owner");
}

base::Result<std::unique_ptr<ControlServer>> ControlServer::start(const Paths& paths, const std::string& uid,
                                                                  Asked asked) {
  TRY(base::make_dirs(base::join_path(paths.state, "pods"), 0700));
  const base::UniqueFd folder = TRY(open_folder(paths));
  const std::string name = socket_name(uid);
  // One that is there was left by an owner that died: the pod's lock is ours.
  const base::Status old = base::sys::unlinkat(folder.get(), name, 0);
  if (!old && old.error().code() != base::Code::kNotFound) return std::unexpected(old.error());
  base::UniqueFd listener = TRY(make_socket());
  const sockaddr_un address = TRY(socket_address(folder.get(), name));
  if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return base::fail_errno(errno, "bind the pod's control socket ", name);
  if (::listen(listener.get(), kBacklog) != 0)
    return base::fail_errno(errno, "listen on the pod's control socket ", name);
  base::UniqueFd stop(::eventfd(0, EFD_CLOEXEC));
  if (!stop) return base::fail_errno(errno, "make an eventfd");
  return std::unique_ptr<ControlServer>(new ControlServer(base::concat(paths.state, "/pods/", name),
                                                          std::move(listener), std::move(stop), std::move(asked)));
}

ControlServer::ControlServer(std::string path, base::UniqueFd listener, base::UniqueFd stop, Asked asked)
    : path_(std::move(path)), listener_(std::move(listener)), stop_(std::move(stop)), asked_(std::move(asked)) {
  thread_ = std::thread([this] { serve(); });
}

ControlServer::~ControlServer() {
  signal_event(stop_.get());
  thread_.join();
  (void)base::sys::unlinkat(AT_FDCWD, path_, 0);  // a left-over socket is removed by the next owner
}

void ControlServer::serve() {
  ::pthread_setname_np(::pthread_self(), "pod-control");
  std::vector<base::UniqueFd> connections;
  while (true) {
    std::vector<pollfd> polled{{.fd = stop_.get(), .events = POLLIN, .revents = 0},
                               {.fd = listener_.get(), .events = POLLIN, .revents = 0}};
    for (const base::UniqueFd& each : connections) polled.push_back({.fd = each.get(), .events = POLLIN, .revents = 0});
    wait_for(polled);
    if (polled[0].revents != 0) return;
    for (size_t i = connections.size(); i-- > 0;) {
      if (polled[i + 2].revents == 0) continue;
      std::array<char, 64> packet{};
      const ssize_t size = ::recv(connections[i].get(), packet.data(), packet.size(), MSG_DONTWAIT);
      if (size > 0) {
        const auto request = parse_request({packet.data(), static_cast<size_t>(size)});
        if (request) asked_(*request);  // else it is not one of ours: the sender sees nothing happen
      } else if (size == 0 || errno != EAGAIN) {
        connections.erase(connections.begin() + static_cast<ptrdiff_t>(i));
      }
    }
    if (polled[1].revents != 0) {
      base::UniqueFd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (connection) connections.push_back(std::move(connection));
    }
  }
}

base::Status ask_owner(const Paths& paths, const std::string& uid, const StopRequest& request,
                       const std::stop_token& cancel) {
  const base::UniqueFd folder = TRY(open_folder(paths));
  const sockaddr_un address = TRY(socket_address(folder.get(), socket_name(uid)));
  const base::UniqueFd connection = TRY(make_socket());
  if (::connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    base::Error error = base::errno_error(errno, base::concat("reach the owner of pod ", uid));
    return std::unexpected(error.set_code(base::Code::kUnavailable));
  }
  const std::string packet = format_request(request);
  if (::send(connection.get(), packet.data(), packet.size(), MSG_NOSIGNAL) < 0 && errno != EPIPE)
    return base::fail_errno(errno, "ask the owner of pod ", uid, " to stop it");
  const base::UniqueFd cancelled(::eventfd(0, EFD_CLOEXEC));
  if (!cancelled) return base::fail_errno(errno, "make an eventfd");
  const std::stop_callback wake(cancel, [&] { signal_event(cancelled.get()); });
  std::vector<pollfd> polled{{.fd = connection.get(), .events = POLLIN, .revents = 0},
                             {.fd = cancelled.get(), .events = POLLIN, .revents = 0}};
  wait_for(polled);
  if (polled[0].revents == 0) return base::fail(base::Code::kCancelled, "waiting for pod ", uid, " to end was stopped");
  return {};
}

}  // namespace agent::pods
