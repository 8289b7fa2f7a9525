// Typed system calls: the one place that calls syscall(), casts, and turns errno into an Error. Each wrapper says what
// it attempted ("openat2 etc/passwd"); the caller adds why. EINTR is retried where the call may be repeated.
#pragma once

#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/unique_fd.h"

// Younger than Debian 12's headers; values are the kernel's ABI.
#ifndef MOVE_MOUNT_SET_GROUP
#define MOVE_MOUNT_SET_GROUP 0x00000100
#endif

union bpf_attr;  // linux/bpf.h

namespace base::sys {

// --- files (all descriptors are close-on-exec) ---
Result<UniqueFd> open(const std::string& path, int flags, mode_t mode = 0);
Result<UniqueFd> openat(int dirfd, const std::string& path, int flags, mode_t mode = 0);
// resolve: RESOLVE_* of openat2(2).
Result<UniqueFd> openat2(int dirfd, const std::string& path, uint64_t flags, mode_t mode, uint64_t resolve);
Result<UniqueFd> dup(int fd);
Result<UniqueFd> memfd(const char* name, bool sealable);
// Seals a memfd against every change (F_SEAL_SEAL|SHRINK|GROW|WRITE).
Status seal(int memfd);
Status write_all(int fd, std::string_view data);
// At most size bytes; 0 at the end of the file.
Result<size_t> read(int fd, std::span<char> buffer);
Status mkdirat(int dirfd, const std::string& path, mode_t mode);
// unlinkat; a missing file is an error (kNotFound).
Status unlinkat(int dirfd, const std::string& path, int flags);
Status renameat2(int old_dirfd, const std::string& old_path, int new_dirfd, const std::string& new_path,
                 unsigned flags);
Status symlinkat(const std::string& target, int dirfd, const std::string& path);
Result<std::string> readlinkat(int dirfd, const std::string& path);
Result<struct stat> fstat(int fd);
Result<struct stat> fstatat(int dirfd, const std::string& path, int flags);
Status fsync(int fd);
Status fchown(int fd, uid_t uid, gid_t gid);
Status fchmod(int fd, mode_t mode);
Status fchdir(int fd);

// --- mounts ---
Status mount(const std::string& source, const std::string& target, const char* type, unsigned long flags,
             const std::string& data);
Status umount2(const std::string& target, int flags);
Result<UniqueFd> open_tree(int dirfd, const std::string& path, unsigned flags);
Status move_mount(int from_dirfd, const std::string& from, int to_dirfd, const std::string& to, unsigned flags);
Status mount_setattr(int dirfd, const std::string& path, unsigned flags, const struct mount_attr& attributes);
Result<UniqueFd> fsopen(const char* type);
Status fsconfig_string(int fs, const char* key, const std::string& value);
Status fsconfig_flag(int fs, const char* key);
Status fsconfig_create(int fs);
Result<UniqueFd> fsmount(int fs, unsigned attributes);
Status pivot_root(const char* new_root, const char* put_old);

// --- BPF ---
// bpf(2): a descriptor (close-on-exec) or 0, as the command has it.
Result<int> bpf(int command, bpf_attr& attributes);

// --- processes and namespaces ---
struct CloneArgs {
  uint64_t flags = 0;    // CLONE_NEW*, CLONE_PARENT …; CLONE_PIDFD and CLONE_INTO_CGROUP are set by the fields below
  int* pidfd = nullptr;  // receives a pidfd
  int cgroup = -1;       // directory descriptor of the cgroup to start in
  int exit_signal = SIGCHLD;
};
// fork-like: 0 in the child. The caller must be single-threaded, or call only async-signal-safe functions in the child.
Result<pid_t> clone3(const CloneArgs& args);
// fork-like, but the new process is a child of our own parent (CLONE_PARENT). The kernel stores its pid at *pid before
// it runs, whatever becomes of us meanwhile. By clone(2), whose flags a seccomp filter can read: many refuse clone3(2).
Result<pid_t> clone_sibling(pid_t* pid);
Result<UniqueFd> pidfd_open(pid_t pid);
Status pidfd_send_signal(int pidfd, int signal);
// A namespace descriptor of a process: type is one of "net", "ipc", "uts", "pid", "mnt", "user", "cgroup".
Result<UniqueFd> open_namespace(pid_t pid, const char* type);
Status setns(int fd, int nstype);
Status unshare(int flags);
Status chroot(const std::string& path);
Status sethostname(const std::string& name);
Status kill(pid_t pid, int signal);

// How a child ended.
struct Exit {
  int code = 0;    // exit status, or 128 + signal
  int signal = 0;  // the signal that ended it, else 0
};
// Waits for the child of a pidfd; nullopt with WNOHANG in options while it still runs.
Result<std::optional<Exit>> waitid_pidfd(int pidfd, int options);

Status prctl(int option, unsigned long a2, unsigned long a3 = 0, unsigned long a4 = 0, unsigned long a5 = 0);
Status close_range(unsigned first, unsigned last, int flags);
Result<UniqueFd> pidfd_getfd(int pidfd, int fd);

}  // namespace base::sys
