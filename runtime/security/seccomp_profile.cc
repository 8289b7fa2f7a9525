#include "runtime/security/seccomp_profile.h"

#include <linux/capability.h>
#include <sched.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <span>

namespace runtime::security {
namespace {

constexpr int kAlways = -1;

// Names are separated by blanks. A name that an architecture does not have means nothing there, so one table serves
// x86-64, i386, x32, arm64 and arm; the *32, *64 and *_time64 forms are those of the 32-bit ones.
struct Group {
  int capability;  // allowed with this capability; kAlways: for everyone
  std::string_view names;
};

constexpr std::array kGroups = {
    // processes and threads
    Group{kAlways,
          "execve execveat exit exit_group fork vfork wait4 waitid waitpid kill tkill tgkill pause prctl gettid getpid "
          "getppid set_tid_address set_robust_list get_robust_list rseq membarrier restart_syscall pidfd_open "
          "pidfd_send_signal process_mrelease ptrace process_vm_readv process_vm_writev seccomp "
          "landlock_create_ruleset landlock_add_rule landlock_restrict_self set_thread_area get_thread_area times "
          "getrusage uname sysinfo getcpu"},
    // identity, sessions, limits (the kernel asks for the capabilities itself)
    Group{kAlways,
          "getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32 getresuid getresuid32 getresgid "
          "getresgid32 getgroups getgroups32 setuid setuid32 setgid setgid32 setreuid setreuid32 setregid setregid32 "
          "setresuid setresuid32 setresgid setresgid32 setfsuid setfsuid32 setfsgid setfsgid32 setgroups setgroups32 "
          "getpgid setpgid getpgrp getsid setsid capget capset umask getrlimit ugetrlimit setrlimit prlimit64 "
          "getpriority setpriority ioprio_get ioprio_set"},
    // scheduling
    Group{kAlways,
          "sched_yield sched_getaffinity sched_setaffinity sched_getattr sched_setattr sched_getparam sched_setparam "
          "sched_getscheduler sched_setscheduler sched_get_priority_max sched_get_priority_min sched_rr_get_interval "
          "sched_rr_get_interval_time64"},
    // memory
    Group{kAlways,
          "brk mmap mmap2 munmap mremap mprotect madvise mincore msync mlock mlock2 mlockall munlock munlockall "
          "remap_file_pages memfd_create memfd_secret pkey_alloc pkey_free pkey_mprotect"},
    // signals
    Group{kAlways,
          "rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait "
          "rt_sigtimedwait_time64 rt_tgsigqueueinfo sigaltstack sigprocmask sigreturn signalfd signalfd4"},
    // clocks and timers
    Group{kAlways,
          "time gettimeofday clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep "
          "clock_nanosleep_time64 nanosleep adjtimex clock_adjtime clock_adjtime64 alarm getitimer setitimer "
          "timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 "
          "timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64"},
    // waiting
    Group{kAlways,
          "futex futex_time64 futex_waitv poll ppoll ppoll_time64 select _newselect pselect6 pselect6_time64 "
          "epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_wait epoll_wait_old epoll_pwait epoll_pwait2 "
          "eventfd eventfd2 inotify_init inotify_init1 inotify_add_watch inotify_rm_watch fanotify_mark"},
    // descriptors and their bytes
    Group{kAlways,
          "open openat openat2 creat close close_range dup dup2 dup3 pipe pipe2 fcntl fcntl64 flock ioctl read readv "
          "pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 lseek _llseek sendfile sendfile64 splice tee "
          "vmsplice copy_file_range readahead fadvise64 fadvise64_64 fallocate ftruncate ftruncate64 truncate "
          "truncate64 fsync fdatasync sync syncfs sync_file_range io_setup io_destroy io_submit io_cancel "
          "io_getevents io_pgetevents io_pgetevents_time64"},
    // names in the file system
    Group{kAlways,
          "access faccessat faccessat2 stat stat64 fstat fstat64 lstat lstat64 newfstatat fstatat64 statx statfs "
          "statfs64 fstatfs fstatfs64 getcwd chdir fchdir getdents getdents64 mkdir mkdirat rmdir link linkat symlink "
          "symlinkat readlink readlinkat unlink unlinkat rename renameat renameat2 mknod mknodat chmod fchmod fchmodat "
          "chown chown32 fchown fchown32 lchown lchown32 fchownat utime utimes utimensat utimensat_time64 futimesat "
          "getxattr lgetxattr fgetxattr setxattr lsetxattr fsetxattr listxattr llistxattr flistxattr removexattr "
          "lremovexattr fremovexattr name_to_handle_at"},
    // sockets: socket() itself has a rule of its own below. socketcall carries its arguments behind a pointer, so that
    // rule does not bind 32-bit programs that use it.
    Group{kAlways,
          "socketcall socketpair bind connect listen accept accept4 shutdown getsockname getpeername getsockopt "
          "setsockopt send sendto sendmsg sendmmsg recv recvfrom recvmsg recvmmsg recvmmsg_time64"},
    // System V and POSIX IPC
    Group{kAlways,
          "ipc msgctl msgget msgrcv msgsnd semctl semget semop semtimedop semtimedop_time64 shmat shmctl shmdt shmget "
          "mq_open mq_unlink mq_notify mq_getsetattr mq_timedreceive mq_timedreceive_time64 mq_timedsend "
          "mq_timedsend_time64"},
    Group{kAlways, "getrandom"},
#if defined(__x86_64__)
    Group{kAlways, "arch_prctl modify_ldt"},
#elif defined(__aarch64__)
    Group{kAlways, "arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls"},
#else
#error "the RuntimeDefault profile knows x86-64 and arm64"
#endif
    Group{CAP_DAC_READ_SEARCH, "open_by_handle_at"},
    Group{CAP_SYS_ADMIN,
          "bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie mount mount_setattr move_mount "
          "open_tree perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog umount umount2 "
          "unshare"},
    Group{CAP_SYS_BOOT, "reboot"},
    Group{CAP_SYS_CHROOT, "chroot"},
    Group{CAP_SYS_MODULE, "delete_module init_module finit_module"},
    Group{CAP_SYS_PACCT, "acct"},
    Group{CAP_SYS_PTRACE, "kcmp pidfd_getfd process_madvise"},
    Group{CAP_SYS_RAWIO, "iopl ioperm"},
    Group{CAP_SYS_TIME, "settimeofday stime clock_settime clock_settime64"},
    Group{CAP_SYS_TTY_CONFIG, "vhangup"},
    Group{CAP_SYS_NICE, "get_mempolicy mbind set_mempolicy set_mempolicy_home_node"},
    Group{CAP_SYSLOG, "syslog"},
    Group{CAP_BPF, "bpf"},
    Group{CAP_PERFMON, "perf_event_open"},
};

// Linux 6.5 to 6.13.
constexpr std::array kYoungCalls = {
    NumberedCall{"cachestat", 451},     NumberedCall{"fchmodat2", 452},  NumberedCall{"map_shadow_stack", 453},
    NumberedCall{"futex_wake", 454},    NumberedCall{"futex_wait", 455}, NumberedCall{"futex_requeue", 456},
    NumberedCall{"statmount", 457},     NumberedCall{"listmount", 458},  NumberedCall{"mseal", 462},
    NumberedCall{"setxattrat", 463},    NumberedCall{"getxattrat", 464}, NumberedCall{"listxattrat", 465},
    NumberedCall{"removexattrat", 466},
};
constexpr std::array kYoungAdminCalls = {
    NumberedCall{"lsm_get_self_attr", 459},
    NumberedCall{"lsm_set_self_attr", 460},
    NumberedCall{"lsm_list_modules", 461},
};

constexpr uint64_t kNamespaceFlags =
    CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP;

// personality(2): Linux, 32-bit Linux, both with UNAME26, and the question for the present one.
constexpr std::array<uint64_t, 5> kPersonalities = {0x0, 0x8, 0x20000, 0x20008, 0xffffffff};

void allow_all(Profile& profile, std::string_view names) {
  while (!names.empty()) {
    const size_t end = names.find(' ');
    profile.allow.push_back({.syscall = names.substr(0, end), .condition = {}});
    names.remove_prefix(end == std::string_view::npos ? names.size() : end + 1);
  }
}

void allow_if(Profile& profile, std::string_view syscall, Compare compare, uint64_t value) {
  profile.allow.push_back({.syscall = syscall, .condition = Condition{.compare = compare, .value = value}});
}

// Every family but AF_ALG (the kernel's cryptography, a frequent way in) and AF_VSOCK (reaches the hypervisor and other
// guests past every network namespace). The filter compares 64 bits, the kernel looks at 32: so no rule may match
// large numbers, or (1 << 32 | AF_VSOCK) would pass.
void allow_sockets(Profile& profile) {
  static_assert(AF_ALG == 38 && AF_VSOCK == 40);
  allow_if(profile, "socket", Compare::kLess, AF_ALG);
  for (const int family : {AF_NFC, AF_KCM, AF_QIPCRTR, AF_SMC, AF_XDP, 45 /* AF_MCTP */}) {
    allow_if(profile, "socket", Compare::kEqual, static_cast<uint64_t>(family));
  }
}

}  // namespace

std::optional<uint32_t> young_call(std::string_view name) {
  for (const std::span<const NumberedCall> calls : {std::span<const NumberedCall>(kYoungCalls), {kYoungAdminCalls}}) {
    const auto found = std::ranges::find(calls, name, &NumberedCall::name);
    if (found != calls.end()) return found->number;
  }
  return std::nullopt;
}

Profile runtime_default_profile(CapabilitySet capabilities) {
  const bool admin = capabilities.has(CAP_SYS_ADMIN);
  Profile profile;
  for (const Group& group : kGroups) {
    if (group.capability == kAlways || capabilities.has(group.capability)) allow_all(profile, group.names);
  }
  allow_sockets(profile);
  for (const uint64_t personality : kPersonalities) {
    allow_if(profile, "personality", Compare::kEqual, personality);
  }
  if (!admin) allow_if(profile, "clone", Compare::kMaskedZero, kNamespaceFlags);
  profile.clone3_is_missing = !admin;

  profile.allow_numbers.assign(kYoungCalls.begin(), kYoungCalls.end());
  if (admin)
    profile.allow_numbers.insert(profile.allow_numbers.end(), kYoungAdminCalls.begin(), kYoungAdminCalls.end());
  return profile;
}

}  // namespace runtime::security
