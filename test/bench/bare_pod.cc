// The floor that pod_start measures against: one small process that makes what a pod is and nothing around it.
//
//   bare_pod CONFIG_JSON FOLDER CGROUP BRIDGE SUBNET
//
// CONFIG_JSON is a container of nodeagent's own; what it mounts, masks and executes is mounted, masked and executed
// here. FOLDER is on the disk where writable layers lie; CGROUP a folder of cgroup v2. A line with a number on stdin
// starts that pod; the answer on stdout is the time from the first system call to the main process's execve in
// microseconds. No shim, no JSON, no record, no descriptor-relative resolution, no capabilities. Pods live until the
// end of stdin.
#include <linux/rtnetlink.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/path.h"
#include "base/sys.h"
#include "cni/link.h"
#include "cni/netlink.h"
#include "cni/subnet.h"
#include "runtime/oci/spec.h"
#include "runtime/shim/mount_options.h"
#include "runtime/shim/rootfs.h"

namespace {

using base::concat;
using base::fail_errno;
using base::Result;
using base::Status;
using base::UniqueFd;
using cni::netlink::Batch;
using cni::netlink::Socket;
namespace sys = base::sys;

struct PlannedMount {
  std::string target;  // below the root, without a leading "/"
  std::string source;
  std::string type;
  std::string data;
  unsigned long flags = 0;
  bool remount = false;  // the flags take a second call
  bool file = false;     // the target is one
};

// All that is known before the first pod starts.
struct Plan {
  std::string layers;
  runtime::oci::Extension::Rootfs overlay;
  std::vector<PlannedMount> mounts;
  std::vector<std::string> masked;
  std::vector<std::string> readonly;
  std::vector<char*> arguments;
  std::vector<char*> environment;
  std::string folder;
  std::string cgroup;
  cni::Subnet subnet;
  int bridge_index = 0;
};

std::string below_root(const std::string& path) { return path.substr(1); }

Result<PlannedMount> plan_mount(const runtime::oci::Mount& mount) {
  const runtime::shim::MountOptions options = runtime::shim::parse_mount_options(mount.options);
  PlannedMount planned{.target = below_root(mount.destination), .source = mount.source, .type = mount.type, .data = {}};
  for (const std::string& word : options.data) planned.data += concat(planned.data.empty() ? "" : ",", word);
  // The four that have one bit in both interfaces; times of access are no matter here.
  planned.flags = options.set & (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC);
  if (mount.type == runtime::oci::kBind) {
    planned.file = !S_ISDIR(TRY(sys::fstatat(AT_FDCWD, mount.source, 0)).st_mode);
    planned.remount = planned.flags != 0;
  } else if (mount.type == "cgroup") {
    planned.type = "cgroup2";
    planned.remount = true;
  }
  return planned;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

Result<Plan> make_plan(const runtime::oci::Spec& spec, char** words, Socket& host) {
  Plan plan{.layers = spec.nodeagent->rootfs->layers_dir, .overlay = *spec.nodeagent->rootfs};
  for (const runtime::oci::Mount& mount : spec.mounts) plan.mounts.push_back(TRY(plan_mount(mount)));
  for (const std::string& path : spec.linux.masked_paths) plan.masked.push_back(below_root(path));
  for (const std::string& path : spec.linux.readonly_paths) plan.readonly.push_back(below_root(path));
  plan.arguments = pointers(spec.process.args);
  plan.environment = pointers(spec.process.env);
  plan.folder = words[2];
  plan.cgroup = words[3];
  plan.subnet = TRY(cni::parse_subnet(words[5]));
  const std::optional<cni::Link> bridge = TRY(cni::get_link(host, words[4]));
  if (!bridge) return base::fail(base::Code::kNotFound, "no bridge ", words[4]);
  plan.bridge_index = bridge->index;
  return plan;
}

Status make_dir(const std::string& path) {
  if (::mkdir(path.c_str(), 0755) < 0 && errno != EEXIST) return fail_errno(errno, "mkdir ", path);
  return {};
}

// --- the container's process; the current folder is the root file system from mount_overlay() on ---

Status mount_overlay(const Plan& plan, const std::string& folder) {
  if (::chdir(plan.layers.c_str()) < 0) return fail_errno(errno, "chdir");
  runtime::oci::Extension::Rootfs overlay = plan.overlay;
  overlay.upper = folder + "/upper";
  overlay.work = folder + "/work";
  const std::string root = folder + "/rootfs";
  TRY(sys::mount("overlay", root, "overlay", 0, runtime::shim::overlay_data(overlay)));
  if (::chdir(root.c_str()) < 0) return fail_errno(errno, "chdir");
  return {};
}

Status mount_one(const PlannedMount& mount, const std::string& shm) {
  if (!mount.file) {
    TRY(make_dir(mount.target));
  } else {
    TRY(sys::open(mount.target, O_CREAT | O_WRONLY, 0644));
  }
  const bool bind = mount.type == runtime::oci::kBind;
  const std::string& source = mount.target == "dev/shm" ? shm : mount.source;
  TRY(sys::mount(source, mount.target, bind ? nullptr : mount.type.c_str(),
                 bind            ? MS_BIND | MS_REC
                 : mount.remount ? 0
                                 : mount.flags,
                 mount.data));
  if (mount.remount) TRY(sys::mount("none", mount.target, nullptr, MS_REMOUNT | MS_BIND | mount.flags, ""));
  return {};
}

Status make_devices() {
  struct Node {
    const char* path;
    unsigned major;
    unsigned minor;
  };
  for (const Node& node : {Node{"dev/null", 1, 3}, Node{"dev/zero", 1, 5}, Node{"dev/full", 1, 7},
                           Node{"dev/random", 1, 8}, Node{"dev/urandom", 1, 9}, Node{"dev/tty", 5, 0}}) {
    if (::mknod(node.path, S_IFCHR | 0666, ::makedev(node.major, node.minor)) < 0) {
      return fail_errno(errno, "mknod ", node.path);
    }
  }
  struct Link {
    const char* name;
    const char* target;
  };
  for (const Link& link :
       {Link{"dev/fd", "/proc/self/fd"}, Link{"dev/stdin", "/proc/self/fd/0"}, Link{"dev/stdout", "/proc/self/fd/1"},
        Link{"dev/stderr", "/proc/self/fd/2"}, Link{"dev/ptmx", "pts/ptmx"}, Link{"dev/core", "/proc/kcore"}}) {
    TRY(sys::symlinkat(link.target, AT_FDCWD, link.name));
  }
  return {};
}

Status hide_paths(const Plan& plan) {
  const char* empty = nullptr;
  for (const std::string& path : plan.masked) {
    struct stat info{};
    if (::stat(path.c_str(), &info) < 0) continue;
    if (!S_ISDIR(info.st_mode)) {
      TRY(sys::mount("dev/null", path, nullptr, MS_BIND, ""));
    } else if (empty == nullptr) {
      TRY(sys::mount("tmpfs", path, "tmpfs", MS_RDONLY, "nr_inodes=2,size=0"));
      empty = path.c_str();
    } else {
      TRY(sys::mount(empty, path, nullptr, MS_BIND, ""));
    }
  }
  for (const std::string& path : plan.readonly) {
    if (::access(path.c_str(), F_OK) < 0) continue;
    TRY(sys::mount(path, path, nullptr, MS_BIND | MS_REC, ""));
    TRY(sys::mount("none", path, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, ""));
  }
  return {};
}

Status become_container(const Plan& plan, const std::string& folder, const std::string& shm) {
  TRY(sys::unshare(CLONE_NEWCGROUP));
  TRY(sys::mount("none", "/", nullptr, MS_PRIVATE | MS_REC, ""));
  TRY(mount_overlay(plan, folder));
  for (const PlannedMount& mount : plan.mounts) TRY(mount_one(mount, shm), mount.target);
  TRY(make_devices());
  TRY(hide_paths(plan));
  TRY(sys::pivot_root(".", "."));
  TRY(sys::umount2(".", MNT_DETACH));
  if (::chdir("/") < 0) return fail_errno(errno, "chdir /");
  ::execve(plan.arguments[0], plan.arguments.data(), plan.environment.data());
  return fail_errno(errno, "execve ", plan.arguments[0]);
}

// --- the sandbox's process ---

Status connect(const Plan& plan, int number, Socket& host) {
  const UniqueFd netns = TRY(sys::open("/proc/thread-self/ns/net", O_RDONLY));
  Socket pod = TRY(Socket::open(NETLINK_ROUTE));
  const cni::Ipv4 address = plan.subnet.last_pod() - static_cast<cni::Ipv4>(number);
  Batch pair;
  cni::put_create_veth(pair, {.host_name = concat("bare", number, "-", ::getppid()),
                              .bridge_index = plan.bridge_index,
                              .pod_name = "eth0",
                              .pod_netns_fd = netns.get(),
                              .pod_mac = cni::mac_of(address),
                              .mtu = 1500,
                              .alias = "bare"});
  TRY(host.exchange(pair));
  const int index = TRY(pod.link_index("eth0"));
  Batch inside;
  cni::put_link_up(inside, 1, "lo up");
  cni::put_link_up(inside, index, "eth0 up");
  cni::put_address(inside, {.link_index = index, .address = address, .subnet = plan.subnet}, "address");
  cni::put_default_route(inside, index, plan.subnet.gateway());
  return pod.exchange(inside);
}

[[noreturn]] void give_up(const Status& status) {
  std::fprintf(stderr, "bare_pod: %s\n", status.error().to_string().c_str());
  ::_exit(1);
}

Status become_sandbox(const Plan& plan, int number, Socket& host, int container_cgroup, const std::string& folder,
                      const std::string& shm) {
  TRY(sys::sethostname("bare"));
  TRY(connect(plan, number, host));
  // CLONE_VFORK: we go on when it has executed its program, or ended.
  const pid_t container =
      TRY(sys::clone3({.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_VFORK, .cgroup = container_cgroup}));
  if (container == 0) give_up(become_container(plan, folder, shm));
  if (::waitpid(container, nullptr, WNOHANG) != 0) return fail_errno(ECHILD, "start the container");
  return {};
}

Status start_pod(const Plan& plan, int number, Socket& host, int done_read, int done_write) {
  const std::string cgroup = concat(plan.cgroup, "/pod", number);
  const std::string shim_cgroup = concat(plan.cgroup, "/shim", number);
  const std::string container_cgroup = cgroup + "/container";
  for (const std::string& path : {cgroup, shim_cgroup, container_cgroup}) TRY(make_dir(path));
  const UniqueFd shim_fd = TRY(sys::open(shim_cgroup, O_RDONLY | O_DIRECTORY));
  const UniqueFd container_fd = TRY(sys::open(container_cgroup, O_RDONLY | O_DIRECTORY));
  const std::string folder = concat(plan.folder, "/", number);
  for (const char* part : {"", "/upper", "/work", "/rootfs", "/shm"}) TRY(make_dir(folder + part));
  const std::string shm = folder + "/shm";
  TRY(sys::mount("shm", shm, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777,size=67108864"));
  const pid_t sandbox =
      TRY(sys::clone3({.flags = CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS, .cgroup = shim_fd.get()}));
  if (sandbox == 0) {
    const Status made = become_sandbox(plan, number, host, container_fd.get(), folder, shm);
    const char answer = made ? 'y' : 'n';
    if (::write(done_write, &answer, 1) != 1 || !made) give_up(made);
    while (true) ::pause();
  }
  char answer = 'n';
  if (::read(done_read, &answer, 1) != 1 || answer != 'y') return fail_errno(ECHILD, "start pod ", number);
  return {};
}

// --- the program ---

Status serve(const Plan& plan, Socket& host) {
  int done[2];
  if (::pipe2(done, O_CLOEXEC) < 0) return fail_errno(errno, "make a pipe");
  char line[32];
  while (std::fgets(line, sizeof(line), stdin) != nullptr) {
    const int number = std::atoi(line);
    const auto start = std::chrono::steady_clock::now();
    TRY(start_pod(plan, number, host, done[0], done[1]));
    const std::chrono::duration<double, std::micro> taken = std::chrono::steady_clock::now() - start;
    std::printf("%.1f\n", taken.count());
    std::fflush(stdout);
  }
  return {};
}

// Level-triggered: whatever of any pod there is goes.
void clean_up(const Plan& plan) {
  (void)base::write_control_file(plan.cgroup + "/cgroup.kill", "1");
  while (::waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {
  }
  for (int number = 0; ::access(concat(plan.folder, "/", number).c_str(), F_OK) == 0; ++number) {
    (void)sys::umount2(concat(plan.folder, "/", number, "/shm"), MNT_DETACH);
    ::rmdir(concat(plan.cgroup, "/pod", number, "/container").c_str());
    ::rmdir(concat(plan.cgroup, "/pod", number).c_str());
    ::rmdir(concat(plan.cgroup, "/shim", number).c_str());
  }
  ::rmdir(plan.cgroup.c_str());
  const Status removed = base::remove_tree(plan.folder);
  if (!removed) std::fprintf(stderr, "bare_pod: %s\n", removed.error().to_string().c_str());
}

Status run(char** words) {
  const std::string text = TRY(base::read_file(words[1]));
  const runtime::oci::Spec spec = TRY(runtime::oci::decode(text));
  Socket host = TRY(Socket::open(NETLINK_ROUTE));
  const Plan plan = TRY(make_plan(spec, words, host));
  TRY(make_dir(plan.folder));
  TRY(make_dir(plan.cgroup));
  const Status served = serve(plan, host);
  clean_up(plan);
  return served;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fputs("usage: bare_pod CONFIG_JSON FOLDER CGROUP BRIDGE SUBNET (started by pod_start)\n", stderr);
    return 2;
  }
  std::signal(SIGINT, SIG_IGN);  // the end of stdin is our sign
  // Containers outlive the sandboxes that started them for a moment when all are killed.
  (void)sys::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::umask(0);
  const Status done = run(argv);
  if (!done) std::fprintf(stderr, "bare_pod: %s\n", done.error().to_string().c_str());
  return done ? 0 : 1;
}
