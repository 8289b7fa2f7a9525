#include "runtime/service/meters.h"

#include <sys/resource.h>

#include <chrono>
#include <utility>

namespace runtime::service {

using base::Code;
using base::Result;
using cgroup::Meter;

namespace {

constexpr std::chrono::seconds kShortestSample(1);
constexpr size_t kFew = 16;

size_t half_of_all_descriptors() {
  struct rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) < 0) return 0;
  return static_cast<size_t>(limit.rlim_cur) / 2;
}

}  // namespace

std::optional<uint64_t> CpuRate::update(uint64_t usage_ns, base::Monotonic now) {
  if (!last_ || usage_ns < last_->usage_ns) {
    last_ = {.usage_ns = usage_ns, .at = now};
    rate_.reset();
    return rate_;
  }
  if (now - last_->at < kShortestSample) return rate_;
  const double seconds = std::chrono::duration<double>(now - last_->at).count();
  rate_ = static_cast<uint64_t>(static_cast<double>(usage_ns - last_->usage_ns) / seconds);
  last_ = {.usage_ns = usage_ns, .at = now};
  return rate_;
}

Meters::Meters(const cgroup::Hierarchy& hierarchy, const base::Clock& clock)
    : hierarchy_(hierarchy), clock_(clock), most_descriptors_(half_of_all_descriptors()) {}

Result<std::shared_ptr<base::Synchronized<Meter>>> Meters::meter(const std::string& id, const std::string& cgroup) {
  bool keep = false;
  {
    auto state = state_.lock();
    const Entry& entry = state->entries[id];
    if (entry.meter) return entry.meter;
    keep = state->descriptors < most_descriptors_;
  }
  cgroup::Cgroup opened = TRY(cgroup::Cgroup::open(hierarchy_, cgroup));
  auto made = std::make_shared<base::Synchronized<Meter>>(
      Meter::of(std::move(opened), keep ? Meter::Files::kKeptOpen : Meter::Files::kOpenedForEachRead));
  if (!keep) return made;
  const size_t descriptors = made->lock()->descriptors();
  auto state = state_.lock();
  Entry& entry = state->entries[id];
  if (entry.meter) return entry.meter;
  entry.meter = made;
  entry.descriptors = descriptors;
  state->descriptors += descriptors;
  return made;
}

void Meters::close(State& state, Entry& entry) {
  state.descriptors -= std::exchange(entry.descriptors, 0);
  entry.meter.reset();
}

void Meters::forget_meter(const std::string& id) {
  auto state = state_.lock();
  const auto found = state->entries.find(id);
  if (found == state->entries.end()) return;
  close(*state, found->second);
  state->entries.erase(found);
}

void Meters::forget_all_meters() {
  auto state = state_.lock();
  for (auto& [id, entry] : state->entries) close(*state, entry);
}

Result<std::optional<Reading>> Meters::read(const std::string& id, const std::string& cgroup) {
  Reading reading;
  const auto attempt = [&]() -> base::Status {
    const std::shared_ptr<base::Synchronized<Meter>> meter = TRY(this->meter(id, cgroup));
    reading.at = clock_.now();
    return meter->lock()->read(reading.stats);
  };
  base::Status done = attempt();
  if (!done && done.error().code() == Code::kResourceExhausted) {
    // Files that are kept open to save time are the first to go.
    forget_all_meters();
    done = attempt();
  }
  if (!done && done.error().code() == Code::kNotFound) {
    // There may be another one of this name by now.
    forget_meter(id);
    done = attempt();
  }
  if (!done) {
    forget_meter(id);
    if (done.error().code() == Code::kNotFound) return std::nullopt;
    return std::unexpected(std::move(done).error());
  }
  if (reading.stats.cpu_usage_ns) {
    reading.nano_cores = state_.lock()->entries[id].rate.update(*reading.stats.cpu_usage_ns, reading.at);
  }
  return reading;
}

bool Meters::is_crowded() {
  return state_.with([](const State& state) { return state.entries.size() > 2 * state.settled + kFew; });
}

void Meters::keep_only(const std::set<std::string>& ids) {
  auto state = state_.lock();
  for (auto at = state->entries.begin(); at != state->entries.end();) {
    const bool keep = ids.contains(at->first);
    if (!keep) close(*state, at->second);
    at = keep ? std::next(at) : state->entries.erase(at);
  }
  state->settled = state->entries.size();
}

}  // namespace runtime::service
