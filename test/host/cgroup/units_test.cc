// Slices and scopes of the systemd that is process 1: in the test VM (test/vm/meson.build), and on hosts that have one.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "base/file.h"
#include "runtime/cgroup/driver.h"
#include "runtime/cgroup/sd_bus.h"
#include "runtime/cgroup/systemd.h"
#include "test/host/cgroup/group.h"

namespace {

using namespace cgroup_test;
using namespace runtime::cgroup;

[[maybe_unused]] bool available_units() {
  if (systemd_runs()) return true;
  if (std::getenv("NODEAGENT_TEST_UNITS") != nullptr) FAIL("systemd is not process 1");
  WARN("skipped: systemd is not process 1 here");
  return false;
}

template <typename T>
T or_fail(base::Result<T> result) {
  if (!result.has_value()) FAIL(result.error().to_string());
  return *std::move(result);
}
void or_fail(const base::Status& status) {
  if (!status.has_value()) FAIL(status.error().to_string());
}

std::string systemctl(const std::vector<std::string>& arguments) {
  base::SpawnOptions options{.arguments = {"/usr/bin/systemctl"}, .environment = {"PATH=/usr/bin:/bin"}};
  options.arguments.insert(options.arguments.end(), arguments.begin(), arguments.end());
  const base::Output ran = or_fail(base::run(options, "", std::chrono::minutes(1)));
  return ran.out;
}

// What systemd says of a property.
[[maybe_unused]] std::string shown(const std::string& unit, const std::string& property) {
  std::string text = systemctl({"show", "--value", "--property", property, unit});
  text.resize(text.find_last_not_of('\n') + 1);
  return text;
}

// A tree of slices of a test's own, which goes with it.
class Tree {
 public:
  ~Tree() {
    const base::Status removed = driver.remove("/" + naming.instance + ".slice", std::chrono::seconds(10));
    if (!removed) WARN("left behind: " << removed.error().to_string());
  }
  std::string get(const std::string& cgroup, const std::string& file) {
    std::string text = or_fail(base::read_file(driver.hierarchy().path_of(cgroup) + "/" + file, 64UL << 10));
    text.resize(text.find_last_not_of('\n') + 1);
    return text;
  }
  bool there(const std::string& cgroup) { return ::access(driver.hierarchy().path_of(cgroup).c_str(), F_OK) == 0; }
  // A program that runs in the leaf.
  base::Child sleeper(const Leaf& leaf) {
    return or_fail(
        base::spawn({.arguments = {"/bin/busybox", "sleep", "1000"}, .environment = {}, .cgroup = leaf.cgroup().fd()}));
  }

  const Naming naming{.driver = DriverKind::kSystemd, .instance = "nat" + std::to_string(::getpid())};
  Driver driver{or_fail(Hierarchy::find()),
                std::getenv("UNITS_WARN") ? MissingControllers::kWarn : MissingControllers::kFail};
  const std::string pod = naming.pod(Qos::kBurstable, "0f3c-11");
  const std::string pod_unit = naming.instance + "-kubepods-burstable-pod0f3c_11.slice";
  const std::string container = container_cgroup(pod, "c" + std::to_string(::getpid()));
  const std::string scope = container.substr(0, container.rfind('/'));
  const std::string scope_unit = scope.substr(scope.rfind('/') + 1);
};

const Settings kPod{{"cpu.weight", "20"},
                    {"cpu.max", "50000 100000"},
                    {"memory.max", "134217728"},
                    {"hugetlb.2MB.max", "4194304"},
                    {"pids.max", "50"}};
const Settings kContainer{{"cpu.weight", "39"},
                          {"cpu.max", "12500 100000"},
                          {"cpu.max.burst", "5000"},
                          {"cpuset.cpus", "0"},
                          {"memory.max", "67108864"},
                          {"memory.high", "50331648"},
                          {"memory.oom.group", "1"},
                          {"memory.swap.max", "0"},
                          {"pids.max", "20"},
                          {"hugetlb.2MB.max", "2097152"},
                          {"io.max", "7:0 rbps=1048576 wbps=max riops=max wiops=max"}};

TEST_CASE("what units cost", "[.timing]") {
  using Clock = std::chrono::steady_clock;
  const auto ms = [](Clock::time_point from) {
    return std::chrono::duration<double, std::milli>(Clock::now() - from).count();
  };
  const int kTimes = 20;
  for (const DriverKind kind : {DriverKind::kCgroupfs, DriverKind::kSystemd}) {
    Tree tree;
    Naming naming{.driver = kind, .instance = tree.naming.instance};
    auto at = Clock::now();
    Systemd systemd;
    (void)systemd.version();
    const double load = ms(at);
    at = Clock::now();
    for (int i = 0; i < kTimes; ++i) (void)systemd.version();
    const double call = ms(at) / kTimes;
    at = Clock::now();
    for (int i = 0; i < kTimes; ++i) (void)or_fail(Bus::connect());
    const double connect = ms(at) / kTimes;
    {
      Bus bus = or_fail(Bus::connect());
      at = Clock::now();
      for (int i = 0; i < kTimes; ++i) (void)bus.version(Clock::now() + std::chrono::seconds(10));
      std::printf("connect %.2f call %.2f ms\n", connect, ms(at) / kTimes);
    }
    double place = 0, pods = 0, updates = 0, leaves = 0, settle = 0, shims = 0, removes = 0, pod_removes = 0, set = 0;
    (void)or_fail(tree.driver.make(naming.qos(Qos::kBurstable), {{"cpu.weight", "100"}}));
    if (kind == DriverKind::kSystemd) {
      double a = 0, b = 0, c = 0, d = 0, e = 0, f = 0;
      for (int i = 0; i < kTimes; ++i) {
        at = Clock::now();
        auto child = or_fail(base::start_placeholder());
        a += ms(at), at = Clock::now();
        or_fail(systemd.start("natx" + std::to_string(i) + ".scope",
                              scope_properties("x", naming.instance + ".slice", static_cast<uint32_t>(child.pid()))));
        b += ms(at), at = Clock::now();
        const std::string scope = "/" + naming.instance + ".slice/natx" + std::to_string(i) + ".scope";
        auto group = or_fail(Cgroup::open(tree.driver.hierarchy(), scope));
        or_fail(group.move_below("container", child.pid()));
        c += ms(at), at = Clock::now();
        auto inner = or_fail(Cgroup::create(tree.driver.hierarchy(), scope + "/container"));
        d += ms(at), at = Clock::now();
        child = base::Child();
        e += ms(at), at = Clock::now();
        or_fail(tree.driver.remove(scope, std::chrono::seconds(10)));
        f += ms(at), at = Clock::now();
      }
      std::printf("fork %.2f start %.2f move %.2f create %.2f kill %.2f remove %.2f\n", a / kTimes, b / kTimes,
                  c / kTimes, d / kTimes, e / kTimes, f / kTimes);
    }
    for (int i = 0; i < kTimes; ++i) {
      at = Clock::now();
      {
        auto child = or_fail(base::start_placeholder());
      }
      place += ms(at);
      const std::string pod = naming.pod(Qos::kBurstable, std::to_string(i));
      at = Clock::now();
      (void)or_fail(tree.driver.make(pod, kPod));
      pods += ms(at);
      at = Clock::now();
      (void)or_fail(tree.driver.make(naming.qos(Qos::kBurstable), {{"cpu.weight", std::to_string(50 + i)}}));
      updates += ms(at);
      at = Clock::now();
      const std::string container = container_cgroup(pod, "t" + std::to_string(i));
      Leaf leaf = or_fail(tree.driver.make_leaf(container, kContainer));
      leaves += ms(at);
      auto child = tree.sleeper(leaf);
      at = Clock::now();
      or_fail(leaf.settle());
      settle += ms(at);
      at = Clock::now();
      or_fail(tree.driver.update(container, {{"memory.max", "100000000"}}));
      set += ms(at);
      at = Clock::now();
      Leaf shim = or_fail(tree.driver.make_leaf(naming.shim("t" + std::to_string(i)), {}));
      auto second = tree.sleeper(shim);
      or_fail(shim.settle());
      shims += ms(at);
      at = Clock::now();
      or_fail(tree.driver.remove(container, std::chrono::seconds(10)));
      removes += ms(at);
      or_fail(tree.driver.remove(naming.shim("t" + std::to_string(i)), std::chrono::seconds(10)));
      at = Clock::now();
      tree.driver.remove_if_unused(pod);
      pod_removes += ms(at);
    }
    std::printf(
        "%s: load %.2f call %.2f placeholder %.2f | pod %.2f qos-update %.2f leaf %.2f settle %.2f update %.2f shim "
        "%.2f remove %.2f pod-remove %.2f ms\n",
        kind == DriverKind::kCgroupfs ? "cgroupfs" : "systemd", load, call, place / kTimes, pods / kTimes,
        updates / kTimes, leaves / kTimes, settle / kTimes, set / kTimes, shims / kTimes, removes / kTimes,
        pod_removes / kTimes);
    if (kind == DriverKind::kCgroupfs)
      (void)runtime::cgroup::remove(tree.driver.hierarchy(), "/" + naming.instance, std::chrono::seconds(10));
  }
}

}  // namespace
