// nodeagent run in the foreground: what it prints, what it exits with, what it leaves behind.
#include <signal.h>

#include <catch2/catch.hpp>

#include "base/file.h"
#include "test/host/cli/instance.h"

namespace {

using namespace cli_test;

TEST_CASE("a pod's output comes line by line behind its container's name, and its status is the pod's") {
  const Instance node;
  const Ran good = node.nodeagent({"run", "-"}, pod_of("good", "echo one; echo two >&2; printf three"));
  CAPTURE(good.err);
  CHECK(good.status == 0);
  CHECK(good.out == "main | one\nmain | three\n");
  CHECK(good.err == "main | two\n");

  const Ran failed = node.nodeagent({"run", "-"}, pod_of("failed", "exit 7"));
  CAPTURE(failed.err);
  CHECK(failed.status == 7);
  CHECK(node.leftovers().empty());
}

TEST_CASE("a pod on the built-in network has an address of its own") {
  const Instance node;
  std::string pod = pod_of("net", "cat /proc/net/dev");
  pod.replace(pod.find("hostNetwork: true"), 17, "hostNetwork: false");
  const Ran ran = node.nodeagent({"run", "-"}, pod);
  CAPTURE(ran.err);
  CHECK(ran.status == 0);
  CHECK(ran.out.find("eth0") != std::string::npos);
}

TEST_CASE("init containers come first, in order") {
  const Instance node;
  const Ran ran = node.nodeagent(
      {"run", "-"}, pod_of("init", "echo three",
                           "initContainers: [{name: a, image: 'test:1', command: [echo, one]}, {name: b, image: "
                           "'test:1', command: [echo, two]}], "));
  CAPTURE(ran.err);
  CHECK(ran.status == 0);
  CHECK(ran.out == "a    | one\nb    | two\nmain | three\n");
}

TEST_CASE("what cannot be started is one clear message and a status of its own") {
  const Instance node;
  const auto command = [](const std::string& word) {
    return "{apiVersion: v1, kind: Pod, metadata: {name: x}, spec: {hostNetwork: true, restartPolicy: Never, "
           "containers: [{name: main, image: 'test:1', command: [" +
           word + "]}]}}";
  };
  const Ran missing = node.nodeagent({"run", "-"}, command("/no/such/thing"));
  CAPTURE(missing.err);
  CHECK(missing.status == 127);
  CHECK(missing.err.find("/no/such/thing") != std::string::npos);

  const Ran forbidden = node.nodeagent({"run", "-"}, command("/bin/not-executable"));
  CAPTURE(forbidden.err);
  CHECK(forbidden.status == 126);
  CHECK(forbidden.err.find("not-executable") != std::string::npos);

  std::string pod = pod_of("noimage", "true");
  pod.replace(pod.find("test:1"), 6, "none:1");
  const Ran no_image = node.nodeagent({"run", "-"}, pod);
  CAPTURE(no_image.err);
  CHECK(no_image.status != 0);
  CHECK(no_image.err.find("none:1") != std::string::npos);
  CHECK(node.leftovers().empty());
}

TEST_CASE("a file that is no pod is told with all its faults, and nothing is made") {
  const Instance node;
  const Ran ran =
      node.nodeagent({"run", "-"}, "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{}]}");
  CHECK(ran.status == 125);
  CHECK(ran.out.empty());
  CHECK(ran.err ==
        "nodeagent: <stdin> has 2 faults:\n"
        "<stdin>:4:21: spec.containers[0].name: Required value\n"
        "<stdin>:4:21: spec.containers[0].image: Required value\n");
  const Ran gone = node.nodeagent({"run", "/no/such/file"});
  CHECK(gone.status == 125);
  CHECK(gone.err.find("/no/such/file") != std::string::npos);
  CHECK(node.leftovers().empty());
}

TEST_CASE("one signal stops the pod gracefully, a second one kills it") {
  const Instance node;
  const std::string file = node.folder() + "/pod.yaml";
  const auto run_until_ready = [&](const std::string& script, const std::string& grace) {
    std::string pod = pod_of("signals", script);
    pod.replace(pod.find("terminationGracePeriodSeconds: 2"), 32, "terminationGracePeriodSeconds: " + grace);
    REQUIRE(base::write_file_atomic(file, pod, 0644, base::Durability::kCrash).has_value());
    base::Child child = node.start("run", {"run", file});
    REQUIRE(eventually([&] { return node.output_of("run").find("ready") != std::string::npos; }));
    return child;
  };
  SECTION("gracefully") {
    base::Child child =
        run_until_ready("trap \"echo bye; exit 3\" TERM; echo ready; while true; do sleep 0.1; done", "30");
    REQUIRE(child.signal(SIGINT).has_value());
    const auto ended = child.wait(std::chrono::seconds(20));
    REQUIRE(ended.has_value());
    CHECK(ended->code == 3);
    CHECK(node.output_of("run") == "main | ready\nmain | bye\n");
  }
  SECTION("at once") {
    base::Child child = run_until_ready("trap \"echo no\" TERM; echo ready; while true; do sleep 0.1; done", "3600");
    REQUIRE(child.signal(SIGINT).has_value());
    REQUIRE(eventually([&] { return node.output_of("run").find("no") != std::string::npos; }));
    REQUIRE(child.signal(SIGINT).has_value());
    const auto ended = child.wait(std::chrono::seconds(20));
    REQUIRE(ended.has_value());
    CHECK(ended->code == 137);
  }
  CHECK(node.leftovers().empty());
}

}  // namespace
