#include "runtime/security/seccomp.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <openssl/evp.h>
#include <seccomp.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/path.h"
#include "base/sys.h"
#include "base/unique_fd.h"
#include "runtime/security/seccomp_profile.h"
#include "runtime/security/seccomp_program.h"

namespace runtime::security {
namespace {

#if defined(__x86_64__)
constexpr std::array<uint32_t, 2> kOtherArchitectures = {SCMP_ARCH_X86, SCMP_ARCH_X32};
#else
constexpr std::array<uint32_t, 1> kOtherArchitectures = {SCMP_ARCH_ARM};
#endif

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

base::Status add_rule(const SeccompContext& context, uint32_t action, const AllowRule& rule) {
  const std::string name(rule.syscall);
  const int number = seccomp_syscall_resolve_name(name.c_str());
  if (number == __NR_SCMP_ERROR) {
    return base::fail(base::Code::kInternal, "libseccomp does not know the system call ", name);
  }
  if (!rule.condition) return seccomp_answer(seccomp_rule_add(context.get(), action, number, 0), name);
  const scmp_arg_cmp compared = comparison(*rule.condition);
  return seccomp_answer(seccomp_rule_add_array(context.get(), action, number, 1, &compared), name);
}

base::Result<SeccompContext> build(const Profile& profile) {
  SeccompContext context = TRY(new_seccomp_context(SCMP_ACT_ERRNO(EPERM)));
  TRY(make_tree(context));
  for (const uint32_t architecture : kOtherArchitectures) {
    TRY(seccomp_answer(seccomp_arch_add(context.get(), architecture), "add an architecture"));
  }
  for (const AllowRule& rule : profile.allow) TRY(add_rule(context, SCMP_ACT_ALLOW, rule), "allow");
  if (profile.clone3_is_missing) TRY(add_rule(context, SCMP_ACT_ERRNO(ENOSYS), {.syscall = "clone3", .condition = {}}));
  return context;
}

// What stands before libseccomp's program, because libseccomp 2.5 cannot say it: the calls that it has no names for,
// and ENOSYS instead of EPERM for those that are younger than the profile, so that programs fall back. Holds only what
// the kernel can evaluate in advance for its table of always allowed calls (seccomp_is_const_allow).
std::vector<sock_filter> prefix(const Profile& profile) {
  std::vector<sock_filter> program = {
      bpf_statement(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      bpf_statement(BPF_ALU | BPF_AND | BPF_K, ~kX32Bit),
      bpf_jump(BPF_JMP | BPF_JGE | BPF_K, kNoCallsFrom, 2, 0),
      bpf_jump(BPF_JMP | BPF_JGT | BPF_K, kLastJudgedCall, 0, 1),
      bpf_statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
  };
  for (const NumberedCall& call : profile.allow_numbers) {
    program.push_back(bpf_jump(BPF_JMP | BPF_JEQ | BPF_K, call.number, 0, 1));
    program.push_back(bpf_statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  }
  return program;
}

base::Result<std::string> compile(const Profile& profile) {
  return finish_program(prefix(profile), TRY(build(profile)));
}

// Everything that the compiled program depends on, as text.
std::string describe(const Profile& profile) {
  std::string text = base::concat("format 1\n", describe_compiler(), "last ", kLastJudgedCall, "\nclone3 ",
                                  profile.clone3_is_missing, "\n");
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

constexpr size_t kMaxProfileBytes = 1UL << 20;

// The error of a file that the pod names and the node does not have is the node's state, not a missing object.
base::Result<std::string> read_profile(const std::string& path) {
  // Not to wait for who writes to a FIFO.
  base::Result<base::UniqueFd> file = base::sys::open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file) {
    base::Error error = std::move(file).error();
    if (error.code() == base::Code::kNotFound) error.set_code(base::Code::kFailedPrecondition);
    return std::unexpected(std::move(error));
  }
  const struct stat info = TRY(base::sys::fstat(file->get()));
  if (!S_ISREG(info.st_mode)) return base::fail(base::Code::kInvalidArgument, "this is no regular file");
  if (static_cast<size_t>(info.st_size) > kMaxProfileBytes) {
    return base::fail(base::Code::kInvalidArgument, "the file has ", info.st_size, " bytes; at most ", kMaxProfileBytes,
                      " are taken");
  }
  return base::read_fd(file->get(), kMaxProfileBytes);
}

}  // namespace

base::Result<std::string> compile_runtime_default(CapabilitySet capabilities) {
  return TRY(compile(runtime_default_profile(capabilities)), "compile the RuntimeDefault seccomp profile");
}

base::Result<std::string> FilterCache::runtime_default(CapabilitySet capabilities) const {
  const Profile profile = runtime_default_profile(capabilities);
  return kept(describe(profile), [&] { return compile_runtime_default(capabilities); });
}

base::Result<std::string> FilterCache::localhost(const std::string& profile, CapabilitySet capabilities) const {
  const std::string text = TRY(read_profile(profile), "Localhost seccomp profile ", profile);
  const std::string description =
      base::concat("localhost format 1\n", describe_compiler(), "last ", kLastJudgedCall, "\nkernel ", kernel_release(),
                   "\ncapabilities ", capabilities.mask(), "\n", text);
  return TRY(kept(description, [&] { return compile_profile(text, capabilities); }), "Localhost seccomp profile ",
             profile);
}

base::Result<std::string> FilterCache::kept(const std::string& description,
                                            const std::function<base::Result<std::string>()>& compile) const {
  const std::string name = TRY(sha256_hex(description), "name the seccomp filter");
  std::string path = base::join_path(folder_, base::concat(name, ".bpf"));
  const base::Result<struct stat> there = base::sys::fstatat(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW);
  if (there && there->st_size > 0) return path;

  const std::string program = TRY(compile());
  TRY(base::make_dirs(folder_, 0700), "keep the compiled seccomp filter");
  TRY(base::write_file_atomic(path, program, 0600, base::Durability::kCrash), "keep the compiled seccomp filter");
  return path;
}

}  // namespace runtime::security
