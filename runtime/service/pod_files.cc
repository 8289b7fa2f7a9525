#include "runtime/service/pod_files.h"

#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>

#include "base/file.h"
#include "base/path.h"
#include "base/sys.h"

namespace runtime::service {

using base::Result;
using base::Status;

Result<std::string> pod_hostname(const ::runtime::v1::PodSandboxConfig& config) {
  if (!config.hostname().empty()) return config.hostname();
  std::array<char, HOST_NAME_MAX + 1> name{};
  if (::gethostname(name.data(), name.size() - 1) < 0) return base::fail_errno(errno, "read the node's host name");
  return std::string(name.data());
}

Result<std::string> resolv_conf(const ::runtime::v1::PodSandboxConfig& config) {
  if (!config.has_dns_config()) {
    constexpr size_t kMaxBytes = 10UL << 20;
    Result<std::string> own = base::read_file("/etc/resolv.conf", kMaxBytes);
    if (!own && own.error().code() == base::Code::kNotFound) return std::string();
    return own;
  }
  std::string text;
  const ::runtime::v1::DNSConfig& dns = config.dns_config();
  const auto line = [&](const char* keyword, const auto& words) {
    if (words.empty()) return;
    text += keyword;
    for (const std::string& word : words) text += base::concat(" ", word);
    text += '\n';
  };
  line("search", dns.searches());
  for (const std::string& server : dns.servers()) text += base::concat("nameserver ", server, "\n");
  line("options", dns.options());
  return text;
}

Status mount_shm(const std::string& folder, int64_t size) {
  TRY(base::make_dirs(folder, 0755));
  TRY(base::sys::mount("shm", folder, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, base::concat("mode=1777,size=", size)),
      "mount the pod's /dev/shm");
  return {};
}

}  // namespace runtime::service
