// Profiles of a node: what the compiled program answers, and what is refused.
#if defined(__x86_64__)  // numbers of calls are this architecture's
#include <linux/audit.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>
#include <initializer_list>
#include <string>

#include "base/file.h"
#include "runtime/security/seccomp.h"
#include "test/unit/security/bpf_machine.h"
#include "test/unit/temp_dir.h"

namespace runtime::security {
namespace {

constexpr uint32_t kNative = AUDIT_ARCH_X86_64;
constexpr uint32_t kAllow = SECCOMP_RET_ALLOW;
constexpr uint32_t kX32 = 0x40000000;

uint32_t error(uint32_t number) { return SECCOMP_RET_ERRNO | number; }

class Filter {
 public:
  explicit Filter(const std::string& json, CapabilitySet capabilities = {}) : machine_(compiled(json, capabilities)) {}

  uint32_t operator()(long number, std::initializer_list<uint64_t> arguments = {}, uint32_t arch = kNative) const {
    seccomp_data data{};
    data.nr = static_cast<int>(number);
    data.arch = arch;
    std::ranges::copy(arguments, data.args);
    return machine_.run(data);
  }

 private:
  static std::string compiled(const std::string& json, CapabilitySet capabilities) {
    const base::Result<std::string> program = compile_profile(json, capabilities);
    INFO((program ? "" : program.error().to_string()));
    REQUIRE(program.has_value());
    return *program;
  }
  test::BpfMachine machine_;
};

std::string refusal(const std::string& json, base::Code code = base::Code::kInvalidArgument) {
  const base::Result<std::string> program = compile_profile(json, {});
  if (program) return "(compiled)";
  CHECK(program.error().code() == code);
  return program.error().to_string();
}

// A profile that allows all but what the rules say.
std::string all_but(const std::string& rules, const std::string& more = "") {
  return R"({"defaultAction": "SCMP_ACT_ALLOW", )" + more + R"("syscalls": [)" + rules + "]}";
}

TEST_CASE("a list of what is denied, each with its own error") {
  const Filter filter(all_but(R"(
      {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28},
      {"names": ["chmod"], "action": "SCMP_ACT_ERRNO", "args": null, "comment": "EPERM when nothing is said"},
      {"names": ["getppid"], "action": "SCMP_ACT_ERRNO", "errnoRet": 0})"));
  CHECK(filter(SYS_mkdir) == error(ENOSPC));
  CHECK(filter(SYS_mkdirat) == error(ENOSPC));
  CHECK(filter(SYS_chmod) == error(EPERM));
  CHECK(filter(SYS_getppid) == error(0));
  CHECK(filter(SYS_read) == kAllow);
  CHECK(filter(5000) == kAllow);
}

TEST_CASE("a list of what is allowed, with an error for the rest") {
  const Filter filter(R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 28, "syscalls": [
      {"names": ["read", "write", "exit_group", "no_such_call", "clone3"], "action": "SCMP_ACT_ALLOW"}]})");
  CHECK(filter(SYS_read) == kAllow);
  CHECK(filter(SYS_clone3) == kAllow);
  CHECK(filter(SYS_open) == error(ENOSPC));
  CHECK(filter(SYS_pidfd_open) == error(ENOSPC));
  // Younger than all that the profile speaks of: missing, so that programs fall back.
  CHECK(filter(SYS_clone3 + 1) == error(ENOSYS));
  CHECK(filter(-1) == error(ENOSPC));
  // Older calls are judged by what the profile says, however few it knows.
  CHECK(Filter(R"({"defaultAction": "SCMP_ACT_KILL_PROCESS"})")(SYS_openat) == SECCOMP_RET_KILL_PROCESS);
  // Who only watches changes nothing.
  CHECK(Filter(R"({"defaultAction": "SCMP_ACT_LOG"})")(5000) == SECCOMP_RET_LOG);
}

TEST_CASE("rules that change nothing, and calls that nobody knows, leave the default") {
  std::string names = R"("read", "mseal")";
  for (int i = 0; i < 100; ++i) names += R"(, "no_such_call_)" + std::to_string(i) + "\"";
  const Filter filter(all_but(R"({"names": [)" + names + R"(], "action": "SCMP_ACT_ALLOW"}, {"names": [], "action":
      "SCMP_ACT_KILL"}, {"names": ["no_such_call"], "action": "SCMP_ACT_KILL"})"));
  for (const long number : {0, 1, 462, 500}) CHECK(filter(number) == kAllow);
  CHECK(filter(SYS_read, {}, AUDIT_ARCH_I386) == SECCOMP_RET_KILL_THREAD);
}

TEST_CASE("every action is the kernel's") {
  const std::pair<const char*, uint32_t> rows[] = {
      {R"("SCMP_ACT_KILL")", SECCOMP_RET_KILL_THREAD},
      {R"("SCMP_ACT_KILL_THREAD")", SECCOMP_RET_KILL_THREAD},
      {R"("SCMP_ACT_KILL_PROCESS")", SECCOMP_RET_KILL_PROCESS},
      {R"("SCMP_ACT_TRAP")", SECCOMP_RET_TRAP},
      {R"("SCMP_ACT_LOG")", SECCOMP_RET_LOG},
      {R"("SCMP_ACT_TRACE", "errnoRet": 77)", SECCOMP_RET_TRACE | 77},
      {R"("SCMP_ACT_TRACE")", SECCOMP_RET_TRACE | EPERM},
      {R"("SCMP_ACT_ERRNO", "errnoRet": 4094)", SECCOMP_RET_ERRNO | 4094},
  };
  for (const auto& [action, answer] : rows) {
    CAPTURE(action);
    CHECK(Filter(all_but(R"({"names": ["acct"], "action": )" + std::string(action) + "}"))(SYS_acct) == answer);
  }
}

TEST_CASE("every comparison of an argument") {
  struct Row {
    const char* condition;
    uint64_t yes;
    uint64_t no;
  };
  const Row rows[] = {
      {R"("value": 5, "op": "SCMP_CMP_EQ")", 5, uint64_t{1} << 32 | 5},
      {R"("value": 5, "op": "SCMP_CMP_NE")", 6, 5},
      {R"("value": 5, "op": "SCMP_CMP_LT")", 4, 5},
      {R"("value": 5, "op": "SCMP_CMP_LE")", 5, 6},
      {R"("value": 5, "op": "SCMP_CMP_GE")", 5, 4},
      {R"("value": 5, "op": "SCMP_CMP_GT")", uint64_t{1} << 32, 5},
      {R"("value": 6, "valueTwo": 4, "op": "SCMP_CMP_MASKED_EQ")", 5, 6},
      {R"("value": 18446744073709551615, "op": "SCMP_CMP_EQ")", ~uint64_t{0}, 0xffffffff},
  };
  for (const Row& row : rows) {
    CAPTURE(row.condition);
    const Filter filter(all_but(R"({"names": ["socket"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 2, )" +
                                std::string(row.condition) + "}]}"));
    CHECK(filter(SYS_socket, {0, 0, row.yes}) == error(EPERM));
    CHECK(filter(SYS_socket, {0, 0, row.no}) == kAllow);
    CHECK(filter(SYS_bind, {0, 0, row.yes}) == kAllow);
  }
}

TEST_CASE("conditions on different arguments hold together, on one argument each alone; so do rules of one call") {
  const auto condition = [](int index, int value) {
    return R"({"op": "SCMP_CMP_EQ", "index": )" + std::to_string(index) + R"(, "value": )" + std::to_string(value) +
           "}";
  };
  const auto rule = [](const std::string& conditions) {
    return R"({"names": ["socket"], "action": "SCMP_ACT_ERRNO", "args": [)" + conditions + "]}";
  };
  const Filter both(all_but(rule(condition(0, AF_INET) + "," + condition(1, SOCK_RAW))));
  CHECK(both(SYS_socket, {AF_INET, SOCK_RAW}) == error(EPERM));
  CHECK(both(SYS_socket, {AF_INET, SOCK_STREAM}) == kAllow);
  CHECK(both(SYS_socket, {AF_UNIX, SOCK_RAW}) == kAllow);
  for (const std::string& either : {rule(condition(0, AF_INET) + "," + condition(0, AF_INET6)),
                                    rule(condition(0, AF_INET)) + "," + rule(condition(0, AF_INET6))}) {
    const Filter filter(all_but(either));
    CHECK(filter(SYS_socket, {AF_INET}) == error(EPERM));
    CHECK(filter(SYS_socket, {AF_INET6}) == error(EPERM));
    CHECK(filter(SYS_socket, {AF_UNIX}) == kAllow);
  }
}

TEST_CASE("a filter is for the architectures that the profile names, and the machine's own") {
  const std::string rule = R"({"names": ["mkdir", "mseal"], "action": "SCMP_ACT_ERRNO"})";
  constexpr long kMkdir386 = 39;
  constexpr long kMseal = 462;  // younger than libseccomp 2.5
  const Filter own(all_but(rule));
  CHECK(own(SYS_mkdir) == error(EPERM));
  CHECK(own(kMseal) == error(EPERM));
  for (const long number : {kMkdir386, kMseal, 1L}) CHECK(own(number, {}, AUDIT_ARCH_I386) == SECCOMP_RET_KILL_THREAD);
  for (const long number : {static_cast<long>(SYS_mkdir), kMseal}) CHECK(own(kX32 | number) == SECCOMP_RET_KILL_THREAD);

  for (const std::string more : {R"("architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32",
                                    "SCMP_ARCH_X86", "SCMP_ARCH_AARCH64", "SCMP_ARCH_S390X"], )",
                                 R"("archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures":
                                    ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]}, {"architecture": "SCMP_ARCH_AARCH64",
                                    "subArchitectures": ["SCMP_ARCH_ARM"]}, {"architecture": "SCMP_ARCH_S390X",
                                    "subArchitectures": null}], )"}) {
    const Filter all(all_but(rule, more));
    CHECK(all(SYS_mkdir) == error(EPERM));
    CHECK(all(kMkdir386, {}, AUDIT_ARCH_I386) == error(EPERM));
    CHECK(all(SYS_mkdir, {}, AUDIT_ARCH_I386) == kAllow);
    CHECK(all(kX32 | SYS_mkdir) == error(EPERM));
    for (const long number : {kMseal, kX32 | kMseal}) CHECK(all(number) == error(EPERM));
    CHECK(all(kMseal, {}, AUDIT_ARCH_I386) == error(EPERM));
    CHECK(all(SYS_mkdir, {}, AUDIT_ARCH_ARM) == SECCOMP_RET_KILL_THREAD);
  }
  // x32's execve, beside which no number is young.
  const Filter strict(R"({"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X32"], "syscalls": [
      {"names": ["execve"], "action": "SCMP_ACT_ALLOW"}]})");
  CHECK(strict(kX32 | 520) == kAllow);
  CHECK(strict(SYS_execve) == kAllow);
}

TEST_CASE("Docker's rules hang on capabilities, architecture and kernel") {
  const auto answer = [](const std::string& condition, CapabilitySet capabilities = {}) {
    return Filter(all_but(R"({"names": ["mount"], "action": "SCMP_ACT_ERRNO", )" + condition + "}"),
                  capabilities)(SYS_mount);
  };
  const CapabilitySet admin = CapabilitySet().with(CAP_SYS_ADMIN);
  const CapabilitySet both = admin.with(CAP_SYS_CHROOT);
  CHECK(answer(R"("includes": {}, "excludes": {})") == error(EPERM));
  CHECK(answer(R"("includes": {"caps": ["CAP_SYS_ADMIN"]})") == kAllow);
  CHECK(answer(R"("includes": {"caps": ["CAP_SYS_ADMIN"]})", admin) == error(EPERM));
  CHECK(answer(R"("includes": {"caps": ["CAP_SYS_ADMIN", "CAP_SYS_CHROOT"]})", admin) == kAllow);
  CHECK(answer(R"("includes": {"caps": ["CAP_SYS_ADMIN", "CAP_SYS_CHROOT"]})", both) == error(EPERM));
  CHECK(answer(R"("includes": {"caps": ["CAP_OF_TOMORROW"]})", both) == kAllow);
  CHECK(answer(R"("excludes": {"caps": ["CAP_SYS_ADMIN", "CAP_SYS_CHROOT"]})", admin) == kAllow);
  CHECK(answer(R"("excludes": {"caps": ["CAP_SYS_ADMIN", "CAP_SYS_CHROOT"]})") == error(EPERM));
  CHECK(answer(R"("includes": {"arches": ["amd64", "x32"]})") == error(EPERM));
  CHECK(answer(R"("includes": {"arches": ["s390x"]})") == kAllow);
  CHECK(answer(R"("excludes": {"arches": ["amd64"]})") == kAllow);
  CHECK(answer(R"("includes": {"minKernel": "4.8"})") == error(EPERM));
  CHECK(answer(R"("includes": {"minKernel": "999.0"})") == kAllow);
  CHECK(answer(R"("excludes": {"minKernel": "4.8"})") == kAllow);
}

TEST_CASE("a profile that is wrong is refused by the property") {
  const auto rule = [](const std::string& more) { return all_but(R"({"names": ["acct"], )" + more + "}"); };
  const auto argument = [&](const std::string& text) {
    return rule(R"("action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "value": 0, "op": "SCMP_CMP_EQ"}, )" + text + "]");
  };
  const std::pair<std::string, std::string> rows[] = {
      {"", "the text is not JSON"},
      {"defaultAction: SCMP_ACT_ALLOW", "the text is not JSON"},
      {"[]", "expected an object, found array"},
      {"{}", "defaultAction: missing, but required"},
      {R"({"defaultAction": "ALLOW"})", R"(defaultAction: "ALLOW" is unknown; SCMP_ACT_ALLOW, for example, is known)"},
      {R"({"defaultAction": "SCMP_ACT_ALLOW", "defaultErrnoRet": 1})",
       "defaultErrnoRet: SCMP_ACT_ALLOW returns no error"},
      {R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 4095})", "defaultErrnoRet: 4095 is more than 4094"},
      {R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": -1})", "defaultErrnoRet: the number does not lie in"},
      {all_but("", R"("architectures": ["SCMP_ARCH_X86_64", "x86"], )"), "architectures[1]: \"x86\" is unknown"},
      {all_but("", R"("archMap": [{"subArchitectures": []}], )"), "archMap[0].architecture: missing"},
      {all_but("", R"("archMap": [{"architecture": "SCMP_ARCH_ARM", "subArchitectures": ["Z80"]}], )"),
       "archMap[0].subArchitectures[0]: \"Z80\" is unknown"},
      {all_but("", R"("architectures": ["SCMP_ARCH_X86"], "archMap": [{"architecture": "SCMP_ARCH_ARM"}], )"),
       R"(archMap: there is "architectures" too)"},
      {all_but("", R"("flags": ["SECCOMP_FILTER_FLAG_TSYNC", "NEW"], )"), R"(flags[1]: "NEW" is unknown)"},
      {all_but(R"({"name": "acct", "action": "SCMP_ACT_ERRNO"})"), "syscalls[0].names: missing, but required"},
      {all_but(R"({"names": ["acct", ""], "action": "SCMP_ACT_ERRNO"})"), "syscalls[0].names[1]: the name is empty"},
      {rule(R"("action": "SCMP_ACT_DENY")"), R"(syscalls[0].action: "SCMP_ACT_DENY" is unknown)"},
      {rule(R"("action": "SCMP_ACT_KILL", "errnoRet": 1)"), "syscalls[0].errnoRet: SCMP_ACT_KILL returns no error"},
      {rule(R"("action": "SCMP_ACT_TRACE", "errnoRet": 65536)"), "syscalls[0].errnoRet: 65536 is more than 65535"},
      {argument(R"({"index": 6, "value": 0, "op": "SCMP_CMP_EQ"})"), "syscalls[0].args[1].index: 6 is more than 5"},
      {argument(R"({"index": 1, "value": 0, "op": "=="})"), R"(syscalls[0].args[1].op: "==" is unknown)"},
      {argument(R"({"index": 1, "value": "0", "op": "SCMP_CMP_EQ"})"),
       "syscalls[0].args[1].value: expected a whole number, found string"},
      {rule(R"("action": "SCMP_ACT_ERRNO", "includes": {"minKernel": "new"})"),
       R"(syscalls[0].includes.minKernel: "new" is none like 4.8)"},
  };
  for (const auto& [json, message] : rows) {
    CAPTURE(json);
    CHECK_THAT(refusal(json), Catch::StartsWith(message));
  }
}

TEST_CASE("what would need more than loading a program is refused by name") {
  const std::pair<std::string, std::string> rows[] = {
      {R"({"defaultAction": "SCMP_ACT_NOTIFY"})", "defaultAction: SCMP_ACT_NOTIFY needs a listener"},
      {all_but(R"({"names": ["acct"], "action": "SCMP_ACT_NOTIFY"})"), "syscalls[0].action: SCMP_ACT_NOTIFY needs"},
      {all_but("", R"("listenerPath": "/run/l.sock", )"), "listenerPath: there are no listeners"},
      {all_but("", R"("flags": ["SECCOMP_FILTER_FLAG_LOG"], )"), "flags[0]: SECCOMP_FILTER_FLAG_LOG is not carried"},
      {all_but("", R"("flags": ["SECCOMP_FILTER_FLAG_SPEC_ALLOW"], )"), "flags[0]: SECCOMP_FILTER_FLAG_SPEC_ALLOW is"},
      {all_but(R"({"names": ["mseal"], "action": "SCMP_ACT_ERRNO", "args": [
                  {"index": 0, "value": 0, "op": "SCMP_CMP_EQ"}]})"),
       "syscalls[0].names[0]: libseccomp does not know this call"},
  };
  for (const auto& [json, message] : rows) {
    CAPTURE(json);
    CHECK_THAT(refusal(json, base::Code::kUnimplemented), Catch::StartsWith(message));
  }
}

TEST_CASE("of rules that contradict each other the first stands, or they are refused") {
  for (const char* name : {"acct", "mseal"}) {
    const std::string call = R"({"names": [")" + std::string(name) + R"("], "action": )";
    const Filter filter(all_but(call + R"("SCMP_ACT_ERRNO"}, )" + call + R"("SCMP_ACT_KILL"})"));
    CHECK(filter(name[0] == 'a' ? SYS_acct : 462) == error(EPERM));
  }
  const std::string when_null = R"("args": [{"index": 0, "value": 0, "op": "SCMP_CMP_EQ"}]})";
  CHECK_THAT(refusal(all_but(R"({"names": ["acct"], "action": "SCMP_ACT_ERRNO", )" + when_null +
                             R"(, {"names": ["acct"], "action": "SCMP_ACT_KILL", )" + when_null)),
             Catch::StartsWith("syscalls[1].names[0]: libseccomp does not take this rule for acct: File exists"));
}

TEST_CASE("rules without end are refused") {
  std::string names = R"("acct")";
  for (int i = 1; i < 4096; ++i) names += R"(,"acct")";
  const auto rule = [](const std::string& listed) {
    return R"({"names": [)" + listed + R"(], "action": "SCMP_ACT_LOG"})";
  };
  CHECK(Filter(all_but(rule(names)))(SYS_acct) == SECCOMP_RET_LOG);
  CHECK(refusal(all_but(rule(names) + "," + rule(R"("acct")"))) == "syscalls[1]: more than 4096 rules up to here");

  const auto compare = [](const char* call, int rules, int arguments) {
    std::string text;
    for (int i = 0; i < rules; ++i) {
      text += std::string(i == 0 ? "" : ",") + R"({"names": [")" + call + R"("], "action": "SCMP_ACT_LOG", "args": [)";
      for (int index = 0; index < arguments; ++index)
        text += std::string(index == 0 ? "" : ",") + R"({"op": "SCMP_CMP_GT", "index": )" + std::to_string(index) +
                R"(, "value": )" + std::to_string(i) + "}";
      text += "]}";
    }
    return text;
  };
  CHECK(Filter(all_but(compare("socket", 128, 1) + "," + compare("bind", 4, 4)))(SYS_bind, {9, 9, 9, 9}) ==
        SECCOMP_RET_LOG);
  CHECK(refusal(all_but(compare("bind", 129, 1))) == "syscalls[128].names[0]: more than 128 comparisons for bind");
  CHECK(refusal(all_but(compare("bind", 15, 1) + "," + compare("bind", 1, 2))) ==
        "syscalls[15].names[0]: more than 16 comparisons for bind, of which some have to hold together");
  std::string rules = compare("socket", 128, 1);
  for (const char* call : {"bind", "ioctl", "fcntl", "prctl"}) rules += "," + compare(call, 128, 1);
  CHECK(refusal(all_but(rules)) == "syscalls[512].args: more than 512 comparisons up to here");
}

TEST_CASE("the kernel takes a compiled profile and carries it out") {
  const std::string program =
      compile_profile(all_but(R"({"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28})"), {}).value();
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const sock_fprog loaded = {
        .len = static_cast<unsigned short>(program.size() / sizeof(sock_filter)),
        .filter = reinterpret_cast<sock_filter*>(const_cast<char*>(program.data())),
    };
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &loaded) != 0)
      ::_exit(254);
    ::_exit(::syscall(SYS_mkdir, "/", 0755) == 0 ? 253 : errno);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == ENOSPC);
}

std::string write_profile(const test::TempDir& folder, const std::string& name, const std::string& text) {
  const std::string path = folder.path() + "/" + name;
  REQUIRE(base::write_file_atomic(path, text, 0600, base::Durability::kCrash));
  return path;
}

TEST_CASE("a profile is compiled once, by its content") {
  const test::TempDir folder;
  const FilterCache cache(folder.path() + "/filters");
  const std::string profile = write_profile(folder, "a.json", all_but(""));
  const std::string kept = cache.localhost(profile, {}).value();
  CHECK(base::read_file(kept).value() == compile_profile(all_but(""), {}).value());
  CHECK(cache.localhost(write_profile(folder, "same.json", all_but("")), {}).value() == kept);
  CHECK(cache.localhost(profile, CapabilitySet().with(CAP_SYS_ADMIN)).value() != kept);
  write_profile(folder, "a.json", all_but(R"({"names": ["acct"], "action": "SCMP_ACT_ERRNO"})"));
  CHECK(cache.localhost(profile, {}).value() != kept);
}

TEST_CASE("a profile that cannot be used is named, with the reason") {
  const test::TempDir folder;
  const FilterCache cache(folder.path() + "/filters");
  const auto refused = [&](const std::string& path, base::Code code) {
    const base::Result<std::string> used = cache.localhost(path, {});
    REQUIRE_FALSE(used.has_value());
    CHECK(used.error().code() == code);
    CHECK_THAT(used.error().to_string(), Catch::StartsWith("Localhost seccomp profile " + path + ": "));
    return used.error().to_string();
  };
  CHECK_THAT(refused(folder.path() + "/none.json", base::Code::kFailedPrecondition),
             Catch::Contains("No such file or directory"));
  CHECK_THAT(refused(folder.path(), base::Code::kInvalidArgument), Catch::EndsWith("this is no regular file"));
  REQUIRE(::mkfifo((folder.path() + "/fifo").c_str(), 0600) == 0);
  CHECK_THAT(refused(folder.path() + "/fifo", base::Code::kInvalidArgument), Catch::EndsWith("no regular file"));
  CHECK_THAT(refused(write_profile(folder, "text", "allow all"), base::Code::kInvalidArgument),
             Catch::EndsWith("is not JSON"));
  CHECK_THAT(refused(write_profile(folder, "rule", all_but(R"({"names": ["a"], "action": "x"})")),
                     base::Code::kInvalidArgument),
             Catch::Contains("syscalls[0].action: \"x\""));
  CHECK_THAT(refused(write_profile(folder, "large", std::string((1 << 20) + 1, ' ')), base::Code::kInvalidArgument),
             Catch::EndsWith("the file has 1048577 bytes; at most 1048576 are taken"));
  CHECK_FALSE(std::filesystem::exists(folder.path() + "/filters"));
}

}  // namespace
}  // namespace runtime::security
#endif
