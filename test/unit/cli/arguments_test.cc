#include "agent/cli/arguments.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "test/unit/temp_dir.h"

namespace {

using namespace agent::cli;

template <typename Values>
Values parsed(const std::vector<std::string>& words) {
  const auto arguments = parse_arguments(words);
  if (!arguments.has_value()) FAIL(arguments.error().text);
  REQUIRE(std::holds_alternative<Values>(arguments->command));
  return std::get<Values>(arguments->command);
}

TEST_CASE("each command's words reach their values") {
  CHECK(parsed<RunArguments>({"run", "pod.yaml"}).file == "pod.yaml");
  CHECK_FALSE(parsed<RunArguments>({"run", "-"}).detach);
  CHECK(parsed<RunArguments>({"run", "--detach", "-"}).file == "-");
  CHECK(parsed<PsArguments>({"ps", "-o", "json"}).output == OutputFormat::kJson);
  const auto stats = parsed<StatsArguments>({"stats", "web", "-s", "5", "--watch", "-o", "json", "db"});
  CHECK(stats.pods == std::vector<std::string>{"web", "db"});
  CHECK(stats.seconds == 5);
  CHECK((stats.watch && stats.output == OutputFormat::kJson));
  CHECK(parsed<StatsArguments>({"stats"}).seconds == 1);
  CHECK_FALSE(parse_arguments({"stats", "--seconds", "0"}).has_value());
  CHECK(parsed<StopArguments>({"stop", "a", "b", "--grace", "0"}).grace == 0);
  CHECK(parsed<StopArguments>({"stop", "a", "b"}).pods == std::vector<std::string>{"a", "b"});
  CHECK(parsed<RmArguments>({"rm", "-f", "a"}).force);
  CHECK(parsed<ImageImportArguments>({"image", "import", "/x.tar", "--name", "n:1"}).name == "n:1");
  CHECK(parsed<ImageExportArguments>({"image", "export", "n:1", "-"}).file == "-");
  CHECK(parsed<ImageListArguments>({"image", "list"}).output == OutputFormat::kTable);
  CHECK(parsed<ImageRmArguments>({"image", "rm", "a", "b"}).references.size() == 2);
  CHECK(parsed<ExplainArguments>({"explain", "pod.spec"}).path == "pod.spec");
  CHECK_FALSE(parsed<ExplainArguments>({"explain", "pod.spec"}).recursive);
  CHECK(parsed<ExplainArguments>({"explain", "--recursive", "po"}).recursive);
  CHECK_FALSE(parse_arguments({"explain"}).has_value());
  const auto validate = parsed<ValidateArguments>({"validate", "--defaulted", "-o", "yaml", "a.yaml", "-"});
  CHECK(validate.files == std::vector<std::string>{"a.yaml", "-"});
  CHECK((validate.defaulted && validate.output == ManifestFormat::kYaml));
  CHECK_FALSE(parse_arguments({"validate"}).has_value());
  CHECK(parsed<VersionArguments>({"version", "-o", "json"}).output == OutputFormat::kJson);

  const auto logs = parsed<LogsArguments>({"logs", "-f", "--tail", "10", "web", "-c", "main", "--timestamps", "-p"});
  CHECK(logs.pod == "web");
  CHECK(logs.container == "main");
  CHECK(logs.tail == 10);
  CHECK((logs.follow && logs.timestamps && logs.previous));
}

TEST_CASE("only sysctls of namespaces can be allowed to pods") {
  const auto allowed = [](const std::string& names) {
    return parse_arguments({"--allowed-unsafe-sysctls", names, "ps"}).has_value();
  };
  for (const char* fine : {"net.*", "net.core.somaxconn", "kernel.msg*,kernel.sem", "fs.mqueue.*", "net/ipv4/*"})
    CHECK(allowed(fine));
  for (const char* wrong : {"vm.*", "*", "kernel.*", "net.*.forwarding", "net.*,vm.overcommit_memory"})
    CHECK_FALSE(allowed(wrong));
}

TEST_CASE("exec leaves everything after -- to the command") {
  const auto exec = parsed<ExecArguments>({"exec", "-it", "web", "-c", "main", "--", "ls", "-c", "--help", "--", "x"});
  CHECK(exec.pod == "web");
  CHECK(exec.container == "main");
  CHECK((exec.stdin_open && exec.tty));
  CHECK(exec.command == std::vector<std::string>{"ls", "-c", "--help", "--", "x"});
}

TEST_CASE("global options stand before or after the command") {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"--root", "/r", "--log-level", "debug", "ps"},
                                                {"ps", "--root", "/r", "--log-level", "debug"}}) {
    const auto arguments = parse_arguments(words);
    REQUIRE(arguments.has_value());
    CHECK(arguments->globals.root == "/r");
    CHECK(arguments->globals.log_level == base::log::Level::kDebug);
    CHECK(arguments->globals.state == "/run/nodeagent");
  }
}

TEST_CASE("folders become absolute and free of links") {
  const test::TempDir dir;
  const std::string real = std::filesystem::canonical(dir.path());
  std::filesystem::create_directory(real + "/there");
  std::filesystem::create_directory_symlink("there", real + "/link");
  const auto root_of = [](const std::string& root) {
    const auto arguments = parse_arguments({"--root", root, "ps"});
    if (!arguments.has_value()) FAIL(arguments.error().text);
    return arguments->globals.root;
  };
  CHECK(root_of(real + "/link") == real + "/there");
  CHECK(root_of(real + "/link//new/folder/") == real + "/there/new/folder");
  CHECK(root_of(real + "/there/../link/./") == real + "/there");
  CHECK(root_of("not/there") == std::filesystem::current_path().string() + "/not/there");
  CHECK(root_of(".") == std::filesystem::current_path().string());
  CHECK_FALSE(parse_arguments({"--root", "", "ps"}).has_value());
}

// The owner that `run --detach` leaves works in "/".
TEST_CASE("every path given to run is absolute in what its background owner is told") {
  const auto arguments = parse_arguments(
      {"--root", "r", "--state", "./s", "--log-dir", "../l", "--shim", "bin/shim", "run", "--detach", "pod.yaml"});
  REQUIRE(arguments.has_value());
  const std::filesystem::path here = std::filesystem::current_path();
  CHECK(arguments->globals.root == here / "r");
  CHECK(arguments->globals.state == here / "s");
  CHECK(arguments->globals.log_dir == here.parent_path() / "l");
  CHECK(arguments->globals.shim == here / "bin/shim");
  CHECK(parse_arguments({"ps"})->globals.shim.empty());
}

TEST_CASE("globals survive being handed to another process") {
  Globals globals;
  globals.root = "/r";
  globals.state = "/s";
  globals.log_dir = "/l";
  globals.instance = "one";
  globals.subnet = "10.9.0.0/24";
  globals.shim = "/shim";
  globals.seccomp_default = true;
  globals.cgroup_driver = runtime::cgroup::DriverChoice::kCgroupfs;
  globals.warn_of_missing_controllers = true;
  globals.log_level = base::log::Level::kError;
  globals.log_format = base::log::Format::kJson;
  std::vector<std::string> words = to_flags(globals);
  words.emplace_back("ps");
  const auto again = parse_arguments(words);
  REQUIRE(again.has_value());
  CHECK(to_flags(again->globals) == to_flags(globals));
  CHECK(again->globals.seccomp_default);
  CHECK(again->globals.cgroup_driver == runtime::cgroup::DriverChoice::kCgroupfs);
  CHECK(again->globals.warn_of_missing_controllers);
  CHECK(parse_arguments({"ps"})->globals.cgroup_driver == runtime::cgroup::DriverChoice::kAuto);
  CHECK(parse_arguments({"--cgroup-driver", "systemd", "ps"})->globals.cgroup_driver ==
        runtime::cgroup::DriverChoice::kSystemd);
}

TEST_CASE("what cannot be understood is a usage error that names it") {
  struct Row {
    std::vector<std::string> words;
    std::string named;
  };
  const Row row = GENERATE(values<Row>({
      {{}, "subcommand"},
      {{"frobnicate"}, "frobnicate"},
      {{"run"}, "FILE"},
      {{"run", "a", "b"}, "b"},
      {{"ps", "-o", "yaml"}, "yaml"},
      {{"logs", "a", "--tail", "many"}, "many"},
      {{"stop", "a", "--grace", "-1"}, "-1"},
      {{"exec", "a"}, "COMMAND"},
      {{"image"}, "subcommand"},
      {{"--instance", "Not Good", "ps"}, "instance"},
      {{"--log-level", "loud", "ps"}, "loud"},
  }));
  const auto arguments = parse_arguments(row.words);
  REQUIRE_FALSE(arguments.has_value());
  CHECK(arguments.error().status == 2);
  CAPTURE(arguments.error().text);
  CHECK(arguments.error().text.starts_with("nodeagent: "));
  CHECK(arguments.error().text.find(row.named) != std::string::npos);
}

TEST_CASE("help is of the command it is asked for, and hides what is not for users") {
  const auto top = parse_arguments({"--help"});
  REQUIRE_FALSE(top.has_value());
  CHECK(top.error().status == 0);
  CHECK(top.error().text.find("image") != std::string::npos);
  CHECK(top.error().text.find("own-pod") == std::string::npos);
  const auto run = parse_arguments({"run", "--help"});
  REQUIRE_FALSE(run.has_value());
  CHECK(run.error().status == 0);
  CHECK(run.error().text.find("--detach") != std::string::npos);
}

}  // namespace
