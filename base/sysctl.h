// Names of kernel parameters (sysctl(8)): how they are written, and which namespace holds them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace base {

// "net/ipv4/conf/eth0.1/forwarding" is "net.ipv4.conf.eth0/1.forwarding": the first separator decides which of the two
// a name is written with; the other one then stands for itself.
std::string sysctl_with_dots(std::string_view name);

enum class SysctlOwner : uint8_t { kNode, kIpcNamespace, kNetworkNamespace };
// name: with dots.
SysctlOwner owner_of_sysctl(std::string_view name);

// Its file below /proc/sys. name: with dots. Nothing for a name whose file would lie elsewhere.
std::optional<std::string> sysctl_file(std::string_view name);

}  // namespace base
