#include "agent/api/tuning.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "agent/api/quantity.h"

namespace api {

namespace {

constexpr std::string_view kDomain = "nodeagent.io";
// The runtime reads these itself (runtime/oci/ulimits.h, runtime/service/resources.h).
constexpr std::string_view kUlimits = "ulimits";
constexpr std::string_view kShmSize = "shm-size";

// Takes the value over, or says why it cannot be one.
using Read = std::string_view (*)(const std::string& value, Tuning& out);

std::optional<int64_t> bytes_of(const std::string& value) {
  const base::Result<Quantity> amount = Quantity::parse(value);
  if (!amount || amount->is_negative()) return std::nullopt;
  return amount->value();
}

constexpr std::string_view kNeedsBytes = "must be an amount of bytes, such as 64Mi";

template <std::optional<int64_t> Tuning::* member>
std::string_view read_bytes(const std::string& value, Tuning& out) {
  out.*member = bytes_of(value);
  return out.*member ? std::string_view() : kNeedsBytes;
}

template <bool Tuning::* member, bool meaning>
std::string_view read_flag(const std::string& value, Tuning& out) {
  if (value != "true" && value != "false") return "must be \"true\" or \"false\"";
  out.*member = (value == "true") == meaning;
  return {};
}

template <std::optional<int64_t> Tuning::* member, int64_t least, int64_t most>
std::string_view read_number(const std::string& value, Tuning& out) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || number < least || number > most)
    return member == &Tuning::io_weight ? "must be a number from 1 to 10000" : "must be a number of at least 1";
  out.*member = number;
  return {};
}

// A list of numbers and ranges, as cpuset(7) has it.
bool is_set(std::string_view text) {
  while (true) {
    const std::string_view item = text.substr(0, text.find(','));
    int64_t from = 0;
    const auto first = std::from_chars(item.data(), item.data() + item.size(), from);
    int64_t to = from;
    const char* end = first.ptr;
    if (first.ec != std::errc()) return false;
    if (end != item.data() + item.size()) {
      const auto last = std::from_chars(end + 1, item.data() + item.size(), to);
      if (*end != '-' || last.ec != std::errc()) return false;
      end = last.ptr;
    }
    if (end != item.data() + item.size() || from < 0 || to < from) return false;
    if (item.size() == text.size()) return true;
    text.remove_prefix(item.size() + 1);
  }
}

template <std::string Tuning::* member>
std::string_view read_set(const std::string& value, Tuning& out) {
  out.*member = value;
  return is_set(value) ? std::string_view() : "must be a list of numbers, such as 0-2,7";
}

std::string_view read_oom_kill(const std::string& value, Tuning& out) {
  out.oom_group = value == "group";
  return value == "group" || value == "process" ? std::string_view() : "must be \"group\" or \"process\"";
}

std::string_view read_burst(const std::string& value, Tuning& out) {
  const base::Result<Quantity> amount = Quantity::parse(value);
  if (!amount || amount->is_negative()) return "must be an amount of cpu, such as 500m";
  out.cpu_burst = amount->milli_value();
  return {};
}

std::string_view read_period(const std::string& value, Tuning& out) {
  constexpr std::string_view kWrong = "must be a time from 1ms to 1s, such as 10ms";
  int64_t number = 0;
  const char* const end = value.data() + value.size();
  const auto [unit, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc() || number <= 0 || number > 1'000'000) return kWrong;
  const std::string_view name(unit, static_cast<size_t>(end - unit));
  if (name != "us" && name != "ms" && name != "s") return kWrong;
  number *= name == "us" ? 1 : name == "ms" ? 1'000 : 1'000'000;
  if (number < 1'000 || number > 1'000'000) return kWrong;
  out.cpu_period = number;
  return {};
}

bool is_device(std::string_view text) {
  if (text.starts_with("/dev/")) return true;
  const size_t colon = text.find(':');
  return colon != std::string_view::npos && colon > 0 && colon + 1 < text.size() &&
         text.find_first_not_of("0123456789:") == std::string_view::npos && text.find(':', colon + 1) == text.npos;
}

// One device's "KEY=VALUE …" with amounts as numbers; empty where something is wrong.
std::string io_limits(std::string_view text) {
  constexpr std::array<std::string_view, 4> kKeys{"rbps", "wbps", "riops", "wiops"};
  std::string out;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (word.empty()) continue;
    const size_t equals = word.find('=');
    const std::string_view key = word.substr(0, equals);
    if (equals == std::string_view::npos || std::ranges::find(kKeys, key) == kKeys.end()) return {};
    std::string value(word.substr(equals + 1));
    if (value != "max") {
      const int64_t number = bytes_of(value).value_or(0);
      if (number <= 0) return {};
      value = std::to_string(number);
    }
    out += base::concat(" ", key, "=", value);
  }
  return out;
}

std::string_view read_io_max(const std::string& value, Tuning& out) {
  constexpr std::string_view kWrong =
      "must be a device and its limits (rbps, wbps, riops, wiops), such as /dev/sda wbps=10Mi; more devices after ';'";
  out.io_max.clear();
  std::string_view rest = value;
  while (!rest.empty()) {
    std::string_view item = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(item.size() + 1, rest.size()));
    item.remove_prefix(std::min(item.find_first_not_of(' '), item.size()));
    const std::string_view device = item.substr(0, item.find(' '));
    const std::string limits = io_limits(item.substr(device.size()));
    if (!is_device(device) || limits.empty()) return kWrong;
    out.io_max += base::concat(out.io_max.empty() ? "" : "\n", device, limits);
  }
  return out.io_max.empty() ? kWrong : std::string_view();
}

std::string_view read_shm_size(const std::string& value, Tuning& /*out*/) {
  return bytes_of(value).value_or(0) > 0 ? std::string_view() : kNeedsBytes;
}

std::string_view read_by_runtime(const std::string& /*value*/, Tuning& /*out*/) { return {}; }

struct Topic {
  std::string_view name;
  Read read;
};

constexpr std::array<Topic, 16> kTopics{{
    {"cpu-burst", read_burst},
    {"cpu-idle", read_flag<&Tuning::cpu_idle, true>},
    {"cpu-period", read_period},
    {"cpu-quota", read_flag<&Tuning::no_cpu_quota, false>},
    {"cpuset-cpus", read_set<&Tuning::cpus>},
    {"cpuset-mems", read_set<&Tuning::mems>},
    {"io-max", read_io_max},
    {"io-weight", read_number<&Tuning::io_weight, 1, 10'000>},
    {"memory-high", read_bytes<&Tuning::memory_high>},
    {"memory-low", read_bytes<&Tuning::memory_low>},
    {"memory-min", read_bytes<&Tuning::memory_min>},
    {"memory-swap", read_bytes<&Tuning::memory_swap>},
    {"oom-kill", read_oom_kill},
    {"pids-limit", read_number<&Tuning::pids_limit, 1, INT64_MAX>},
    {kShmSize, read_shm_size},
    {kUlimits, read_by_runtime},
}};

// What an annotation's key speaks of.
struct Key {
  std::string_view topic;
  std::string_view container;  // empty: the pod
};

std::optional<Key> parse_key(std::string_view key) {
  const size_t slash = key.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view domain = key.substr(0, slash);
  const std::string_view name = key.substr(slash + 1);
  if (domain == kDomain) return Key{.topic = name, .container = {}};
  if (!domain.ends_with(kDomain) || domain.size() < kDomain.size() + 2) return std::nullopt;
  const std::string_view topic = domain.substr(0, domain.size() - kDomain.size());
  if (!topic.ends_with('.')) return std::nullopt;
  return Key{.topic = topic.substr(0, topic.size() - 1), .container = name};
}

const Topic* find_topic(std::string_view name) {
  const auto found = std::ranges::find(kTopics, name, &Topic::name);
  return found == kTopics.end() ? nullptr : found;
}

bool has_container(const PodSpec& spec, std::string_view name) {
  const auto in = [&](const std::vector<Container>& list) {
    return std::ranges::find(list, name, &Container::name) != list.end();
  };
  return in(spec.containers) || in(spec.init_containers);
}

}  // namespace

Tuning tuning_of(const Pod& pod, std::string_view container) {
  Tuning out;
  const auto read = [&](std::string_view whose) {
    for (const auto& [name, value] : pod.metadata.annotations) {
      const std::optional<Key> key = parse_key(name);
      if (!key || key->container != whose) continue;
      if (const Topic* topic = find_topic(key->topic)) (void)topic->read(value, out);
    }
  };
  read({});
  if (!container.empty()) read(container);
  return out;
}

void check_tuning(const Pod& pod, FaultList& faults) {
  const FieldPath annotations("metadata.annotations");
  for (const auto& [name, value] : pod.metadata.annotations) {
    const std::optional<Key> key = parse_key(name);
    if (!key) continue;
    const Topic* topic = find_topic(key->topic);
    if (topic == nullptr) {
      std::vector<std::string_view> known;
      known.reserve(kTopics.size());
      for (const Topic& each : kTopics) known.push_back(each.name);
      faults.unsupported(annotations.key(name), key->topic, known);
      continue;
    }
    if (!key->container.empty() && topic->name == kShmSize)
      faults.invalid(annotations.key(name), key->container, "/dev/shm is the pod's: use nodeagent.io/shm-size");
    else if (!key->container.empty() && !has_container(pod.spec, key->container))
      faults.invalid(annotations.key(name), key->container, "container not found");
    Tuning ignored;
    if (const std::string_view wrong = topic->read(value, ignored); !wrong.empty())
      faults.invalid(annotations.key(name), value, wrong);
  }
}

}  // namespace api
