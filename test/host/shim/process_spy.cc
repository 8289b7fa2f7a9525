// process_spy HOST_ROOT HOST_MOUNTS SECRET: what a hostile container with CAP_SYS_PTRACE can learn from the processes
// that appear in its pid namespace. Stops each new one as early as it can, looks at it, lets it go on. One line on
// stdout for each thing that it must not have seen; at SIGTERM how many it has caught before they executed their
// program.
//
// HOST_ROOT is "device:inode" of the host's root, HOST_MOUNTS the inode of its mount namespace, SECRET a text that must
// not be in the memory of another container's process.
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

namespace {

unsigned long long host_device, host_inode, host_mounts, own_capabilities;
const char* secret;
int found, caught, seen;
volatile sig_atomic_t stopping;

void tell(int pid, const char* what, const char* detail) {
  if (++found <= 20) std::printf("HOST %s of process %d: %s\n", what, pid, detail);
  std::fflush(stdout);
}

const char* slurp(const char* path) {
  static char text[1 << 16];
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = 0;
  ssize_t got = 0;
  while (fd >= 0 && (got = ::read(fd, text + length, sizeof(text) - 1 - static_cast<size_t>(length))) > 0)
    length += got;
  if (fd >= 0) ::close(fd);
  text[length] = '\0';
  return text;
}

// The text of /proc/PID/NAME.
const char* slurp(int pid, const char* name) {
  char path[64];
  std::snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
  return slurp(path);
}

unsigned long long field(const char* status, const char* name, int base) {
  const char* at = std::strstr(status, name);
  return at == nullptr ? 0 : std::strtoull(at + std::strlen(name), nullptr, base);
}

void look_at_folder(int pid, const char* name) {
  char path[64];
  std::snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
  struct stat info{};
  if (::stat(path, &info) == 0 && info.st_dev == host_device && info.st_ino == host_inode)
    tell(pid, name, "the host's /");
}

void look_at_mounts(int pid) {
  char path[64];
  std::snprintf(path, sizeof(path), "/proc/%d/ns/mnt", pid);
  struct stat info{};
  if (::stat(path, &info) == 0 && info.st_ino == host_mounts) tell(pid, "mount namespace", "the host's");
}

// The streams and the socket to the shim are all that a process needs before its program.
void look_at_descriptors(int pid) {
  char path[300];
  std::snprintf(path, sizeof(path), "/proc/%d/fd", pid);
  DIR* folder = ::opendir(path);
  if (folder == nullptr) return;
  int count = 0;
  while (const struct dirent* entry = ::readdir(folder)) {
    if (entry->d_name[0] == '.') continue;
    char target[256] = {};
    struct stat info{};
    std::snprintf(path, sizeof(path), "/proc/%d/fd/%s", pid, entry->d_name);
    if (::readlink(path, target, sizeof(target) - 1) < 0 || ::stat(path, &info) < 0) continue;
    const bool fine = S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode) || S_ISSOCK(info.st_mode);
    if (!fine || ++count > 4) tell(pid, path, target);
  }
  ::closedir(folder);
}

// That is the shim's own program as long as it runs; it must not be possible to change it.
void look_at_program(int pid) {
  char path[64];
  std::snprintf(path, sizeof(path), "/proc/%d/exe", pid);
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  struct stat info{};
  struct statvfs mount{};
  if (::fstat(fd, &info) == 0 && ::fstatvfs(fd, &mount) == 0 && (mount.f_flag & ST_RDONLY) == 0) {
    tell(pid, "exe", "can be written");
  }
  if (::fchmod(fd, info.st_mode & 07777) == 0) tell(pid, "exe", "can be changed");
  ::close(fd);
}

void look_at_privilege(int pid) {
  const char* status = slurp(pid, "status");
  for (const char* set : {"CapPrm:", "CapEff:", "CapBnd:"}) {
    if ((field(status, set, 16) & ~own_capabilities) != 0) tell(pid, set, "more than the container's");
  }
}

void look_at_memory(int pid) {
  static char maps[1 << 16];
  static char part[1 << 16];
  std::strcpy(maps, slurp(pid, "maps"));
  char path[64];
  std::snprintf(path, sizeof(path), "/proc/%d/mem", pid);
  const int memory = ::open(path, O_RDONLY | O_CLOEXEC);
  for (char* line = std::strtok(maps, "\n"); memory >= 0 && line != nullptr; line = std::strtok(nullptr, "\n")) {
    unsigned long start = 0;
    unsigned long end = 0;
    char mode[5] = {};
    if (std::sscanf(line, "%lx-%lx %4s", &start, &end, mode) != 3 || mode[1] != 'w') continue;
    for (; start < end; start += sizeof(part) / 2) {
      const ssize_t got = ::pread(memory, part, sizeof(part), static_cast<off_t>(start));
      if (got > 0 && ::memmem(part, static_cast<size_t>(got), secret, std::strlen(secret)) != nullptr) {
        tell(pid, "memory", "what another container wrote");
        start = end;
      }
    }
  }
  if (memory >= 0) ::close(memory);
}

void look_at(int pid) {
  look_at_folder(pid, "root");
  look_at_folder(pid, "cwd");
  look_at_mounts(pid);
}

void meet(int pid) {
  ++seen;
  // Without stopping it first: the very first moment counts.
  look_at(pid);
  if (::ptrace(PTRACE_SEIZE, pid, 0, 0) < 0) return;
  if (::ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0) return;
  int status = 0;
  if (::waitpid(pid, &status, __WALL) < 0 || !WIFSTOPPED(status)) return;
  // The shim's name is that of whoever has not executed anything else yet.
  if (std::strncmp(slurp(pid, "comm"), "nodeagent-shim", 14) == 0) {
    ++caught;
    std::printf("caught process %d\n", pid);
    std::fflush(stdout);
    look_at(pid);
    look_at_descriptors(pid);
    look_at_program(pid);
    look_at_privilege(pid);
    look_at_memory(pid);
  }
  ::ptrace(PTRACE_DETACH, pid, 0, 0);
}

bool is_there(int pid) {
  const long fd = ::syscall(SYS_pidfd_open, pid, 0);
  if (fd < 0) return false;
  ::close(static_cast<int>(fd));
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  char* rest = nullptr;
  host_device = std::strtoull(argv[1], &rest, 10);
  host_inode = std::strtoull(rest + 1, nullptr, 10);
  host_mounts = std::strtoull(argv[2], nullptr, 10);
  secret = argv[3];
  own_capabilities = field(slurp(::getpid(), "status"), "CapBnd:", 16);
  struct sigaction action{};
  action.sa_handler = [](int) { stopping = 1; };
  ::sigaction(SIGTERM, &action, nullptr);
  std::printf("watching\n");
  std::fflush(stdout);
  // Pids are given out in order, so the next ones are known.
  int next = ::getpid() + 1;
  while (stopping == 0) {
    for (int pid = next; pid < next + 3; ++pid) {
      if (!is_there(pid)) continue;
      meet(pid);
      next = pid + 1;
      break;
    }
    // Beyond what has been and gone unseen; the last field is the youngest pid, proc_loadavg(5).
    const char* last = std::strrchr(slurp("/proc/loadavg"), ' ');
    if (last != nullptr && std::atoi(last) >= next) next = std::atoi(last) + (is_there(std::atoi(last)) ? 0 : 1);
  }
  std::printf("caught %d of the %d that were seen\n", caught, seen);
  return 0;
}
