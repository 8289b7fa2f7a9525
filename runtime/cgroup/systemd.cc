#include "runtime/cgroup/systemd.h"

#include <poll.h>
#include <unistd.h>

#include <utility>

namespace runtime::cgroup {

using base::Code;
using base::Result;
using base::Status;

namespace {

constexpr std::chrono::seconds kPatience{30};
constexpr std::chrono::seconds kKeep{1};
constexpr size_t kMostKept = 4;
constexpr int kPause = 20;  // ms before another attempt; nothing tells when systemd listens again

}  // namespace

bool systemd_runs() { return ::access("/run/systemd/system", F_OK) == 0; }

Systemd::~Systemd() {
  std::thread closer;
  kept_.with([&](Kept& kept) {
    kept.ending = true;
    closer = std::move(kept.closer);
  });
  changed_.notify_all();
  if (closer.joinable()) closer.join();
}

template <typename Call>
auto Systemd::ask(const Call& call) -> decltype(call(std::declval<Bus&>(), Bus::Deadline())) {
  const Bus::Deadline deadline = Clock::now() + kPatience;
  for (bool fresh = false;; fresh = true) {
    Result<Bus> bus = take(fresh);
    auto answer = bus ? call(*bus, deadline) : std::unexpected(bus.error());
    const bool failed = !answer.has_value();
    const bool broken = failed && answer.error().code() == Code::kUnavailable;
    const bool late = failed && answer.error().code() == Code::kDeadlineExceeded;
    if (bus && !broken && !late) keep(*std::move(bus));
    if (!broken || Clock::now() >= deadline) return answer;
    (void)::poll(nullptr, 0, kPause);
  }
}

Result<Bus> Systemd::take(bool fresh) {
  if (!fresh) {
    auto kept = kept_.lock();
    if (!kept->buses.empty()) {
      Bus bus = std::move(kept->buses.back());
      kept->buses.pop_back();
      return bus;
    }
  }
  return Bus::connect();
}

void Systemd::keep(Bus bus) {
  auto kept = kept_.lock();
  if (kept->buses.size() >= kMostKept) return;
  kept->buses.push_back(std::move(bus));
  kept->until = Clock::now() + kKeep;
  if (!kept->closer.joinable()) kept->closer = std::thread([this] { close_in_time(); });
  changed_.notify_all();
}

void Systemd::close_in_time() {
  (void)::pthread_setname_np(::pthread_self(), "units");
  auto kept = kept_.lock();
  while (!kept->ending) {
    if (kept->buses.empty()) {
      kept.wait(changed_, [&] { return kept->ending || !kept->buses.empty(); });
      continue;
    }
    const Clock::time_point until = kept->until;
    const bool changed = kept.wait_until(changed_, until, [&] { return kept->ending || kept->until != until; });
    if (changed) continue;
    std::vector<Bus> unused = std::exchange(kept->buses, {});
    kept.unlock();
    unused.clear();
    kept.relock();
  }
}

Status Systemd::start(const std::string& unit, const UnitProperties& properties) {
  return ask([&](Bus& bus, Bus::Deadline deadline) {
    return bus.run_job("StartTransientUnit", unit, "replace", &properties, deadline);
  });
}

Status Systemd::set(const std::string& unit, const UnitProperties& properties) {
  if (properties.empty()) return {};
  return ask([&](Bus& bus, Bus::Deadline deadline) { return bus.set_properties(unit, properties, deadline); });
}

Status Systemd::stop(const std::string& unit, Stop how) {
  const char* const mode = how == Stop::kAlone ? "ignore-dependencies" : "replace";
  Status stopped =
      ask([&](Bus& bus, Bus::Deadline deadline) { return bus.run_job("StopUnit", unit, mode, nullptr, deadline); });
  if (!stopped && stopped.error().code() == Code::kNotFound) return {};
  return stopped;
}

Result<int> Systemd::version() {
  return ask([](Bus& bus, Bus::Deadline deadline) { return bus.version(deadline); });
}

}  // namespace runtime::cgroup
