#include "runtime/cgroup/oom_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include "base/sys.h"

namespace runtime::cgroup {

namespace {

constexpr size_t kLongestRecord = 8192;  // CONSOLE_EXT_LOG_MAX, which no record exceeds
// Far more than any buffer holds: somebody writes faster than we read.
constexpr int kMostRecords = 1 << 20;

template <typename Integer>
bool number_at(std::string_view text, Integer& to) {
  return std::from_chars(text.data(), text.data() + text.size(), to).ec == std::errc();
}

// Who wrote the record: programs can write to the log as well, but never as facility 0, the kernel.
bool is_kernels(std::string_view record) {
  const std::string_view field = record.substr(0, record.find(','));
  unsigned priority = 0;
  const auto read = std::from_chars(field.data(), field.data() + field.size(), priority);
  return read.ec == std::errc() && read.ptr == field.data() + field.size() && priority < 8;
}

std::string_view text_of(std::string_view record) {
  const size_t at = record.find(';');
  if (at == std::string_view::npos) return {};
  const std::string_view text = record.substr(at + 1);
  return text.substr(0, text.find('\n'));  // what follows are fields about a device
}

// What stands between the first `begin` and the next `end` after it; empty where either is missing.
std::string_view between(std::string_view text, std::string_view begin, std::string_view end) {
  const size_t at = text.find(begin);
  if (at == std::string_view::npos) return {};
  const size_t from = at + begin.size();
  const size_t to = text.find(end, from);
  return to == std::string_view::npos ? std::string_view() : text.substr(from, to - from);
}

// Bytes, of "anon-rss:12kB".
uint64_t size_of(std::string_view sizes, std::string_view key) {
  const size_t at = sizes.find(key);
  uint64_t kib = 0;
  if (at == std::string_view::npos || !number_at(sizes.substr(at + key.size()), kib)) return 0;
  return kib << 10;
}

bool has_part(std::string_view path, std::string_view name) {
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    if (part == name) return true;
    path.remove_prefix(std::min(path.size(), part.size() + 1));
  }
  return false;
}

}  // namespace

void OomLogParser::add(std::string_view record) {
  if (!is_kernels(record)) return;
  const std::string_view text = text_of(record);
  if (text.starts_with("oom-kill:")) {
    group_.reset();
    announced_.reset();
    // The paths come before the name, the pid after it.
    Announced next;
    next.limit_owner = between(text, ",oom_memcg=", ",task_memcg=");
    next.cgroup = between(text, ",task_memcg=", ",task=");
    const size_t pid = text.rfind(",pid=");
    if (pid != std::string_view::npos && number_at(text.substr(pid + 5), next.pid)) announced_ = std::move(next);
  } else if (text.starts_with("Memory cgroup out of memory") || text.starts_with("Out of memory")) {
    add_kill(text);
  } else if (text.starts_with("Tasks in /")) {
    add_group(text);
  }
}

void OomLogParser::add_kill(std::string_view text) {
  constexpr std::string_view kKilled = ": Killed process ";
  const size_t start = text.find(kKilled);
  if (start == std::string_view::npos) return;
  const std::string_view process = text.substr(start + kKilled.size());
  // "N (NAME) total-vm:…": the name may hold either of these, but begins after the first and ends before the last.
  const size_t open = process.find(" (");
  const size_t close = process.rfind(") total-vm:");
  OomKill kill;
  const bool named = open != std::string_view::npos && close != std::string_view::npos && close >= open + 2;
  if (!named || !number_at(process, kill.pid)) return;
  kill.name = process.substr(open + 2, close - open - 2);
  const std::string_view behind = process.substr(close);
  kill.resident = size_of(behind, "anon-rss:") + size_of(behind, "file-rss:") + size_of(behind, "shmem-rss:");
  kill.whole_node = text.starts_with("Out of memory");
  if (announced_ && announced_->pid == kill.pid) {
    kill.cgroup = std::move(announced_->cgroup);
    kill.limit_owner = std::move(announced_->limit_owner);
    announced_.reset();
  } else if (group_) {
    kill.cgroup = group_->cgroup;
    kill.limit_owner = group_->limit_owner;
    kill.follower = true;
  }
  kills_.push_back(std::move(kill));
}

void OomLogParser::add_group(std::string_view text) {
  const size_t end = text.rfind(" are going to be killed due to memory.oom.group set");
  if (end == std::string_view::npos || kills_.empty()) return;
  // It follows the kill of the one that was chosen, whatever that looked like.
  OomKill& chosen = kills_.back();
  constexpr size_t kPath = 9;  // behind "Tasks in "
  const std::string_view path = text.substr(kPath, end - kPath);
  if (chosen.follower || chosen.cgroup.empty()) {
    chosen.cgroup = path;
    if (chosen.follower) chosen.limit_owner.clear();
    chosen.follower = false;
  }
  group_ = chosen;
  group_->cgroup = path;
}

std::vector<OomKill> kills_in(const std::vector<OomKill>& kills, std::string_view cgroup_name) {
  std::vector<OomKill> found;
  for (const OomKill& kill : kills) {
    if (has_part(kill.cgroup, cgroup_name)) found.push_back(kill);
  }
  return found;
}

base::Result<std::vector<OomKill>> read_oom_log() {
  // From the oldest record on.
  const base::UniqueFd log = TRY(base::sys::open("/dev/kmsg", O_RDONLY | O_NONBLOCK), "read the kernel's log");
  OomLogParser parser;
  std::array<char, kLongestRecord> record{};
  for (int i = 0; i < kMostRecords; ++i) {
    const ssize_t got = ::read(log.get(), record.data(), record.size());
    if (got >= 0) {
      parser.add({record.data(), static_cast<size_t>(got)});
    } else if (errno == EAGAIN) {
      break;
    } else if (errno != EPIPE && errno != EINTR) {  // EPIPE: it was overwritten meanwhile; the next is the oldest
      return base::fail_errno(errno, "read the kernel's log");
    }
  }
  return parser.kills();
}

}  // namespace runtime::cgroup
