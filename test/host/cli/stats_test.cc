// nodeagent stats: what runs beside it uses.
#include <signal.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <iterator>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "runtime/cgroup/hierarchy.h"
#include "test/host/cli/instance.h"
#include "test/host/cli/pty.h"

namespace {

using namespace cli_test;

// With a second container, on the built-in network; limited where cgroups of this node can.
std::string busy_pod(const std::string& name, bool limited) {
  std::string pod = pod_of(name, "while :; do :; done");
  pod.replace(pod.find("hostNetwork: true"), 17, "hostNetwork: false");
  const std::string containers = "containers: [";
  pod.insert(pod.find(containers) + containers.size(), "{name: idle, image: 'test:1', command: [sleep, '1000']}, ");
  const std::string main = "{name: main, ";
  if (limited) pod.insert(pod.find(main) + main.size(), "resources: {limits: {cpu: 200m, memory: 64Mi}}, ");
  return pod;
}

std::vector<std::string> words_of(const std::string& text, const std::string& container) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::vector<std::string> found{std::istream_iterator<std::string>(words), {}};
    if (found.size() > 2 && found[2] == container) return found;
  }
  return {};
}

bool counts_memory() {
  const auto hierarchy = runtime::cgroup::Hierarchy::find();
  REQUIRE(hierarchy.has_value());
  return hierarchy->controllers().contains("memory");
}

TEST_CASE("stats shows what the containers of running pods use, beside their owner") {
  const Instance node;
  const Ran run = node.nodeagent({"run", "--detach", "-"}, busy_pod("web", counts_memory()));
  CAPTURE(run.err);
  REQUIRE(run.status == 0);
  const Ran table = node.nodeagent({"stats"});
  CAPTURE(table.err, table.out);
  REQUIRE(table.status == 0);
  CHECK(table.err.empty());
  CHECK(table.out.starts_with("NAMESPACE  POD  CONTAINER  CPU "));
  const auto busy = words_of(table.out, "main");
  const auto idle = words_of(table.out, "idle");
  // By name; the first row has the network too, which is the pod's.
  REQUIRE(idle.size() == 11);
  REQUIRE(busy.size() == 10);
  CHECK(std::regex_match(idle[10], std::regex("[0-9.]+([KMG]i)?/[0-9.]+([KMG]i)?")));
  CHECK(busy[0] == "default");
  CHECK(busy[1] == "web");
  // In the percent of one processor; what else the machine does may leave it little.
  CHECK(std::stod(busy[3]) > 5);
  CHECK(std::stod(busy[3]) < 130);
  CHECK(std::stod(idle[3]) < 5);
  if (counts_memory()) {
    CHECK(std::regex_match(busy[4], std::regex("[0-9.]+([KMG]i)?/64Mi")));
    CHECK(std::regex_match(idle[4], std::regex("[0-9.]+([KMG]i)?/none")));
    // It wants a whole processor and gets a fifth.
    CHECK(std::stod(busy[3]) < 30);
    CHECK(std::stod(busy[8]) > 50);
    CHECK(std::regex_match(busy[8], std::regex("[0-9.]+%/[0-9.]+s")));
    CHECK(busy[7] == "1");
  } else {
    CHECK(busy[4] == "-");
    CHECK(busy[8] == "-");
  }
  const Ran json = node.nodeagent({"stats", "-o", "json", "web"});
  CAPTURE(json.err);
  REQUIRE(json.status == 0);
  const auto pods = nlohmann::json::parse(json.out)["pods"];
  REQUIRE(pods.size() == 1);
  CHECK(pods[0]["podRef"]["name"] == "web");
  CHECK(pods[0]["network"]["name"] == "eth0");
  REQUIRE(pods[0]["containers"].size() == 2);
  CHECK(pods[0]["containers"][1]["name"] == "main");
  CHECK(pods[0]["containers"][1]["cpu"]["usageNanoCores"] > 50'000'000);
  CHECK(pods[0]["containers"][1]["memory"].contains("workingSetBytes") == counts_memory());
  CHECK(pods[0]["containers"][1].contains("process_stats") == counts_memory());
}

TEST_CASE("stats of pods by name, and clear words for what is not there or does not run") {
  const Instance node;
  for (const char* name : {"one", "two"})
    REQUIRE(node.nodeagent({"run", "--detach", "-"}, pod_of(name, "sleep 1000")).status == 0);
  REQUIRE(node.nodeagent({"run", "--detach", "-"}, pod_of("over", "true")).status == 0);
  REQUIRE(eventually([&] { return node.listed("over").find("Succeeded") != std::string::npos; }));

  const Ran one = node.nodeagent({"stats", "default/one"});
  CHECK(one.status == 0);
  CHECK(one.out.find(" one ") != std::string::npos);
  CHECK(one.out.find(" two ") == std::string::npos);
  const Ran all = node.nodeagent({"stats", "--seconds", "2"});
  CHECK(all.status == 0);
  CHECK(all.out.find(" one ") < all.out.find(" two "));
  CHECK(all.out.find(" two ") != std::string::npos);
  CHECK(all.out.find(" over ") == std::string::npos);

  const Ran unknown = node.nodeagent({"stats", "one", "none"});
  CHECK(unknown.status == 1);
  CHECK(unknown.out.empty());
  CHECK(is_one_line(unknown.err));
  CHECK(unknown.err.find("none") != std::string::npos);
  const Ran over = node.nodeagent({"stats", "over"});
  CHECK(over.status == 1);
  CHECK(is_one_line(over.err));
  CHECK(over.err.find("over is not running") != std::string::npos);
  for (const char* seconds : {"0", "-1", "soon"}) CHECK(node.nodeagent({"stats", "--seconds", seconds}).status == 2);
}

TEST_CASE("with no pod stats prints its heading, or an empty list") {
  const Instance node;
  const Ran table = node.nodeagent({"stats"});
  CHECK(table.status == 0);
  CHECK(table.out.starts_with("NAMESPACE"));
  CHECK(std::ranges::count(table.out, '\n') == 1);
  CHECK(node.nodeagent({"stats", "-o", "json"}).out == "{\"pods\":[]}\n");
}

TEST_CASE("stats --watch goes on until its pod has ended, or it is interrupted") {
  const Instance node;
  REQUIRE(node.nodeagent({"run", "--detach", "-"}, pod_of("web", "sleep 1000")).status == 0);
  base::Child of_pod = node.start("of-pod", {"stats", "--watch", "-o", "json", "web"});
  base::Child of_all = node.start("of-all", {"stats", "--watch"});
  const auto lines = [&](const char* name) { return std::ranges::count(node.output_of(name), '\n'); };
  REQUIRE(eventually([&] { return lines("of-pod") >= 2 && lines("of-all") >= 4; }));
  REQUIRE(node.nodeagent({"stop", "--grace", "0", "web"}).status == 0);
  const auto ended = of_pod.wait(std::chrono::seconds(30));
  REQUIRE(ended.has_value());
  CHECK(ended->code == 0);
  std::istringstream text(node.output_of("of-pod"));
  for (std::string line; std::getline(text, line);) CHECK(nlohmann::json::accept(line));

  // A terminal is painted anew each time.
  Pty terminal(120, 40);
  base::Child painted = terminal.start(node.command({"stats", "--watch"}));
  CHECK(terminal.shows("\x1b[H\x1b[JNAMESPACE"));
  terminal.type("\x03");
  const auto ended_by_key = painted.wait(std::chrono::seconds(30));
  REQUIRE(ended_by_key.has_value());
  CHECK(ended_by_key->signal == SIGINT);

  // Goes to sleep for longer than this test may take.
  base::Child sleeper = node.start("sleeper", {"stats", "--watch", "--seconds", "3600"});
  REQUIRE(of_all.signal(SIGINT).has_value());
  const auto interrupted = of_all.wait(std::chrono::seconds(30));
  REQUIRE(interrupted.has_value());
  CHECK(interrupted->signal == SIGINT);
  REQUIRE(sleeper.signal(SIGTERM).has_value());
  const auto terminated = sleeper.wait(std::chrono::seconds(30));
  REQUIRE(terminated.has_value());
  CHECK(terminated->signal == SIGTERM);
}

}  // namespace
