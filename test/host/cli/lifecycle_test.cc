// A pod's whole life as a user sees it: order, output, states, logs, restarts, ends.
#include <signal.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "base/file.h"
#include "base/path.h"
#include "test/host/cli/instance.h"

namespace {

using namespace cli_test;
using nlohmann::json;

json pod_in(const Instance& node, const std::string& name) { return json::parse(node.listed(name)); }

json status_in(const json& pod, const std::string& container) {
  if (!pod.is_object()) return {};
  for (const char* list : {"initContainerStatuses", "containerStatuses"})
    for (const json& status : pod["status"].value(list, json::array()))
      if (status["name"] == container) return status;
  return {};
}

bool is_running(const json& pod, const std::string& container) {
  const json status = status_in(pod, container);
  return status.is_object() && status["state"].contains("running");
}

std::string file_in(const Instance& node, const std::string& name) {
  return base::read_file(node.folder() + "/" + name).value_or("");
}

void write_in(const Instance& node, const std::string& name, const std::string& text) {
  REQUIRE(base::write_file_atomic(node.folder() + "/" + name, text, 0644, base::Durability::kCrash).has_value());
}

std::string with_host_folder(const Instance& node, std::string yaml) {
  const std::string mark = "HOST_FOLDER";
  for (size_t at = yaml.find(mark); at != std::string::npos; at = yaml.find(mark))
    yaml.replace(at, mark.size(), node.folder() + "/host");
  return yaml;
}

constexpr const char* kWholePod = R"(
apiVersion: v1
kind: Pod
metadata: {name: whole}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 10
  volumes:
  - {name: disk, emptyDir: {}}
  - {name: memory, emptyDir: {medium: Memory, sizeLimit: 1Mi}}
  - {name: host, hostPath: {path: HOST_FOLDER, type: DirectoryOrCreate}}
  initContainers:
  - name: first
    image: test:1
    command: [sh, -c, 'echo first >> /host/order; echo from-first > /disk/note; echo begun']
    volumeMounts: [{name: disk, mountPath: /disk}, {name: host, mountPath: /host}]
  - name: side
    image: test:1
    restartPolicy: Always
    command: [sh, -c, 'trap "echo side-ends >> /host/order; echo bye; exit 0" TERM; echo side >> /host/order; echo up; while true; do sleep 0.05; done']
    volumeMounts: [{name: host, mountPath: /host}]
  - name: second
    image: test:1
    command: [sh, -c, 'echo second >> /host/order; echo from-second > /memory/note']
    volumeMounts: [{name: memory, mountPath: /memory}, {name: host, mountPath: /host}]
  containers:
  - name: app
    image: test:1
    command: [sh, -c, 'echo app >> /host/order; cat /disk/note /memory/note; while [ ! -e /host/go ]; do sleep 0.02; done; echo app-ends >> /host/order; exit 4']
    volumeMounts: [{name: disk, mountPath: /disk}, {name: memory, mountPath: /memory, readOnly: true}, {name: host, mountPath: /host}]
  - name: other
    image: test:1
    command: [sh, -c, 'touch /disk/of-other; touch /memory/no 2>/dev/null && echo writable; echo warned >&2; while ! grep -q app-ends /host/order; do sleep 0.02; done; sleep 0.2; echo other-ends >> /host/order']
    volumeMounts: [{name: disk, mountPath: /disk}, {name: memory, mountPath: /memory, readOnly: true}, {name: host, mountPath: /host}]
)";

TEST_CASE("init containers, a sidecar and two containers: order, output, states, logs and status are right") {
  const Instance node;
  write_in(node, "pod.yaml", with_host_folder(node, kWholePod));
  base::Child run = node.start("run", {"run", node.folder() + "/pod.yaml"});
  json pod;
  REQUIRE(eventually([&] {
    pod = pod_in(node, "whole");
    return is_running(pod, "app") && is_running(pod, "other");
  }));
  CAPTURE(pod.dump(1));
  CHECK(pod["status"]["phase"] == "Running");
  CHECK_FALSE(pod["status"].value("podIP", "").empty());
  CHECK(is_running(pod, "side"));
  for (const char* init : {"first", "second"}) {
    const json status = status_in(pod, init);
    CHECK(status["state"]["terminated"]["exitCode"] == 0);
    CHECK(status["state"]["terminated"]["reason"] == "Completed");
    CHECK(status["ready"] == true);
  }
  for (const char* name : {"first", "side", "second", "app", "other"}) CHECK(status_in(pod, name)["restartCount"] == 0);

  // <log-dir>/<namespace>_<name>_<uid>/<container>/<n>.log, in CRI format, and the flat link to it.
  const std::string logs = "logs/pods/default_whole_" + std::string(pod["metadata"]["uid"]);
  REQUIRE(eventually([&] { return !file_in(node, logs + "/other/0.log").empty(); }));
  const std::regex line(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z (stdout|stderr) F [a-z-]+\n)");
  CHECK(std::regex_match(file_in(node, logs + "/side/0.log"), line));
  CHECK(std::regex_match(file_in(node, logs + "/other/0.log"), line));
  CHECK(file_in(node, logs + "/other/0.log").find(" stderr F warned\n") != std::string::npos);
  CHECK(base::list_folder(node.folder() + "/logs/containers")->size() == 5);

  write_in(node, "host/go", "");
  const auto ended = run.wait(std::chrono::seconds(30));
  REQUIRE(ended.has_value());
  CHECK(ended->code == 4);
  CHECK(file_in(node, "host/order") == "first\nside\nsecond\napp\napp-ends\nother-ends\nside-ends\n");
  const std::string out = node.output_of("run");
  CHECK(out.starts_with("first  | begun\nside   | up\n"));
  CHECK(out.find("app    | from-first\napp    | from-second\n") != std::string::npos);
  CHECK(out.find("writable") == std::string::npos);
  CHECK(out.ends_with("side   | bye\n"));
  const std::string errors = file_in(node, "run.err");
  CHECK(errors.find("other  | warned\n") != std::string::npos);
  CHECK(errors.ends_with("nodeagent: pod default/whole Failed: container app: Error, exit code 4\n"));
  CHECK(node.leaks() == "");
}

TEST_CASE("a failing container comes back at once, then after 10 s, and its restarts are counted") {
  const Instance node;
  const std::string pod_file = with_host_folder(node, R"(
apiVersion: v1
kind: Pod
metadata: {name: loop}
spec:
  hostNetwork: true
  dnsPolicy: Default
  restartPolicy: OnFailure
  volumes: [{name: host, hostPath: {path: HOST_FOLDER, type: DirectoryOrCreate}}]
  containers:
  - name: main
    image: test:1
    command: [sh, -c, 'date +%s >> /host/starts; [ $(wc -l < /host/starts) -ge 3 ] || exit 5; echo third']
    volumeMounts: [{name: host, mountPath: /host}]
)");
  write_in(node, "pod.yaml", pod_file);
  base::Child run = node.start("run", {"run", node.folder() + "/pod.yaml"});
  json status;
  REQUIRE(eventually([&] {
    status = status_in(pod_in(node, "loop"), "main");
    return status.is_object() && status["state"].contains("waiting") && status["restartCount"] == 1;
  }));
  CHECK(status["state"]["waiting"]["reason"] == "CrashLoopBackOff");
  CHECK(std::string(status["state"]["waiting"]["message"]).find("back-off 10s restarting failed container=main") == 0);
  CHECK(status["lastState"]["terminated"]["exitCode"] == 5);
  const auto ended = run.wait(std::chrono::seconds(40));
  REQUIRE(ended.has_value());
  CHECK(ended->code == 0);
  CHECK(node.output_of("run") == "main | third\n");
  std::istringstream starts(file_in(node, "host/starts"));
  std::vector<int64_t> at;
  for (int64_t second = 0; starts >> second;) at.push_back(second);
  REQUIRE(at.size() == 3);
  CHECK(at[1] - at[0] <= 5);
  CHECK(at[2] - at[1] >= 10);
  CHECK(at[2] - at[1] <= 20);
  CHECK(node.leaks() == "");
}

TEST_CASE("a pod that is active longer than its deadline fails for that reason") {
  const Instance node;
  const Ran ran = node.nodeagent({"run", "-"}, pod_of("late", "trap \"exit 0\" TERM; while true; do sleep 0.05; done",
                                                      "activeDeadlineSeconds: 1, "));
  CAPTURE(ran.err);
  CHECK(ran.status != 0);
  CHECK(ran.err ==
        "nodeagent: pod default/late Failed: DeadlineExceeded: Pod was active on the node longer than the "
        "specified deadline\n");
  CHECK(node.leaks() == "");
}

TEST_CASE("the one container with stdin gets what is typed, and its end") {
  const Instance node;
  write_in(node, "pod.yaml", R"(
apiVersion: v1
kind: Pod
metadata: {name: reader}
spec:
  hostNetwork: true
  dnsPolicy: Default
  restartPolicy: Never
  initContainers: [{name: before, image: 'test:1', command: [wc, -c]}]
  containers: [{name: main, image: 'test:1', stdin: true, stdinOnce: true, command: [wc, -c]}]
)");
  const Ran ran = node.nodeagent({"run", node.folder() + "/pod.yaml"}, std::string(300'000, 'x'));
  CAPTURE(ran.err);
  CHECK(ran.status == 0);
  CHECK(ran.out == "before | 0\nmain   | 300000\n");
  CHECK(node.leaks() == "");
}

TEST_CASE("a container that ignores its stop signal is killed when its grace is over, not before") {
  const Instance node;
  write_in(node, "pod.yaml", pod_of("deaf", "trap \"echo heard\" TERM; echo ready; while true; do sleep 0.05; done"));
  base::Child run = node.start("run", {"run", node.folder() + "/pod.yaml"});
  REQUIRE(eventually([&] { return node.output_of("run") == "main | ready\n"; }));
  const auto begun = std::chrono::steady_clock::now();
  REQUIRE(run.signal(SIGTERM).has_value());
  const auto ended = run.wait(std::chrono::seconds(30));
  REQUIRE(ended.has_value());
  CHECK(ended->code == 137);
  CHECK(std::chrono::steady_clock::now() - begun >= std::chrono::seconds(2));
  CHECK(node.output_of("run") == "main | ready\nmain | heard\n");
  CHECK(node.leaks() == "");
}

}  // namespace
