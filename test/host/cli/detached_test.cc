// A pod in the background: ps, logs, exec, stop, rm; and images.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "test/host/cli/instance.h"

namespace {

using namespace cli_test;

std::string status_of(const Instance& node, const std::string& name) {
  const Ran ps = node.nodeagent({"ps", "-o", "json"});
  const auto list = nlohmann::json::parse(ps.out, nullptr, false);
  if (list.is_discarded()) return "(no JSON) " + ps.err;
  for (const auto& pod : list["items"])
    if (pod["metadata"]["name"] == name) return pod["status"]["phase"];
  return "(none)";
}

TEST_CASE("a detached pod runs on, is looked into, stopped and removed") {
  const Instance node;
  const Ran left =
      node.nodeagent({"run", "--detach", "-"},
                     pod_of("bg", "trap \"exit 0\" TERM; echo first; echo second; while true; do sleep 0.1; done"));
  CAPTURE(left.err);
  REQUIRE(left.status == 0);
  CHECK(left.out == "default/bg\n");
  REQUIRE(eventually([&] { return status_of(node, "bg") == "Running"; }));
  CHECK(node.nodeagent({"ps"}).out.find("Running") != std::string::npos);

  REQUIRE(eventually([&] { return node.nodeagent({"logs", "bg"}).out == "first\nsecond\n"; }));
  CHECK(node.nodeagent({"logs", "--tail", "1", "bg"}).out == "second\n");
  CHECK(node.nodeagent({"logs", "--timestamps", "--tail", "1", "default/bg"}).out.find("Z second\n") ==
        std::string("2026-11-22T09:50:16.123456789").size());
  const Ran previous = node.nodeagent({"logs", "--previous", "bg"});
  CHECK(previous.status == 1);
  CHECK(previous.err.find("has not been restarted") != std::string::npos);

  const Ran echoed = node.nodeagent({"exec", "-i", "bg", "--", "sh", "-c", "cat; echo err >&2; exit 5"}, "typed\n");
  CHECK(echoed.out == "typed\n");
  CHECK(echoed.err == "err\n");
  CHECK(echoed.status == 5);
  const std::string much(1 << 20, 'x');
  CHECK(node.nodeagent({"exec", "-i", "bg", "--", "cat"}, much).out == much);
  // None of our own descriptors gets in, nor the host's /dev/null.
  const std::string own_null = "[ $(stat -L -c %d /proc/self/fd/0) = $(stat -c %d /dev) ] && echo own";
  CHECK(node.nodeagent({"exec", "bg", "--", "sh", "-c", own_null}).out == "own\n");
  const Ran into_file = node.nodeagent_into_file(
      {"exec", "-i", "bg", "--", "sh", "-c", "for i in 0 1 2; do readlink /proc/$$/fd/$i; done"});
  CAPTURE(into_file.out);
  CHECK(into_file.status == 0);
  CHECK(into_file.out.find('/') == std::string::npos);
  CHECK(into_file.out.starts_with("pipe:"));
  CHECK(node.nodeagent({"exec", "bg", "--", "/no/such"}).status == 127);
  const Ran on_terminal = node.nodeagent({"exec", "-t", "bg", "--", "tty"});
  CAPTURE(on_terminal.err);
  CHECK(on_terminal.status == 0);
  CHECK(on_terminal.out.find("/dev/") != std::string::npos);
  const Ran unknown = node.nodeagent({"exec", "bg", "-c", "nope", "--", "true"});
  CHECK(unknown.status == 125);
  CHECK(unknown.err.find("it has main") != std::string::npos);

  const Ran busy = node.nodeagent({"rm", "bg"});
  CHECK(busy.status == 1);
  const Ran stopped = node.nodeagent({"stop", "bg"});
  CAPTURE(stopped.err);
  CHECK(stopped.status == 0);
  CHECK(status_of(node, "bg") == "Succeeded");
  CHECK(node.nodeagent({"logs", "-f", "bg"}).out == "first\nsecond\n");
  const Ran removed = node.nodeagent({"rm", "bg"});
  CAPTURE(removed.err);
  CHECK(removed.status == 0);
  CHECK(status_of(node, "bg") == "(none)");
  CHECK(node.leftovers().empty());
  CHECK(node.nodeagent({"stop", "bg"}).status == 1);
}

TEST_CASE("run --detach returns when the pod has started, and its containers run then") {
  const Instance node;
  const std::string init = "initContainers: [{name: first, image: 'test:1', command: [sh, -c, 'sleep 0.5']}], ";
  const Ran left = node.nodeagent({"run", "--detach", "-"}, pod_of("bg", "exec sleep 1000", init));
  CAPTURE(left.err);
  CHECK(left.status == 0);
  CHECK(left.out == "default/bg\n");
  CHECK(left.err == "");
  CHECK(status_of(node, "bg") == "Running");
  CHECK(node.nodeagent({"exec", "bg", "--", "true"}).status == 0);
  const Ran again = node.nodeagent({"run", "--detach", "-"}, pod_of("bg", "exec sleep 1000", init));
  CHECK(again.status == 125);
  CHECK(again.out == "");
  CHECK(again.err.find("already run by process") != std::string::npos);
  CHECK(status_of(node, "bg") == "Running");
  CHECK(node.nodeagent({"rm", "-f", "bg"}).status == 0);

  const Ran at_once = node.nodeagent({"run", "--detach", "-"}, pod_of("brief", "exit 7"));
  CHECK(at_once.status == 0);
  CHECK(at_once.out == "default/brief\n");
  REQUIRE(eventually([&] { return status_of(node, "brief") == "Failed"; }));
  CHECK(node.nodeagent({"rm", "brief"}).status == 0);
  CHECK(node.leaks() == "");
}

TEST_CASE("a pod that cannot be started is told by run --detach as by run, and stays listed with the reason") {
  struct Row {
    std::string pod;
    int status;
    std::string told;
  };
  const Instance node;
  std::string no_image = pod_of("x", "true");
  no_image.replace(no_image.find("test:1"), 6, "none:1");
  std::string no_command = pod_of("x", "true");
  no_command.replace(no_command.find("[sh, -c, 'true']"), 16, "[/no/such/thing]");
  for (const Row& row : {
           Row{no_image, 125, "none:1"},
           Row{no_command, 127, "/no/such/thing"},
           Row{pod_of("x", "true", "volumes: [{name: v, hostPath: {path: /no/such, type: Directory}}], "), 125,
               "/no/such"},
           Row{pod_of("x", "true", "initContainers: [{name: first, image: 'test:1', command: [sh, -c, 'exit 3']}], "),
               3, "container first: Error, exit code 3"},
       }) {
    const Ran foreground = node.nodeagent({"run", "-"}, row.pod);
    const Ran left = node.nodeagent({"run", "--detach", "-"}, row.pod);
    CAPTURE(left.err);
    CHECK(left.status == row.status);
    CHECK(left.out == "");
    CHECK(left.err.find("nodeagent: pod default/x Failed: ") == 0);
    CHECK(left.err.find(row.told) != std::string::npos);
    CHECK(foreground.status == left.status);
    CHECK(foreground.err == left.err);
    CHECK(status_of(node, "x") == "Failed");
  }
  CHECK(node.nodeagent({"rm", "x"}).status == 0);
  CHECK(node.leaks() == "");
}

TEST_CASE("an interrupted run --detach leaves the starting pod to its owner, and says so") {
  const Instance node;
  const std::string file = node.folder() + "/pod.yaml";
  const std::string init = "volumes: [{name: host, hostPath: {path: " + node.folder() +
                           "/host, type: DirectoryOrCreate}}], initContainers: [{name: first, image: 'test:1', "
                           "command: [sh, -c, 'until [ -e "
                           "/host/go ]; do sleep 0.05; done'], volumeMounts: [{name: host, mountPath: /host}]}], ";
  REQUIRE(base::write_file_atomic(file, pod_of("slow", "exec sleep 1000", init), 0644, base::Durability::kCrash));
  base::Child run = node.start("run", {"run", "--detach", file});
  REQUIRE(eventually([&] { return node.nodeagent({"ps"}).out.find("Init:0/1") != std::string::npos; }));
  CHECK_FALSE(run.wait(std::chrono::milliseconds(0)).has_value());
  REQUIRE(run.signal(SIGINT).has_value());
  const auto ended = run.wait(std::chrono::seconds(20));
  REQUIRE(ended.has_value());
  CHECK(ended->code == 130);
  CHECK(node.output_of("run") == "");
  CHECK(base::read_file(node.folder() + "/run.err").value() ==
        "nodeagent: no longer waiting for pod default/slow, which is being started in the background; "
        "`nodeagent stop slow` stops it\n");
  REQUIRE(base::write_file_atomic(node.folder() + "/host/go", "", 0644, base::Durability::kCrash));
  CHECK(eventually([&] { return status_of(node, "slow") == "Running"; }));
  CHECK(node.nodeagent({"rm", "-f", "slow"}).status == 0);
  CHECK(node.leaks() == "");
}

TEST_CASE("a signal to the owner in the background stops its pod, which stays listed") {
  const Instance node;
  const std::string script = "trap \"echo bye; exit 4\" TERM; echo up; while true; do sleep 0.05; done";
  REQUIRE(node.nodeagent({"run", "--detach", "-"}, pod_of("bg", script)).status == 0);
  REQUIRE(eventually([&] { return node.nodeagent({"logs", "bg"}).out == "up\n"; }));
  const auto pod = nlohmann::json::parse(node.listed("bg"));
  const pid_t owner = std::stoi(pod["metadata"]["annotations"]["nodeagent/owner-pid"].get<std::string>());
  REQUIRE(::kill(owner, SIGTERM) == 0);
  REQUIRE(eventually([&] { return status_of(node, "bg") == "Failed"; }));
  CHECK(node.nodeagent({"logs", "bg"}).out == "up\nbye\n");
  CHECK(eventually([&] { return ::access(("/proc/" + std::to_string(owner)).c_str(), F_OK) != 0; }));
  CHECK(node.nodeagent({"rm", "bg"}).status == 0);
  CHECK(node.leaks() == "");
}

TEST_CASE("relative folders and a relative shim mean the caller's folder to the owner in the background, too") {
  const Instance node;
  REQUIRE(::symlink(std::getenv("NODEAGENT_SHIM"), (node.folder() + "/shim").c_str()) == 0);
  base::SpawnOptions options;
  options.arguments = node.command({"run", "--detach", "-"});
  for (size_t i = 1; i < options.arguments.size(); ++i) {
    std::string& word = options.arguments[i];
    if (word.starts_with(node.folder() + "/")) word.erase(0, node.folder().size() + 1);
    if (options.arguments[i - 1] == "--shim") word = "./shim";
  }
  options.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
  options.working_directory = node.folder();
  const auto left = base::run(options, pod_of("bg", "echo here; exec sleep 1000"), std::chrono::seconds(60));
  REQUIRE(left.has_value());
  CAPTURE(left->err);
  CHECK(left->exit.code == 0);
  REQUIRE(eventually([&] { return node.nodeagent({"logs", "bg"}).out == "here\n"; }));
  CHECK(status_of(node, "bg") == "Running");
  CHECK(node.nodeagent({"rm", "-f", "bg"}).status == 0);
  CHECK(node.leaks() == "");
}

TEST_CASE("images are listed, exported, removed and brought back") {
  const Instance node;
  CHECK(node.nodeagent({"image", "list"}).out.find("test:1") != std::string::npos);
  const std::string archive = node.folder() + "/image.tar";
  const Ran exported = node.nodeagent({"image", "export", "test:1", archive});
  CAPTURE(exported.err);
  CHECK(exported.status == 0);
  const std::string link = node.folder() + "/link.tar";
  REQUIRE(::symlink("elsewhere.tar", link.c_str()) == 0);
  CHECK(node.nodeagent({"image", "export", "test:1", link}).status == 0);
  struct stat info{};
  CHECK((::lstat(link.c_str(), &info) == 0 && S_ISLNK(info.st_mode)));
  CHECK((::stat(link.c_str(), &info) == 0 && info.st_size > 0));
  CHECK(node.nodeagent({"image", "rm", "test:1"}).status == 0);
  CHECK(node.nodeagent({"image", "list"}).out.find("test:1") == std::string::npos);
  CHECK(node.nodeagent({"image", "rm", "test:1"}).status == 1);
  const Ran imported = node.nodeagent({"image", "import", archive});
  CAPTURE(imported.err);
  CHECK(imported.status == 0);
  CHECK(node.nodeagent({"image", "list", "-o", "json"}).out.find("test:1") != std::string::npos);
  CHECK(node.nodeagent({"image", "export", "nothing:1", archive}).status == 1);
}

TEST_CASE("version tells what it is, and needs nothing") {
  const Instance node;
  const Ran version = node.nodeagent({"version"});
  CHECK(version.status == 0);
  CHECK(version.out.starts_with("nodeagent "));
  CHECK_FALSE(nlohmann::json::parse(node.nodeagent({"version", "-o", "json"}).out, nullptr, false).is_discarded());
}

}  // namespace
