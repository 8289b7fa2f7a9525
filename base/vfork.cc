#include "base/vfork.h"

#include <linux/sched.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>

// glibc's clone() cannot start in a cgroup, and its syscall() cannot be used for a child on another stack: the child
// would return through a frame that is not there. Hence the one function of this project in assembly.
//   long nodeagent_clone3_call(struct clone_args*, size_t, int (*entry)(void*), void* argument)
// The parent gets clone3's raw result; the child calls entry(argument) and exits with its result.
extern "C" __attribute__((visibility("hidden"))) long nodeagent_clone3_call(struct clone_args* args, size_t size,
                                                                            int (*entry)(void*), void* argument);

#if defined(__x86_64__)
asm(R"(
  .pushsection .text
  .hidden nodeagent_clone3_call
  .type nodeagent_clone3_call, @function
  .globl nodeagent_clone3_call
nodeagent_clone3_call:
  .cfi_startproc
  endbr64
  mov %rcx, %r8          /* the system call overwrites rcx */
  mov $435, %eax         /* clone3 */
  syscall
  test %rax, %rax
  jz 1f
  ret
1:
  .cfi_undefined rip
  xor %ebp, %ebp
  mov %r8, %rdi
  call *%rdx
  mov %eax, %edi
  mov $60, %eax          /* exit */
  syscall
  hlt
  .cfi_endproc
  .size nodeagent_clone3_call, . - nodeagent_clone3_call
  .popsection
)");
#elif defined(__aarch64__)
asm(R"(
  .pushsection .text
  .hidden nodeagent_clone3_call
  .type nodeagent_clone3_call, %function
  .globl nodeagent_clone3_call
nodeagent_clone3_call:
  .cfi_startproc
  hint #34               /* bti c */
  mov x8, #435           /* clone3; x1 to x7 survive a system call */
  svc #0
  cbz x0, 1f
  ret
1:
  .cfi_undefined x30
  mov x29, #0
  mov x30, #0
  mov x0, x3
  blr x2
  mov x8, #93            /* exit */
  svc #0
  brk #0
  .cfi_endproc
  .size nodeagent_clone3_call, . - nodeagent_clone3_call
  .popsection
)");
#else
#error "nodeagent is built for x86-64 and arm64"
#endif

namespace base {

namespace {

constexpr size_t kStackSize = 128UL << 10;
constexpr size_t kGuardSize = 64UL << 10;  // at least one page on every arm64 kernel

// The child's stack, with a guard below it.
class Stack {
 public:
  Stack()
      : memory_(::mmap(nullptr, kGuardSize + kStackSize, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0)) {}
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;
  ~Stack() {
    if (memory_ != MAP_FAILED) ::munmap(memory_, kGuardSize + kStackSize);
  }
  Status open() {
    if (memory_ == MAP_FAILED || ::mprotect(lowest(), kStackSize, PROT_READ | PROT_WRITE) < 0) {
      return fail_errno(errno, "allocate a stack");
    }
    return {};
  }
  void* lowest() const { return static_cast<char*>(memory_) + kGuardSize; }

 private:
  void* memory_;
};

}  // namespace

Result<VforkedChild> clone_vfork(int (*entry)(void*), void* argument, int cgroup) {
  Stack stack;
  TRY(stack.open());
  int pidfd = -1;
  struct clone_args args{};
  args.flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_CLEAR_SIGHAND;
  args.pidfd = reinterpret_cast<uint64_t>(&pidfd);
  args.exit_signal = SIGCHLD;
  args.stack = reinterpret_cast<uint64_t>(stack.lowest());
  args.stack_size = kStackSize;
  if (cgroup >= 0) {
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = static_cast<uint64_t>(cgroup);
  }
  const long result = nodeagent_clone3_call(&args, sizeof(args), entry, argument);
  if (result < 0) return fail_errno(static_cast<int>(-result), "clone3");
  return VforkedChild{.pid = static_cast<pid_t>(result), .pidfd = UniqueFd(pidfd)};
}

}  // namespace base
