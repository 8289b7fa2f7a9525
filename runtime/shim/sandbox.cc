#include "runtime/shim/sandbox.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "base/file.h"
#include "base/sys.h"

namespace runtime::shim {

using base::concat;
using base::fail_errno;
using base::Result;
using base::Status;
using base::UniqueFd;
namespace sys = base::sys;

namespace {

constexpr const char* kOomFile = "/proc/self/oom_score_adj";

int read_oom_score() {
  const Result<std::string> text = base::read_file(kOomFile, 64);
  int score = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), score);
  return score;
}

Status bring_loopback_up() {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno(errno, "open a socket");
  struct ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  if (::ioctl(socket.get(), SIOCGIFFLAGS, &request) < 0) return fail_errno(errno, "look at the loopback interface");
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  if (::ioctl(socket.get(), SIOCSIFFLAGS, &request) < 0) return fail_errno(errno, "bring the loopback interface up");
  return {};
}

// As containerd and CRI-O have it in a pod's own network: any port may be bound without privilege, and anyone may ping.
Status open_network_to_unprivileged() {
  for (const auto& [file, value] : {std::pair("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0"),
                                    std::pair("/proc/sys/net/ipv4/ping_group_range", "0 2147483647")}) {
    const Status written = base::write_control_file(file, value);
    if (!written && written.error().os_errno() != ENOENT) return written;
  }
  return {};
}

// /proc/sys shows each process the values of its own namespaces.
Status set_sysctls(const SandboxOptions& options) {
  for (const auto& [file, value] : options.sysctls) {
    TRY(base::write_control_file(concat("/proc/sys/", file), value), "set a sysctl of the pod");
  }
  return {};
}

}  // namespace

Result<Sandbox> set_up_sandbox(const SandboxOptions& options) {
  Sandbox sandbox;
  sandbox.inherited_oom_score = read_oom_score();
  // Refused without CAP_SYS_RESOURCE: the agent hears what it is, and says so once.
  (void)base::write_control_file(kOomFile, concat(kWantedOomScore));
  sandbox.oom_score = read_oom_score();
  const int flags = (options.host_network ? 0 : CLONE_NEWNET) | (options.host_ipc ? 0 : CLONE_NEWIPC) |
                    (options.host_uts ? 0 : CLONE_NEWUTS);
  TRY(sys::unshare(flags), "make the pod's namespaces");
  if (!options.host_uts && !options.hostname.empty()) TRY(sys::sethostname(options.hostname));
  if (!options.host_network) {
    TRY(bring_loopback_up());
    TRY(open_network_to_unprivileged());
  }
  TRY(set_sysctls(options));
  if (options.shared_pid) sandbox.shared_pid = TRY(start_shared_init());
  return sandbox;
}

}  // namespace runtime::shim
