// Every file of packaging/examples runs and shows what it promises.
#include <signal.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>
#include <regex>
#include <sstream>
#include <vector>

#include "base/file.h"
#include "base/path.h"
#include "test/host/cli/instance.h"

namespace {

using namespace cli_test;

// All that a run of a file writes to standard output.
struct Shown {
  const char* lines;          // regular expressions, each of a whole line
  bool in_any_order = false;  // lines of several pods
  bool serves = false;        // it runs until it is stopped
  bool by_schedule = false;   // of each minute, for which the test does not wait
};

const std::map<std::string, Shown>& shown_by_examples() {
  static const std::map<std::string, Shown> shown{
      {"configuration.yaml",
       {"show     \\| pod configuration in fast mode\n"
        "show     \\| password: 28 characters; token: made by an init container\n"
        "show     \\| colour = green\n"
        "show     \\| app=\"shop\"\n"
        "show     \\| 400 /login/password\n"
        "show     \\| settings cannot be changed from here\n"}},
      {"cronjob.yaml",
       {.lines = "clock-[0-9]+-[a-z0-9]{5}/tell \\| another minute has passed\n", .serves = true, .by_schedule = true}},
      {"deployment.yaml",
       {.lines = "(web-[a-z0-9]{10}-[a-z0-9]{5})/httpd \\| \\1\n(web-[a-z0-9]{10}-[a-z0-9]{5})/httpd \\| \\1\n",
        .in_any_order = true,
        .serves = true}},
      {"hello.yaml",
       {"prepare \\| preparing a greeting in hello\n"
        "hello   \\| Hello from a pod\n"
        "hello   \\| My address is 10\\.[0-9.]+/22\n"}},
      {"identity.yaml",
       {"show \\| user 1000, groups 3000 4000\n"
        "show \\| CapEff:\\s0000000000000000\n"
        "show \\| NoNewPrivs:\\s1\n"
        "show \\| Seccomp:\\s2\n"
        "show \\| the root is read-only\n"}},
      {"job.yaml",
       {.lines = "squares-0-[a-z0-9]{5}/square \\| 0 squared is 0\n"
                 "squares-1-[a-z0-9]{5}/square \\| 1 squared is 1\n"
                 "squares-2-[a-z0-9]{5}/square \\| 2 squared is 4\n"
                 "squares-3-[a-z0-9]{5}/square \\| 3 squared is 9\n"
                 "squares-4-[a-z0-9]{5}/square \\| 4 squared is 16\n",
        .in_any_order = true}},
      {"names.yaml",
       {"show \\| box\n"
        "show \\| 192\\.0\\.2\\.10\\sdatabase\\sdatabase\\.example\\.com\n"
        "show \\| search example\\.com\n"
        "show \\| nameserver 192\\.0\\.2\\.53\n"
        "show \\| options ndots:2\n"}},
      {"restart.yaml", {"stubborn \\| try 1\nstubborn \\| try 2\n"}},
      {"several.yaml", {.lines = "north/say \\| from the north\nsouth/say \\| from the south\n", .in_any_order = true}},
      {"sidecar.yaml",
       {"reader     \\| read one\n"
        "reader     \\| read two\n"
        "reader     \\| read three\n"}},
      {"statefulset.yaml",
       {.lines = "member-0/main \\| number 0 is up\nmember-1/main \\| number 1 is up\n", .serves = true}},
      {"volumes.yaml",
       {"read  \\| on disk\n"
        "read  \\| in memory\n"
        "read  \\| memory is a tmpfs\n"
        "read  \\| the host's users are here\n"
        "read  \\| and cannot be changed\n"}},
  };
  return shown;
}

bool shows(const Shown& wanted, const std::string& output) {
  std::istringstream in(output);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::istringstream patterns(wanted.lines);
  for (std::string pattern; std::getline(patterns, pattern);) {
    const std::regex line(pattern);
    const auto end = wanted.in_any_order ? lines.end() : lines.begin() + (lines.empty() ? 0 : 1);
    const auto found = std::find_if(lines.begin(), end, [&](const auto& each) { return std::regex_match(each, line); });
    if (found == end) return false;
    lines.erase(found);
  }
  return lines.empty();
}

// The same file, every three seconds.
std::string sped_up(const Instance& node, const std::string& path) {
  constexpr std::string_view kEachMinute = "\"* * * * *\"";
  std::string text = base::read_file(path).value_or("");
  REQUIRE(text.find(kEachMinute) != std::string::npos);
  text.replace(text.find(kEachMinute), kEachMinute.size(), "\"@every 3s\"");
  const std::string copy = node.folder() + "/sped-up.yaml";
  REQUIRE(base::write_file_atomic(copy, text, 0600, base::Durability::kCrash).has_value());
  return copy;
}

Ran run_example(const Instance& node, const Shown& wanted, const std::string& file) {
  const std::string path = wanted.by_schedule ? sped_up(node, file) : file;
  if (!wanted.serves) return node.nodeagent({"run", path});
  base::Child run = node.start("serves", {"run", path});
  CHECK(eventually([&] { return shows(wanted, node.output_of("serves")); }));
  REQUIRE(run.signal(SIGINT).has_value());
  const auto ended = run.wait(std::chrono::seconds(60));
  REQUIRE(ended.has_value());
  return {0, node.output_of("serves"), base::read_file(node.folder() + "/serves.err").value_or("")};
}

TEST_CASE("the examples run") {
  const Instance node;
  const Ran imported =
      node.nodeagent({"image", "import", node.folder() + "/image", "--name", "docker.io/library/busybox:latest"});
  REQUIRE(imported.status == 0);
  const char* folder = std::getenv("EXAMPLES");
  REQUIRE(folder != nullptr);
  const auto files = base::list_folder(folder);
  REQUIRE(files);
  CHECK(files->size() == shown_by_examples().size());
  for (const std::string& file : *files) {
    CAPTURE(file);
    REQUIRE(shown_by_examples().contains(file));
    const Shown& wanted = shown_by_examples().at(file);
    const Ran ran = run_example(node, wanted, std::string(folder) + "/" + file);
    CAPTURE(ran.out, ran.err);
    CHECK(ran.status == 0);
    CHECK(shows(wanted, ran.out));
    CHECK(node.leaks().empty());
  }
}

}  // namespace
