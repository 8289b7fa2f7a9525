// The compiled RuntimeDefault filter loaded into a real process: what a container sees of it.
#include "runtime/security/seccomp.h"

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <string>
#include <thread>

namespace runtime::security {
namespace {

constexpr int kOk = 0;
constexpr int kCouldNotLoad = 254;

bool load(const std::string& program) {
  const sock_fprog loaded = {
      .len = static_cast<unsigned short>(program.size() / sizeof(sock_filter)),
      .filter = reinterpret_cast<sock_filter*>(const_cast<char*>(program.data())),
  };
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &loaded) == 0;
}

// The errno of a call made under the filter, kOk when it succeeds; -signal when the filter killed the process.
template <typename Call>
int outcome(const std::string& program, Call call) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    if (!load(program)) ::_exit(kCouldNotLoad);
    ::_exit(call() < 0 ? errno : kOk);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFSIGNALED(status)) return -WTERMSIG(status);
  REQUIRE(WEXITSTATUS(status) != kCouldNotLoad);
  return WEXITSTATUS(status);
}

template <typename... Arguments>
auto raw(long number, Arguments... arguments) {
  return [=] { return ::syscall(number, arguments...); };
}

const std::string& plain() {
  static const std::string program = compile_runtime_default(default_capabilities()).value();
  return program;
}
const std::string& admin() {
  static const std::string program = compile_runtime_default(default_capabilities().with(CAP_SYS_ADMIN)).value();
  return program;
}

TEST_CASE("ordinary calls pass") {
  CHECK(outcome(plain(), raw(SYS_getpid)) == kOk);
  CHECK(outcome(plain(), raw(SYS_membarrier, 0, 0, 0)) == kOk);
  CHECK(outcome(plain(), raw(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0)) == kOk);
  CHECK(outcome(plain(), raw(SYS_socket, AF_INET, SOCK_STREAM, 0)) == kOk);
  CHECK(outcome(plain(), raw(SYS_socket, AF_UNIX, SOCK_STREAM, 0)) == kOk);
  CHECK(outcome(plain(), raw(SYS_chroot, "/")) == kOk);
  CHECK(outcome(plain(), raw(SYS_personality, 0xffffffffUL)) == kOk);
  CHECK(outcome(plain(), [] {
          const pid_t child = ::fork();
          if (child == 0) ::_exit(0);
          return child < 0 ? -1 : ::waitpid(child, nullptr, 0);
        }) == kOk);
  CHECK(outcome(plain(), [] {
          // libc falls back from clone3 to clone.
          std::thread([] {}).join();
          return 0;
        }) == kOk);
}

TEST_CASE("what a container is not to do fails with EPERM") {
  CHECK(outcome(plain(), raw(SYS_unshare, CLONE_NEWUSER)) == EPERM);
  CHECK(outcome(plain(), raw(SYS_keyctl, 0, -3, 0)) == EPERM);
  CHECK(outcome(plain(), raw(SYS_add_key, 0, 0, 0, 0, 0)) == EPERM);
  CHECK(outcome(plain(), raw(SYS_mount, "none", "/", "none", 0, 0)) == EPERM);
  CHECK(outcome(plain(), raw(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)) == EPERM);
  CHECK(outcome(plain(), raw(SYS_clone, CLONE_NEWNET | SIGCHLD, 0, 0, 0, 0)) == EPERM);
  CHECK(outcome(plain(), raw(SYS_bpf, 0, 0, 0)) == EPERM);
  CHECK(outcome(plain(), raw(SYS_io_uring_setup, 1, 0)) == EPERM);
  CHECK(outcome(plain(), raw(SYS_userfaultfd, 0)) == EPERM);
  CHECK(outcome(plain(), raw(SYS_open_by_handle_at, -1, 0, 0)) == EPERM);
  CHECK(outcome(plain(), raw(SYS_personality, static_cast<unsigned long>(ADDR_NO_RANDOMIZE))) == EPERM);
  CHECK(outcome(plain(), raw(SYS_reboot, 0, 0, 0, 0)) == EPERM);
  CHECK(outcome(plain(), raw(SYS_syslog, 10, 0, 0)) == EPERM);
}

TEST_CASE("sockets past the network namespace are refused, however the number is written") {
  for (const long family : {static_cast<long>(AF_VSOCK), 1L << 32 | AF_VSOCK, static_cast<long>(AF_ALG),
                            1L << 32 | AF_ALG, -1L << 32 | AF_VSOCK}) {
    CAPTURE(family);
    CHECK(outcome(plain(), raw(SYS_socket, family, static_cast<long>(SOCK_STREAM), 0L)) == EPERM);
  }
  // A family that is allowed but that no kernel need have.
  CHECK(outcome(plain(), raw(SYS_socket, static_cast<long>(AF_KCM), static_cast<long>(SOCK_STREAM), 0L)) != EPERM);
}

TEST_CASE("clone3 and calls of the future are missing, so that programs fall back") {
  CHECK(outcome(plain(), raw(SYS_clone3, 0, 0)) == ENOSYS);
  CHECK(outcome(plain(), raw(467, 0, 0)) == ENOSYS);
  CHECK(outcome(plain(), raw(1000, 0, 0)) == ENOSYS);
  CHECK(outcome(plain(), raw(-1)) == EPERM);
  // fchmodat2, unknown to libseccomp 2.5: passes the filter (the kernel has no such descriptor, or no such call).
  const int fchmodat2 = outcome(plain(), raw(452, -1, "x", 0, 0));
  CHECK((fchmodat2 == EBADF || fchmodat2 == ENOSYS));
}

TEST_CASE("CAP_SYS_ADMIN opens what it stands for") {
  CHECK(outcome(admin(), raw(SYS_clone3, 0, 0)) == EINVAL);
  CHECK(outcome(admin(), raw(SYS_unshare, CLONE_NEWUTS)) == kOk);
  CHECK(outcome(admin(), raw(SYS_mount, 0, 0, 0, 0, 0)) != EPERM);
  CHECK(outcome(admin(), raw(SYS_keyctl, 0, -3, 0)) == EPERM);
}

#if defined(__x86_64__)
TEST_CASE("the other ways into an x86-64 kernel are held to the same rules") {
  // i386: int 0x80 with i386's numbers.
  const auto i386 = [](long number, long first) {
    return [=] {
      long result = 0;
      asm volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first), "c"(0L), "d"(0L), "S"(0L), "D"(0L) : "memory");
      errno = static_cast<int>(-result);
      return result < 0 ? -1 : 0;
    };
  };
  const int getpid = outcome(plain(), i386(20, 0));
  if (getpid == -SIGSEGV || getpid == ENOSYS) {
    WARN("skipped: this kernel runs no i386 calls");
  } else {
    CHECK(getpid == kOk);
    CHECK(outcome(plain(), i386(310, CLONE_NEWUSER)) == EPERM);  // unshare
    CHECK(outcome(plain(), i386(435, 0)) == ENOSYS);             // clone3
    CHECK(outcome(plain(), i386(600, 0)) == ENOSYS);
  }
  // x32: the same entry with bit 30 set. Refused by the filter, whether or not the kernel knows x32.
  CHECK(outcome(plain(), raw(0x40000000 | SYS_unshare, CLONE_NEWUSER)) == EPERM);
  CHECK(outcome(plain(), raw(0x40000000 | SYS_clone3, 0, 0)) == ENOSYS);
}
#endif

}  // namespace
}  // namespace runtime::security
