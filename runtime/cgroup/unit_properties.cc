#include "runtime/cgroup/unit_properties.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "runtime/cgroup/values.h"

namespace runtime::cgroup {

namespace {

__extension__ using Wide = unsigned __int128;
constexpr uint64_t kSecond = 1'000'000;  // microseconds
constexpr uint64_t kPercent = kSecond / 100;

struct Quota {
  uint64_t each_second = 0;  // microseconds, whole percents
  uint64_t period = 0;
};

std::optional<Quota> quota_of(std::string_view value) {
  const std::string_view quota = value.substr(0, value.find(' '));
  const std::string_view rest = value.substr(std::min(quota.size() + 1, value.size()));
  const std::optional<uint64_t> period = rest.empty() ? kDefaultCpuPeriod : amount_in(rest);
  const std::optional<uint64_t> limit = amount_in(quota);
  if (!period || *period == 0 || !limit) return std::nullopt;
  if (*limit == kNoLimit) return Quota{kNoLimit, *period};
  const Wide exact = static_cast<Wide>(*limit) * kSecond;
  const Wide step = static_cast<Wide>(*period) * kPercent;
  const Wide each_second = (exact + step - 1) / step * kPercent;
  return Quota{static_cast<uint64_t>(std::min<Wide>(each_second, kNoLimit - 1)), *period};
}

// A file whose value is one amount. least: what systemd takes.
struct Plain {
  std::string_view file;
  const char* property;
  uint64_t least;
};
constexpr std::array<Plain, 7> kPlain{{{"cpu.weight", "CPUWeight", 1},
                                       {"memory.max", "MemoryMax", 1},
                                       {"memory.high", "MemoryHigh", 1},
                                       {"memory.low", "MemoryLow", 0},
                                       {"memory.min", "MemoryMin", 0},
                                       {"memory.swap.max", "MemorySwapMax", 0},
                                       {"pids.max", "TasksMax", 1}}};

void add(const Setting& setting, UnitProperties& out) {
  const auto plain = std::ranges::find(kPlain, setting.file, &Plain::file);
  if (plain != kPlain.end()) {
    if (const auto value = amount_in(setting.value)) out.push_back({plain->property, std::max(*value, plain->least)});
  } else if (setting.file == "io.weight") {
    std::string_view value = setting.value;
    if (value.starts_with("default ")) value.remove_prefix(value.find(' ') + 1);
    if (const auto weight = amount_in(value)) out.push_back({"IOWeight", *weight});
  } else if (setting.file == "cpu.max") {
    if (const auto quota = quota_of(setting.value)) {
      out.push_back({"CPUQuotaPerSecUSec", quota->each_second});
      out.push_back({"CPUQuotaPeriodUSec", quota->period});
    }
  } else if (setting.file == "cpuset.cpus" || setting.file == "cpuset.mems") {
    const char* property = setting.file == "cpuset.cpus" ? "AllowedCPUs" : "AllowedMemoryNodes";
    if (auto mask = mask_in(setting.value)) out.push_back({property, *std::move(mask)});
  }
}

// What `systemctl status` says beside the name.
std::string description(std::string_view scope) {
  constexpr std::string_view kOurs = "nodeagent-";
  const std::string_view name = scope.substr(0, scope.rfind('.'));
  return base::concat("container ", name.starts_with(kOurs) ? name.substr(kOurs.size()) : name);
}

void account(UnitProperties& out) {
  for (const char* what : {"CPUAccounting", "MemoryAccounting", "IOAccounting", "TasksAccounting"}) {
    out.push_back({what, true});
  }
}

}  // namespace

bool needs_version(const Settings& settings) {
  const auto idle = std::ranges::find(settings, "cpu.idle", &Setting::file);
  return idle != settings.end() && idle->value == "1";
}

UnitProperties to_properties(const Settings& settings, int version) {
  UnitProperties out;
  for (const Setting& setting : settings) add(setting, out);
  const auto idle = std::ranges::find(settings, "cpu.idle", &Setting::file);
  if (idle == settings.end()) return out;
  const auto weight = std::ranges::find(out, "CPUWeight", &UnitProperty::name);
  if (idle->value == "1") {
    // An idle cgroup has no weight: the kernel refuses one.
    if (weight != out.end()) out.erase(weight);
    if (version >= kIdleSince) out.push_back({"CPUWeight", uint64_t{0}});
  } else if (weight == out.end()) {
    out.push_back({"CPUWeight", kNoLimit});  // not said: the default again
  }
  return out;
}

Settings as_systemd_has_it(Settings settings) {
  const auto setting = std::ranges::find(settings, "cpu.max", &Setting::file);
  if (setting == settings.end()) return settings;
  const std::optional<Quota> quota = quota_of(setting->value);
  if (!quota || quota->each_second == kNoLimit) return settings;
  const auto limit = static_cast<uint64_t>(static_cast<Wide>(quota->each_second) * quota->period / kSecond);
  setting->value = base::concat(limit, " ", quota->period);
  return settings;
}

UnitProperties slice_properties() {
  UnitProperties out{{"DefaultDependencies", false}};
  account(out);
  return out;
}

UnitProperties scope_properties(const std::string& scope, const std::string& slice, uint32_t pid) {
  UnitProperties out{{"Description", description(scope)},
                     {"DefaultDependencies", false},
                     {"Slice", slice},
                     {"Delegate", true},
                     // Gone as soon as it is empty, however its last process ended.
                     {"CollectMode", std::string("inactive-or-failed")},
                     {"PIDs", std::vector<uint32_t>{pid}}};
  account(out);
  return out;
}

}  // namespace runtime::cgroup
