#include "runtime/service/layer_usage.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace runtime::service {

using base::Code;
using base::Monotonic;
using base::Result;

namespace {

constexpr std::chrono::seconds kSoonestWalk(10);
constexpr std::chrono::hours kLatestWalk(1);
constexpr int kSlowdown = 100;
// A container can make names faster than they are counted.
constexpr std::chrono::minutes kLongestWalk(10);

}  // namespace

Monotonic next_walk(Monotonic ended, Monotonic::duration took) {
  return ended + std::clamp<Monotonic::duration>(took * kSlowdown, kSoonestWalk, kLatestWalk);
}

LayerUsages::~LayerUsages() {
  std::thread thread = state_.with([](State& state) {
    state.ending = true;
    return std::move(state.thread);
  });
  asked_.notify_all();
  if (thread.joinable()) thread.join();
}

void LayerUsages::ask(const std::vector<Layer>& layers) {
  const Monotonic now = clock_.now();
  auto state = state_.lock();
  for (const Layer& layer : layers) {
    Entry& entry = state->entries[layer.container];
    if (entry.counting || (entry.next && now < *entry.next)) continue;
    entry.counting = true;
    state->turns.push_back({.layer = layer, .begun = {}});
  }
  if (state->turns.empty()) return;
  if (!state->thread.joinable()) state->thread = std::thread([this] { run(); });
  asked_.notify_all();
}

std::optional<LayerUsage> LayerUsages::of(const std::string& container, Monotonic until) {
  auto state = state_.lock();
  const auto entry = [&] {
    const auto found = state->entries.find(container);
    return found == state->entries.end() ? nullptr : &found->second;
  };
  const auto known = [&] {
    const Entry* now = entry();
    return now == nullptr || now->usage || !now->counting || now->waited_for;
  };
  const bool in_time = known() || state.wait_until(counted_, until, known);
  Entry* found = entry();
  if (found == nullptr) return std::nullopt;
  if (!in_time) found->waited_for = true;
  return found->usage;
}

void LayerUsages::keep_only(const std::set<std::string>& containers) {
  state_.with([&](State& state) {
    std::erase_if(state.entries, [&](const auto& entry) { return !containers.contains(entry.first); });
  });
  counted_.notify_all();
}

void LayerUsages::run() {
  (void)::pthread_setname_np(::pthread_self(), "layers");
  while (std::optional<Walk> walk = next_turn()) {
    const Result<bool> over = step(*walk);
    if (over && !*over)
      queue_again(*std::move(walk));
    else
      settle(*std::move(walk), over);
  }
}

std::optional<LayerUsages::Walk> LayerUsages::next_turn() {
  auto state = state_.lock();
  state.wait(asked_, [&] { return state->ending || !state->turns.empty(); });
  if (state->ending) return std::nullopt;
  Walk walk = std::move(state->turns.front());
  state->turns.pop_front();
  return walk;
}

Result<bool> LayerUsages::step(Walk& walk) {
  // Forgotten.
  if (!state_.with([&](const State& state) { return state.entries.contains(walk.layer.container); })) return true;
  const Monotonic began = clock_.now();
  const auto go_on = [&]() -> Result<bool> {
    if (!walk.begun) walk.begun = TRY(LayerWalk::begin(walk.layer.folder));
    return TRY(walk.begun->go_on(std::chrono::steady_clock::now() + slice_), "count what is in ", walk.layer.folder);
  };
  Result<bool> over = go_on();
  walk.took += clock_.now() - began;
  if (over && !*over && walk.took > kLongestWalk) {
    return base::fail(Code::kDeadlineExceeded, "count what is in ", walk.layer.folder, ": not over after ",
                      kLongestWalk.count(), " minutes of work; tried again in an hour");
  }
  return over;
}

void LayerUsages::queue_again(Walk walk) {
  std::optional<LayerWalk> dropped;  // without the lock
  auto state = state_.lock();
  if (state->has_long && !walk.is_long) {
    dropped = std::exchange(walk.begun, std::nullopt);
    state->long_ones.push_back({.layer = std::move(walk.layer), .begun = {}, .is_long = true});
  } else {
    state->has_long = walk.is_long = true;
    state->turns.push_back(std::move(walk));
  }
}

void LayerUsages::settle(Walk walk, const Result<bool>& over) {
  const bool unusual = !over && over.error().code() != Code::kNotFound;
  if (unusual) base::log::warning({.container_id = walk.layer.container}, over.error().to_string());
  std::optional<LayerUsage> usage;
  if (over && walk.begun) {
    usage = walk.begun->usage();
    usage->at = clock_.wall();
  }
  const Monotonic next = next_walk(clock_.now(), walk.took);
  state_.with([&](State& state) {
    if (const auto found = state.entries.find(walk.layer.container); found != state.entries.end()) {
      Entry& entry = found->second;
      entry.counting = false;
      entry.next = next;
      if (usage) entry.usage = usage;
    }
    if (!walk.is_long) return;
    state.has_long = !state.long_ones.empty();
    if (!state.has_long) return;
    state.turns.push_back(std::move(state.long_ones.front()));
    state.long_ones.pop_front();
  });
  counted_.notify_all();
}

}  // namespace runtime::service
