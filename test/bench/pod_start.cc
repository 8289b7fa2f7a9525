// What starting a pod costs: RunPodSandbox, CreateContainer and StartContainer (which returns after the main process's
// execve) with the image present and the built-in network, beside the bare floor (bare_pod.cc) in the same run.
//
// Both are taken in turns, so that what else the machine does meets both alike. All pods are kept to the end: the
// kernel takes ended network namespaces down in the background, holding the lock that links need. --state is a tmpfs,
// as /run is on a node, --root is on a disk. Everything happens in a mount namespace of its own; runs as root.
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/log.h"
#include "base/path.h"
#include "base/spawn.h"
#include "base/sys.h"
#include "base/undo.h"
#include "cni/bridge.h"
#include "cni/subnet.h"
#include "cri-proto/service.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/service/runtime.h"
#include "test/fixtures/busybox_root.h"

namespace {

using base::concat;
using base::Result;
using base::Status;
using base::UniqueFd;
namespace v1 = cri::v1;
using Microseconds = std::chrono::duration<double, std::micro>;

constexpr int kPods = 100;
constexpr int kVersions = 50;
constexpr std::chrono::seconds kIdleWait{2};
constexpr const char* kImage = "docker.io/library/busybox:bench";
constexpr double kMostTimesFloor = 4;
constexpr double kMostShimKib = 256;
constexpr double kMostVersionMs = 10;

volatile std::sig_atomic_t interrupted = 0;

double percentile(std::vector<double> taken, size_t percent) {
  std::ranges::sort(taken);
  return taken[std::min(taken.size() - 1, taken.size() * percent / 100)];
}

cri::CallContext within(int seconds) {
  return {.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds), .stop = {}};
}

// --- the node that the pods run on ---

class Node {
 public:
  // on_disk: where to make the root's folder; empty: in memory.
  static Result<std::unique_ptr<Node>> create(const std::string& build, const std::string& on_disk);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  struct Pod {
    std::string sandbox;
    std::string container;
    Microseconds run;
    Microseconds create;
    Microseconds start;
  };
  Result<Pod> start_pod(int number);

  const std::string& folder() const { return folder_; }
  const runtime::service::RuntimeOptions& options() const { return options_; }
  std::string bridge() const { return options_.instance + "-b"; }
  Result<std::string> cgroup() const {
    return TRY(runtime::cgroup::Hierarchy::find()).path_of("/" + options_.instance);
  }
  // The process id of a pod's shim, from its record.
  Result<std::string> shim_pid(const std::string& sandbox) const;

 private:
  Node() = default;
  Status remove_pods();

  std::string folder_;
  runtime::service::RuntimeOptions options_;
  std::unique_ptr<runtime::service::Runtime> runtime_;
  std::vector<std::string> sandboxes_;
};

Result<std::unique_ptr<Node>> Node::create(const std::string& build, const std::string& on_disk) {
  std::unique_ptr<Node> node(new Node());
  std::string name = (on_disk.empty() ? "/tmp" : on_disk) + "/pod-start-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) return base::fail_errno(errno, "make folder ", name);
  node->folder_ = name;
  runtime::service::RuntimeOptions& options = node->options_;
  options.root = node->folder_ + "/root";
  options.state = node->folder_ + "/state";
  options.instance = concat("b", ::getpid());
  options.shim_binary = build + "/runtime/shim/nodeagent-shim";
  options.recover = true;
  for (const std::string& in_memory : {on_disk.empty() ? node->folder_ : std::string(), options.state}) {
    if (in_memory.empty()) continue;
    TRY(base::make_dirs(in_memory, 0700));
    TRY(base::sys::mount("tmpfs", in_memory, "tmpfs", 0, "mode=700"));
  }
  node->runtime_ = TRY(runtime::service::Runtime::open(options));
  TRY(fixtures::make_busybox_root(node->folder_ + "/busybox"));
  TRY(node->runtime_->local().import_image(within(60), node->folder_ + "/busybox", kImage, {}));
  return node;
}

Status Node::remove_pods() {
  Status all;
  for (const std::string& sandbox : sandboxes_) {
    v1::RemovePodSandboxRequest request;
    request.set_pod_sandbox_id(sandbox);
    const auto removed = runtime_->runtime().remove_pod_sandbox(within(60), request);
    if (!removed) all = std::unexpected(removed.error());
  }
  return all;
}

Node::~Node() {
  const auto tell = [](const Status& status) {
    if (!status) std::fprintf(stderr, "pod_start: %s\n", status.error().to_string().c_str());
  };
  if (runtime_) {
    tell(remove_pods());
    tell(runtime_->tidy());
    runtime_.reset();
  }
  if (folder_.empty()) return;
  ::umount2(options_.state.c_str(), MNT_DETACH);
  ::umount2(folder_.c_str(), MNT_DETACH);
  tell(base::remove_tree(folder_));
}

Result<Node::Pod> Node::start_pod(int number) {
  const std::string name = concat("pod", number);
  v1::RunPodSandboxRequest run;
  v1::PodSandboxConfig& pod = *run.mutable_config();
  pod.mutable_metadata()->set_name(name);
  pod.mutable_metadata()->set_namespace_("default");
  pod.mutable_metadata()->set_uid("uid-" + name);
  pod.set_hostname(name);
  pod.set_log_directory(concat(folder_, "/logs/", name));
  pod.mutable_linux()->mutable_security_context()->mutable_namespace_options()->set_pid(v1::CONTAINER);
  v1::CreateContainerRequest create;
  v1::ContainerConfig& container = *create.mutable_config();
  container.mutable_metadata()->set_name("main");
  container.mutable_image()->set_image(kImage);
  for (const char* word : {"/bin/sleep", "1000000"}) container.add_command(word);
  container.set_log_path("main/0.log");
  container.mutable_linux()->mutable_security_context()->mutable_namespace_options()->set_pid(v1::CONTAINER);
  *create.mutable_sandbox_config() = pod;

  const auto begin = std::chrono::steady_clock::now();
  const auto sandbox = TRY(runtime_->runtime().run_pod_sandbox(within(30), run));
  const auto ran = std::chrono::steady_clock::now();
  sandboxes_.push_back(sandbox.pod_sandbox_id());
  create.set_pod_sandbox_id(sandbox.pod_sandbox_id());
  const auto made = TRY(runtime_->runtime().create_container(within(30), create));
  const auto created = std::chrono::steady_clock::now();
  v1::StartContainerRequest start;
  start.set_container_id(made.container_id());
  TRY(runtime_->runtime().start_container(within(30), start));
  const auto started = std::chrono::steady_clock::now();
  return Pod{.sandbox = sandbox.pod_sandbox_id(),
             .container = made.container_id(),
             .run = ran - begin,
             .create = created - ran,
             .start = started - created};
}

Result<std::string> Node::shim_pid(const std::string& sandbox) const {
  const std::string shims = concat(TRY(cgroup()), "/shims/", sandbox, "/cgroup.procs");
  const std::string pids = TRY(base::read_file(shims, 4096));
  return pids.substr(0, pids.find('\n'));
}

// Proportional set size in KiB: memory of its own, and its share of what it shares.
Result<double> pss_kib(const std::string& pid) {
  const std::string rollup = TRY(base::read_file(concat("/proc/", pid, "/smaps_rollup")));
  const size_t at = rollup.find("\nPss:");
  if (at == std::string::npos) return base::fail(base::Code::kInternal, "no Pss in smaps_rollup");
  return std::atof(rollup.c_str() + at + 5);
}

// A shim gives memory back when nothing has happened for a while, and tells nobody: the least of some seconds.
Result<double> idle_pss_kib(const std::string& pid) {
  double least = TRY(pss_kib(pid), "measure the shim");
  const auto end = std::chrono::steady_clock::now() + kIdleWait;
  while (std::chrono::steady_clock::now() < end && interrupted == 0) {
    ::usleep(50'000);
    least = std::min(least, TRY(pss_kib(pid), "measure the shim"));
  }
  return least;
}

// --- the floor ---

class BarePods {
 public:
  static Result<BarePods> start(const Node& node, const std::string& build, const Node::Pod& model);
  BarePods(BarePods&& other) = default;
  BarePods(const BarePods&) = delete;
  BarePods& operator=(const BarePods&) = delete;
  ~BarePods() {
    to_.reset();  // its sign to clean up
    if (child_.pidfd() >= 0) (void)child_.wait(std::chrono::seconds(60));
  }
  Result<Microseconds> start_pod(int number);

 private:
  BarePods(base::Child child, UniqueFd to, UniqueFd from)
      : child_(std::move(child)), to_(std::move(to)), from_(std::move(from)) {}
  base::Child child_;
  UniqueFd to_;
  UniqueFd from_;
};

Result<BarePods> BarePods::start(const Node& node, const std::string& build, const Node::Pod& model) {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  if (::pipe2(in.data(), O_CLOEXEC) < 0 || ::pipe2(out.data(), O_CLOEXEC) < 0) {
    return base::fail_errno(errno, "make a pipe");
  }
  const UniqueFd childs_in(in[0]);
  UniqueFd to(in[1]);
  UniqueFd from(out[0]);
  const UniqueFd childs_out(out[1]);
  const std::string bundle =
      concat(node.options().state, "/sandboxes/", model.sandbox, "/containers/", model.container);
  base::SpawnOptions bare;
  bare.arguments = {
      build + "/test/bench/bare_pod", bundle + "/config.json", node.options().root + "/bare",
      TRY(node.cgroup()) + "/bare",   node.bridge(),           cni::default_subnet(node.options().instance)};
  bare.descriptors = {{childs_in.get(), 0}, {childs_out.get(), 1}, {STDERR_FILENO, 2}};
  return BarePods(TRY(base::spawn(bare)), std::move(to), std::move(from));
}

Result<Microseconds> BarePods::start_pod(int number) {
  TRY(base::sys::write_all(to_.get(), concat(number, "\n")));
  std::string answer;
  while (!answer.ends_with('\n')) {
    std::array<char, 64> buffer;
    const size_t got = TRY(base::sys::read(from_.get(), buffer));
    if (got == 0) return base::fail(base::Code::kInternal, "bare_pod ended; it said why");
    answer.append(buffer.data(), got);
  }
  return Microseconds(std::atof(answer.c_str()));
}

// --- the measurement ---

struct Samples {
  std::vector<double> floor;
  std::vector<double> run;
  std::vector<double> create;
  std::vector<double> start;
  std::vector<double> whole;
};

Status measure_round(Node& node, BarePods& bare, int number, Samples& samples) {
  const auto floor = [&]() -> Status {
    samples.floor.push_back(TRY(bare.start_pod(number)).count());
    return {};
  };
  const auto ours = [&]() -> Status {
    const Node::Pod pod = TRY(node.start_pod(number));
    samples.run.push_back(pod.run.count());
    samples.create.push_back(pod.create.count());
    samples.start.push_back(pod.start.count());
    samples.whole.push_back((pod.run + pod.create + pod.start).count());
    return {};
  };
  // Who goes first may find warmer caches, so they take turns at that, too.
  if (number % 2 == 0) {
    TRY(floor());
    return ours();
  }
  TRY(ours());
  return floor();
}

Result<std::vector<double>> measure_version(const std::string& build) {
  std::vector<double> taken;
  for (int i = 0; i < kVersions; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const base::Output output =
        TRY(base::run({.arguments = {build + "/agent/cli/nodeagent", "version"}}, "", std::chrono::seconds(10)));
    taken.push_back(Microseconds(std::chrono::steady_clock::now() - begin).count());
    if (output.exit.code != 0) return base::fail(base::Code::kInternal, "nodeagent version: ", output.err);
  }
  return taken;
}

void print_times(const char* what, const std::vector<double>& taken) {
  std::printf("%-44s p50 %7.2f  p90 %7.2f ms\n", what, percentile(taken, 50) / 1000, percentile(taken, 90) / 1000);
}

void print_limit(const char* what, double value, const char* unit, double limit) {
  std::printf("%-44s %7.2f %s (limit %g: %s)\n", what, value, unit, limit, value <= limit ? "kept" : "MISSED");
}

void print(const Samples& samples, double pss, double pss_of_many, const std::vector<double>& version) {
  print_times("floor: bare pod", samples.floor);
  print_times("nodeagent: RunPodSandbox to execve", samples.whole);
  print_times("  RunPodSandbox", samples.run);
  print_times("  CreateContainer", samples.create);
  print_times("  StartContainer", samples.start);
  print_limit("ratio at p50", percentile(samples.whole, 50) / percentile(samples.floor, 50), "x floor",
              kMostTimesFloor);
  std::printf("%-44s %7.2f x floor\n", "ratio at p90", percentile(samples.whole, 90) / percentile(samples.floor, 90));
  print_limit("idle shim, one on the node: PSS", pss, "KiB", kMostShimKib);
  std::printf("%-44s %7.2f KiB\n", concat("idle shim, one of ", kPods + 1, ": PSS").c_str(), pss_of_many);
  print_limit("nodeagent version, whole process: p50", percentile(version, 50) / 1000, "ms", kMostVersionMs);
}

Status measure(const std::string& build, const std::string& on_disk) {
  const std::unique_ptr<Node> node = TRY(Node::create(build, on_disk));
  // The first pod makes the bridge and the rules; the floor takes its mounts from it.
  const Node::Pod model = TRY(node->start_pod(kPods));
  const std::string shim = TRY(node->shim_pid(model.sandbox));
  const double pss = TRY(idle_pss_kib(shim));
  BarePods bare = TRY(BarePods::start(*node, build, model), "start the floor");
  Samples samples;
  for (int number = 0; number < kPods; ++number) {
    if (interrupted != 0) return base::fail(base::Code::kCancelled, "interrupted");
    TRY(measure_round(*node, bare, number, samples));
  }
  const double pss_of_many = TRY(idle_pss_kib(shim));
  print(samples, pss, pss_of_many, TRY(measure_version(build)));
  return {};
}

// The build folder: ours is <build>/test/bench/pod_start.
Result<std::string> build_folder() {
  std::string path = TRY(base::sys::readlinkat(AT_FDCWD, "/proc/self/exe"));
  for (int i = 0; i < 3; ++i) path.resize(path.rfind('/'));
  return path;
}

Status run(const std::string& on_disk) {
  TRY(base::sys::unshare(CLONE_NEWNS));
  TRY(base::sys::mount("none", "/", nullptr, MS_PRIVATE | MS_REC, ""));
  const std::string build = TRY(build_folder());
  return measure(build, on_disk);
}

}  // namespace

int main(int argc, char** argv) {
  if (::geteuid() != 0) {
    std::puts("skipped: makes namespaces, mounts and links, which takes root");
    return 77;
  }
  std::signal(SIGINT, [](int) { interrupted = 1; });
  std::signal(SIGTERM, [](int) { interrupted = 1; });
  base::log::init(base::log::Level::kWarning, base::log::Format::kText);
  const Status done = run(argc > 1 ? argv[1] : "");
  if (!done) std::fprintf(stderr, "pod_start: %s\n", done.error().to_string().c_str());
  return done ? 0 : 1;
}
