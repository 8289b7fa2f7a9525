// What RuntimeDefault allows, as data: which system calls, with which arguments, for which capabilities. The compiler
// of the program (seccomp.cc) and the profile's hash are both made from it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "runtime/security/capabilities.h"

namespace runtime::security {

enum class Compare { kEqual, kLess, kMaskedZero };  // kMaskedZero: (argument & value) == 0

// A condition on the first argument, the only one that the profile looks at.
struct Condition {
  Compare compare = Compare::kEqual;
  uint64_t value = 0;
};

struct AllowRule {
  std::string_view syscall;
  std::optional<Condition> condition;
};

// A call younger than libseccomp 2.5.4's tables. From 424 on numbers are the same on every architecture.
struct NumberedCall {
  std::string_view name;
  uint32_t number = 0;
};

// The highest number that the profile has an opinion on; what is above is answered with ENOSYS.
inline constexpr uint32_t kLastJudgedCall = 466;

struct Profile {
  std::vector<AllowRule> allow;
  std::vector<NumberedCall> allow_numbers;
  bool clone3_is_missing = true;  // clone3 is answered with ENOSYS
};

// The number of a call that libseccomp 2.5.4 does not know by name.
std::optional<uint32_t> young_call(std::string_view name);

// RuntimeDefault for a container with these capabilities.
Profile runtime_default_profile(CapabilitySet capabilities);

}  // namespace runtime::security
