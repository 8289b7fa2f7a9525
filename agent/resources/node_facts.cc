#include "agent/resources/node_facts.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <climits>

#include "agent/api/quantity.h"
#include "base/file.h"
#include "base/path.h"
#include "base/unique_fd.h"

namespace agent::resources {

namespace {

base::Result<std::string> host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return base::fail_errno(errno, "read the host's name");
  std::string out = name.data();
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

// The source address that the kernel would choose for a distant machine. Connecting a datagram socket sends nothing.
std::string address_of_default_route() {
  const base::UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  struct sockaddr_in distant{};
  distant.sin_family = AF_INET;
  distant.sin_port = htons(9);
  distant.sin_addr.s_addr = htonl(0xC0000201);  // 192.0.2.1, of the range for documentation (RFC 5737)
  struct sockaddr_in own{};
  socklen_t size = sizeof own;
  // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): what the socket interface takes.
  if (!socket || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&distant), sizeof distant) != 0 ||
      ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&own), &size) != 0)
    return {};
  // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
  std::array<char, INET_ADDRSTRLEN> text{};
  return ::inet_ntop(AF_INET, &own.sin_addr, text.data(), text.size()) == nullptr ? std::string() : text.data();
}

base::Result<int64_t> storage_of(std::string folder) {
  struct statvfs info{};
  while (::statvfs(folder.c_str(), &info) != 0) {
    const size_t slash = folder.rfind('/');
    if (errno != ENOENT || slash == std::string::npos || folder == "/")
      return base::fail_errno(errno, "read the size of the file system of ", folder);
    folder.resize(std::max<size_t>(slash, 1));
  }
  return static_cast<int64_t>(info.f_blocks * info.f_frsize);
}

// 0 where the file is not there or holds no number.
int64_t number_in(const std::string& path) {
  const base::Result<std::string> text = base::read_file(path, 4096);
  int64_t value = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

// The lower of the kernel's two limits, as the kubelet has it (pidlimit.Stats).
int64_t max_pids() {
  const int64_t pids = number_in("/proc/sys/kernel/pid_max");
  const int64_t threads = number_in("/proc/sys/kernel/threads-max");
  return pids == 0 || threads == 0 ? std::max(pids, threads) : std::min(pids, threads);
}

// As the kernel names hugetlb's files.
std::string size_name(int64_t kilobytes) {
  if (kilobytes >= 1 << 20) return base::concat(kilobytes >> 20, "GB");
  if (kilobytes >= 1 << 10) return base::concat(kilobytes >> 10, "MB");
  return base::concat(kilobytes, "KB");
}

base::Result<std::vector<HugePagePool>> huge_pages() {
  const std::string folder = "/sys/kernel/mm/hugepages";
  constexpr std::string_view kPrefix = "hugepages-";
  std::vector<HugePagePool> pools;
  for (const std::string& name : TRY(base::list_folder(folder))) {
    int64_t kilobytes = 0;
    if (!name.starts_with(kPrefix)) continue;
    std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), kilobytes);
    if (kilobytes <= 0) continue;
    const std::string resource = base::concat(kPrefix, api::Quantity::of_bytes(kilobytes << 10).to_string());
    pools.push_back({.resource = resource,
                     .page_size = size_name(kilobytes),
                     .total = number_in(base::concat(folder, "/", name, "/nr_hugepages")) * (kilobytes << 10)});
  }
  return pools;
}

}  // namespace

base::Result<NodeFacts> read_node_facts(const std::string& root) {
  NodeFacts facts;
  facts.name = TRY(host_name());
  facts.ip = address_of_default_route();
  facts.milli_cpu = 1000 * ::sysconf(_SC_NPROCESSORS_ONLN);
  struct sysinfo info{};
  if (::sysinfo(&info) != 0) return base::fail_errno(errno, "read the node's memory size");
  facts.memory = static_cast<int64_t>(info.totalram) * info.mem_unit;
  facts.ephemeral_storage = TRY(storage_of(root));
  facts.max_pids = max_pids();
  facts.huge_pages = TRY(huge_pages(), "find the node's huge pages");
  return facts;
}

}  // namespace agent::resources
