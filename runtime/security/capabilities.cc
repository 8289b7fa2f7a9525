#include "runtime/security/capabilities.h"

#include <linux/capability.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/file.h"
#include "base/sys.h"

namespace runtime::security {
namespace {

constexpr std::string_view kPrefix = "CAP_";

// Index = the kernel's number (linux/capability.h).
constexpr std::array<std::string_view, kKnownCapabilities> kNames = {"CAP_CHOWN",
                                                                     "CAP_DAC_OVERRIDE",
                                                                     "CAP_DAC_READ_SEARCH",
                                                                     "CAP_FOWNER",
                                                                     "CAP_FSETID",
                                                                     "CAP_KILL",
                                                                     "CAP_SETGID",
                                                                     "CAP_SETUID",
                                                                     "CAP_SETPCAP",
                                                                     "CAP_LINUX_IMMUTABLE",
                                                                     "CAP_NET_BIND_SERVICE",
                                                                     "CAP_NET_BROADCAST",
                                                                     "CAP_NET_ADMIN",
                                                                     "CAP_NET_RAW",
                                                                     "CAP_IPC_LOCK",
                                                                     "CAP_IPC_OWNER",
                                                                     "CAP_SYS_MODULE",
                                                                     "CAP_SYS_RAWIO",
                                                                     "CAP_SYS_CHROOT",
                                                                     "CAP_SYS_PTRACE",
                                                                     "CAP_SYS_PACCT",
                                                                     "CAP_SYS_ADMIN",
                                                                     "CAP_SYS_BOOT",
                                                                     "CAP_SYS_NICE",
                                                                     "CAP_SYS_RESOURCE",
                                                                     "CAP_SYS_TIME",
                                                                     "CAP_SYS_TTY_CONFIG",
                                                                     "CAP_MKNOD",
                                                                     "CAP_LEASE",
                                                                     "CAP_AUDIT_WRITE",
                                                                     "CAP_AUDIT_CONTROL",
                                                                     "CAP_SETFCAP",
                                                                     "CAP_MAC_OVERRIDE",
                                                                     "CAP_MAC_ADMIN",
                                                                     "CAP_SYSLOG",
                                                                     "CAP_WAKE_ALARM",
                                                                     "CAP_BLOCK_SUSPEND",
                                                                     "CAP_AUDIT_READ",
                                                                     "CAP_PERFMON",
                                                                     "CAP_BPF",
                                                                     "CAP_CHECKPOINT_RESTORE"};
static_assert(kNames[CAP_SYS_ADMIN] == "CAP_SYS_ADMIN" && kNames[CAP_CHECKPOINT_RESTORE] == "CAP_CHECKPOINT_RESTORE");

std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return out;
}

bool is_all(const std::string& name) {
  const std::string text = upper(name);
  return text == "ALL" || text == "CAP_ALL";
}

base::Result<int> number_of(const std::string& name) {
  const std::optional<int> number = capability_number(name);
  if (!number) {
    return base::fail(base::Code::kInvalidArgument, "unknown capability \"", name,
                      "\" (names are those of capabilities(7), with or without CAP_, or ALL)");
  }
  return *number;
}

}  // namespace

std::vector<std::string> CapabilitySet::names() const {
  std::vector<std::string> out;
  for (int i = 0; i < kKnownCapabilities; ++i) {
    if (has(i)) out.emplace_back(kNames[static_cast<size_t>(i)]);
  }
  return out;
}

std::optional<int> capability_number(std::string_view name) {
  std::string wanted = upper(name);
  if (!wanted.starts_with(kPrefix)) wanted.insert(0, kPrefix);
  const auto* found = std::ranges::find(kNames, wanted);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<int>(found - kNames.begin());
}

std::string_view capability_name(int number) {
  return number >= 0 && number < kKnownCapabilities ? kNames[static_cast<size_t>(number)] : std::string_view();
}

base::Result<CapabilitySet> capability_set(std::span<const std::string> names) {
  CapabilitySet set;
  for (const std::string& name : names) set = set.with(TRY(number_of(name)));
  return set;
}

CapabilitySet default_capabilities() {
  CapabilitySet set;
  for (const int capability :
       {CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FSETID, CAP_FOWNER, CAP_MKNOD, CAP_NET_RAW, CAP_SETGID, CAP_SETUID,
        CAP_SETFCAP, CAP_SETPCAP, CAP_NET_BIND_SERVICE, CAP_SYS_CHROOT, CAP_KILL, CAP_AUDIT_WRITE}) {
    set = set.with(capability);
  }
  return set;
}

base::Result<int> kernel_last_capability() {
  const char* path = "/proc/sys/kernel/cap_last_cap";
  const std::string text = TRY(base::read_file(path, 64), "find the kernel's last capability");
  int last = -1;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), last);
  if (parsed.ec != std::errc() || last < 0 || last > 63) {
    return base::fail(base::Code::kInternal, path, " holds \"", text, "\", not a capability number");
  }
  return last;
}

base::Result<CapabilitySet> available_capabilities() {
  const std::string status = TRY(base::read_file("/proc/self/status", 64 << 10), "find this process's capabilities");
  constexpr std::string_view kField = "\nCapBnd:\t";
  const size_t at = status.find(kField);
  uint64_t mask = 0;
  if (at != std::string::npos) {
    const char* digits = status.data() + at + kField.size();
    const auto parsed = std::from_chars(digits, status.data() + status.size(), mask, 16);
    if (parsed.ec == std::errc()) return CapabilitySet(mask);
  }
  return base::fail(base::Code::kInternal, "/proc/self/status has no CapBnd line");
}

base::Result<CapabilitySet> adjust_capabilities(CapabilitySet start, CapabilitySet available,
                                                std::span<const std::string> add, std::span<const std::string> drop) {
  CapabilitySet set = start & available;
  if (std::ranges::any_of(add, is_all)) set = available & CapabilitySet::up_to(kKnownCapabilities - 1);
  if (std::ranges::any_of(drop, is_all)) set = CapabilitySet();
  for (const std::string& name : add) {
    if (is_all(name)) continue;
    const int number = TRY(number_of(name), "add capabilities");
    if (!available.has(number)) {
      return base::fail(base::Code::kFailedPrecondition, "capability ", capability_name(number),
                        " cannot be given: nodeagent itself runs without it");
    }
    set = set.with(number);
  }
  for (const std::string& name : drop) {
    if (!is_all(name)) set = set.without(TRY(number_of(name), "drop capabilities"));
  }
  return set;
}

}  // namespace runtime::security
