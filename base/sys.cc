#include "base/sys.h"

#include <linux/bpf.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>

#include "base/sys_result.h"

namespace base::sys {

namespace {

// Repeats a call that a signal interrupted.
template <typename Call>
auto retry(Call call) {
  decltype(call()) result;
  do {
    result = call();
  } while (result < 0 && errno == EINTR);
  return result;
}

}  // namespace

Result<UniqueFd> open(const std::string& path, int flags, mode_t mode) { return openat(AT_FDCWD, path, flags, mode); }

Result<UniqueFd> openat(int dirfd, const std::string& path, int flags, mode_t mode) {
  return fd_or_error(retry([&] { return ::openat(dirfd, path.c_str(), flags | O_CLOEXEC, mode); }), "open ", path);
}

Result<UniqueFd> openat2(int dirfd, const std::string& path, uint64_t flags, mode_t mode, uint64_t resolve) {
  struct open_how how{};
  how.flags = flags | O_CLOEXEC;
  how.mode = mode;
  how.resolve = resolve;
  // EAGAIN: a rename raced with the resolution and the kernel could not prove that it stayed inside; try again.
  long fd = -1;
  for (int attempt = 0; attempt < 64; ++attempt) {
    fd = ::syscall(SYS_openat2, dirfd, path.c_str(), &how, sizeof(how));
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) break;
  }
  return fd_or_error(fd, "open ", path);
}

Result<UniqueFd> dup(int fd) { return fd_or_error(::fcntl(fd, F_DUPFD_CLOEXEC, 3), "duplicate descriptor ", fd); }

Result<UniqueFd> memfd(const char* name, bool sealable) {
  return fd_or_error(::memfd_create(name, MFD_CLOEXEC | (sealable ? MFD_ALLOW_SEALING : 0U)), "memfd_create ", name);
}

Status seal(int memfd) {
  return ok_or_error(::fcntl(memfd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE),
                     "seal a memfd");
}

Status write_all(int fd, std::string_view data) {
  while (!data.empty()) {
    const ssize_t written = retry([&] { return ::write(fd, data.data(), data.size()); });
    if (written < 0) return fail_errno(errno, "write");
    data.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

Result<size_t> read(int fd, std::span<char> buffer) {
  const ssize_t got = retry([&] { return ::read(fd, buffer.data(), buffer.size()); });
  if (got < 0) return fail_errno(errno, "read");
  return static_cast<size_t>(got);
}

Status mkdirat(int dirfd, const std::string& path, mode_t mode) {
  return ok_or_error(::mkdirat(dirfd, path.c_str(), mode), "create folder ", path);
}

Status unlinkat(int dirfd, const std::string& path, int flags) {
  return ok_or_error(::unlinkat(dirfd, path.c_str(), flags), "remove ", path);
}

Status renameat2(int old_dirfd, const std::string& old_path, int new_dirfd, const std::string& new_path,
                 unsigned flags) {
  return ok_or_error(::renameat2(old_dirfd, old_path.c_str(), new_dirfd, new_path.c_str(), flags), "rename ", old_path,
                     " to ", new_path);
}

Status symlinkat(const std::string& target, int dirfd, const std::string& path) {
  return ok_or_error(::symlinkat(target.c_str(), dirfd, path.c_str()), "create symbolic link ", path);
}

Result<std::string> readlinkat(int dirfd, const std::string& path) {
  std::array<char, PATH_MAX> target{};
  const ssize_t length = ::readlinkat(dirfd, path.c_str(), target.data(), target.size());
  if (length < 0) return fail_errno(errno, "read symbolic link ", path);
  return std::string(target.data(), static_cast<size_t>(length));
}

Result<struct stat> fstat(int fd) {
  struct stat info{};
  if (::fstat(fd, &info) < 0) return fail_errno(errno, "fstat");
  return info;
}

Result<struct stat> fstatat(int dirfd, const std::string& path, int flags) {
  struct stat info{};
  if (::fstatat(dirfd, path.c_str(), &info, flags) < 0) return fail_errno(errno, "stat ", path);
  return info;
}

Status fsync(int fd) {
  return ok_or_error(retry([&] { return ::fsync(fd); }), "fsync");
}
Status fchown(int fd, uid_t uid, gid_t gid) { return ok_or_error(::fchown(fd, uid, gid), "change owner"); }
Status fchmod(int fd, mode_t mode) { return ok_or_error(::fchmod(fd, mode), "change mode"); }
Status fchdir(int fd) { return ok_or_error(::fchdir(fd), "change folder"); }

Status mount(const std::string& source, const std::string& target, const char* type, unsigned long flags,
             const std::string& data) {
  return ok_or_error(::mount(source.c_str(), target.c_str(), type, flags, data.empty() ? nullptr : data.c_str()),
                     "mount ", type != nullptr ? type : source.c_str(), " on ", target);
}

Status umount2(const std::string& target, int flags) {
  return ok_or_error(::umount2(target.c_str(), flags), "unmount ", target);
}

Result<UniqueFd> open_tree(int dirfd, const std::string& path, unsigned flags) {
  return fd_or_error(::syscall(SYS_open_tree, dirfd, path.c_str(), flags | OPEN_TREE_CLOEXEC), "open_tree ", path);
}

Status move_mount(int from_dirfd, const std::string& from, int to_dirfd, const std::string& to, unsigned flags) {
  return ok_or_error(::syscall(SYS_move_mount, from_dirfd, from.c_str(), to_dirfd, to.c_str(), flags), "move_mount to ",
                     to);
}

Status mount_setattr(int dirfd, const std::string& path, unsigned flags, const struct mount_attr& attributes) {
  return ok_or_error(::syscall(SYS_mount_setattr, dirfd, path.c_str(), flags, &attributes, sizeof(attributes)),
                     "mount_setattr ", path);
}

Result<UniqueFd> fsopen(const char* type) {
  return fd_or_error(::syscall(SYS_fsopen, type, FSOPEN_CLOEXEC), "fsopen ", type);
}

Status fsconfig_string(int fs, const char* key, const std::string& value) {
  return ok_or_error(::syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, key, value.c_str(), 0), "fsconfig ", key, "=",
                     value);
}

Status fsconfig_flag(int fs, const char* key) {
  return ok_or_error(::syscall(SYS_fsconfig, fs, FSCONFIG_SET_FLAG, key, nullptr, 0), "fsconfig ", key);
}

Status fsconfig_create(int fs) {
  return ok_or_error(::syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0), "create the file system");
}

Result<UniqueFd> fsmount(int fs, unsigned attributes) {
  return fd_or_error(::syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attributes), "fsmount");
}

Result<int> bpf(int command, bpf_attr& attributes) {
  const long answered = ::syscall(SYS_bpf, command, &attributes, sizeof(attributes));
  if (answered < 0) return fail_errno(errno, "bpf ", command);
  return static_cast<int>(answered);
}

Status pivot_root(const char* new_root, const char* put_old) {
  return ok_or_error(::syscall(SYS_pivot_root, new_root, put_old), "pivot_root to ", new_root);
}

Result<pid_t> clone3(const CloneArgs& args) {
  struct clone_args raw{};
  raw.flags = args.flags;
  raw.exit_signal = static_cast<uint64_t>(args.exit_signal);
  // A child's exit signal is its parent's business when CLONE_PARENT makes it a sibling.
  if ((args.flags & CLONE_PARENT) != 0) raw.exit_signal = 0;
  if (args.pidfd != nullptr) {
    raw.flags |= CLONE_PIDFD;
    raw.pidfd = reinterpret_cast<uint64_t>(args.pidfd);
  }
  if (args.cgroup >= 0) {
    raw.flags |= CLONE_INTO_CGROUP;
    raw.cgroup = static_cast<uint64_t>(args.cgroup);
  }
  const long pid = ::syscall(SYS_clone3, &raw, sizeof(raw));
  if (pid < 0) return fail_errno(errno, "clone3");
  return static_cast<pid_t>(pid);
}

Result<pid_t> clone_sibling(pid_t* pid) {
  // The order of the last two arguments differs between architectures; neither is used.
  const long made = ::syscall(SYS_clone, CLONE_PARENT | CLONE_PARENT_SETTID | SIGCHLD, nullptr, pid, nullptr, nullptr);
  if (made < 0) return fail_errno(errno, "clone");
  return static_cast<pid_t>(made);
}

Result<UniqueFd> pidfd_open(pid_t pid) { return fd_or_error(::syscall(SYS_pidfd_open, pid, 0), "pidfd_open ", pid); }

Status pidfd_send_signal(int pidfd, int signal) {
  return ok_or_error(::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0), "send signal ", signal);
}

Result<UniqueFd> open_namespace(pid_t pid, const char* type) {
  return open(concat("/proc/", pid, "/ns/", type), O_RDONLY);
}

Status setns(int fd, int nstype) { return ok_or_error(::setns(fd, nstype), "setns"); }
Status unshare(int flags) { return ok_or_error(::unshare(flags), "unshare"); }
Status chroot(const std::string& path) { return ok_or_error(::chroot(path.c_str()), "chroot ", path); }
Status sethostname(const std::string& name) {
  return ok_or_error(::sethostname(name.c_str(), name.size()), "set host name ", name);
}
Status kill(pid_t pid, int signal) { return ok_or_error(::kill(pid, signal), "send signal ", signal, " to ", pid); }

Result<std::optional<Exit>> waitid_pidfd(int pidfd, int options) {
  siginfo_t info{};
  if (retry([&] { return ::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, options | WEXITED); }) < 0) {
    return fail_errno(errno, "wait for a child");
  }
  if (info.si_pid == 0) return std::nullopt;
  if (info.si_code == CLD_EXITED) return Exit{.code = info.si_status};
  return Exit{.code = 128 + info.si_status, .signal = info.si_status};
}

Status prctl(int option, unsigned long a2, unsigned long a3, unsigned long a4, unsigned long a5) {
  return ok_or_error(::prctl(option, a2, a3, a4, a5), "prctl ", option);
}

Status close_range(unsigned first, unsigned last, int flags) {
  return ok_or_error(::close_range(first, last, flags), "close_range");
}

Result<UniqueFd> pidfd_getfd(int pidfd, int fd) {
  return fd_or_error(::syscall(SYS_pidfd_getfd, pidfd, fd, 0), "pidfd_getfd ", fd);
}

}  // namespace base::sys
