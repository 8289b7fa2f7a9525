// Processes of ours die at any moment: what goes on, what is told, and that nothing is left behind.
#include <signal.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "base/file.h"
#include "base/path.h"
#include "test/host/cli/instance.h"

namespace {

using namespace cli_test;
using nlohmann::json;

// Counts aloud until the file "go" is on the host; fails the first `failures` times, before it counts.
std::string counting_pod(const Instance& node, const std::string& policy, int failures) {
  return R"(
apiVersion: v1
kind: Pod
metadata: {name: counter}
spec:
  restartPolicy: )" +
         policy + R"(
  terminationGracePeriodSeconds: 2
  volumes: [{name: host, hostPath: {path: )" +
         node.folder() + R"(/host, type: DirectoryOrCreate}}]
  containers:
  - name: main
    image: test:1
    command: [sh, -c, 'echo run >> /host/runs; [ $(wc -l < /host/runs) -gt )" +
         std::to_string(failures) +
         R"( ] || exit 3; i=0; while [ ! -e /host/go ]; do i=$((i+1)); echo $i; sleep 0.01; done; echo end; exit 6']
    volumeMounts: [{name: host, mountPath: /host}]
)";
}

base::Child run_pod(const Instance& node, const std::string& output, const std::string& pod) {
  const std::string file = node.folder() + "/pod.yaml";
  REQUIRE(base::write_file_atomic(file, pod, 0644, base::Durability::kCrash).has_value());
  return node.start(output, {"run", file});
}

void kill_now(base::Child& child) {
  REQUIRE(child.signal(SIGKILL).has_value());
  REQUIRE(child.wait(std::chrono::seconds(10)).has_value());
}

json main_status(const Instance& node) {
  const json pod = json::parse(node.listed("counter"));
  if (!pod.is_object() || !pod["status"].contains("containerStatuses")) return {};
  return pod["status"]["containerStatuses"][0];
}

bool runs(const Instance& node, int restarts) {
  const json status = main_status(node);
  return status.is_object() && status["state"].contains("running") && status["restartCount"] == restarts;
}

size_t lines_in(const std::string& text) { return static_cast<size_t>(std::count(text.begin(), text.end(), '\n')); }

// 1, 2, 3 … without a gap; how far it got.
int counted(const std::string& output) {
  std::istringstream lines(output);
  int expected = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line == "main | end") break;
    CHECK(line == "main | " + std::to_string(expected + 1));
    ++expected;
  }
  return expected;
}

pid_t shim_of(const Instance& node) {
  const std::vector<std::string> ids = base::list_folder(node.folder() + "/state/sandboxes").value();
  for (const std::string& id : ids) {
    const auto text = base::read_file(node.folder() + "/state/sandboxes/" + id + "/state.json");
    if (!text.has_value()) continue;
    const json state = json::parse(*text, nullptr, false);
    if (state.is_object() && state.value("state", "") != "notReady") return state.value("shimPid", 0);
  }
  return 0;
}

TEST_CASE("a killed owner leaves its pod running and logging; running the file again adopts it") {
  const Instance node;
  base::Child first = run_pod(node, "first", counting_pod(node, "OnFailure", 1));
  REQUIRE(eventually([&] { return runs(node, 1); }));
  base::Child follower = node.start("follower", {"logs", "-f", "counter"});
  REQUIRE(eventually([&] { return lines_in(node.output_of("follower")) > 2; }));
  kill_now(first);

  CHECK(node.nodeagent({"ps"}).out.find("unattended") != std::string::npos);
  const size_t before = lines_in(node.nodeagent({"logs", "counter"}).out);
  CHECK(eventually([&] { return lines_in(node.nodeagent({"logs", "counter"}).out) > before + 5; }));

  const Ran refused = node.nodeagent({"run", "-"}, counting_pod(node, "Always", 1));
  CHECK(refused.status == 125);
  CHECK(refused.err.find("is already there with another specification") != std::string::npos);
  CHECK(runs(node, 1));

  base::Child second = run_pod(node, "second", counting_pod(node, "OnFailure", 1));
  REQUIRE(eventually([&] { return !node.output_of("second").empty(); }));
  CHECK(runs(node, 1));
  CHECK(base::list_folder(node.folder() + "/state/sandboxes")->size() == 1);
  REQUIRE(second.signal(SIGINT).has_value());
  const auto ended = second.wait(std::chrono::seconds(30));
  REQUIRE(ended.has_value());
  CHECK(ended->code == 137);
  REQUIRE(follower.wait(std::chrono::seconds(30)).has_value());
  // It followed over the change of owners.
  CHECK(lines_in(node.output_of("follower")) > before + 5);
  CHECK(node.leaks() == "");
}

TEST_CASE("an adopted pod ends with its own status") {
  const Instance node;
  base::Child first = run_pod(node, "first", counting_pod(node, "Never", 0));
  REQUIRE(eventually([&] { return runs(node, 0); }));
  kill_now(first);
  SECTION("that it has while it is adopted") {
    base::Child second = run_pod(node, "second", counting_pod(node, "Never", 0));
    REQUIRE(eventually([&] { return !node.output_of("second").empty(); }));
    REQUIRE(base::write_file_atomic(node.folder() + "/host/go", "", 0644, base::Durability::kCrash).has_value());
    const auto ended = second.wait(std::chrono::seconds(30));
    REQUIRE(ended.has_value());
    CHECK(ended->code == 6);
    CHECK(node.output_of("second").ends_with("main | end\n"));
  }
  SECTION("that it had before") {
    REQUIRE(base::write_file_atomic(node.folder() + "/host/go", "", 0644, base::Durability::kCrash).has_value());
    REQUIRE(eventually([&] { return node.nodeagent({"logs", "counter"}).out.ends_with("end\n"); }));
    const Ran ran = node.nodeagent({"run", "-"}, counting_pod(node, "Never", 0));
    CHECK(ran.status == 6);
  }
  CHECK(node.leaks() == "");
}

TEST_CASE("a killed shim's pod fails as lost, with an unbroken log, where nothing is restarted") {
  const Instance node;
  base::Child run = run_pod(node, "run", counting_pod(node, "Never", 0));
  REQUIRE(eventually([&] { return lines_in(node.output_of("run")) > 10; }));
  const pid_t shim = shim_of(node);
  REQUIRE(shim > 0);
  REQUIRE(::kill(shim, SIGKILL) == 0);
  const auto ended = run.wait(std::chrono::seconds(30));
  REQUIRE(ended.has_value());
  CHECK(ended->code == 137);
  CHECK(counted(node.output_of("run")) > 10);
  const std::string errors = base::read_file(node.folder() + "/run.err").value();
  CHECK(errors.find("container main: ContainerStatusUnknown, exit code 137") != std::string::npos);
  CHECK(node.leaks() == "");
}

TEST_CASE("a killed shim is replaced where the pod's policy restarts") {
  const Instance node;
  base::Child run = run_pod(node, "run", counting_pod(node, "Always", 0));
  REQUIRE(eventually([&] { return runs(node, 0); }));
  const pid_t shim = shim_of(node);
  REQUIRE(shim > 0);
  REQUIRE(::kill(shim, SIGKILL) == 0);
  REQUIRE(eventually([&] { return runs(node, 1); }));
  const json last = main_status(node)["lastState"]["terminated"];
  CHECK(last["reason"] == "ContainerStatusUnknown");
  CHECK(last["exitCode"] == 137);
  CHECK(base::read_file(node.folder() + "/host/runs").value() == "run\nrun\n");
  CHECK(node.nodeagent({"rm", "-f", "counter"}).status == 0);
  REQUIRE(run.wait(std::chrono::seconds(30)).has_value());
  CHECK(node.leaks() == "");
}

// As if what the record tells of had been before the machine was started again.
void change_boot(const std::string& path) {
  json record = json::parse(base::read_file(path).value());
  REQUIRE(record.contains("bootId"));
  record["bootId"] = "of-another-boot";
  REQUIRE(base::write_file_atomic(path, record.dump(), 0600, base::Durability::kCrash).has_value());
}

TEST_CASE("after a reboot a pod is known to be dead, whatever process has its numbers, and is started again") {
  const Instance node;
  base::Child first = run_pod(node, "first", counting_pod(node, "Always", 0));
  REQUIRE(eventually([&] { return runs(node, 0); }));
  kill_now(first);
  // A reboot as far as the records tell; the processes that are still there stand for those that took their numbers.
  for (const char* folder : {"/state/pods", "/state/sandboxes"}) {
    const std::vector<std::string> names = base::list_folder(node.folder() + folder).value();
    for (const std::string& name : names) {
      if (name.ends_with(".sock")) continue;
      const std::string path = node.folder() + folder + "/" + name;
      change_boot(name.ends_with(".json") ? path : path + "/state.json");
    }
  }
  CHECK(main_status(node)["state"]["terminated"]["reason"] == "ContainerStatusUnknown");
  CHECK(json::parse(node.listed("counter"))["status"]["phase"] == "Unknown");
  CHECK(node.nodeagent({"ps"}).out.find("unattended") != std::string::npos);

  base::Child second = run_pod(node, "second", counting_pod(node, "Always", 0));
  REQUIRE(eventually([&] { return runs(node, 1); }));
  CHECK(main_status(node)["lastState"]["terminated"]["exitCode"] == 137);
  CHECK(base::read_file(node.folder() + "/host/runs").value() == "run\nrun\n");
  CHECK(node.nodeagent({"rm", "-f", "counter"}).status == 0);
  REQUIRE(second.wait(std::chrono::seconds(30)).has_value());
  CHECK(node.leaks() == "");
}

TEST_CASE("an owner killed at any moment of a pod's life leaves nothing that the next command does not finish") {
  const Instance node;
  const std::string pod = R"(
apiVersion: v1
kind: Pod
metadata: {name: short}
spec:
  restartPolicy: Never
  volumes: [{name: disk, emptyDir: {}}, {name: memory, emptyDir: {medium: Memory}}]
  initContainers:
  - {name: first, image: 'test:1', command: ['true'], volumeMounts: [{name: disk, mountPath: /disk}]}
  containers:
  - {name: main, image: 'test:1', command: [sh, -c, 'exit 7'], volumeMounts: [{name: memory, mountPath: /memory}]}
)";
  std::mt19937 random(20261122);
  std::uniform_int_distribution<int> moment(0, 150'000);
  for (int i = 0; i < 30; ++i) {
    const std::chrono::microseconds after(moment(random));
    INFO("killed " << after.count() << " us after its start, then " << (i % 2 == 0 ? "run again" : "removed"));
    base::Child run = run_pod(node, "run", pod);
    // Its end, or the moment to kill it.
    if (!run.wait(std::chrono::ceil<std::chrono::milliseconds>(after)).has_value()) kill_now(run);
    if (i % 2 == 0) {
      const Ran again = node.nodeagent({"run", "-"}, pod);
      CAPTURE(again.err);
      CHECK(again.status == 7);
    } else {
      const Ran removed = node.nodeagent({"rm", "-f", "short"});
      CAPTURE(removed.err);
      CHECK((removed.status == 0 || removed.err.find("there is no pod short") != std::string::npos));
    }
    CHECK(node.leaks() == "");
  }
}

}  // namespace
