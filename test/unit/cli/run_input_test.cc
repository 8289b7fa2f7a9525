#include "agent/cli/run_input.h"

#include <catch2/catch.hpp>

namespace {

using agent::cli::plan_input;
using agent::cli::RunInput;

api::Container container(const std::string& name, bool wants_input, bool tty) {
  api::Container made;
  made.name = name;
  made.stdin_open = wants_input;
  made.tty = tty;
  return made;
}

TEST_CASE("one container gets standard input, as it is or as a terminal") {
  api::PodSpec spec;
  spec.containers = {container("app", true, false), container("other", false, true)};
  for (const bool terminal : {false, true}) {
    CHECK(plan_input(spec, false, terminal).fed == "app");
    CHECK(plan_input(spec, false, terminal).joined.empty());
    CHECK(plan_input(spec, false, terminal).warning.empty());
  }
  spec.containers[0].tty = true;
  CHECK(plan_input(spec, false, true).joined == "app");
  CHECK(plan_input(spec, false, true).fed.empty());
  CHECK(plan_input(spec, false, true).warning.empty());
}

TEST_CASE("nobody who wants no input is spoken of") {
  api::PodSpec spec;
  spec.containers = {container("app", false, true)};
  const RunInput plan = plan_input(spec, true, true);
  CHECK((plan.fed.empty() && plan.joined.empty() && plan.warning.empty()));
}

TEST_CASE("who does not get the input that it wants is named, with the reason") {
  struct Row {
    bool from_input;
    bool terminal;
    std::string joined;
    std::string warning;
  };
  api::PodSpec spec;
  spec.init_containers = {container("init", true, false)};
  spec.containers = {container("one", true, true), container("two", true, true)};
  for (const Row& row : {
           Row{false, true, "one", "the terminal is joined to one; init, two cannot have it"},
           Row{false, false, "",
               "standard input is not passed on to init, one, two: there is one, and several containers want it"},
           Row{true, true, "", "standard input is not passed on to init, one, two: the pod itself was read from it"},
       }) {
    const RunInput plan = plan_input(spec, row.from_input, row.terminal);
    CHECK(plan.joined == row.joined);
    CHECK(plan.fed.empty());
    CHECK(plan.warning == row.warning);
  }
  spec.init_containers.clear();
  spec.containers.resize(1);
  CHECK(plan_input(spec, false, false).warning ==
        "standard input is not passed on to one: the container has a terminal, and standard input is none");
}

}  // namespace
