#include "runtime/service/network_usage.h"

#include <array>
#include <charconv>
#include <optional>

#include "base/file.h"
#include "runtime/service/registry.h"

namespace runtime::service {

namespace {

// Columns behind the name.
constexpr size_t kRxBytes = 0;
constexpr size_t kRxErrors = 2;
constexpr size_t kTxBytes = 8;
constexpr size_t kTxErrors = 10;
constexpr size_t kColumns = 16;

std::optional<cri::InterfaceUsage> parse_line(std::string_view line) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view name = line.substr(0, colon);
  name.remove_prefix(std::min(name.find_first_not_of(' '), name.size()));
  std::array<uint64_t, kColumns> columns{};
  const char* at = line.data() + colon + 1;
  const char* const end = line.data() + line.size();
  for (uint64_t& column : columns) {
    while (at != end && *at == ' ') ++at;
    const auto [stop, error] = std::from_chars(at, end, column);
    if (error != std::errc()) return std::nullopt;
    at = stop;
  }
  return cri::InterfaceUsage{.name = std::string(name),
                             .rx_bytes = columns[kRxBytes],
                             .rx_errors = columns[kRxErrors],
                             .tx_bytes = columns[kTxBytes],
                             .tx_errors = columns[kTxErrors]};
}

}  // namespace

std::vector<cri::InterfaceUsage> parse_net_dev(std::string_view text) {
  std::vector<cri::InterfaceUsage> interfaces;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::optional<cri::InterfaceUsage> found = parse_line(text.substr(0, end));
    if (found && found->name != "lo") interfaces.push_back(*std::move(found));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return interfaces;
}

std::vector<cri::InterfaceUsage> network_usage(const SandboxRecord& sandbox) {
  if (sandbox.host_network || sandbox.shim_pid == 0) return {};
  const base::Result<std::string> text = base::read_file(base::concat("/proc/", sandbox.shim_pid, "/net/dev"));
  // Read first, looked at afterwards: what has the pid now had it then.
  if (!text || process_start_time(sandbox.shim_pid) != sandbox.shim_start_time) return {};
  return parse_net_dev(*text);
}

}  // namespace runtime::service
