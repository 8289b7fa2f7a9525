#include "runtime/security/seccomp_words.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <string_view>

namespace runtime::security {
namespace {

constexpr uint32_t kMaxErrno = 4094;  // of libseccomp; the kernel has one more
constexpr uint32_t kMaxTraceData = 0xffff;

template <typename Value>
struct Named {
  std::string_view name;
  Value value;
};

constexpr std::array kActions = {
    Named<uint32_t>{"SCMP_ACT_ALLOW", SCMP_ACT_ALLOW},
    Named<uint32_t>{"SCMP_ACT_ERRNO", SCMP_ACT_ERRNO(0)},
    Named<uint32_t>{"SCMP_ACT_KILL", SCMP_ACT_KILL_THREAD},
    Named<uint32_t>{"SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS},
    Named<uint32_t>{"SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD},
    Named<uint32_t>{"SCMP_ACT_LOG", SCMP_ACT_LOG},
    Named<uint32_t>{"SCMP_ACT_TRACE", SCMP_ACT_TRACE(0)},
    Named<uint32_t>{"SCMP_ACT_TRAP", SCMP_ACT_TRAP},
};

constexpr std::array kOperators = {
    Named<scmp_compare>{"SCMP_CMP_EQ", SCMP_CMP_EQ}, Named<scmp_compare>{"SCMP_CMP_GE", SCMP_CMP_GE},
    Named<scmp_compare>{"SCMP_CMP_GT", SCMP_CMP_GT}, Named<scmp_compare>{"SCMP_CMP_LE", SCMP_CMP_LE},
    Named<scmp_compare>{"SCMP_CMP_LT", SCMP_CMP_LT}, Named<scmp_compare>{"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ},
    Named<scmp_compare>{"SCMP_CMP_NE", SCMP_CMP_NE},
};

constexpr std::array kArchitectures = {
#if defined(__x86_64__)
    Named<uint32_t>{"SCMP_ARCH_X86_64", SCMP_ARCH_X86_64},
    Named<uint32_t>{"SCMP_ARCH_X86", SCMP_ARCH_X86},
    Named<uint32_t>{"SCMP_ARCH_X32", SCMP_ARCH_X32},
    Named<uint32_t>{"SCMP_ARCH_AARCH64", 0},
    Named<uint32_t>{"SCMP_ARCH_ARM", 0},
#else
    Named<uint32_t>{"SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64},
    Named<uint32_t>{"SCMP_ARCH_ARM", SCMP_ARCH_ARM},
    Named<uint32_t>{"SCMP_ARCH_X86_64", 0},
    Named<uint32_t>{"SCMP_ARCH_X86", 0},
    Named<uint32_t>{"SCMP_ARCH_X32", 0},
#endif
    Named<uint32_t>{"SCMP_ARCH_LOONGARCH64", 0},
    Named<uint32_t>{"SCMP_ARCH_MIPS", 0},
    Named<uint32_t>{"SCMP_ARCH_MIPS64", 0},
    Named<uint32_t>{"SCMP_ARCH_MIPS64N32", 0},
    Named<uint32_t>{"SCMP_ARCH_MIPSEL", 0},
    Named<uint32_t>{"SCMP_ARCH_MIPSEL64", 0},
    Named<uint32_t>{"SCMP_ARCH_MIPSEL64N32", 0},
    Named<uint32_t>{"SCMP_ARCH_PARISC", 0},
    Named<uint32_t>{"SCMP_ARCH_PARISC64", 0},
    Named<uint32_t>{"SCMP_ARCH_PPC", 0},
    Named<uint32_t>{"SCMP_ARCH_PPC64", 0},
    Named<uint32_t>{"SCMP_ARCH_PPC64LE", 0},
    Named<uint32_t>{"SCMP_ARCH_RISCV64", 0},
    Named<uint32_t>{"SCMP_ARCH_S390", 0},
    Named<uint32_t>{"SCMP_ARCH_S390X", 0},
};

template <typename Value>
base::Result<Value> value_of(std::span<const Named<Value>> table, const std::string& name,
                             const std::string& property) {
  const auto found = std::ranges::find(table, std::string_view(name), &Named<Value>::name);
  if (found != table.end()) return found->value;
  return wrong(property, "\"", name, "\" is unknown; ", table.front().name, ", for example, is known");
}

}  // namespace

base::Result<uint32_t> seccomp_action(const std::string& name, const std::optional<uint32_t>& error,
                                      const std::string& property, const std::string& error_property) {
  if (name == "SCMP_ACT_NOTIFY") return beyond_us(property, "SCMP_ACT_NOTIFY needs a listener, which no container has");
  const uint32_t action = TRY(value_of<uint32_t>(kActions, name, property));
  const bool returns = action == SCMP_ACT_ERRNO(0);
  if (!returns && action != SCMP_ACT_TRACE(0)) {
    if (error) return wrong(error_property, name, " returns no error");
    return action;
  }
  const uint32_t most = returns ? kMaxErrno : kMaxTraceData;
  if (error && *error > most) return wrong(error_property, *error, " is more than ", most);
  return action | error.value_or(EPERM);
}

base::Result<scmp_compare> seccomp_comparison(const std::string& name, const std::string& property) {
  return value_of<scmp_compare>(kOperators, name, property);
}

base::Result<uint32_t> seccomp_architecture(const std::string& name, const std::string& property) {
  return value_of<uint32_t>(kArchitectures, name, property);
}

}  // namespace runtime::security
