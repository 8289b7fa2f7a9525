#include "fixture.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <sstream>
#include <thread>

#include "base/path.h"
#include "base/sys.h"

namespace cni_test {

using base::UniqueFd;

namespace {

constexpr int kPatience = 5000;  // milliseconds

UniqueFd own_netns() { return base::sys::open("/proc/thread-self/ns/net", O_RDONLY).value(); }

// A socket that belongs to the namespace, whatever thread uses it.
UniqueFd socket_in(int netns) {
  int fd = -1;
  std::thread([&] {
    if (netns >= 0 && ::setns(netns, CLONE_NEWNET) != 0) return;
    fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  }).join();
  REQUIRE(fd >= 0);
  return UniqueFd(fd);
}

sockaddr_in endpoint(const std::string& address, uint16_t port) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  REQUIRE(::inet_pton(AF_INET, address.c_str(), &where.sin_addr) == 1);
  return where;
}

bool ready(int fd, short events) {
  pollfd one{.fd = fd, .events = events, .revents = 0};
  return ::poll(&one, 1, kPatience) == 1;
}

}  // namespace

Host::Host() : before_(own_netns()) {
  std::string name = "/tmp/cni-test-XXXXXX";
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  folder_ = name;
  REQUIRE(::unshare(CLONE_NEWNET) == 0);
  run("ip link set lo up");
}

Host::~Host() {
  if (!base::sys::setns(before_.get(), CLONE_NEWNET)) std::abort();
  (void)base::remove_tree(folder_);
}

cni::BridgeOptions Host::options(const std::string& subnet) const {
  return {.bridge = "nodeagent-t",
          .subnet = subnet,
          .nft_table = "nodeagent-t",
          .state_dir = folder_ + "/network",
          .locks_dir = folder_ + "/locks"};
}

UniqueFd new_netns() {
  UniqueFd made;
  std::thread([&] {
    if (::unshare(CLONE_NEWNET) == 0) made = own_netns();
  }).join();
  REQUIRE(made);
  return made;
}

std::string run(const std::string& line, int netns) {
  std::string output;
  int status = -1;
  const auto body = [&] {
    FILE* pipe = ::popen((line + " 2>&1").c_str(), "re");
    std::array<char, 4096> chunk;
    while (const size_t got = ::fread(chunk.data(), 1, chunk.size(), pipe)) output.append(chunk.data(), got);
    status = ::pclose(pipe);
  };
  if (netns < 0) {
    body();
  } else {
    std::thread([&] {
      if (::setns(netns, CLONE_NEWNET) == 0) body();
    }).join();
  }
  INFO(line << ": " << output);
  REQUIRE(status == 0);
  return output;
}

Listener::Listener(int netns, const std::string& address, uint16_t port) : fd_(socket_in(netns)) {
  const sockaddr_in where = endpoint(address, port);
  const int on = 1;
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  REQUIRE(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&where), sizeof(where)) == 0);
  REQUIRE(::listen(fd_.get(), 16) == 0);
}

std::string Listener::accept_one() {
  if (!ready(fd_.get(), POLLIN)) return "";
  sockaddr_in who{};
  socklen_t size = sizeof(who);
  const UniqueFd client(::accept4(fd_.get(), reinterpret_cast<sockaddr*>(&who), &size, SOCK_CLOEXEC));
  std::array<char, INET_ADDRSTRLEN> text{};
  return client ? ::inet_ntop(AF_INET, &who.sin_addr, text.data(), text.size()) : "";
}

bool connects(int netns, const std::string& address, uint16_t port) {
  const UniqueFd fd = socket_in(netns);
  const sockaddr_in where = endpoint(address, port);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&where), sizeof(where)) == 0) return true;
  if (errno != EINPROGRESS || !ready(fd.get(), POLLOUT)) return false;
  int error = 0;
  socklen_t size = sizeof(error);
  return ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

std::vector<std::string> links() {
  std::istringstream lines(run("ip -o link"));
  std::vector<std::string> found;
  for (std::string line; std::getline(lines, line);) {
    if (line.find(": lo:") == std::string::npos) found.push_back(line);
  }
  return found;
}

}  // namespace cni_test
