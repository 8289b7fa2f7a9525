// Slices and scopes of the systemd that is process 1: in the test VM (test/vm/meson.build), and on hosts that have one.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "base/file.h"
#include "runtime/cgroup/driver.h"
#include "runtime/cgroup/sd_bus.h"
#include "runtime/cgroup/systemd.h"
#include "test/host/cgroup/group.h"

namespace {

using namespace cgroup_test;
using namespace runtime::cgroup;

bool units_available() {
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
std::string shown(const std::string& unit, const std::string& property) {
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
  // "nothing" where there is no such file.
  std::string get(const std::string& cgroup, const std::string& file) {
    std::string text = base::read_file(driver.hierarchy().path_of(cgroup) + "/" + file, 64UL << 10).value_or("nothing");
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
  Driver driver{or_fail(Hierarchy::find()), MissingControllers::kFail};
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
const Settings kContainer{{"cpu.weight", "39"},           {"cpu.max", "12500 100000"},
                          {"cpu.max.burst", "5000"},      {"cpuset.cpus", "0"},
                          {"memory.max", "67108864"},     {"memory.high", "50331648"},
                          {"memory.low", "8388608"},      {"memory.swap.max", "0"},
                          {"memory.oom.group", "1"},      {"pids.max", "20"},
                          {"hugetlb.2MB.max", "2097152"}, {"io.max", "7:0 rbps=1048576 wbps=max riops=max wiops=max"}};

// Those that hold before a leaf is settled, too.
const Settings kAtOnce = [] {
  Settings settings = kContainer;
  std::erase_if(settings, [](const Setting& setting) { return setting.file == "pids.max"; });
  return settings;
}();

// Each file that is not as it was set, with what it says.
std::string lost(Tree& tree, const std::string& cgroup, const Settings& settings) {
  std::string out;
  for (const Setting& setting : settings) {
    const std::string says = tree.get(cgroup, setting.file);
    if (says != setting.value) out += setting.file + " = " + says + "; ";
  }
  return out;
}

TEST_CASE("a daemon-reload leaves every limit as it is") {
  if (!units_available()) return;
  Tree tree;
  (void)or_fail(tree.driver.make(tree.pod, kPod));
  Leaf leaf = or_fail(tree.driver.make_leaf(tree.container, kContainer));
  const base::Child process = tree.sleeper(leaf);
  or_fail(leaf.settle());
  CHECK(lost(tree, tree.pod, kPod).empty());
  CHECK(lost(tree, tree.container, kContainer).empty());
  (void)systemctl({"daemon-reload"});
  CHECK(lost(tree, tree.pod, kPod).empty());
  CHECK(lost(tree, tree.container, kContainer).empty());
  (void)systemctl({"daemon-reexec"});
  CHECK(lost(tree, tree.pod, kPod).empty());
  CHECK(lost(tree, tree.container, kContainer).empty());
  // Another unit in the same slice has systemd look at that again.
  Leaf second = or_fail(tree.driver.make_leaf(container_cgroup(tree.pod, "second"), {}));
  CHECK(lost(tree, tree.pod, kPod).empty());
  CHECK(lost(tree, tree.container, kContainer).empty());
}

TEST_CASE("a slice's quota is what systemd can keep of it, and stays") {
  if (!units_available()) return;
  Tree tree;
  (void)or_fail(tree.driver.make(tree.pod, {{"cpu.max", "12500 100000"}}));
  CHECK(tree.get(tree.pod, "cpu.max") == "13000 100000");
  (void)systemctl({"daemon-reload"});
  CHECK(tree.get(tree.pod, "cpu.max") == "13000 100000");
  or_fail(tree.driver.update(tree.pod, {{"cpu.max", "10100 50000"}}));
  CHECK(tree.get(tree.pod, "cpu.max") == "10500 50000");
}

TEST_CASE("units have the names and the limits that systemctl shows") {
  if (!units_available()) return;
  Tree tree;
  (void)or_fail(tree.driver.make(tree.pod, kPod));
  Leaf leaf = or_fail(tree.driver.make_leaf(tree.container, kContainer));
  CHECK(shown(tree.pod_unit, "ControlGroup") == tree.pod);
  CHECK(shown(tree.pod_unit, "ActiveState") == "active");
  CHECK(shown(tree.pod_unit, "CPUWeight") == "20");
  CHECK(shown(tree.pod_unit, "CPUQuotaPerSecUSec") == "500ms");
  CHECK(shown(tree.pod_unit, "MemoryMax") == "134217728");
  CHECK(shown(tree.pod_unit, "TasksMax") == "50");
  CHECK(shown(tree.scope_unit, "ControlGroup") == tree.scope);
  CHECK(shown(tree.scope_unit, "Slice") == tree.pod_unit);
  CHECK(shown(tree.scope_unit, "Delegate") == "yes");
  CHECK(shown(tree.scope_unit, "CPUWeight") == "39");
  CHECK(shown(tree.scope_unit, "CPUQuotaPerSecUSec") == "130ms");
  CHECK(shown(tree.scope_unit, "AllowedCPUs") == "0");
  CHECK(shown(tree.scope_unit, "MemoryHigh") == "50331648");
  CHECK(shown(tree.scope_unit, "MemorySwapMax") == "0");
  CHECK(shown(tree.scope_unit, "TasksMax") == "20");
  // Without a limit of processes there is none, whatever systemd's default is.
  Leaf other = or_fail(tree.driver.make_leaf(container_cgroup(tree.pod, "other"), {}));
  CHECK(shown("nodeagent-other.scope", "TasksMax") == "infinity");
  CHECK(shown("nodeagent-other.scope", "Description") == "container other");
}

TEST_CASE("limits go up and down, for systemd and for the kernel") {
  if (!units_available()) return;
  Tree tree;
  (void)or_fail(tree.driver.make(tree.pod, kPod));
  Leaf leaf = or_fail(tree.driver.make_leaf(tree.container, kContainer));
  const base::Child process = tree.sleeper(leaf);
  or_fail(leaf.settle());
  const auto hold = [&](const Settings& settings, const char* memory, const char* quota, const char* weight) {
    or_fail(tree.driver.update(tree.container, settings));
    CHECK(lost(tree, tree.container, settings).empty());
    CHECK(shown(tree.scope_unit, "MemoryMax") == memory);
    CHECK(tree.get(tree.scope, "memory.max") == (std::string(memory) == "infinity" ? "max" : memory));
    CHECK(shown(tree.scope_unit, "CPUQuotaPerSecUSec") == quota);
    CHECK(shown(tree.scope_unit, "CPUWeight") == weight);
    (void)systemctl({"daemon-reload"});
    CHECK(lost(tree, tree.container, settings).empty());
  };
  hold({{"memory.max", "134217728"}, {"cpu.max", "30000 100000"}, {"cpu.weight", "78"}}, "134217728", "300ms", "78");
  hold({{"memory.max", "33554432"}, {"cpu.max", "10000 50000"}, {"cpu.weight", "1"}}, "33554432", "200ms", "1");
  hold({{"memory.max", "max"}, {"cpu.max", "max 100000"}, {"cpu.weight", "100"}}, "infinity", "infinity", "100");
  or_fail(tree.driver.update(tree.container, {{"cpu.idle", "1"}}));
  CHECK(shown(tree.scope_unit, "CPUWeight") == "idle");
  CHECK(tree.get(tree.scope, "cpu.idle") == "1");
  or_fail(tree.driver.update(tree.container, {{"cpu.idle", "0"}, {"cpu.weight", "50"}}));
  CHECK(shown(tree.scope_unit, "CPUWeight") == "50");
  CHECK(tree.get(tree.scope, "cpu.weight") == "50");
  // The same of a slice, by making it again.
  (void)or_fail(tree.driver.make(tree.pod, {{"memory.max", "268435456"}, {"cpu.weight", "40"}}));
  CHECK(shown(tree.pod_unit, "MemoryMax") == "268435456");
  CHECK(tree.get(tree.pod, "memory.max") == "268435456");
  CHECK(shown(tree.pod_unit, "CPUWeight") == "40");
  CHECK(shown(tree.pod_unit, "TasksMax") == "50");
}

TEST_CASE("what holds the place in a scope is neither counted nor left") {
  if (!units_available()) return;
  Tree tree;
  (void)or_fail(tree.driver.make(tree.pod, {}));
  Leaf leaf = or_fail(tree.driver.make_leaf(tree.container, {{"pids.max", "1"}}));
  const base::Child process = tree.sleeper(leaf);
  // The container has no more than its own for a moment either.
  CHECK(tree.get(tree.container, "pids.max") == "2");
  or_fail(leaf.settle());
  CHECK(tree.get(tree.container, "cgroup.procs") == std::to_string(process.pid()));
  CHECK(tree.get(tree.scope, "cgroup.procs").empty());
  CHECK(tree.get(tree.container, "pids.max") == "1");
  CHECK(tree.get(tree.scope, "pids.max") == "1");
  CHECK(tree.get(tree.pod, "pids.current") == "1");
}

TEST_CASE("a scope goes with its last process, and with all in it when it is removed") {
  if (!units_available()) return;
  Tree tree;
  (void)or_fail(tree.driver.make(tree.pod, {}));
  const auto gone = [&] { return !tree.there(tree.scope) && shown(tree.scope_unit, "LoadState") == "not-found"; };
  {
    Leaf leaf = or_fail(tree.driver.make_leaf(tree.container, kContainer));
    const base::Child process = tree.sleeper(leaf);
    or_fail(leaf.settle());
  }
  CHECK(eventually(gone));
  {
    // Nothing was ever started in it.
    const Leaf leaf = or_fail(tree.driver.make_leaf(tree.container, kContainer));
  }
  CHECK(eventually(gone));
  Leaf leaf = or_fail(tree.driver.make_leaf(tree.container, kContainer));
  base::Child process = tree.sleeper(leaf);
  or_fail(leaf.settle());
  or_fail(tree.driver.remove(tree.container, kLongest));
  CHECK(gone());
  CHECK(or_fail(process.wait(kLongest)).signal == SIGKILL);
  or_fail(tree.driver.remove(tree.container, kLongest));
}

TEST_CASE("a scope that is still there makes room for the next of its name") {
  if (!units_available()) return;
  Tree tree;
  (void)or_fail(tree.driver.make(tree.pod, {}));
  Leaf old = or_fail(tree.driver.make_leaf(tree.container, {}));
  base::Child left = tree.sleeper(old);
  or_fail(old.settle());
  Leaf leaf = or_fail(tree.driver.make_leaf(tree.container, {{"pids.max", "7"}}));
  CHECK(or_fail(left.wait(kLongest)).signal == SIGKILL);
  const base::Child process = tree.sleeper(leaf);
  or_fail(leaf.settle());
  CHECK(tree.get(tree.container, "cgroup.procs") == std::to_string(process.pid()));
  CHECK(tree.get(tree.container, "pids.max") == "7");
}

TEST_CASE("an agent that is killed while a scope waits for its container leaves nothing") {
  if (!units_available()) return;
  Tree tree;
  (void)or_fail(tree.driver.make(tree.pod, {}));
  int told[2];
  REQUIRE(::pipe2(told, O_CLOEXEC) == 0);
  const pid_t agent = ::fork();
  if (agent == 0) {
    Driver driver(tree.driver.hierarchy(), MissingControllers::kFail);
    const auto leaf = driver.make_leaf(tree.container, kContainer);
    (void)!::write(told[1], leaf ? "1" : "0", 1);
    while (true) ::pause();
  }
  char made = 0;
  REQUIRE(::read(told[0], &made, 1) == 1);
  CHECK(made == '1');
  CHECK(tree.there(tree.container));
  ::kill(agent, SIGKILL);
  ::waitpid(agent, nullptr, 0);
  CHECK(eventually([&] { return !tree.there(tree.scope); }));
  CHECK(eventually([&] { return shown(tree.scope_unit, "LoadState") == "not-found"; }));
  ::close(told[0]);
  ::close(told[1]);
}

TEST_CASE("a slice is removed when nothing is in it, never while something is") {
  if (!units_available()) return;
  Tree tree;
  const std::string kubepods = tree.naming.kubepods();
  (void)or_fail(tree.driver.make(kubepods, {}));
  (void)or_fail(tree.driver.make(tree.pod, {}));
  tree.driver.remove_if_unused(kubepods);
  CHECK(shown(tree.pod_unit, "ActiveState") == "active");
  Leaf leaf = or_fail(tree.driver.make_leaf(tree.container, {}));
  tree.driver.remove_if_unused(tree.pod);
  CHECK(tree.there(tree.container));
  or_fail(tree.driver.remove(tree.container, kLongest));
  tree.driver.remove_if_unused(tree.pod);
  CHECK_FALSE(tree.there(tree.pod));
  CHECK(shown(tree.pod_unit, "ActiveState") == "inactive");
  for (const std::string& cgroup : tree.naming.common()) tree.driver.remove_if_unused(cgroup);
  CHECK_FALSE(tree.there("/" + tree.naming.instance + ".slice"));
  CHECK_THAT(systemctl({"list-units", "--all", tree.naming.instance + "*"}), Catch::Contains("0 loaded units"));
}

TEST_CASE("slices that are removed and started at once keep the limits of what is started") {
  if (!units_available()) return;
  Tree tree;
  const std::string kubepods = tree.naming.kubepods();
  std::atomic<bool> ended = false;
  std::thread tidy([&] {
    Driver driver(tree.driver.hierarchy(), MissingControllers::kFail);
    while (!ended) {
      for (const std::string& cgroup : tree.naming.common()) driver.remove_if_unused(cgroup);
    }
  });
  std::string wrong;
  for (int i = 0; i < 10; ++i) {
    const std::string pod = tree.naming.pod(Qos::kBurstable, std::to_string(i));
    const auto made = tree.driver.make(pod, kPod);
    wrong += made ? lost(tree, pod, kPod) : made.error().to_string();
    const auto leaf = tree.driver.make_leaf(container_cgroup(pod, "x"), kContainer);
    wrong += leaf ? lost(tree, pod, kPod) : leaf.error().to_string();
    const auto removed = tree.driver.remove(pod, kLongest);
    if (!removed) wrong += removed.error().to_string();
  }
  ended = true;
  tidy.join();
  CHECK(wrong == "");
}

TEST_CASE("systemd that executes itself anew meanwhile is waited for") {
  if (!units_available()) return;
  Tree tree;
  (void)or_fail(tree.driver.make(tree.pod, {}));
  std::thread again([] {
    for (int i = 0; i < 3; ++i) (void)systemctl({"daemon-reexec"});
  });
  std::string wrong;
  for (int i = 0; i < 15; ++i) {
    const std::string container = container_cgroup(tree.pod, std::to_string(i));
    auto leaf = tree.driver.make_leaf(container, kContainer);
    wrong += leaf ? lost(tree, container, kAtOnce) : leaf.error().to_string();
    const auto removed = tree.driver.remove(container, kLongest);
    if (!removed) wrong += removed.error().to_string();
  }
  again.join();
  CHECK(wrong == "");
}

TEST_CASE("without systemd's own socket the system bus is used") {
  if (!units_available()) return;
  Tree tree;
  // Where the socket is, for this process and what it starts, is something that cannot be connected to.
  const pid_t child = ::fork();
  if (child == 0) {
    const bool hidden = ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, "") == 0 &&
                        ::mount("/dev/null", "/run/systemd/private", nullptr, MS_BIND, "") == 0;
    Driver driver(tree.driver.hierarchy(), MissingControllers::kFail);
    const bool made = hidden && driver.make(tree.pod, kPod).has_value();
    const auto leaf = driver.make_leaf(tree.container, kContainer);
    ::_exit(made && leaf && lost(tree, tree.container, kAtOnce).empty() ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
  CHECK(shown(tree.pod_unit, "MemoryMax") == "134217728");
}

TEST_CASE("an idle connection to systemd is closed") {
  if (!units_available()) return;
  const auto connected = [] {
    return std::ranges::count_if(std::filesystem::directory_iterator("/proc/self/fd"), [](const auto& entry) {
      std::error_code none;
      return std::filesystem::read_symlink(entry.path(), none).string().starts_with("socket:");
    });
  };
  const auto before = connected();
  Systemd systemd;
  CHECK(or_fail(systemd.version()) > 200);
  CHECK(connected() == before + 1);
  CHECK(or_fail(systemd.version()) > 200);
  CHECK(connected() == before + 1);
  CHECK(eventually([&] { return connected() == before; }));
  CHECK(or_fail(systemd.version()) > 200);
}

}  // namespace
