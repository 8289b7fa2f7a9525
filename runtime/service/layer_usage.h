// LayerUsages: what containers' writable layers take of the disk. A thread counts; whoever asks gets what was counted
// last, so that no container, whatever it writes, holds up the stats of the others.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/synchronized.h"
#include "runtime/service/layer_walk.h"

namespace runtime::service {

// When the next walk is due after one that took so long: not before ten seconds, nor before a hundred times as long,
// but after an hour at the latest.
base::Monotonic next_walk(base::Monotonic ended, base::Monotonic::duration took);

// Owns its thread, `layers`, which is there once somebody has asked. It gives each walk a slice of time in turn. Of
// those that were not over after one slice only one goes on at a time, the others wait for its end: no more than two
// walks ever need memory. One that has taken ten minutes of work is given up. Thread-safe.
class LayerUsages {
 public:
  explicit LayerUsages(const base::Clock& clock, std::chrono::milliseconds slice = std::chrono::milliseconds(20))
      : clock_(clock), slice_(slice) {}
  ~LayerUsages();
  LayerUsages(const LayerUsages&) = delete;
  LayerUsages& operator=(const LayerUsages&) = delete;

  struct Layer {
    std::string container;
    std::string folder;
  };
  // Has those counted that are due.
  void ask(const std::vector<Layer>& layers);
  // As it was counted last. Who has been asked for but not counted yet is waited for until then, once; nullopt if that
  // was not enough, or it cannot be counted.
  std::optional<LayerUsage> of(const std::string& container, base::Monotonic until);
  // Forgets all others.
  void keep_only(const std::set<std::string>& containers);

 private:
  struct Entry {
    std::optional<LayerUsage> usage;
    std::optional<base::Monotonic> next;
    bool counting = false;    // a Walk of it is under way, or waits to be
    bool waited_for = false;  // in vain
  };
  struct Walk {
    Layer layer;
    std::optional<LayerWalk> begun;
    base::Monotonic::duration took{};
    bool is_long = false;
  };
  struct State {
    std::map<std::string, Entry> entries;
    std::deque<Walk> turns;
    std::deque<Walk> long_ones;  // that wait for the end of the one that is in turns
    bool has_long = false;       // in turns, or having its turn
    bool ending = false;
    std::thread thread;
  };

  void run();
  std::optional<Walk> next_turn();      // waited for; nullopt: the end
  base::Result<bool> step(Walk& walk);  // true when it is over
  void queue_again(Walk walk);
  void settle(Walk walk, const base::Result<bool>& over);

  const base::Clock& clock_;
  const std::chrono::milliseconds slice_;
  std::condition_variable asked_;
  std::condition_variable counted_;
  base::Synchronized<State> state_;
};

}  // namespace runtime::service
