// Containers with a terminal, through a real one: nodeagent run and exec -t.
#include <signal.h>

#include <catch2/catch.hpp>
#include <sstream>

#include "base/file.h"
#include "base/path.h"
#include "test/host/cli/instance.h"
#include "test/host/cli/pty.h"

namespace {

using namespace cli_test;

constexpr std::chrono::seconds kLong(30);

// A pod on the host's network, in a file: its containers as given.
std::string pod_file(const Instance& node, const std::string& containers, const std::string& policy = "Never") {
  const std::string file = node.folder() + "/pod.yaml";
  const std::string pod =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: term}\nspec:\n  hostNetwork: true\n  dnsPolicy: Default\n"
      "  terminationGracePeriodSeconds: 2\n  restartPolicy: " +
      policy + "\n  containers:\n" + containers;
  REQUIRE(base::write_file_atomic(file, pod, 0644, base::Durability::kCrash).has_value());
  return file;
}

std::string on_terminal(const std::string& name, const std::string& script) {
  return "  - {name: " + name + ", image: 'test:1', tty: true, stdin: true, command: [sh, -c, '" + script + "']}\n";
}

int end_of(base::Child& child) {
  const auto ended = child.wait(kLong);
  REQUIRE(ended.has_value());
  return ended->code;
}

TEST_CASE("a pod's container with a terminal is joined to the user's") {
  const Instance node;
  Pty pty(97, 31);
  base::Child run = pty.start(node.command(
      {"run",
       pod_file(node, on_terminal("main",
                                  "trap \"echo interrupted\" INT; printf prompt-; read line; echo \"got $line\"; "
                                  "stty size; while true; do read line || continue; [ \"$line\" = size ] && "
                                  "stty size; [ \"$line\" = end ] && exit 7; done"))}));
  // Not a whole line, and written before anybody could have been attached.
  REQUIRE(pty.shows("prompt-"));
  REQUIRE(eventually([&] { return pty.is_raw(); }));
  pty.type("typed\r");
  REQUIRE(pty.shows("got typed\r\n31 97\r\n"));
  pty.resize(50, 20);
  // The container's own terminal has got it when SIGWINCH has been through two processes.
  REQUIRE(eventually([&] {
    pty.type("size\r");
    return pty.shows("20 50\r\n", std::chrono::milliseconds(200));
  }));
  pty.type("\x03");
  REQUIRE(pty.shows("interrupted\r\n"));
  CHECK(node.nodeagent({"ps"}).out.find("Running") != std::string::npos);
  pty.type("end\r");
  CHECK(end_of(run) == 7);
  CHECK(pty.is_as_before());
  CHECK(pty.shown_to_the_end().find("main |") == std::string::npos);
  CHECK(node.leaks() == "");
}

TEST_CASE("the terminal is as it was when a signal ends the run") {
  const Instance node;
  for (const int signal : {SIGTERM, SIGHUP, SIGQUIT, SIGINT}) {
    CAPTURE(signal);
    Pty pty(80, 24);
    base::Child run =
        pty.start(node.command({"run", pod_file(node, on_terminal("main", "echo ready; exec sleep 1000"))}));
    REQUIRE(pty.shows("ready"));
    REQUIRE(eventually([&] { return pty.is_raw(); }));
    REQUIRE(run.signal(signal).has_value());
    CHECK(end_of(run) == 137);
    CHECK(pty.is_as_before());
    // Each line of ours begins at the left, though the terminal was raw.
    CHECK(pty.shows("nodeagent: stopping pod default/term (it has 2 s); once more kills it\r\n"));
  }
  CHECK(node.leaks() == "");
}

TEST_CASE("Ctrl-P Ctrl-Q leaves the pod to the background") {
  const Instance node;
  Pty pty(80, 24);
  base::Child run = pty.start(node.command(
      {"run", pod_file(node, on_terminal("main", "echo ready; while read line; do echo \"[$line]\"; done"))}));
  REQUIRE(pty.shows("ready"));
  REQUIRE(eventually([&] { return pty.is_raw(); }));
  pty.type("one\r");
  REQUIRE(pty.shows("[one]"));
  pty.type("\x10");
  pty.type("\x11");
  CHECK(end_of(run) == 0);
  CHECK(pty.is_as_before());
  CHECK(pty.shows("runs on in the background"));
  const std::string ps = node.nodeagent({"ps"}).out;
  CAPTURE(ps);
  CHECK(ps.find("Running") != std::string::npos);
  CHECK(ps.find("unattended") == std::string::npos);
  CHECK(node.nodeagent({"rm", "-f", "term"}).status == 0);
  CHECK(node.leaks() == "");
}

TEST_CASE("a slow terminal shows everything once, in order") {
  constexpr int kLines = 300'000;
  const Instance node;
  Pty pty(80, 24);
  base::Child run = pty.start(node.command(
      {"run",
       pod_file(node, on_terminal("main", "echo ready; read go; seq " + std::to_string(kLines) + "; printf over"))}));
  REQUIRE(pty.shows("ready\r\n"));
  REQUIRE(eventually([&] { return pty.is_raw(); }));
  pty.type("go\r");
  REQUIRE(pty.shows("go\r\n"));
  // Nobody reads the terminal until the container has ended.
  REQUIRE(eventually([&] { return node.nodeagent({"logs", "--tail", "1", "term"}).out.find("over") == 0; }));
  std::istringstream lines(pty.shown_to_the_end());
  CHECK(end_of(run) == 0);
  std::string line;
  while (std::getline(lines, line) && line != "go\r") {
  }
  int wrong = 0;
  for (int i = 1; i <= kLines; ++i) {
    std::getline(lines, line);
    if (line != std::to_string(i) + "\r" && ++wrong < 10) CHECK(line == std::to_string(i));
  }
  CHECK(wrong == 0);
  std::getline(lines, line);
  CHECK(line == "over");
  CHECK(node.leaks() == "");
}

TEST_CASE("each run of a restarted container has the terminal, and a short one is shown, too") {
  const Instance node;
  Pty pty(80, 24);
  const std::string script =
      "echo x >> /shared/runs; n=$(wc -l < /shared/runs); echo \"run $n\"; [ $n -gt 1 ] || exit 1; "
      "read line; echo \"then $line\"";
  base::Child run = pty.start(node.command(
      {"run", pod_file(node,
                       "  - {name: main, image: 'test:1', tty: true, stdin: true, command: [sh, -c, '" + script +
                           "'], volumeMounts: [{name: shared, mountPath: /shared}]}\n  volumes: [{name: shared, "
                           "emptyDir: {}}]\n",
                       "OnFailure")}));
  // Over before the terminal was raw, it is written to one that adds a carriage return of its own.
  REQUIRE(pty.shows("run 1\r"));
  REQUIRE(pty.shows("run 2\r\n"));
  REQUIRE(eventually([&] { return pty.is_raw(); }));
  pty.type("typed\r");
  CHECK(pty.shows("then typed\r\n"));
  CHECK(end_of(run) == 0);
  CHECK(pty.is_as_before());
}

TEST_CASE("of several containers with a terminal the first has the user's, and that is said") {
  const Instance node;
  Pty pty(80, 24);
  base::Child run = pty.start(node.command(
      {"run", pod_file(node, on_terminal("one", "while [ ! -t 0 ]; do sleep 1; done; read x; echo \"one $x\"") +
                                 on_terminal("two", "echo from-two; tty"))}));
  REQUIRE(pty.shows("the terminal is joined to one; two cannot have it"));
  REQUIRE(pty.shows("two | from-two"));
  pty.type("typed\r");
  CHECK(pty.shows("one typed\r\n"));
  CHECK(end_of(run) == 0);
  // Lines beside the joined terminal begin at the left.
  for (const std::string& shown = pty.shown_to_the_end(); const char* text : {"two | from-two", "two | /dev/"})
    CHECK((shown.find(text) == 0 || shown[shown.find(text) - 1] == '\n'));
}

TEST_CASE("exec -t joins a command to the user's terminal") {
  const Instance node;
  REQUIRE(node.nodeagent({"run", "-d", "-"}, pod_of("bg", "exec sleep 1000")).status == 0);
  Pty pty(71, 17);
  const std::string script = "stty size; printf prompt-; read x; echo got $x; exit 5";
  base::Child exec = pty.start(node.command({"exec", "-it", "bg", "--", "sh", "-c", script}));
  REQUIRE(pty.shows("17 71\r\nprompt-"));
  CHECK(pty.is_raw());
  pty.type("typed\r");
  CHECK(pty.shows("got typed\r\n"));
  CHECK(end_of(exec) == 5);
  CHECK(pty.is_as_before());
}

}  // namespace
