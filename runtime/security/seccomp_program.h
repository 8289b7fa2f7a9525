// What RuntimeDefault and the profiles of a node are both compiled with: libseccomp behind owners and errors, and the
// few instructions that stand before its program. Private to runtime/security.
#pragma once

#include <linux/filter.h>
#include <seccomp.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace runtime::security {

struct ReleaseSeccompContext {
  void operator()(void* context) const { seccomp_release(context); }
};
using SeccompContext = std::unique_ptr<void, ReleaseSeccompContext>;

// A filter without rules that answers every call with the action.
base::Result<SeccompContext> new_seccomp_context(uint32_t default_action);
// Of what a call of libseccomp has answered, a negative errno or not.
base::Status seccomp_answer(int answer, std::string_view attempted);
// A binary tree of comparisons instead of a list. Only for a filter that has rules: libseccomp 2.5 errs on others.
base::Status make_tree(const SeccompContext& context);

inline sock_filter bpf_statement(uint32_t code, uint32_t k) { return {static_cast<uint16_t>(code), 0, 0, k}; }
inline sock_filter bpf_jump(uint32_t code, uint32_t k, uint8_t yes, uint8_t no) {
  return {static_cast<uint16_t>(code), yes, no, k};
}

inline constexpr uint32_t kX32Bit = 0x40000000;
// Above every number that is a call's: ARM's cacheflush, set_tls …, x32's calls, and -1 where a tracer skips the call.
inline constexpr uint32_t kNoCallsFrom = 0x0f0000;

// The program for the kernel: `prefix`, and what libseccomp makes of the context. kInvalidArgument when it has more
// instructions than the kernel takes.
base::Result<std::string> finish_program(const std::vector<sock_filter>& prefix, const SeccompContext& context);

// uname(2)'s: "6.1.0-28-amd64".
std::string kernel_release();

// What names a kept program, besides its profile: "libseccomp 2.5.4\narch …\n".
std::string describe_compiler();

}  // namespace runtime::security
