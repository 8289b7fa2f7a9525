// test/bench/stats: what reading stats costs, as root. One container's by a Meter beside the bare floor, which is pread
// of the same files, opened once, in the same run and in turns; then the stats of 1,000 containers, bare and by CRI.
// Each is a cgroup with a process in it that sleeps; their records are in memory, as in /run on a node, and no runtime
// runs. Fails where a figure is above what the project promises.
#include "runtime/cgroup/stats.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/path.h"
#include "base/spawn.h"
#include "base/sys.h"
#include "runtime/cgroup/cgroup.h"
#include "runtime/service/registry.h"
#include "runtime/service/stats.h"

namespace {

using base::concat;
using base::Result;
using base::Status;
using base::UniqueFd;
using runtime::cgroup::Cgroup;
using runtime::cgroup::Hierarchy;
using runtime::cgroup::Meter;
using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::duration<double, std::micro>;
namespace service = runtime::service;

constexpr int kReads = 5000;
constexpr int kContainers = 1000;
constexpr int kRounds = 9;
constexpr double kMostTimesFloor = 1.5;
constexpr double kMostMsForAll = 50;

constexpr std::array kFiles{"cpu.stat",      "memory.current",      "memory.peak",     "memory.max",   "memory.stat",
                            "memory.events", "memory.swap.current", "memory.swap.max", "pids.current", "io.stat",
                            "cpu.pressure",  "memory.pressure",     "io.pressure"};
static_assert(kFiles.size() == Meter::kFiles);

double percentile(std::vector<double> taken, size_t percent) {
  std::ranges::sort(taken);
  return taken[std::min(taken.size() - 1, taken.size() * percent / 100)];
}

template <typename Work>
double microseconds_of(const Work& work) {
  const Clock::time_point start = Clock::now();
  work();
  return Microseconds(Clock::now() - start).count();
}

// A cgroup's files, opened once and read into one buffer.
class Floor {
 public:
  explicit Floor(const Cgroup& cgroup) {
    for (const char* name : kFiles) {
      UniqueFd file(::openat(cgroup.fd(), name, O_RDONLY | O_CLOEXEC));
      if (file) files_.push_back(std::move(file));
    }
  }
  size_t files() const { return files_.size(); }
  void read() {
    for (const UniqueFd& file : files_) failed_ = ::pread(file.get(), buffer_.data(), buffer_.size(), 0) < 0 || failed_;
  }
  bool failed() const { return failed_; }

 private:
  std::vector<UniqueFd> files_;
  std::array<char, 8192> buffer_{};
  bool failed_ = false;
};

// What is made for the measurement; gone with it.
class Node {
 public:
  static Result<std::unique_ptr<Node>> create();
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  Result<Cgroup> cgroup(int index) const { return Cgroup::open(hierarchy_, name_of(index)); }
  const Hierarchy& hierarchy() const { return hierarchy_; }
  service::Registry& registry() { return registry_; }

 private:
  Node(Hierarchy hierarchy, const std::string& folder)
      : hierarchy_(std::move(hierarchy)),
        folder_(folder),
        top_(concat("/nodeagent-bench-", ::getpid())),
        registry_({.root = folder + "/root", .state = folder + "/state", .instance = "bench"}, "boot") {}
  std::string name_of(int index) const { return concat(top_, "/pod/", index); }
  Status add_sandbox();
  Status add_container(int index);

  const Hierarchy hierarchy_;
  const std::string folder_;
  const std::string top_;
  service::Registry registry_;
  std::vector<base::Child> sleepers_;
};

Status Node::add_sandbox() {
  service::SandboxRecord sandbox;
  sandbox.id = "s";
  sandbox.config = std::make_shared<service::v1::PodSandboxConfig>();
  sandbox.state = service::SandboxRecord::State::kReady;
  sandbox.shim_pid = ::getpid();
  sandbox.shim_start_time = service::process_start_time(::getpid()).value_or(0);
  sandbox.cgroup_parent = top_ + "/pod";
  return registry_.add(sandbox);
}

Status Node::add_container(int index) {
  const Cgroup cgroup = TRY(Cgroup::create(hierarchy_, name_of(index)));
  base::SpawnOptions options;
  options.arguments = {"/bin/busybox", "sleep", "1000"};
  options.cgroup = cgroup.fd();
  base::Child sleeper = TRY(base::spawn(options));
  sleepers_.push_back(std::move(sleeper));
  service::v1::ContainerConfig config;
  config.mutable_metadata()->set_name(concat("c", index));
  (*config.mutable_labels())["io.kubernetes.container.name"] = config.metadata().name();
  service::ContainerRecord container;
  container.id = concat("c", index);
  container.sandbox_id = "s";
  container.config = std::make_shared<service::v1::ContainerConfig>(config);
  container.state = service::ContainerRecord::State::kRunning;
  container.cgroup = name_of(index);
  TRY(base::make_dirs(base::join_path(registry_.paths().writable_layer(container.id), "upper"), 0755));
  return registry_.add(container);
}

Result<std::unique_ptr<Node>> Node::create() {
  Hierarchy hierarchy = TRY(Hierarchy::find());
  std::string folder = "/dev/shm/nodeagent-bench-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) return base::fail_errno(errno, "make a temporary folder");
  std::unique_ptr<Node> node(new Node(std::move(hierarchy), folder));
  TRY(node->add_sandbox());
  for (int i = 0; i < kContainers; ++i) TRY(node->add_container(i));
  node->registry_.set_followed("s", true);
  return node;
}

Node::~Node() {
  sleepers_.clear();
  for (const Status& removed :
       {runtime::cgroup::remove(hierarchy_, top_, std::chrono::seconds(30)), base::remove_tree(folder_)})
    if (!removed) std::fprintf(stderr, "left behind: %s\n", removed.error().to_string().c_str());
}

Result<bool> measure_one(const Node& node) {
  Floor floor(TRY(node.cgroup(0)));
  Meter meter = Meter::of(TRY(node.cgroup(0)));
  runtime::cgroup::Stats stats;
  TRY(meter.read(stats));
  std::vector<double> bare;
  std::vector<double> full;
  bool failed = false;
  for (int i = 0; i < kReads; ++i) {
    bare.push_back(microseconds_of([&] { floor.read(); }));
    full.push_back(microseconds_of([&] { failed = !meter.read(stats).has_value() || failed; }));
  }
  if (failed || floor.failed()) return base::fail(base::Code::kInternal, "a read failed");
  const double ratio = percentile(full, 50) / percentile(bare, 50);
  std::printf("one container, %zu files: p50 %.1f us, p90 %.1f us; bare pread p50 %.1f us, p90 %.1f us: %.2f times\n",
              floor.files(), percentile(full, 50), percentile(full, 90), percentile(bare, 50), percentile(bare, 90),
              ratio);
  return ratio <= kMostTimesFloor;
}

void print_all(const char* what, const std::vector<double>& taken) {
  std::printf("%d containers, %s: first %.1f ms, then p50 %.1f ms\n", kContainers, what, taken.front() / 1000,
              percentile({taken.begin() + 1, taken.end()}, 50) / 1000);
}

// Kept open, where this process may have so many descriptors.
Meter::Files files_mode() {
  struct rlimit limit{};
  const bool enough = ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > kContainers * (Meter::kFiles + 2);
  return enough ? Meter::Files::kKeptOpen : Meter::Files::kOpenedForEachRead;
}

Result<bool> measure_all(Node& node) {
  const Meter::Files files = files_mode();
  std::vector<double> bare;
  {
    std::vector<Meter> meters;
    bool failed = false;
    runtime::cgroup::Stats stats;
    for (int round = 0; round < kRounds; ++round) {
      bare.push_back(microseconds_of([&] {
        for (int i = 0; i < kContainers && !failed; ++i) {
          if (round == 0) {
            Result<Cgroup> cgroup = node.cgroup(i);
            failed = !cgroup.has_value();
            if (cgroup) meters.push_back(Meter::of(*std::move(cgroup), files));
          }
          failed = failed || !meters[static_cast<size_t>(i)].read(stats).has_value();
        }
      }));
    }
    if (failed) return base::fail(base::Code::kInternal, "a read failed");
  }
  print_all(files == Meter::Files::kKeptOpen ? "meters" : "meters without files kept open", bare);
  service::StatsReader reader(node.registry(), node.hierarchy());
  std::vector<double> usage;
  std::vector<double> listed;
  for (int round = 0; round < kRounds; ++round) {
    size_t found = 0;
    usage.push_back(microseconds_of([&] {
      if (const auto pods = reader.usage({})) found = pods->empty() ? 0 : pods->front().containers.size();
    }));
    listed.push_back(microseconds_of([&] {
      if (const auto list = reader.containers({}, {})) found += static_cast<size_t>(list->stats_size());
    }));
    if (found != 2UL * kContainers) return base::fail(base::Code::kInternal, "stats of ", found, " containers");
  }
  print_all("LocalRuntime::usage", usage);
  print_all("ListContainerStats", listed);
  return percentile({listed.begin() + 1, listed.end()}, 50) / 1000 <= kMostMsForAll;
}

Result<bool> measure() {
  const std::unique_ptr<Node> node = TRY(Node::create());
  const bool one = TRY(measure_one(*node));
  const bool all = TRY(measure_all(*node));
  if (!one) std::printf("a container's stats cost more than %.1f times the floor\n", kMostTimesFloor);
  if (!all) std::printf("%d containers' stats take longer than %.0f ms\n", kContainers, kMostMsForAll);
  return one && all;
}

}  // namespace

int main() {
  struct rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    (void)::setrlimit(RLIMIT_NOFILE, &limit);
  }
  const Result<bool> good = measure();
  if (!good) std::fprintf(stderr, "stats: %s\n", good.error().to_string().c_str());
  return good && *good ? 0 : 1;
}
