// A seccomp profile of the node, from JSON to a program.
#include <linux/seccomp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/log.h"
#include "runtime/oci/spec.h"
#include "runtime/security/seccomp.h"
#include "runtime/security/seccomp_profile.h"
#include "runtime/security/seccomp_program.h"
#include "runtime/security/seccomp_words.h"

namespace runtime::security {
namespace {

using base::Result;
using base::Status;

// The kernel takes 4096 instructions. What libseccomp needs for comparisons on one call grows without bound, most of
// all where some of its rules make several: within these limits it is seconds at worst, and microseconds for what
// people write.
constexpr size_t kMaxRules = 4096;
constexpr size_t kMaxComparisons = 512;
constexpr size_t kMaxComparisonsOfCall = 128;
constexpr size_t kMaxComparisonsTogether = 16;
constexpr uint32_t kArgumentsOfCall = 6;
constexpr uint32_t kOldestYoungCall = 424;  // pidfd_send_signal, Linux 5.1

#if defined(__x86_64__)
constexpr std::string_view kMachine = "amd64";
constexpr uint32_t kOtherAuditArchitecture = SCMP_ARCH_X86;  // as the kernel tells it: x32 is x86-64 with a bit set
#else
constexpr uint32_t kOtherAuditArchitecture = SCMP_ARCH_ARM;
constexpr std::string_view kMachine = "arm64";
#endif

// --- Docker's conditions ---

struct Version {
  uint32_t major = 0;
  uint32_t minor = 0;
  auto operator<=>(const Version&) const = default;
};

// What begins with "6.1"; the rest of a release is of no interest.
std::optional<Version> version_in(std::string_view text) {
  Version version;
  const size_t dot = text.find('.');
  const auto number = [](std::string_view part, uint32_t& value) {
    return std::from_chars(part.data(), part.data() + part.size(), value).ec == std::errc();
  };
  if (dot == std::string_view::npos || text.find_first_not_of("0123456789") != dot) return std::nullopt;
  if (!number(text.substr(0, dot), version.major)) return std::nullopt;
  if (!number(text.substr(dot + 1), version.minor)) return std::nullopt;
  return version;
}

struct Facts {
  CapabilitySet capabilities;
  Version kernel;
};

// How many of a condition's parts there are, and how many of them hold.
struct Held {
  size_t asked = 0;
  size_t held = 0;
};

Result<Held> check_condition(const oci::SeccompCondition& condition, const Facts& facts, const std::string& property) {
  Held held;
  const auto note = [&](bool holds) {
    ++held.asked;
    held.held += holds ? 1 : 0;
  };
  for (const std::string& name : condition.caps) {
    // One that is younger than this program is one that nobody has.
    const std::optional<int> number = capability_number(name);
    note(number && facts.capabilities.has(*number));
  }
  if (!condition.arches.empty()) note(std::ranges::find(condition.arches, kMachine) != condition.arches.end());
  if (!condition.min_kernel.empty()) {
    const std::optional<Version> least = version_in(condition.min_kernel);
    if (!least) return wrong(base::concat(property, ".minKernel"), "\"", condition.min_kernel, "\" is none like 4.8");
    note(facts.kernel >= *least);
  }
  return held;
}

Result<bool> counts(const oci::SeccompRule& rule, const Facts& facts, const std::string& property) {
  const Held included = TRY(check_condition(rule.includes, facts, base::concat(property, ".includes")));
  const Held excluded = TRY(check_condition(rule.excludes, facts, base::concat(property, ".excludes")));
  return included.held == included.asked && excluded.held == 0;
}

// --- compiling ---

class ProfileCompiler {
 public:
  static Result<std::string> compile(const oci::Seccomp& profile, CapabilitySet capabilities);

 private:
  struct Comparisons {
    size_t all = 0;
    bool together = false;  // some rule makes several
  };

  ProfileCompiler(SeccompContext context, uint32_t default_action, const Facts& facts)
      : context_(std::move(context)), default_action_(default_action), facts_(facts) {}

  Status add_architectures(const oci::Seccomp& profile);
  Status add_architecture(const std::string& name, const std::string& property);
  Status add_rules(const oci::Seccomp& profile);
  Status add_rule(const oci::SeccompRule& rule, const std::string& property);
  Status add_call(const std::string& name, uint32_t action, std::span<const scmp_arg_cmp> conditions,
                  const std::string& property);
  Status count_comparisons(const std::string& name, size_t more, const std::string& property);
  Status add_young_call(uint32_t number, uint32_t action, bool conditional, const std::string& property);
  bool refuses_by_default() const;
  bool has(uint32_t architecture) const { return seccomp_arch_exist(context_.get(), architecture) == 0; }
  std::vector<sock_filter> prefix() const;

  SeccompContext context_;
  const uint32_t default_action_;
  const Facts facts_;
  size_t rules_ = 0;
  size_t comparisons_ = 0;
  size_t added_ = 0;                                   // to the context
  std::map<std::string, Comparisons> comparisons_of_;  // by call
  uint32_t youngest_ = kOldestYoungCall - 1;           // the highest number that the profile names
  std::vector<std::pair<uint32_t, uint32_t>> young_;   // number and action of calls that libseccomp cannot name
};

Status ProfileCompiler::add_architecture(const std::string& name, const std::string& property) {
  const uint32_t token = TRY(seccomp_architecture(name, property));
  if (token == 0 || has(token)) return {};
  return seccomp_answer(seccomp_arch_add(context_.get(), token), property);
}

Status ProfileCompiler::add_architectures(const oci::Seccomp& profile) {
  if (!profile.architectures.empty() && !profile.arch_map.empty()) {
    return wrong("archMap", "there is \"architectures\" too; one of them says what the filter is for");
  }
  for (size_t i = 0; i < profile.architectures.size(); ++i) {
    TRY(add_architecture(profile.architectures[i], base::concat("architectures[", i, "]")));
  }
  for (size_t i = 0; i < profile.arch_map.size(); ++i) {
    const oci::SeccompArchitecture& entry = profile.arch_map[i];
    const std::string property = base::concat("archMap[", i, "]");
    const uint32_t token = TRY(seccomp_architecture(entry.architecture, base::concat(property, ".architecture")));
    for (size_t j = 0; j < entry.sub_architectures.size(); ++j) {
      const std::string& name = entry.sub_architectures[j];
      const std::string its = base::concat(property, ".subArchitectures[", j, "]");
      TRY(seccomp_architecture(name, its));
      if (token == seccomp_arch_native()) TRY(add_architecture(name, its));
    }
  }
  return {};
}

// The conditions of a rule, as libseccomp has them.
Result<std::vector<scmp_arg_cmp>> conditions_of(const oci::SeccompRule& rule, const std::string& property) {
  std::vector<scmp_arg_cmp> conditions;
  for (size_t i = 0; i < rule.args.size(); ++i) {
    const oci::SeccompArg& arg = rule.args[i];
    const std::string its = base::concat(property, ".args[", i, "]");
    if (arg.index >= kArgumentsOfCall) return wrong(base::concat(its, ".index"), arg.index, " is more than 5");
    const scmp_compare compare = TRY(seccomp_comparison(arg.op, base::concat(its, ".op")));
    conditions.push_back({arg.index, compare, arg.value, arg.value_two});
  }
  return conditions;
}

bool has_argument_twice(std::span<const scmp_arg_cmp> conditions) {
  std::array<bool, kArgumentsOfCall> seen{};
  return std::ranges::any_of(
      conditions, [&](const scmp_arg_cmp& condition) { return std::exchange(seen.at(condition.arg), true); });
}

Status ProfileCompiler::add_young_call(uint32_t number, uint32_t action, bool conditional,
                                       const std::string& property) {
  youngest_ = std::max(youngest_, number);
  if (action == default_action_) return {};
  if (conditional)
    return beyond_us(property, "libseccomp does not know this call, so that its args cannot be compared");
  young_.emplace_back(number, action);
  return {};
}

Status ProfileCompiler::count_comparisons(const std::string& name, size_t more, const std::string& property) {
  Comparisons& compared = comparisons_of_[name];
  compared.all += more;
  compared.together |= more > 1;
  const size_t most = compared.together ? kMaxComparisonsTogether : kMaxComparisonsOfCall;
  if (compared.all <= most) return {};
  return wrong(property, "more than ", most, " comparisons for ", name,
               compared.together ? ", of which some have to hold together" : "");
}

Status ProfileCompiler::add_call(const std::string& name, uint32_t action, std::span<const scmp_arg_cmp> conditions,
                                 const std::string& property) {
  if (name.empty()) return wrong(property, "the name is empty");
  const int number = seccomp_syscall_resolve_name(name.c_str());
  if (number == __NR_SCMP_ERROR) {
    const std::optional<uint32_t> young = young_call(name);
    if (young) return add_young_call(*young, action, !conditions.empty(), property);
    base::log::debug({}, "seccomp profile: ", property, ": the system call ", name, " is unknown, and ignored");
    return {};
  }
  if (number > 0) youngest_ = std::max(youngest_, static_cast<uint32_t>(number));
  if (action == default_action_) return {};  // libseccomp refuses what changes nothing
  TRY(count_comparisons(name, conditions.size(), property));
  const auto add = [&](std::span<const scmp_arg_cmp> compared) -> Status {
    const int answer =
        seccomp_rule_add_array(context_.get(), action, number, static_cast<unsigned>(compared.size()), compared.data());
    if (answer == 0) ++added_;
    if (answer == 0 || answer == -ENOMEM) return seccomp_answer(answer, property);
    return wrong(property, "libseccomp does not take this rule for ", name, ": ",
                 base::errno_error(-answer, "").message());
  };
  if (!has_argument_twice(conditions)) return add(conditions);
  for (const scmp_arg_cmp& condition : conditions) TRY(add({&condition, 1}));
  return {};
}

Status ProfileCompiler::add_rule(const oci::SeccompRule& rule, const std::string& property) {
  const uint32_t action = TRY(seccomp_action(rule.action, rule.errno_ret, base::concat(property, ".action"),
                                             base::concat(property, ".errnoRet")));
  const std::vector<scmp_arg_cmp> conditions = TRY(conditions_of(rule, property));
  rules_ += rule.names.size();
  comparisons_ += rule.names.size() * conditions.size();
  if (rules_ > kMaxRules) return wrong(property, "more than ", kMaxRules, " rules up to here");
  if (comparisons_ > kMaxComparisons) {
    return wrong(base::concat(property, ".args"), "more than ", kMaxComparisons, " comparisons up to here");
  }
  if (!TRY(counts(rule, facts_, property))) return {};
  for (size_t i = 0; i < rule.names.size(); ++i) {
    TRY(add_call(rule.names[i], action, conditions, base::concat(property, ".names[", i, "]")));
  }
  return {};
}

Status ProfileCompiler::add_rules(const oci::Seccomp& profile) {
  constexpr size_t kListIsBetter = 32;
  for (size_t i = 0; i < profile.syscalls.size(); ++i) {
    TRY(add_rule(profile.syscalls[i], base::concat("syscalls[", i, "]")));
  }
  if (added_ > kListIsBetter) TRY(make_tree(context_));
  return {};
}

// An observer's default is none: who only looks must not change what programs see.
bool ProfileCompiler::refuses_by_default() const {
  return default_action_ != SCMP_ACT_ALLOW && default_action_ != SCMP_ACT_LOG &&
         (default_action_ & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_TRACE;
}

// What libseccomp 2.5 cannot say: the answer for calls that it does not know.
std::vector<sock_filter> ProfileCompiler::prefix() const {
  std::vector<sock_filter> body;
  if (refuses_by_default()) {
    // x32's old calls, at 512 and up beside its bit, are no young ones.
    body.push_back(bpf_jump(BPF_JMP | BPF_JGE | BPF_K, kNoCallsFrom, 2, 0));
    body.push_back(bpf_jump(BPF_JMP | BPF_JGT | BPF_K, youngest_, 0, 1));
    body.push_back(bpf_statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS));
  }
  if (has(SCMP_ARCH_X32)) body.push_back(bpf_statement(BPF_ALU | BPF_AND | BPF_K, ~kX32Bit));
  for (const auto& [number, action] : young_) {
    body.push_back(bpf_jump(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1));
    body.push_back(bpf_statement(BPF_RET | BPF_K, action));
  }

  // Only for the filter's architectures: the calls of others are left to libseccomp's program, which kills.
  std::vector<sock_filter> program = {bpf_statement(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch))};
  if (has(kOtherAuditArchitecture)) {
    program.push_back(bpf_jump(BPF_JMP | BPF_JEQ | BPF_K, kOtherAuditArchitecture, 2, 0));
  }
  program.push_back(bpf_jump(BPF_JMP | BPF_JEQ | BPF_K, seccomp_arch_native(), 1, 0));
  program.push_back(bpf_statement(BPF_JMP | BPF_JA, static_cast<uint32_t>(body.size() + 1)));
  program.push_back(bpf_statement(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)));
  program.insert(program.end(), body.begin(), body.end());
  return program;
}

Status check_flags(const oci::Seccomp& profile) {
  if (!profile.listener_path.empty())
    return beyond_us("listenerPath", "there are no listeners for a container's calls");
  for (size_t i = 0; i < profile.flags.size(); ++i) {
    const std::string property = base::concat("flags[", i, "]");
    const std::string& flag = profile.flags[i];
    // The program is loaded by a process of one thread, so that there is nothing to bring into line.
    if (flag == "SECCOMP_FILTER_FLAG_TSYNC") continue;
    if (flag == "SECCOMP_FILTER_FLAG_LOG" || flag == "SECCOMP_FILTER_FLAG_SPEC_ALLOW") {
      return beyond_us(property, flag, " is not carried out by this version");
    }
    return wrong(property, "\"", flag, "\" is unknown");
  }
  return {};
}

Result<std::string> ProfileCompiler::compile(const oci::Seccomp& profile, CapabilitySet capabilities) {
  TRY(check_flags(profile));
  const uint32_t action =
      TRY(seccomp_action(profile.default_action, profile.default_errno_ret, "defaultAction", "defaultErrnoRet"));
  const Facts facts{.capabilities = capabilities, .kernel = version_in(kernel_release()).value_or(Version())};
  ProfileCompiler compiler(TRY(new_seccomp_context(action)), action, facts);
  TRY(compiler.add_architectures(profile));
  TRY(compiler.add_rules(profile));
  return finish_program(compiler.prefix(), compiler.context_);
}

}  // namespace

Result<std::string> compile_profile(std::string_view json, CapabilitySet capabilities) {
  return ProfileCompiler::compile(TRY(oci::decode_seccomp(json)), capabilities);
}

}  // namespace runtime::security
