#include "runtime/security/seccomp.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <openssl/evp.h>
#include <seccomp.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/path.h"
#include "base/sys.h"
#include "base/unique_fd.h"
#include "runtime/security/seccomp_profile.h"

namespace runtime::security {
namespace {

struct ReleaseContext {
  void operator()(void* context) const { seccomp_release(context); }
};
using Context = std::unique_ptr<void, ReleaseContext>;

#if defined(__x86_64__)
constexpr std::array<uint32_t, 2> kOtherArchitectures = {SCMP_ARCH_X86, SCMP_ARCH_X32};
#else
constexpr std::array<uint32_t, 1> kOtherArchitectures = {SCMP_ARCH_ARM};
#endif

// libseccomp answers with a negative errno.
base::Status check(int answer, std::string_view attempted) {
  if (answer < 0) return std::unexpected(base::errno_error(-answer, std::string(attempted)));
  return {};
}

scmp_arg_cmp comparison(const Condition& condition) {
  switch (condition.compare) {
    case Compare::kEqual:
      return {0, SCMP_CMP_EQ, condition.value, 0};
    case Compare::kLess:
      return {0, SCMP_CMP_LT, condition.value, 0};
    case Compare::kMaskedZero:
      return {0, SCMP_CMP_MASKED_EQ, condition.value, 0};
  }
  __builtin_unreachable();
}

base::Status add_rule(const Context& context, uint32_t action, const AllowRule& rule) {
  const std::string name(rule.syscall);
  const int number = seccomp_syscall_resolve_name(name.c_str());
  if (number == __NR_SCMP_ERROR) {
    return base::fail(base::Code::kInternal, "libseccomp does not know the system call ", name);
  }
  if (!rule.condition) return check(seccomp_rule_add(context.get(), action, number, 0), name);
  const scmp_arg_cmp compared = comparison(*rule.condition);
  return check(seccomp_rule_add_array(context.get(), action, number, 1, &compared), name);
}

base::Result<Context> build(const Profile& profile) {
  Context context(seccomp_init(SCMP_ACT_ERRNO(EPERM)));
  if (!context) return base::fail(base::Code::kResourceExhausted, "libseccomp could not make a filter");
  // A binary tree instead of a list of comparisons.
  TRY(check(seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2), "choose the filter's form"));
  for (const uint32_t architecture : kOtherArchitectures) {
    TRY(check(seccomp_arch_add(context.get(), architecture), "add an architecture"));
  }
  for (const AllowRule& rule : profile.allow) TRY(add_rule(context, SCMP_ACT_ALLOW, rule), "allow");
  if (profile.clone3_is_missing) TRY(add_rule(context, SCMP_ACT_ERRNO(ENOSYS), {.syscall = "clone3", .condition = {}}));
  return context;
}

// What stands before libseccomp's program, because libseccomp 2.5 cannot say it: the calls that it has no names for,
// and ENOSYS instead of EPERM for those that are younger than the profile, so that programs fall back. Holds only what
// the kernel can evaluate in advance for its table of always allowed calls (seccomp_is_const_allow).
std::string prefix(const Profile& profile) {
  constexpr uint32_t kX32Bit = 0x40000000;
  constexpr uint32_t kArmPrivateCalls = 0x0f0000;  // cacheflush, set_tls …, and -1 where a tracer skips the call
  const auto statement = [](uint32_t code, uint32_t k) { return sock_filter{static_cast<uint16_t>(code), 0, 0, k}; };
  const auto jump = [](uint32_t code, uint32_t k, uint8_t yes, uint8_t no) {
    return sock_filter{static_cast<uint16_t>(code), yes, no, k};
  };
  std::vector<sock_filter> program = {
      statement(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      statement(BPF_ALU | BPF_AND | BPF_K, ~kX32Bit),
      jump(BPF_JMP | BPF_JGE | BPF_K, kArmPrivateCalls, 2, 0),
      jump(BPF_JMP | BPF_JGT | BPF_K, kLastJudgedCall, 0, 1),
      statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
  };
  for (const NumberedCall& call : profile.allow_numbers) {
    program.push_back(jump(BPF_JMP | BPF_JEQ | BPF_K, call.number, 0, 1));
    program.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  }
  return {reinterpret_cast<const char*>(program.data()), program.size() * sizeof(sock_filter)};
}

base::Result<std::string> compile(const Profile& profile) {
  const Context context = TRY(build(profile));
  // libseccomp 2.5 exports to a descriptor only.
  const base::UniqueFd file = TRY(base::sys::memfd("seccomp-filter", false));
  TRY(check(seccomp_export_bpf(context.get(), file.get()), "export the filter"));
  if (::lseek(file.get(), 0, SEEK_SET) < 0) return base::fail_errno(errno, "read the exported filter");
  std::string program = base::concat(prefix(profile), TRY(base::read_fd(file.get(), 1 << 20)));
  if (program.size() / sizeof(sock_filter) > BPF_MAXINSNS) {
    return base::fail(base::Code::kInternal, "the filter has more instructions than the kernel takes");
  }
  return program;
}

// Everything that the compiled program depends on, as text.
std::string describe(const Profile& profile) {
  const struct scmp_version* version = seccomp_version();
  std::string text =
      base::concat("format 1\nlibseccomp ", version->major, ".", version->minor, ".", version->micro, "\narch ",
                   seccomp_arch_native(), "\nlast ", kLastJudgedCall, "\nclone3 ", profile.clone3_is_missing, "\n");
  for (const AllowRule& rule : profile.allow) {
    text += rule.syscall;
    if (rule.condition)
      text += base::concat(" ", static_cast<int>(rule.condition->compare), " ", rule.condition->value);
    text += '\n';
  }
  for (const NumberedCall& call : profile.allow_numbers) text += base::concat(call.number, "\n");
  return text;
}

base::Result<std::string> sha256_hex(std::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  size_t size = 0;
  if (EVP_Q_digest(nullptr, "SHA256", nullptr, data.data(), data.size(), digest.data(), &size) != 1) {
    return base::fail(base::Code::kInternal, "OpenSSL could not compute a SHA-256");
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (size_t i = 0; i < size; ++i) {
    hex += kDigits[digest[i] >> 4];
    hex += kDigits[digest[i] & 15];
  }
  return hex;
}

}  // namespace

base::Result<std::string> compile_runtime_default(CapabilitySet capabilities) {
  return TRY(compile(runtime_default_profile(capabilities)), "compile the RuntimeDefault seccomp profile");
}

base::Result<std::string> FilterCache::runtime_default(CapabilitySet capabilities) const {
  const Profile profile = runtime_default_profile(capabilities);
  const std::string name = TRY(sha256_hex(describe(profile)), "name the seccomp filter");
  std::string path = base::join_path(folder_, base::concat(name, ".bpf"));
  const base::Result<struct stat> there = base::sys::fstatat(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW);
  if (there && there->st_size > 0) return path;

  const std::string program = TRY(compile(profile), "compile the RuntimeDefault seccomp profile");
  TRY(base::make_dirs(folder_, 0700), "keep the compiled seccomp filter");
  TRY(base::write_file_atomic(path, program, 0600, base::Durability::kCrash), "keep the compiled seccomp filter");
  return path;
}

}  // namespace runtime::security
