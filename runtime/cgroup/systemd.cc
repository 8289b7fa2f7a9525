#include "runtime/cgroup/systemd.h"

#include <poll.h>
#include <unistd.h>

#include <chrono>

#include "runtime/cgroup/sd_bus.h"

namespace runtime::cgroup::systemd {

using base::Code;
using base::Result;
using base::Status;

namespace {

constexpr std::chrono::seconds kPatience{30};
constexpr int kPause = 20;  // ms before another attempt; nothing tells when systemd listens again

// Once more when the connection breaks on the way: systemd executes itself anew, which loses no job.
template <typename Call>
auto ask(const Call& call) -> decltype(call(std::declval<Bus&>(), Bus::Deadline())) {
  const Bus::Deadline deadline = std::chrono::steady_clock::now() + kPatience;
  bool again = true;
  while (true) {
    Result<Bus> bus = Bus::connect();
    if (bus) {
      auto answer = call(*bus, deadline);
      if (answer || answer.error().code() != Code::kUnavailable || !again) return answer;
      again = false;
    } else if (bus.error().code() != Code::kUnavailable || std::chrono::steady_clock::now() >= deadline) {
      return std::unexpected(bus.error());
    }
    (void)::poll(nullptr, 0, kPause);
  }
}

}  // namespace

bool runs() { return ::access("/run/systemd/system", F_OK) == 0; }

Status check_runs(const std::string& unit) {
  if (runs()) return {};
  return base::fail(
      Code::kUnimplemented, unit, " is a unit of systemd's by its name, but systemd does not run here (no ",
      "/run/systemd/system): use --cgroup-driver=cgroupfs, and with a kubelet its cgroupDriver: cgroupfs");
}

Status start(const std::string& unit, const UnitProperties& properties) {
  return ask([&](Bus& bus, Bus::Deadline deadline) {
    return bus.run_job("StartTransientUnit", unit, "replace", &properties, deadline);
  });
}

Status set(const std::string& unit, const UnitProperties& properties) {
  if (properties.empty()) return {};
  return ask([&](Bus& bus, Bus::Deadline deadline) { return bus.set_properties(unit, properties, deadline); });
}

Status stop(const std::string& unit, Stop how) {
  const char* const mode = how == Stop::kAlone ? "ignore-dependencies" : "replace";
  Status stopped =
      ask([&](Bus& bus, Bus::Deadline deadline) { return bus.run_job("StopUnit", unit, mode, nullptr, deadline); });
  if (!stopped && stopped.error().code() == Code::kNotFound) return {};
  return stopped;
}

Result<int> version() {
  return ask([](Bus& bus, Bus::Deadline deadline) { return bus.version(deadline); });
}

}  // namespace runtime::cgroup::systemd
