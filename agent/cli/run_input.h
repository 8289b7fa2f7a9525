// Who of a pod's containers gets the standard input of `nodeagent run`, and how. Pure.
#pragma once

#include <string>
#include <vector>

#include "agent/api/pod.h"

namespace agent::cli {

struct RunInput {
  std::string fed;      // this container is given our standard input as it is; empty: none is
  std::string joined;   // this container's terminal is joined to ours; empty: none is
  std::string warning;  // what a container does not get that it has asked for; empty: nothing
};

// from_input: the pod itself was read from standard input.
RunInput plan_input(const api::PodSpec& spec, bool from_input, bool input_is_terminal);
// Where it is not one Pod that runs: no container gets it.
RunInput share_no_input(const std::vector<api::PodSpec>& specs);

}  // namespace agent::cli
