// Linux capabilities by name and number (capabilities(7)), and the rule by which a container's set is made from the
// default one. Needs base-core only, so that nodeagent-shim can turn a config.json's names into numbers.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace runtime::security {

inline constexpr int kKnownCapabilities = 41;  // CAP_CHOWN (0) … CAP_CHECKPOINT_RESTORE (40), as of Linux 6.1

// A set of capability numbers below 64, as the kernel's own 64-bit masks.
class CapabilitySet {
 public:
  constexpr CapabilitySet() = default;
  constexpr explicit CapabilitySet(uint64_t mask) : mask_(mask) {}
  // Every capability up to and including `last`.
  static constexpr CapabilitySet up_to(int last) {
    return CapabilitySet(last >= 63 ? ~uint64_t{0} : (uint64_t{1} << (last + 1)) - 1);
  }

  constexpr uint64_t mask() const { return mask_; }
  constexpr bool empty() const { return mask_ == 0; }
  constexpr bool has(int capability) const { return (mask_ >> capability & 1) != 0; }
  constexpr CapabilitySet with(int capability) const { return CapabilitySet(mask_ | uint64_t{1} << capability); }
  constexpr CapabilitySet without(int capability) const { return CapabilitySet(mask_ & ~(uint64_t{1} << capability)); }
  constexpr CapabilitySet operator&(CapabilitySet other) const { return CapabilitySet(mask_ & other.mask_); }
  constexpr bool operator==(const CapabilitySet&) const = default;

  // "CAP_CHOWN" …, in the order of their numbers; numbers without a known name are left out.
  std::vector<std::string> names() const;

 private:
  uint64_t mask_ = 0;
};

// The number of "CAP_NET_RAW", "NET_RAW" or "net_raw"; nullopt for an unknown name.
std::optional<int> capability_number(std::string_view name);
// "CAP_NET_RAW"; empty for a number without a known name.
std::string_view capability_name(int number);
// The set of names; kInvalidArgument for an unknown one, naming it.
base::Result<CapabilitySet> capability_set(std::span<const std::string> names);

// What a container has when nothing is said: containerd's fourteen.
CapabilitySet default_capabilities();

// The last capability of this kernel, from /proc/sys/kernel/cap_last_cap.
base::Result<int> kernel_last_capability();
// What this process may hand on: its bounding set.
base::Result<CapabilitySet> available_capabilities();

// CRI's rule: first ALL is added, then ALL is dropped, then single names are added, last single names are dropped; so
// "drop ALL, add CHOWN" is CHOWN alone. Names as in capability_number(). What is not `available` is left out of the
// default and of ALL; adding such a one by name is kFailedPrecondition, an unknown name kInvalidArgument.
base::Result<CapabilitySet> adjust_capabilities(CapabilitySet start, CapabilitySet available,
                                                std::span<const std::string> add, std::span<const std::string> drop);

}  // namespace runtime::security
