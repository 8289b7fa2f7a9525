// What a user meets of limits: pods held to them from a file, and what is said where that cannot be.
#include <sys/xattr.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "base/file.h"
#include "base/path.h"
#include "base/sys.h"
#include "runtime/cgroup/settings.h"
#include "test/host/cgroup/group.h"
#include "test/host/cli/instance.h"

namespace {

using namespace cli_test;
using cgroup_test::available;

std::string pod_with(const std::string& name, const std::string& script, const std::string& resources,
                     const std::string& annotations = "", const std::string& spec = "") {
  return "apiVersion: v1\nkind: Pod\nmetadata:\n  name: " + name + "\n  annotations: {" + annotations +
         "}\nspec:\n  hostNetwork: true\n  dnsPolicy: Default\n  restartPolicy: Never\n" + spec +
         "  terminationGracePeriodSeconds: 1\n  containers:\n  - name: main\n    image: test:1\n"
         "    command: [sh, -c, '" +
         script + "']\n    resources: {" + resources + "}\n";
}

// A cgroup of the instance by its path below it.
class Tree {
 public:
  explicit Tree(const Instance& node) : top_(runtime::cgroup::Hierarchy::find()->path_of("/" + node.name())) {}
  std::string get(const std::string& cgroup, const char* file) const {
    const auto text = base::read_file(base::concat(top_, cgroup, "/", file));
    return text ? text->substr(0, text->find('\n')) : "(" + text.error().to_string() + ")";
  }
  std::string path(const std::string& cgroup) const { return top_ + cgroup; }
  // The cgroups of the pods below this one.
  std::vector<std::string> pods_in(const std::string& parent) const {
    const auto names = base::list_folder(top_ + parent);
    REQUIRE(names.has_value());
    std::vector<std::string> pods;
    for (const std::string& name : *names)
      if (name.starts_with("pod")) pods.push_back(base::concat(parent, "/", name));
    return pods;
  }
  // That of the one pod that is there.
  std::string pod_in(const std::string& parent) const {
    const std::vector<std::string> pods = pods_in(parent);
    return pods.empty() ? "(none)" : pods.front();
  }

 private:
  std::string top_;
};

std::string memory_of_node() {
  std::ifstream meminfo("/proc/meminfo");
  std::string word;
  uint64_t kilobytes = 0;
  meminfo >> word >> kilobytes;
  return std::to_string(kilobytes * 1024);
}

TEST_CASE("a pod from a file is held to its limits, its class to those of its pods, and all pods to the node") {
  if (!available({"cpu", "memory", "pids", "hugetlb"})) return;
  const Instance node("cgroupfs");
  const Tree tree(node);
  const auto start = [&](const std::string& name, const std::string& resources, const std::string& annotations = "") {
    const Ran ran = node.nodeagent({"run", "--detach", "-"}, pod_with(name, "sleep 1000", resources, annotations));
    CAPTURE(ran.err);
    REQUIRE(ran.status == 0);
  };
  start("one", "requests: {cpu: 250m}, limits: {cpu: 500m, memory: 64Mi}",
        "nodeagent.io/pids-limit: \"70\", nodeagent.io/cpu-burst: 100m");
  CHECK(tree.get("/kubepods", "memory.max") == memory_of_node());
  CHECK(tree.get("/kubepods/burstable", "cpu.weight") == std::to_string(runtime::cgroup::weight_of_shares(256)));
  const std::string pod = tree.pod_in("/kubepods/burstable");
  CHECK(tree.get(pod, "cpu.weight") == std::to_string(runtime::cgroup::weight_of_shares(256)));
  CHECK(tree.get(pod, "cpu.max") == "50000 100000");
  CHECK(tree.get(pod, "cpu.max.burst") == "10000");
  CHECK(tree.get(pod, "memory.max") == "67108864");
  CHECK(tree.get(pod, "pids.max") == "70");
  CHECK(tree.get(pod, "hugetlb.2MB.max") == "0");

  start("two", "requests: {cpu: 750m}");
  CHECK(tree.get("/kubepods/burstable", "cpu.weight") == "100");
  start("three", "");
  CHECK(tree.get("/kubepods/besteffort", "cpu.weight") == "1");
  start("four", "limits: {cpu: 500m, memory: 64Mi}");
  CHECK(tree.get(tree.pod_in("/kubepods"), "memory.max") == "67108864");

  REQUIRE(node.nodeagent({"rm", "-f", "one"}).status == 0);
  CHECK(tree.get("/kubepods/burstable", "cpu.weight") == std::to_string(runtime::cgroup::weight_of_shares(768)));
  REQUIRE(node.nodeagent({"rm", "-f", "two", "three", "four"}).status == 0);
  CHECK(node.leaks().empty());
}

TEST_CASE("a container without huge pages of its own uses the pod's") {
  if (!available({"hugetlb", "memory"})) return;
  if (!cgroup_test::in_test_vm("huge pages of this machine are not a test's to take")) return;
  REQUIRE(base::write_control_file("/proc/sys/vm/nr_hugepages", "4"));
  REQUIRE(base::make_dirs("/tmp/huge", 0755));
  REQUIRE(base::sys::mount("none", "/tmp/huge", "hugetlbfs", 0, "pagesize=2M"));
  {
    const Instance node("cgroupfs");
    const std::string script = "cat /sys/fs/cgroup/hugetlb.2MB.max && fallocate -l 4M /huge/a && echo has pages";
    const std::string shared =
        "  resources: {limits: {memory: 64Mi, hugepages-2Mi: 4Mi}}\n"
        "  volumes: [{name: huge, hostPath: {path: /tmp/huge}}]\n";
    const Ran ran = node.nodeagent({"run", "-"}, pod_with("huge", script, "", "", shared) +
                                                     "    volumeMounts: [{name: huge, mountPath: /huge}]\n");
    CAPTURE(ran.err);
    CHECK(ran.status == 0);
    CHECK_THAT(ran.out, Catch::Contains("4194304\n") && Catch::Contains("has pages\n"));
    CHECK(node.leaks().empty());
  }
  REQUIRE(base::sys::umount2("/tmp/huge", 0));
  REQUIRE(base::write_control_file("/proc/sys/vm/nr_hugepages", "0"));
}

TEST_CASE("who makes a pod's cgroup waits for whoever else changes what it lies in") {
  if (!available({"cpu"})) return;
  const Instance node("cgroupfs");
  const Tree tree(node);
  REQUIRE(node.nodeagent({"run", "--detach", "-"}, pod_with("first", "sleep 1000", "requests: {cpu: 250m}")).status ==
          0);
  const std::string alone = std::to_string(runtime::cgroup::weight_of_shares(256));
  CHECK(tree.get("/kubepods/burstable", "cpu.weight") == alone);
  auto others = base::FileLock::acquire(node.folder() + "/root/locks/cgroups", base::FileLock::Mode::kExclusive,
                                        std::chrono::seconds(10));
  REQUIRE(others.has_value());
  REQUIRE(base::write_file_atomic(node.folder() + "/second.yaml", pod_with("second", "true", "requests: {cpu: 750m}"),
                                  0600, base::Durability::kCrash));
  base::Child second = node.start("second", {"run", "--detach", node.folder() + "/second.yaml"});
  // Much longer than it needs where nobody holds the lock.
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  while (std::chrono::steady_clock::now() < until) {
    REQUIRE(tree.pods_in("/kubepods/burstable").size() == 1);
    REQUIRE(tree.get("/kubepods/burstable", "cpu.weight") == alone);
  }
  others = base::fail(base::Code::kUnavailable, "given up");
  CHECK(eventually([&] { return tree.get("/kubepods/burstable", "cpu.weight") == "100"; }));
  CHECK(second.wait(std::chrono::minutes(1)).value().code == 0);
  REQUIRE(node.nodeagent({"rm", "-f", "first", "second"}).status == 0);
}

TEST_CASE("a pod counts in its class by its weight where its shares cannot be read") {
  if (!available({"cpu"})) return;
  const Instance node("cgroupfs");
  const Tree tree(node);
  const auto start = [&](const std::string& name, const std::string& resources) {
    REQUIRE(node.nodeagent({"run", "--detach", "-"}, pod_with(name, "sleep 1000", resources)).status == 0);
  };
  start("first", "requests: {cpu: 1500m}");
  const std::string path = tree.path(tree.pod_in("/kubepods/burstable"));
  // As it is for a process in a user namespace.
  REQUIRE(::removexattr(path.c_str(), "trusted.nodeagent.cpu-shares") == 0);
  start("second", "requests: {cpu: 250m}");
  const int exact = static_cast<int>(runtime::cgroup::weight_of_shares(1536 + 256));
  CHECK(std::abs(std::stoi(tree.get("/kubepods/burstable", "cpu.weight")) - exact) <= 1);
  REQUIRE(node.nodeagent({"rm", "-f", "first", "second"}).status == 0);
}

TEST_CASE("a pod that is idle leaves the processor to other pods, and one of little weight the disk") {
  if (!available({"cpu", "cpuset", "io"})) return;
  const Instance node("cgroupfs");
  const Tree tree(node);
  const auto start = [&](const std::string& name, const std::string& resources, const std::string& annotations) {
    const Ran ran = node.nodeagent({"run", "--detach", "-"}, pod_with(name, "while :; do :; done", resources,
                                                                      annotations + "nodeagent.io/cpuset-cpus: \"0\""));
    CAPTURE(ran.err);
    REQUIRE(ran.status == 0);
  };
  const auto used = [&](const std::string& pod) {
    const std::string line = tree.get(pod, "cpu.stat");
    REQUIRE(line.starts_with("usage_usec "));
    return std::stod(line.substr(line.find(' ')));
  };
  start("idle", "requests: {cpu: 1500m}", "nodeagent.io/cpu-idle: \"true\", nodeagent.io/io-weight: \"50\", ");
  const std::string idle = tree.pod_in("/kubepods/burstable");
  CHECK(tree.get(idle, "cpu.idle") == "1");
  CHECK(tree.get(idle, "io.weight") == "default 50");
  CHECK(tree.get("/kubepods/burstable", "cpu.weight") == "1");
  start("busy", "", "");
  const std::string busy = tree.pod_in("/kubepods/besteffort");
  CHECK(tree.get(busy, "cpu.idle") == "0");
  CHECK(tree.get(busy, "io.weight") == "default 100");
  REQUIRE(node.nodeagent({"rm", "-f", "busy"}).status == 0);

  start("beside", "requests: {cpu: 100m}", "");
  const std::vector<std::string> both = tree.pods_in("/kubepods/burstable");
  REQUIRE(both.size() == 2);
  const std::string& beside = both.front() == idle ? both.back() : both.front();
  CHECK(tree.get("/kubepods/burstable", "cpu.weight") == std::to_string(runtime::cgroup::weight_of_shares(102)));
  const double idle_before = used(idle);
  const double beside_before = used(beside);
  REQUIRE(eventually([&] { return used(beside) + used(idle) > idle_before + beside_before + 2e6; }));
  CHECK((used(idle) - idle_before) / (used(beside) - beside_before) < 0.1);
  REQUIRE(node.nodeagent({"rm", "-f", "idle", "beside"}).status == 0);
}

TEST_CASE("memory that containers protect is protected all the way up") {
  if (!available({"memory"})) return;
  const Instance node("cgroupfs");
  const Tree tree(node);
  REQUIRE(node.nodeagent({"run", "--detach", "-"},
                         pod_with("kept", "sleep 1000", "requests: {memory: 16Mi}", "nodeagent.io/memory-min: 8Mi"))
              .status == 0);
  CHECK(tree.get(tree.pod_in("/kubepods/burstable"), "memory.min") == "8388608");
  CHECK(tree.get("/kubepods/burstable", "memory.min") == "8388608");
  CHECK(tree.get("/kubepods", "memory.min") == "8388608");
  REQUIRE(node.nodeagent({"rm", "-f", "kept"}).status == 0);
}

TEST_CASE("what somebody changed is put right when a container is started again") {
  if (!available({"memory"})) return;
  const Instance node("cgroupfs");
  const Tree tree(node);
  const std::string script = "[ -e /v/ran ] && sleep 1000; touch /v/ran; while [ ! -e /v/go ]; do sleep 0.1; done";
  const std::string file =
      pod_with("again", script, "limits: {memory: 64Mi}", "", "  volumes: [{name: v, emptyDir: {}}]\n") +
      "    volumeMounts: [{name: v, mountPath: /v}]\n";
  std::string restarting = file;
  restarting.replace(restarting.find("Never"), 5, "Always");
  REQUIRE(node.nodeagent({"run", "--detach", "-"}, restarting).status == 0);
  const std::string pod = tree.pod_in("/kubepods/burstable");
  const std::string folder = runtime::cgroup::Hierarchy::find()->path_of("/" + node.name()) + pod;
  REQUIRE(base::write_control_file(folder + "/memory.max", "max"));
  REQUIRE(node.nodeagent({"exec", "again", "--", "touch", "/v/go"}).status == 0);
  CHECK(eventually([&] { return tree.get(pod, "memory.max") == "67108864"; }));
  REQUIRE(node.nodeagent({"rm", "-f", "again"}).status == 0);
}

TEST_CASE("a pod that requests more than the node has is refused in a kubelet's words") {
  const Instance node("cgroupfs");
  const Ran ran = node.nodeagent({"run", "-"}, pod_with("big", "true", "requests: {memory: 100Ti}"));
  CHECK(ran.status == 125);
  CHECK_THAT(ran.err, Catch::Contains("OutOfmemory") && Catch::Contains("requested: 109951162777600"));
  CHECK(node.leaks().empty());
}

TEST_CASE("annotations about resources are checked like fields") {
  const Instance node("cgroupfs");
  const Ran ran = node.nodeagent({"run", "-"}, pod_with("odd", "true", "", "nodeagent.io/cpu-brust: 1m"));
  CHECK(ran.status == 125);
  CHECK_THAT(ran.err, Catch::Contains("metadata.annotations[nodeagent.io/cpu-brust]") && Catch::Contains("cpu-burst"));
  const Ran device =
      node.nodeagent({"run", "-"}, pod_with("odd", "true", "", "nodeagent.io/io-max: /dev/nosuchdisk wbps=1"));
  CHECK(device.status == 125);
  CHECK_THAT(device.err, Catch::Contains("/dev/nosuchdisk"));
  CHECK(node.leaks().empty());
}

TEST_CASE("a limit that the node cannot enforce fails the pod by name, or is warned of once") {
  if (runtime::cgroup::Hierarchy::find()->controllers().contains("memory")) return;
  const Instance node("cgroupfs");
  const std::string file = pod_with("held", "echo ran", "limits: {memory: 64Mi, cpu: 500m}");
  const Ran ran = node.nodeagent({"run", "-"}, file);
  CHECK(ran.status == 125);
  CHECK_THAT(ran.err, Catch::Contains("FailedCreatePodContainer") || Catch::Contains("limit the pod"));
  CHECK_THAT(ran.err, Catch::Contains("controller cpu") && Catch::Contains("--missing-controllers=warn"));
  const Ran warned = node.nodeagent({"--missing-controllers=warn", "run", "-"}, file);
  CHECK(warned.status == 0);
  CHECK(warned.out.find("ran\n") != std::string::npos);
  const size_t first = warned.err.find("controller memory");
  CHECK(first != std::string::npos);
  CHECK(warned.err.find("controller memory", first + 1) == std::string::npos);
  CHECK(node.nodeagent({"--missing-controllers=maybe", "ps"}).status == 2);
  CHECK(node.leaks().empty());
}

// Runs it where the shell line has changed the mounts, which nobody else sees.
Ran nodeagent_after(const Instance& node, const std::string& line, const std::vector<std::string>& words,
                    const std::string& input) {
  base::SpawnOptions options;
  options.arguments = {"/usr/bin/unshare", "--mount", "--propagation",          "private",
                       "/bin/sh",          "-c",      line + " && exec \"$@\"", "sh"};
  for (const std::string& word : node.command(words)) options.arguments.push_back(word);
  options.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
  const auto output = base::run(options, input, std::chrono::minutes(1));
  REQUIRE(output.has_value());
  return {output->exit.code, output->out, output->err};
}

TEST_CASE("the hard limits of nodeagent are the most that a pod's ulimits can be") {
  const Instance node("cgroupfs");
  const std::string file = pod_with("many", "ulimit -Sn; ulimit -Hn; ulimit -Hc", "",
                                    "nodeagent.io/ulimits: \"nofile=300:unlimited,core=0\"");
  const Ran ran = nodeagent_after(node, "ulimit -n 400", {"run", "-"}, file);
  CHECK(ran.status == 0);
  CHECK(ran.out == "main | 300\nmain | 400\nmain | 0\n");
  CHECK_THAT(ran.err, Catch::Contains("RLIMIT_NOFILE is limited to 400") && Catch::Contains("LimitNOFILE="));
  CHECK(node.leaks().empty());
}

TEST_CASE("where cgroups cannot be made it is said why, and what to do") {
  const Instance node("cgroupfs");
  const std::string mount = runtime::cgroup::Hierarchy::find()->mount_point();
  const std::string file = pod_with("stuck", "true", "");
  const Ran read_only = nodeagent_after(
      node, "mount --bind " + mount + " " + mount + " && mount -o remount,bind,ro " + mount, {"run", "-"}, file);
  CHECK(read_only.status == 125);
  CHECK_THAT(read_only.err, Catch::Contains("mounted read-only") && Catch::Contains("remount,rw"));
  const Ran v1_only = nodeagent_after(node, "umount -l " + mount, {"run", "-"}, file);
  CHECK(v1_only.status == 125);
  CHECK_THAT(v1_only.err, Catch::Contains("no cgroup v2 hierarchy is mounted"));
  CHECK(node.leaks().empty());
}

}  // namespace
