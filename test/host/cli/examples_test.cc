// Every file of packaging/examples runs and shows what it promises.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>
#include <regex>

#include "base/path.h"
#include "test/host/cli/instance.h"

namespace {

using namespace cli_test;

// By file: the regular expression of all that a run of it writes to standard output.
const std::map<std::string, std::string>& shown_by_examples() {
  static const std::map<std::string, std::string> shown{
      {"configuration.yaml",
       "show     \\| pod configuration in fast mode\n"
       "show     \\| password: 28 characters; token: made by an init container\n"
       "show     \\| colour = green\n"
       "show     \\| app=\"shop\"\n"
       "show     \\| 400 /login/password\n"
       "show     \\| settings cannot be changed from here\n"},
      {"hello.yaml",
       "prepare \\| preparing a greeting in hello\n"
       "hello   \\| Hello from a pod\n"
       "hello   \\| My address is 10\\.[0-9.]+/22\n"},
  };
  return shown;
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
    const Ran ran = node.nodeagent({"run", std::string(folder) + "/" + file});
    CAPTURE(ran.out, ran.err);
    CHECK(ran.status == 0);
    CHECK(std::regex_match(ran.out, std::regex(shown_by_examples().at(file))));
    CHECK(node.leaks().empty());
  }
}

}  // namespace
