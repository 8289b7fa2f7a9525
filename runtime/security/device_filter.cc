#include "runtime/security/device_filter.h"

#include <linux/bpf.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>
#include <utility>

#include "base/sys.h"
#include "base/unique_fd.h"

namespace runtime::security {
namespace {

using base::Code;
using base::Result;
using base::Status;
using base::UniqueFd;

constexpr size_t kMaxPrograms = 64;  // BPF_CGROUP_MAX_PROGS
constexpr size_t kMaxKept = 16;      // programs kept for the next container

// Registers of the program.
constexpr uint8_t kResult = BPF_REG_0;
constexpr uint8_t kContext = BPF_REG_1;
constexpr uint8_t kType = BPF_REG_2;
constexpr uint8_t kAccess = BPF_REG_3;
constexpr uint8_t kMajor = BPF_REG_4;
constexpr uint8_t kMinor = BPF_REG_5;
constexpr uint8_t kScratch = BPF_REG_6;

bpf_insn instruction(unsigned code, uint8_t to, uint8_t from, int16_t offset, int32_t immediate) {
  bpf_insn out{};
  out.code = static_cast<uint8_t>(code);
  out.dst_reg = to & 0xf;
  out.src_reg = from & 0xf;
  out.off = offset;
  out.imm = immediate;
  return out;
}

bpf_insn load(uint8_t to, size_t offset) {
  return instruction(BPF_LDX | BPF_W | BPF_MEM, to, kContext, static_cast<int16_t>(offset), 0);
}
bpf_insn copy(uint8_t to, uint8_t from) { return instruction(BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0); }
bpf_insn calculate(unsigned operation, uint8_t to, int32_t value) {
  return instruction(BPF_ALU | operation | BPF_K, to, 0, 0, value);
}
// Goes on with the next rule (its distance is filled in when the rule is complete).
bpf_insn next_unless_equal(uint8_t left, int32_t value) {
  return instruction(BPF_JMP32 | BPF_JNE | BPF_K, left, 0, 0, value);
}
bpf_insn next_if_equal(uint8_t left, int32_t value) {
  return instruction(BPF_JMP32 | BPF_JEQ | BPF_K, left, 0, 0, value);
}
bool is_jump(const bpf_insn& candidate) { return (candidate.code & 0x07) == BPF_JMP32; }

void answer(std::vector<bpf_insn>& program, bool allowed) {
  program.push_back(instruction(BPF_ALU64 | BPF_MOV | BPF_K, kResult, 0, 0, allowed ? 1 : 0));
  program.push_back(instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0));
}

Result<int32_t> access_bits(const std::string& access) {
  int32_t bits = 0;
  for (const char letter : access) {
    if (letter == 'r') {
      bits |= BPF_DEVCG_ACC_READ;
    } else if (letter == 'w') {
      bits |= BPF_DEVCG_ACC_WRITE;
    } else if (letter == 'm') {
      bits |= BPF_DEVCG_ACC_MKNOD;
    } else {
      return base::fail(Code::kInvalidArgument, "device rule: access \"", access, "\" is not made of r, w and m");
    }
  }
  if (bits == 0) return base::fail(Code::kInvalidArgument, "device rule: no access is named");
  return bits;
}

// The kernel's number of a device type; nullopt for every type.
Result<std::optional<int32_t>> type_number(const std::string& type) {
  if (type.empty() || type == "a") return std::nullopt;
  if (type == "c" || type == "u") return BPF_DEVCG_DEV_CHAR;
  if (type == "b") return BPF_DEVCG_DEV_BLOCK;
  return base::fail(Code::kInvalidArgument, "device rule: unknown type \"", type, "\"");
}

Status compare_number(std::vector<bpf_insn>& program, uint8_t number, const std::optional<int64_t>& wanted) {
  if (!wanted || *wanted == -1) return {};  // -1: any, as older writers of the specification have it
  if (!std::in_range<int32_t>(*wanted) || *wanted < 0) {
    return base::fail(Code::kInvalidArgument, "device rule: ", *wanted, " is not a device number");
  }
  program.push_back(next_unless_equal(number, static_cast<int32_t>(*wanted)));
  return {};
}

// A rule that allows must allow everything that is asked for; one that refuses needs to refuse a part of it.
Result<std::vector<bpf_insn>> compile_rule(const oci::DeviceRule& rule) {
  const int32_t access = TRY(access_bits(rule.access));
  const std::optional<int32_t> type = TRY(type_number(rule.type));
  std::vector<bpf_insn> out;
  if (type) out.push_back(next_unless_equal(kType, *type));
  TRY(compare_number(out, kMajor, rule.major));
  TRY(compare_number(out, kMinor, rule.minor));
  out.push_back(copy(kScratch, kAccess));
  if (rule.allow) {
    out.push_back(calculate(BPF_AND, kScratch, ~access));
    out.push_back(next_unless_equal(kScratch, 0));
  } else {
    out.push_back(calculate(BPF_AND, kScratch, access));
    out.push_back(next_if_equal(kScratch, 0));
  }
  answer(out, rule.allow);
  for (size_t i = 0; i < out.size(); ++i) {
    if (is_jump(out[i])) out[i].off = static_cast<int16_t>(out.size() - i - 1);
  }
  return out;
}

// The instructions as they lie in memory.
Result<std::string> compile(const std::vector<oci::DeviceRule>& rules) {
  std::vector<bpf_insn> program = {
      load(kType, offsetof(bpf_cgroup_dev_ctx, access_type)),
      copy(kAccess, kType),
      calculate(BPF_AND, kType, 0xffff),
      calculate(BPF_RSH, kAccess, 16),
      load(kMajor, offsetof(bpf_cgroup_dev_ctx, major)),
      load(kMinor, offsetof(bpf_cgroup_dev_ctx, minor)),
  };
  for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
    const std::vector<bpf_insn> compiled = TRY(compile_rule(*rule));
    program.insert(program.end(), compiled.begin(), compiled.end());
  }
  answer(program, false);
  return std::string(reinterpret_cast<const char*>(program.data()), program.size() * sizeof(bpf_insn));
}

Result<int> call(int command, bpf_attr& attributes, const char* attempted) {
  Result<int> answered = base::sys::bpf(command, attributes);
  if (!answered) {
    const int error = answered.error().os_errno();
    if (error == EINVAL || error == ENOSYS) answered.error().set_code(Code::kUnimplemented);
    answered.error().add_context(attempted);
  }
  return answered;
}

Result<UniqueFd> load_program(const std::string& instructions) {
  bpf_attr attributes{};
  attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attributes.insn_cnt = static_cast<uint32_t>(instructions.size() / sizeof(bpf_insn));
  attributes.insns = reinterpret_cast<uintptr_t>(instructions.data());
  attributes.license = reinterpret_cast<uintptr_t>("Apache-2.0");
  std::strncpy(attributes.prog_name, "nodeagent_dev", sizeof(attributes.prog_name) - 1);
  return UniqueFd(TRY(call(BPF_PROG_LOAD, attributes, "load the device filter")));
}

Result<std::vector<uint32_t>> attached(int cgroup) {
  std::array<uint32_t, kMaxPrograms> ids{};
  bpf_attr attributes{};
  attributes.query.target_fd = static_cast<uint32_t>(cgroup);
  attributes.query.attach_type = BPF_CGROUP_DEVICE;
  attributes.query.prog_ids = reinterpret_cast<uintptr_t>(ids.data());
  attributes.query.prog_cnt = kMaxPrograms;
  TRY(call(BPF_PROG_QUERY, attributes, "list the cgroup's device filters"));
  return std::vector<uint32_t>(ids.begin(), ids.begin() + attributes.query.prog_cnt);
}

Status attach_program(int cgroup, const UniqueFd& program) {
  bpf_attr attributes{};
  attributes.target_fd = static_cast<uint32_t>(cgroup);
  attributes.attach_bpf_fd = static_cast<uint32_t>(program.get());
  attributes.attach_type = BPF_CGROUP_DEVICE;
  attributes.attach_flags = BPF_F_ALLOW_MULTI;
  TRY(call(BPF_PROG_ATTACH, attributes, "attach the device filter to the cgroup"));
  return {};
}

Result<uint32_t> program_id(const UniqueFd& program) {
  bpf_prog_info info{};
  bpf_attr attributes{};
  attributes.info.bpf_fd = static_cast<uint32_t>(program.get());
  attributes.info.info_len = sizeof(info);
  attributes.info.info = reinterpret_cast<uintptr_t>(&info);
  TRY(call(BPF_OBJ_GET_INFO_BY_FD, attributes, "identify the device filter"));
  return info.id;
}

Status detach(int cgroup, uint32_t id) {
  bpf_attr find{};
  find.prog_id = id;
  const UniqueFd program(TRY(call(BPF_PROG_GET_FD_BY_ID, find, "open the earlier device filter")));
  bpf_attr attributes{};
  attributes.target_fd = static_cast<uint32_t>(cgroup);
  attributes.attach_bpf_fd = static_cast<uint32_t>(program.get());
  attributes.attach_type = BPF_CGROUP_DEVICE;
  TRY(call(BPF_PROG_DETACH, attributes, "detach the earlier device filter"));
  return {};
}

}  // namespace

Result<DeviceFilters::Program> DeviceFilters::load(const std::string& instructions) {
  const Program known = programs_.with([&](const auto& programs) {
    const auto found = programs.find(instructions);
    return found == programs.end() ? nullptr : found->second;
  });
  if (known) return known;
  Program program = std::make_shared<const UniqueFd>(TRY(load_program(instructions)));
  programs_.with([&](auto& programs) {
    // What is attached lives on without us, so forgetting costs no more than loading again.
    if (programs.size() >= kMaxKept) programs.clear();
    programs.insert_or_assign(instructions, program);
  });
  return program;
}

Status DeviceFilters::attach(int cgroup, const std::vector<oci::DeviceRule>& rules) {
  const Program program = TRY(load(TRY(compile(rules))));
  const uint32_t id = TRY(program_id(*program));
  const std::vector<uint32_t> earlier = TRY(attached(cgroup));
  // The new one first: at no time is the cgroup without a filter. The kernel refuses to attach one a second time.
  if (std::ranges::find(earlier, id) == earlier.end()) TRY(attach_program(cgroup, *program));
  for (const uint32_t other : earlier) {
    if (other != id) TRY(detach(cgroup, other));
  }
  return {};
}

}  // namespace runtime::security
