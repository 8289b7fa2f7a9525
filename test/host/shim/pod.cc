#include "test/host/shim/pod.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <fstream>
#include <sstream>

#include "base/path.h"
#include "base/sys.h"

namespace test {

namespace oci = runtime::oci;
namespace shim = runtime::shim;
namespace sys = base::sys;

namespace {

// The cgroup2 mount, wherever this machine has it.
std::string cgroup2_mount() {
  std::ifstream mounts("/proc/self/mountinfo");
  std::string line;
  while (std::getline(mounts, line)) {
    if (line.find(" - cgroup2 ") == std::string::npos) continue;
    std::istringstream words(line);
    std::string word;
    for (int i = 0; i < 5; ++i) words >> word;
    return word;
  }
  FAIL("no cgroup2 mount on this machine");
  return "";
}

void make_layer(const std::string& layer) {
  for (const char* folder : {"bin", "proc", "sys", "dev", "tmp", "etc", "root"}) {
    REQUIRE(base::make_dirs(layer + "/" + folder, 0755));
  }
  std::filesystem::copy_file("/bin/busybox", layer + "/bin/busybox");
  for (const char* name : {"sh",   "cat",   "echo",   "sleep", "ls",  "id",       "yes",      "head",  "stty", "ps",
                           "kill", "mount", "printf", "true",  "pwd", "hostname", "readlink", "touch", "dd",   "grep",
                           "env",  "tty",   "stat",   "test",  "awk", "ip",       "setsid",   "wc",    "seq"}) {
    REQUIRE(::symlink("busybox", (layer + "/bin/" + name).c_str()) == 0);
  }
}

oci::Spec default_spec() {
  oci::Spec spec;
  spec.process.env = {"PATH=/bin:/usr/bin", "TERM=xterm"};
  const std::vector<std::string> capabilities{"CAP_CHOWN", "CAP_KILL", "CAP_SETUID", "CAP_SETGID", "CAP_MKNOD"};
  spec.process.capabilities = oci::Capabilities{
      .bounding = capabilities, .effective = capabilities, .inheritable = {}, .permitted = capabilities, .ambient = {}};
  spec.mounts = {
      {"/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}, {}, {}},
      {"/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}, {}, {}},
      {"/dev/pts",
       "devpts",
       "devpts",
       {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"},
       {},
       {}},
      {"/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}, {}, {}},
      {"/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}, {}, {}},
      {"/sys/fs/cgroup", "cgroup", "cgroup", {"ro", "nosuid", "noexec", "nodev"}, {}, {}},
  };
  spec.linux.namespaces = {{"pid", ""}, {"mount", ""}, {"cgroup", ""}};
  spec.linux.masked_paths = {"/proc/acpi",       "/proc/asound",      "/proc/kcore", "/proc/keys",
                             "/proc/timer_list", "/proc/sched_debug", "/proc/scsi",  "/sys/firmware"};
  spec.linux.readonly_paths = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};
  return spec;
}

void end_cgroup(const std::string& path) {
  std::ofstream(path + "/cgroup.kill") << "1";
  wait_empty(path);
  ::rmdir(path.c_str());
}

}  // namespace

std::string slurp(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool wait_empty(const std::string& cgroup, std::chrono::milliseconds wait) {
  const auto events = sys::open(cgroup + "/cgroup.events", O_RDONLY);
  if (!events) return false;
  const auto deadline = std::chrono::steady_clock::now() + wait;
  while (std::chrono::steady_clock::now() < deadline) {
    char text[256];
    const ssize_t got = ::pread(events->get(), text, sizeof(text), 0);
    if (got > 0 && std::string_view(text, static_cast<size_t>(got)).find("populated 0") != std::string_view::npos) {
      return true;
    }
    // The kernel says so when the file changes, kernfs "poll".
    struct pollfd changed{.fd = events->get(), .events = POLLPRI, .revents = 0};
    ::poll(&changed, 1, 1000);
  }
  return false;
}

bool wait_gone(pid_t pid, std::chrono::milliseconds wait) {
  const auto pidfd = sys::pidfd_open(pid);
  if (!pidfd) return true;
  struct pollfd ended{.fd = pidfd->get(), .events = POLLIN, .revents = 0};
  return ::poll(&ended, 1, static_cast<int>(wait.count())) == 1;
}

std::string write_filter(const Pod& pod, const std::vector<uint32_t>& calls) {
  std::vector<sock_filter> filter{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
  for (const uint32_t call : calls) {
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1));
    filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EXDEV));
  }
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  std::string path = pod.dir() / "filter";
  std::ofstream(path).write(reinterpret_cast<const char*>(filter.data()),
                            static_cast<std::streamsize>(filter.size() * sizeof(sock_filter)));
  return path;
}

std::vector<uint32_t> mkdir_calls() {
#ifdef SYS_mkdir
  return {SYS_mkdir, SYS_mkdirat};
#else
  return {SYS_mkdirat};
#endif
}

std::string text_of(const std::vector<std::string>& lines, const std::string& stream) {
  std::string text;
  for (const std::string& line : lines) {
    // "2026-01-01T00:00:00.000000000Z stdout F text"
    const size_t tag = 31 + stream.size() + 1;
    if (line.compare(31, stream.size(), stream) != 0) continue;
    text += line.substr(tag + 2);
    if (line[tag] == 'F') text += '\n';
  }
  return text;
}

Pod::Pod(std::function<void(shim::ShimOptions&)> change) {
  REQUIRE(::geteuid() == 0);
  static int counter = 0;
  cgroup_ = base::concat(cgroup2_mount(), "/nodeagent-test-", ::getpid(), "-", counter++);
  REQUIRE(::mkdir(cgroup_.c_str(), 0755) == 0);
  for (const char* folder : {"state", "logs", "layers", "rw"}) REQUIRE(base::make_dirs(dir_ / folder, 0700));
  make_layer(layer());
  const auto program = shim::ShimProgram::open(std::getenv("NODEAGENT_SHIM"));
  if (!program) FAIL(program.error().to_string());
  shim::ShimOptions options;
  options.program = program->fd();
  options.state_dir = dir_ / "state";
  options.sandbox_id = "test-sandbox";
  options.hostname = "test-pod";
  change(options);
  auto spawned = shim::ShimClient::spawn(options);
  if (!spawned) FAIL(spawned.error().to_string());
  client_ = *std::move(spawned);
  shim_pid_ = client_->info().pid;
}

Pod::~Pod() {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(cgroup_, ignored)) {
    if (entry.is_directory()) end_cgroup(entry.path());
  }
  ::rmdir(cgroup_.c_str());
  if (shim_pid_ > 0 && slurp(base::concat("/proc/", shim_pid_, "/comm")) == "nodeagent-shim\n") {
    ::kill(shim_pid_, SIGKILL);
    wait_gone(shim_pid_);
  }
}

void Pod::reconnect() {
  auto connected = connect();
  if (!connected) FAIL(connected.error().to_string());
  client_ = *std::move(connected);
}

base::Result<shim::Started> Pod::start(const std::string& id, const Wanted& wanted, shim::StartFailure* failure) {
  oci::Spec spec = default_spec();
  spec.process.args = wanted.args;
  spec.process.terminal = wanted.terminal;
  spec.root.path = dir_ / ("rw/" + id + "/rootfs");
  for (const char* folder : {"upper", "work", "rootfs"})
    REQUIRE(base::make_dirs(dir_ / ("rw/" + id + "/" + folder), 0755));
  spec.nodeagent = oci::Extension{};
  spec.nodeagent->rootfs = oci::Extension::Rootfs{
      .layers_dir = dir_ / "layers", .lower = {"base"}, .upper = upper(id), .work = dir_ / ("rw/" + id + "/work")};
  wanted.change(spec);
  const auto json = oci::encode(spec);
  REQUIRE(json);
  ::mkdir(cgroup_path(id).c_str(), 0755);
  const auto cgroup = sys::open(cgroup_path(id), O_RDONLY | O_DIRECTORY);
  REQUIRE(cgroup);
  const auto record = shim::create_exit_record(record_path(id));
  REQUIRE(record);
  shim::StartRequest request;
  request.container_id = id;
  request.config_json = *json;
  request.exit_record = record->get();
  request.cgroup = cgroup->get();
  request.terminal = wanted.terminal;
  request.open_stdin = wanted.open_stdin;
  request.stdin_once = wanted.stdin_once;
  request.log_path = log_path(id);
  request.new_pid_namespace = wanted.new_pid_namespace;
  request.pid_namespace = wanted.pid_namespace;
  request.kill_cgroup_at_exit = !wanted.new_pid_namespace;
  std::vector<base::UniqueFd> trees;
  for (const std::string& path : wanted.binds) {
    auto tree = sys::open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | AT_RECURSIVE);
    REQUIRE(tree);
    request.mounts.push_back(tree->get());
    trees.push_back(*std::move(tree));
  }
  return client_->start(request, failure);
}

shim::ExitEvent Pod::wait_event(std::chrono::milliseconds wait) {
  const auto deadline = std::chrono::steady_clock::now() + wait;
  while (std::chrono::steady_clock::now() < deadline) {
    auto event = client_->next_event();
    if (!event) FAIL(event.error().to_string());
    if (event->has_value()) return **event;
    struct pollfd readable{.fd = client_->event_fd(), .events = POLLIN, .revents = 0};
    ::poll(&readable, 1, 1000);
  }
  FAIL("no exit was announced in time");
  return {};
}

Ended Pod::run(const std::string& id, const Wanted& wanted) {
  const auto started = start(id, wanted);
  if (!started) FAIL(started.error().to_string());
  Ended ended;
  ended.event = wait_event();
  REQUIRE(ended.event.container_id == id);
  ended.lines = log_lines(id);
  ended.out = text_of(ended.lines, "stdout");
  ended.err = text_of(ended.lines, "stderr");
  return ended;
}

oci::Process Pod::process(std::vector<std::string> args) const {
  oci::Process process = default_spec().process;
  process.args = std::move(args);
  return process;
}

std::vector<std::string> Pod::log_lines(const std::string& id) const {
  std::vector<std::string> lines;
  std::ifstream file(log_path(id));
  std::string line;
  while (std::getline(file, line)) lines.push_back(line);
  return lines;
}

bool Pod::wait_for_log(const std::string& id, const std::string& text) const {
  const base::UniqueFd watch(::inotify_init1(IN_CLOEXEC));
  if (::inotify_add_watch(watch.get(), log_path(id).c_str(), IN_MODIFY) < 0) return false;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (slurp(log_path(id)).find(text) == std::string::npos) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    struct pollfd changed{.fd = watch.get(), .events = POLLIN, .revents = 0};
    ::poll(&changed, 1, 1000);
    char events[4096];
    if (changed.revents != 0 && ::read(watch.get(), events, sizeof(events)) < 0) return false;
  }
  return true;
}

}  // namespace test
