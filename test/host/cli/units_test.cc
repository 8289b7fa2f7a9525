// What a user of systemd's cgroup driver meets: in the test VM (test/vm/meson.build), and on hosts that systemd runs.
#include <signal.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <regex>

#include "base/file.h"
#include "base/path.h"
#include "runtime/cgroup/driver.h"
#include "runtime/cgroup/names.h"
#include "test/host/cli/instance.h"

namespace {

using namespace cli_test;
using runtime::cgroup::DriverKind;
using runtime::cgroup::Naming;
using runtime::cgroup::Qos;

bool units_available() {
  if (runtime::cgroup::systemd_runs()) return true;
  if (std::getenv("NODEAGENT_TEST_UNITS") != nullptr) FAIL("systemd is not process 1");
  WARN("skipped: systemd is not process 1 here");
  return false;
}

std::string out_of(const std::vector<std::string>& command) {
  const auto ran = base::run({.arguments = command, .environment = {"PATH=/usr/bin:/bin", "SYSTEMD_COLORS=0"}}, "",
                             std::chrono::minutes(1));
  if (!ran.has_value()) FAIL(ran.error().to_string());
  return ran->out;
}

constexpr const char* kPod = R"(
apiVersion: v1
kind: Pod
metadata: {name: limited, uid: 0f3c-11, annotations: {nodeagent.io/pids-limit: "40", nodeagent.io/cpu-burst: 50m}}
spec:
  hostNetwork: true
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: test:1
    command: [sh, -c, 'echo in $(cat /proc/self/cgroup); while true; do sleep 0.1; done']
    resources: {requests: {cpu: 250m}, limits: {cpu: 505m, memory: 64Mi}}
)";

// The pod's slice of an instance, with what is in it.
class PodSlice {
 public:
  explicit PodSlice(const Instance& node)
      : path_(runtime::cgroup::Hierarchy::find()->path_of(
            Naming{.driver = DriverKind::kSystemd, .instance = node.name()}.pod(Qos::kBurstable, "0f3c-11"))) {}
  const std::string& path() const { return path_; }
  std::string unit() const { return path_.substr(path_.rfind('/') + 1); }
  // "nodeagent-<id>.scope"
  std::string scope() const {
    for (const std::string& name : base::list_folder(path_).value_or(std::vector<std::string>()))
      if (name.ends_with(".scope")) return name;
    return "(no scope)";
  }
  // Every limit of the pod and its container.
  std::string limits() const {
    std::string out;
    for (const std::string& cgroup : {path_, base::concat(path_, "/", scope(), "/container")})
      for (const char* file : {"cpu.weight", "cpu.max", "cpu.max.burst", "memory.max", "memory.swap.max",
                               "memory.oom.group", "pids.max", "hugetlb.2MB.max"})
        out += base::concat(file, "=", base::read_file(base::join_path(cgroup, file)).value_or("?\n"));
    return out;
  }

 private:
  std::string path_;
};

TEST_CASE("a pod's units have the kubelet's names, and its limits outlast daemon-reload and the agent") {
  if (!units_available()) return;
  const Instance node("systemd");
  const PodSlice pod(node);
  const auto run = [&] {
    const Ran ran = node.nodeagent({"run", "--detach", "-"}, kPod);
    CAPTURE(ran.err);
    REQUIRE(ran.status == 0);
  };
  run();
  const std::string limits = pod.limits();
  CHECK_THAT(limits, Catch::Contains("cpu.max=50500 100000\ncpu.max.burst=5000\nmemory.max=67108864\n"));
  CHECK_THAT(limits, Catch::Contains("memory.oom.group=1\npids.max=40\nhugetlb.2MB.max=0\n"));
  CHECK_THAT(limits, !Catch::Contains("?"));

  const std::string tree = out_of({"/usr/bin/systemd-cgls", "--no-pager", "--full"});
  const std::string prefix = node.name() + "-kubepods";
  for (const std::string& name : {prefix + ".slice", prefix + "-burstable.slice",
                                  prefix + "-burstable-pod0f3c_11.slice", pod.scope(), node.name() + "-shims.slice"}) {
    INFO(tree);
    CHECK_THAT(tree, Catch::Contains(name));
  }
  CHECK(std::regex_match(pod.scope(), std::regex("nodeagent-[0-9a-f]{64}\\.scope")));
  CHECK(out_of({"/usr/bin/systemctl", "show", "--value", "--property=MemoryMax", pod.scope()}) == "67108864\n");

  (void)out_of({"/usr/bin/systemctl", "daemon-reload"});
  CHECK(pod.limits() == limits);
  // The owner in the background is killed, and another one takes the pod over.
  const auto listed = nlohmann::json::parse(node.listed("limited"));
  const pid_t owner = std::stoi(listed["metadata"]["annotations"]["nodeagent/owner-pid"].get<std::string>());
  REQUIRE(::kill(owner, SIGKILL) == 0);
  REQUIRE(eventually([&] { return node.nodeagent({"ps"}).out.find("unattended") != std::string::npos; }));
  CHECK(pod.limits() == limits);
  const std::string scope = pod.scope();
  run();
  CHECK(pod.scope() == scope);
  CHECK(pod.limits() == limits);

  CHECK(node.nodeagent({"exec", "limited", "--", "sh", "-c", "cat /proc/self/cgroup"}).out == "0::/\n");
  CHECK_THAT(node.nodeagent({"logs", "limited"}).out, Catch::Contains("in 0::/\n"));
  CHECK(node.nodeagent({"stop", "limited"}).status == 0);
  CHECK(node.nodeagent({"rm", "limited"}).status == 0);
  CHECK(node.leaks() == "");
  CHECK_THAT(out_of({"/usr/bin/systemctl", "list-units", "--all", node.name() + "*", scope}),
             Catch::Contains("0 loaded units"));
}

TEST_CASE("a pod that is idle has a slice that is, also when systemd has read its units anew") {
  if (!units_available()) return;
  const Instance node("systemd");
  const PodSlice pod(node);
  std::string idle = kPod;
  idle.replace(idle.find("nodeagent.io/cpu-burst: 50m"), 27,
               "nodeagent.io/cpu-idle: \"true\", nodeagent.io/io-weight: \"50\"");
  const auto of_slice = [&] {
    std::string out;
    for (const char* file : {"cpu.idle", "io.weight", "../cpu.weight"})
      out += base::read_file(base::join_path(pod.path(), file)).value_or("?\n");
    return out;
  };
  REQUIRE(node.nodeagent({"run", "--detach", "-"}, idle).status == 0);
  CHECK(of_slice() == "1\ndefault 50\n1\n");
  (void)out_of({"/usr/bin/systemctl", "daemon-reload"});
  CHECK(of_slice() == "1\ndefault 50\n1\n");
  CHECK(node.nodeagent({"rm", "-f", "limited"}).status == 0);
  CHECK(node.leaks() == "");
}

TEST_CASE("a pod of units runs to its end and leaves no unit") {
  if (!units_available()) return;
  const Instance node("systemd");
  const Ran ran = node.nodeagent({"run", "-"}, R"(
apiVersion: v1
kind: Pod
metadata: {name: quick}
spec:
  hostNetwork: true
  restartPolicy: Never
  containers:
  - {name: one, image: 'test:1', command: [sh, -c, 'echo one; exit 3']}
  - {name: two, image: 'test:1', command: [sh, -c, 'sleep 0.3; echo two'], resources: {limits: {memory: 32Mi}}}
)");
  CAPTURE(ran.err);
  CHECK(ran.status == 3);
  CHECK_THAT(ran.out, Catch::Contains("one") && Catch::Contains("two"));
  CHECK(node.leaks() == "");
  CHECK_THAT(out_of({"/usr/bin/systemctl", "list-units", "--all", node.name() + "*"}),
             Catch::Contains("0 loaded units"));
}

TEST_CASE("a pod of the cgroupfs driver runs beside systemd, and is removed by whoever comes") {
  if (!units_available()) return;
  const Instance node("cgroupfs");
  const Ran ran = node.nodeagent({"run", "--detach", "-"}, kPod);
  CAPTURE(ran.err);
  REQUIRE(ran.status == 0);
  CHECK(::access(
            runtime::cgroup::Hierarchy::find()->path_of("/" + node.name() + "/kubepods/burstable/pod0f3c-11").c_str(),
            F_OK) == 0);
  CHECK(node.nodeagent({"rm", "--force", "limited"}).status == 0);
  CHECK(node.leaks() == "");
}

TEST_CASE("systemd's driver where systemd does not run is refused with what to do") {
  if (runtime::cgroup::systemd_runs()) return;
  const Instance node;
  const Ran ran = node.nodeagent({"--cgroup-driver", "systemd", "run", "-"}, kPod);
  CHECK(ran.status == 125);
  CHECK(is_one_line(ran.err));
  CHECK_THAT(ran.err, Catch::Contains("--cgroup-driver=systemd: systemd does not run here (no /run/systemd/system); "
                                      "use cgroupfs"));
  CHECK(node.leaks() == "");
}

}  // namespace
