#include "runtime/cgroup/settings.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "runtime/cgroup/values.h"

namespace runtime::cgroup {

using base::Code;
using base::Result;
using base::Status;

namespace {

constexpr uint64_t kMinShares = 2;
constexpr uint64_t kMaxShares = 262'144;
constexpr uint64_t kMinPeriod = 1'000;  // microseconds, as kernel/sched/core.c has it
constexpr uint64_t kMaxPeriod = 1'000'000;
constexpr int64_t kMinQuota = 1'000;
constexpr const char* kUnlimited = "max";

std::string limit_text(int64_t limit) { return limit < 0 ? kUnlimited : std::to_string(limit); }

Status add_cpu(const Resources& wanted, Settings& out) {
  if (wanted.cpu_shares.value_or(0) > 0) {
    out.push_back({"cpu.weight", std::to_string(weight_of_shares(*wanted.cpu_shares))});
  }
  if (wanted.cpu_idle) out.push_back({"cpu.idle", *wanted.cpu_idle ? "1" : "0"});
  const int64_t quota = wanted.cpu_quota.value_or(0);
  const uint64_t period = wanted.cpu_period.value_or(0);
  if (period != 0 && (period < kMinPeriod || period > kMaxPeriod)) {
    return base::fail(Code::kInvalidArgument, "a CPU period of ", period, " us is asked for; the kernel takes ",
                      kMinPeriod, " to ", kMaxPeriod);
  }
  if (quota > 0 && quota < kMinQuota) {
    return base::fail(Code::kInvalidArgument, "a CPU quota of ", quota, " us is asked for; the kernel takes ",
                      kMinQuota, " and more");
  }
  if (quota != 0) {
    const uint64_t length = period == 0 ? kDefaultCpuPeriod : period;
    out.push_back({"cpu.max", base::concat(quota < 0 ? kUnlimited : std::to_string(quota), " ", length)});
  }
  if (wanted.cpu_burst) {
    if (*wanted.cpu_burst > 0 && quota > 0 && *wanted.cpu_burst > static_cast<uint64_t>(quota)) {
      return base::fail(Code::kInvalidArgument, "a CPU burst of ", *wanted.cpu_burst, " us is more than the quota, ",
                        quota, " us, which is the most that can be saved up");
    }
    out.push_back({"cpu.max.burst", std::to_string(*wanted.cpu_burst)});
  }
  if (!wanted.cpus.empty()) out.push_back({"cpuset.cpus", wanted.cpus});
  if (!wanted.mems.empty()) out.push_back({"cpuset.mems", wanted.mems});
  return {};
}

Status add_memory(const Resources& wanted, Settings& out) {
  const int64_t limit = wanted.memory_limit.value_or(0);
  if (limit != 0) out.push_back({"memory.max", limit_text(limit)});
  if (wanted.memory_low.value_or(0) != 0) out.push_back({"memory.low", limit_text(*wanted.memory_low)});
  const int64_t both = wanted.memory_swap.value_or(0);
  if (both < 0) out.push_back({"memory.swap.max", kUnlimited});
  if (both <= 0) return {};
  if (limit <= 0 || both < limit) {
    return base::fail(Code::kInvalidArgument, "memory and swap together are limited to ", both,
                      " bytes, and memory alone to ",
                      limit > 0 ? base::concat(limit, ", which is more") : std::string("nothing"));
  }
  out.push_back({"memory.swap.max", std::to_string(both - limit)});
  return {};
}

// The files that say how a cgroup is held, not those that act on it (cgroup.kill, cgroup.procs, memory.reclaim).
Status check_unified(const std::string& file) {
  constexpr std::array<std::string_view, 8> kControllers{"cpu",  "cpuset", "hugetlb", "io",
                                                         "misc", "memory", "pids",    "rdma"};
  const bool plain = file.find('/') == std::string::npos && file.find('.') < file.size() - 1;
  if (plain && file != "memory.reclaim" && std::ranges::find(kControllers, controller_of(file)) != kControllers.end()) {
    return {};
  }
  return base::fail(Code::kInvalidArgument, "unified has \"", file,
                    "\", which is no cgroup v2 file that holds a limit, such as memory.high");
}

// The kernel takes no burst above the quota, nothing more of which could be saved up.
void fit_burst(Settings& settings) {
  const auto quota = std::ranges::find(settings, "cpu.max", &Setting::file);
  const auto burst = std::ranges::find(settings, "cpu.max.burst", &Setting::file);
  if (quota == settings.end() || burst == settings.end()) return;
  const std::optional<uint64_t> most = amount_in(quota->value);
  const std::optional<uint64_t> asked = amount_in(burst->value);
  if (most && asked && *asked > *most) burst->value = std::to_string(*most);
}

}  // namespace

Result<Settings> to_settings(const Resources& wanted) {
  Settings out;
  TRY(add_cpu(wanted, out));
  TRY(add_memory(wanted, out));
  if (wanted.pids_limit.value_or(0) != 0) out.push_back({"pids.max", limit_text(*wanted.pids_limit)});
  for (const HugePages& pages : wanted.huge_pages) {
    // What is used, and what is set aside by mmap(2) without being used yet.
    for (const char* what : {".max", ".rsvd.max"}) {
      out.push_back({base::concat("hugetlb.", pages.page_size, what), std::to_string(pages.limit)});
    }
  }
  for (const auto& [file, value] : wanted.unified) {
    TRY(check_unified(file));
    const auto known = std::ranges::find(out, file, &Setting::file);
    if (known == out.end()) {
      out.push_back({file, value});
    } else {
      known->value = value;
    }
  }
  fit_burst(out);
  // A cgroup that is idle has no weight (EINVAL), and must stop being it before it gets one.
  const auto idle = std::ranges::find(out, "cpu.idle", &Setting::file);
  if (idle != out.end() && idle->value == "0") {
    std::rotate(out.begin(), idle, idle + 1);
  } else if (idle != out.end()) {
    std::erase_if(out, [](const Setting& setting) { return setting.file == "cpu.weight"; });
  }
  return out;
}

uint64_t weight_of_shares(uint64_t shares) {
  if (shares == 0) return 0;
  if (shares <= kMinShares) return 1;
  if (shares >= kMaxShares) return 10'000;
  const double l = std::log2(static_cast<double>(shares));
  const double exponent = (l * l + 125 * l) / 612.0 - 7.0 / 34.0;
  return static_cast<uint64_t>(std::ceil(std::pow(10, exponent)));
}

uint64_t shares_of_milli_cpu(int64_t milli_cpu) {
  if (milli_cpu <= 0) return kMinShares;
  if (milli_cpu >= static_cast<int64_t>(kMaxShares)) return kMaxShares;  // 1.024 times it is more still
  return std::clamp(static_cast<uint64_t>(milli_cpu) * 1024 / 1000, kMinShares, kMaxShares);
}

int64_t quota_of_milli_cpu(int64_t milli_cpu, uint64_t period) {
  if (milli_cpu <= 0) return 0;
  __extension__ using Wide = __int128;
  const Wide quota = static_cast<Wide>(milli_cpu) * static_cast<Wide>(period) / 1000;
  return static_cast<int64_t>(std::clamp<Wide>(quota, kMinQuota, INT64_MAX));
}

std::string_view controller_of(std::string_view file) { return file.substr(0, file.find('.')); }

bool asks_for_something(const Setting& setting) {
  if (setting.value.starts_with(kUnlimited)) return false;
  if (setting.file == "cpu.weight") return setting.value != "1";
  if (setting.file.starts_with("hugetlb.") || setting.file == "memory.swap.max" || setting.file == "cpu.idle" ||
      setting.file == "cpu.max.burst" || setting.file == "memory.low" || setting.file == "memory.min") {
    return setting.value != "0";
  }
  return setting.file != "memory.oom.group";
}

}  // namespace runtime::cgroup
