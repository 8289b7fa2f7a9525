// What we ask systemd for: slices and scopes, by org.freedesktop.systemd1(5).
#pragma once

#include <chrono>
#include <condition_variable>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/synchronized.h"
#include "runtime/cgroup/sd_bus.h"
#include "runtime/cgroup/unit_properties.h"

namespace runtime::cgroup {

// Whether systemd is process 1 (sd_booted(3)).
bool systemd_runs();

// Thread-safe: each call has a connection to itself, and waits for half a minute at most. A call whose connection
// breaks, as it does when systemd executes itself anew, is made again.
//
// Making a connection costs systemd ten times what a call does, so one is kept for the next call; but only for a
// moment, since systemd tells everyone on its socket all that happens, and would keep it in its memory for one who
// never reads.
class Systemd {
 public:
  Systemd() = default;
  ~Systemd();
  Systemd(const Systemd&) = delete;
  Systemd& operator=(const Systemd&) = delete;

  // kAlreadyExists when systemd has such a unit.
  base::Status start(const std::string& unit, const UnitProperties& properties);
  // kNotFound when systemd has no such unit.
  base::Status set(const std::string& unit, const UnitProperties& properties);

  enum class Stop {
    kWithAllInside,  // of a slice
    kAlone,          // what is started inside meanwhile is not ended
  };
  // No such unit: ok.
  base::Status stop(const std::string& unit, Stop how);

  base::Result<int> version();

 private:
  using Clock = std::chrono::steady_clock;
  struct Kept {
    std::vector<Bus> buses;
    Clock::time_point until;
    std::thread closer;  // closes them then; there once a connection was kept
    bool ending = false;
  };

  template <typename Call>
  auto ask(const Call& call) -> decltype(call(std::declval<Bus&>(), Bus::Deadline()));
  base::Result<Bus> take(bool fresh);
  void keep(Bus bus);
  void close_in_time();

  base::Synchronized<Kept> kept_;
  std::condition_variable changed_;
};

}  // namespace runtime::cgroup
