// A seccomp profile that compiles is a program that the kernel can take; the same text makes the same program.
#include <linux/filter.h>

#include "runtime/security/seccomp.h"
#include "test/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Many comparisons take libseccomp long, and say nothing new.
  constexpr size_t kEnough = 1536;
  if (size > kEnough) return 0;
  const std::string_view text = fuzz::text_of(data, size);
  const auto program = runtime::security::compile_profile(text, runtime::security::default_capabilities());
  if (!program) {
    fuzz::require(!program.error().message().empty());
    return 0;
  }
  fuzz::require(program->size() % sizeof(sock_filter) == 0);
  fuzz::require(!program->empty() && program->size() / sizeof(sock_filter) <= BPF_MAXINSNS);
  const auto again = runtime::security::compile_profile(text, runtime::security::default_capabilities());
  fuzz::require(again && *again == *program);
  return 0;
}
