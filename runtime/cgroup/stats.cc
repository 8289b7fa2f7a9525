#include "runtime/cgroup/stats.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <span>
#include <string_view>

namespace runtime::cgroup {

using base::Status;

namespace {

using Field = std::optional<uint64_t> Stats::*;

constexpr uint64_t kNsPerUs = 1000;
// More than any of the files but io.stat of a machine with a hundred devices.
constexpr size_t kBuffer = 8192;

std::optional<uint64_t> number(std::string_view text) {
  uint64_t value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) return std::nullopt;
  return value;
}

// The text up to the separator; it is taken off `rest`, the separator too.
std::string_view next(std::string_view& rest, char separator) {
  const size_t end = rest.find(separator);
  const std::string_view found = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return found;
}

// A file that is one number; "max" is none.
template <Field field>
void take_number(std::string_view line, Stats& stats) {
  stats.*field = number(line);
}

// A line of a flat keyed file, "key value".
struct Key {
  std::string_view name;
  Field field;
  uint64_t unit = 1;
};
void take_keyed(std::string_view line, std::span<const Key> keys, Stats& stats) {
  const std::string_view name = next(line, ' ');
  const auto key = std::ranges::find(keys, name, &Key::name);
  if (key == keys.end()) return;
  if (const std::optional<uint64_t> value = number(line)) stats.*key->field = *value * key->unit;
}

constexpr std::array kCpuKeys{Key{"usage_usec", &Stats::cpu_usage_ns, kNsPerUs},
                              Key{"user_usec", &Stats::cpu_user_ns, kNsPerUs},
                              Key{"system_usec", &Stats::cpu_system_ns, kNsPerUs},
                              Key{"nr_periods", &Stats::cpu_periods},
                              Key{"nr_throttled", &Stats::cpu_throttled_periods},
                              Key{"throttled_usec", &Stats::cpu_throttled_ns, kNsPerUs},
                              Key{"nr_bursts", &Stats::cpu_bursts},
                              Key{"burst_usec", &Stats::cpu_burst_ns, kNsPerUs}};
void take_cpu(std::string_view line, Stats& stats) { take_keyed(line, kCpuKeys, stats); }

constexpr std::string_view kInactiveFile = "inactive_file ";
constexpr std::array kMemoryKeys{Key{"anon", &Stats::memory_rss}, Key{"file", &Stats::memory_cache},
                                 Key{"pgfault", &Stats::page_faults}, Key{"pgmajfault", &Stats::major_page_faults}};
// memory.current has been read before.
void take_memory(std::string_view line, Stats& stats) {
  if (!line.starts_with(kInactiveFile)) return take_keyed(line, kMemoryKeys, stats);
  if (!stats.memory_usage) return;
  const uint64_t inactive = number(line.substr(kInactiveFile.size())).value_or(0);
  stats.memory_working_set = *stats.memory_usage - std::min(*stats.memory_usage, inactive);
}

constexpr std::array kEventKeys{Key{"oom_kill", &Stats::oom_kills}};
void take_events(std::string_view line, Stats& stats) { take_keyed(line, kEventKeys, stats); }

// "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6", one line a device.
constexpr std::array kIoKeys{Key{"rbytes", &Stats::io_read_bytes}, Key{"wbytes", &Stats::io_write_bytes},
                             Key{"rios", &Stats::io_reads}, Key{"wios", &Stats::io_writes}};
void begin_io(Stats& stats) {
  for (const Key& key : kIoKeys) stats.*key.field = 0;
}
void take_io(std::string_view line, Stats& stats) {
  (void)next(line, ' ');
  while (!line.empty()) {
    std::string_view value = next(line, ' ');
    const std::string_view name = next(value, '=');
    const auto* const key = std::ranges::find(kIoKeys, name, &Key::name);
    if (key != kIoKeys.end()) *(stats.*key->field) += number(value).value_or(0);
  }
}

// "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" and the same with "full".
template <std::optional<Psi> Stats::* field>
void take_pressure(std::string_view line, Stats& stats) {
  std::optional<Psi>& pressure = stats.*field;
  if (!pressure) pressure.emplace();
  const std::string_view which = next(line, ' ');
  if (which != "some" && which != "full") return;
  Stall& stall = which == "some" ? pressure->some : pressure->full;
  while (!line.empty()) {
    std::string_view value = next(line, ' ');
    const std::string_view name = next(value, '=');
    if (name == "total") stall.total_us = number(value).value_or(0);
    double* const average = name == "avg10"    ? &stall.avg10
                            : name == "avg60"  ? &stall.avg60
                            : name == "avg300" ? &stall.avg300
                                               : nullptr;
    if (average != nullptr) (void)std::from_chars(value.data(), value.data() + value.size(), *average);
  }
}

struct StatsFile {
  const char* name;
  void (*take_line)(std::string_view line, Stats& stats);
  void (*begin)(Stats& stats) = nullptr;  // before the first line, of which there may be none
};
// memory.current before memory.stat.
constexpr std::array<StatsFile, Meter::kFiles> kStatsFiles{{{"cpu.stat", take_cpu},
                                                            {"memory.current", take_number<&Stats::memory_usage>},
                                                            {"memory.peak", take_number<&Stats::memory_peak>},
                                                            {"memory.max", take_number<&Stats::memory_limit>},
                                                            {"memory.stat", take_memory},
                                                            {"memory.events", take_events},
                                                            {"memory.swap.current", take_number<&Stats::swap_usage>},
                                                            {"memory.swap.max", take_number<&Stats::swap_limit>},
                                                            {"pids.current", take_number<&Stats::processes>},
                                                            {"io.stat", take_io, begin_io},
                                                            {"cpu.pressure", take_pressure<&Stats::cpu_pressure>},
                                                            {"memory.pressure", take_pressure<&Stats::memory_pressure>},
                                                            {"io.pressure", take_pressure<&Stats::io_pressure>}}};

// Takes the lines that are complete, and gives what is left.
std::string_view take_lines(const StatsFile& file, std::string_view text, Stats& stats) {
  for (size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    file.take_line(text.substr(0, end), stats);
    text.remove_prefix(end + 1);
  }
  return text;
}

// 0, or errno.
int take_descriptor(int fd, const StatsFile& file, Stats& stats) {
  std::array<char, kBuffer> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): 8 KiB that are overwritten
  size_t kept = 0;                   // of a line whose end is still to come
  off_t offset = 0;
  while (true) {
    const size_t room = buffer.size() - kept;
    const ssize_t got = ::pread(fd, buffer.data() + kept, room, offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (offset == 0 && file.begin != nullptr) file.begin(stats);
    offset += got;
    const size_t length = kept + static_cast<size_t>(got);
    const std::string_view rest = take_lines(file, {buffer.data(), length}, stats);
    // The kernel gives as much as there is room for.
    if (static_cast<size_t>(got) < room) return 0;
    // A line without end is none of the kernel's: passed over.
    kept = rest.size() < buffer.size() ? rest.size() : 0;
    std::memmove(buffer.data(), rest.data(), kept);
  }
}

// The file is not there (any more), or its controller gives none.
bool is_absence(int error) { return error == ENOENT || error == ENODEV || error == EOPNOTSUPP; }

std::optional<uint64_t> left_of(const std::optional<uint64_t>& limit, const std::optional<uint64_t>& used) {
  if (!limit || !used) return std::nullopt;
  return *limit - std::min(*limit, *used);
}

}  // namespace

std::optional<uint64_t> memory_available(const Stats& stats) {
  return left_of(stats.memory_limit, stats.memory_working_set);
}

std::optional<uint64_t> swap_available(const Stats& stats) { return left_of(stats.swap_limit, stats.swap_usage); }

Meter Meter::of(Cgroup cgroup, Files files) {
  Meter meter(std::move(cgroup));
  if (files == Files::kOpenedForEachRead) return meter;
  for (size_t i = 0; i < kFiles; ++i) {
    File& file = meter.files_[i];
    file.fd.reset(::openat(meter.cgroup_.fd(), kStatsFiles[i].name, O_RDONLY | O_CLOEXEC));
    // What cannot be opened for another reason, want of descriptors for example, is tried again by each read.
    file.missing = !file.fd && is_absence(errno);
  }
  return meter;
}

base::UniqueFd Meter::open_file(const char* name) {
  base::UniqueFd opened(::openat(cgroup_.fd(), name, O_RDONLY | O_CLOEXEC));
  if (opened || (errno != EMFILE && errno != ENFILE)) return opened;
  // There is none to spare: then for our files neither.
  for (File& file : files_) file.fd.reset();
  opened.reset(::openat(cgroup_.fd(), name, O_RDONLY | O_CLOEXEC));
  return opened;
}

size_t Meter::descriptors() const {
  return 1 + static_cast<size_t>(std::ranges::count_if(files_, [](const File& file) { return bool(file.fd); }));
}

bool Meter::gone() const { return ::faccessat(cgroup_.fd(), "cgroup.procs", F_OK, 0) != 0; }

Status Meter::read(Stats& stats) {
  stats = {};
  bool any = false;
  for (size_t i = 0; i < kFiles; ++i) {
    if (files_[i].missing) continue;
    TRY(read_file(i, stats));
    any = any || !files_[i].missing;
  }
  if (!any && gone()) return base::fail(base::Code::kNotFound, "cgroup ", cgroup_.path(), " is gone");
  return {};
}

Status Meter::read_file(size_t index, Stats& stats) {
  File& file = files_[index];
  const StatsFile& about = kStatsFiles[index];
  int error = 0;
  if (file.fd) {
    error = take_descriptor(file.fd.get(), about, stats);
  } else {
    const base::UniqueFd opened = open_file(about.name);
    error = opened ? take_descriptor(opened.get(), about, stats) : errno;
  }
  file.seen = file.seen || error == 0;
  if (error == 0) return {};
  if (!is_absence(error)) return base::fail_errno(error, "read ", about.name, " of ", cgroup_.path());
  if (gone()) return base::fail(base::Code::kNotFound, "cgroup ", cgroup_.path(), " is gone");
  // When its controller comes back, it is another file.
  file.fd.reset();
  file.missing = !file.seen;
  return {};
}

int internal::read_stats_file(std::string_view name, int fd, Stats& stats) {
  const auto* const file = std::ranges::find_if(kStatsFiles, [&](const StatsFile& f) { return f.name == name; });
  return file == kStatsFiles.end() ? ENOENT : take_descriptor(fd, *file, stats);
}

}  // namespace runtime::cgroup
