#include "agent/cli/run_input.h"

#include <algorithm>
#include <vector>

#include "base/concat.h"

namespace agent::cli {

namespace {

std::string names_of(const std::vector<const api::Container*>& containers) {
  std::string names;
  for (const api::Container* container : containers) names += (names.empty() ? "" : ", ") + container->name;
  return names;
}

std::vector<const api::Container*> takers_of(const api::PodSpec& spec) {
  std::vector<const api::Container*> takers;
  for (const auto* list : {&spec.init_containers, &spec.containers})
    for (const api::Container& container : *list)
      if (container.stdin_open) takers.push_back(&container);
  return takers;
}

std::string refusal(const std::vector<const api::Container*>& takers, std::string_view why) {
  return base::concat("standard input is not passed on to ", names_of(takers), ": ", why);
}

}  // namespace

RunInput share_no_input(const std::vector<api::PodSpec>& specs) {
  std::vector<const api::Container*> takers;
  for (const api::PodSpec& spec : specs) std::ranges::copy(takers_of(spec), std::back_inserter(takers));
  RunInput plan;
  if (!takers.empty()) plan.warning = refusal(takers, "only a Pod that is alone in its file has it");
  return plan;
}

RunInput plan_input(const api::PodSpec& spec, bool from_input, bool input_is_terminal) {
  std::vector<const api::Container*> takers = takers_of(spec);
  RunInput plan;
  if (takers.empty()) return plan;
  const auto on_terminal = std::ranges::find_if(takers, [](const api::Container* taker) { return taker->tty; });
  const auto refuse = [&](std::string_view why) { plan.warning = refusal(takers, why); };
  if (from_input) {
    refuse("the pod itself was read from it");
  } else if (input_is_terminal && on_terminal != takers.end()) {
    plan.joined = (*on_terminal)->name;
    takers.erase(on_terminal);
    if (!takers.empty())
      plan.warning = base::concat("the terminal is joined to ", plan.joined, "; ", names_of(takers), " cannot have it");
  } else if (takers.size() > 1) {
    refuse("there is one, and several containers want it");
  } else if (takers.front()->tty) {
    refuse("the container has a terminal, and standard input is none");
  } else {
    plan.fed = takers.front()->name;
  }
  return plan;
}

}  // namespace agent::cli
