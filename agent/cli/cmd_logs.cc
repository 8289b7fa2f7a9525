// logs: what one run of a container has written, from its log file.
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include "agent/cli/commands.h"
#include "agent/cli/node.h"
#include "agent/cli/output.h"
#include "agent/cli/pod_lookup.h"
#include "agent/pods/log_lines.h"
#include "agent/pods/naming.h"
#include "base/path.h"
#include "base/sys.h"

namespace agent::cli {

namespace {

// The highest N of the folder's N.log files; nothing when there is none.
std::optional<unsigned> latest_run(const std::string& folder) {
  std::optional<unsigned> latest;
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::opendir(folder.c_str()), ::closedir);
  if (!entries) return latest;
  while (const struct dirent* entry = ::readdir(entries.get())) {
    const std::string_view name = entry->d_name;
    unsigned run = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), run);
    if (error == std::errc() && std::string_view(end) == ".log") latest = std::max(latest.value_or(0), run);
  }
  return latest;
}

struct LogFile {
  base::UniqueFd fd;
  std::string path;
  unsigned run = 0;
};

base::Result<LogFile> open_log(const Globals& globals, const NamedContainer& named, bool previous) {
  const pods::Paths paths = pod_paths(globals);
  const std::string first = pods::container_log_path(paths, *named.pod.pod, named.container, 0);
  const std::optional<unsigned> latest = latest_run(first.substr(0, first.rfind('/')));
  if (!latest)
    return base::fail(base::Code::kNotFound, "container ", named.container, " of pod ", named.pod.name,
                      " has not run yet: there is no log");
  if (previous && *latest == 0)
    return base::fail(base::Code::kNotFound, "container ", named.container, " of pod ", named.pod.name,
                      " has not been restarted: there is no previous log");
  LogFile log;
  log.run = previous ? *latest - 1 : *latest;
  log.path = pods::container_log_path(paths, *named.pod.pod, named.container, log.run);
  log.fd = TRY(base::sys::open(log.path, O_RDONLY), "read the log of container ", named.container);
  return log;
}

// Moves the file's position to where its last lines begin.
base::Status skip_to_tail(const LogFile& log, uint64_t lines) {
  const struct stat about = TRY(base::sys::fstat(log.fd.get()));
  const auto size = static_cast<size_t>(about.st_size);
  if (size == 0) return {};
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, log.fd.get(), 0);
  if (data == MAP_FAILED) return base::fail_errno(errno, "read ", log.path);
  const size_t offset = pods::tail_offset({static_cast<const char*>(data), size}, lines);
  ::munmap(data, size);
  if (::lseek(log.fd.get(), static_cast<off_t>(offset), SEEK_SET) < 0)
    return base::fail_errno(errno, "read ", log.path);
  return {};
}

base::Status read_to_end(const LogFile& log, pods::LogDecoder& decoder) {
  std::array<char, 65536> buffer{};
  for (;;) {
    const size_t got = TRY(base::sys::read(log.fd.get(), buffer), "read ", log.path);
    if (got == 0) return {};
    decoder.feed({buffer.data(), got});
  }
}

// Whether this run of the container goes on. A pod's record is kept by its owner; of one without an owner, the runtime
// has to be asked.
class RunWatch {
 public:
  RunWatch(const Globals& globals, const NamedContainer& named, unsigned run)
      : globals_(globals), named_(named), run_(run) {}

  base::Result<bool> goes_on() {
    const base::Result<pods::PodSummary> pod = pods::find_pod(pod_paths(globals_), named_.pod.uid);
    if (!pod.has_value()) {
      if (pod.error().code() == base::Code::kNotFound) return false;
      return std::unexpected(pod.error());
    }
    if (pod->finished) return false;
    has_owner_ = pod->owned;
    if (!has_owner_) return runs_unattended();
    for (const auto* list : {&pod->pod->status.init_container_statuses, &pod->pod->status.container_statuses})
      for (const api::ContainerStatus& status : *list)
        if (status.name == named_.container) return run_goes_on(status);
    return true;
  }

  bool has_owner() const { return has_owner_; }

 private:
  bool run_goes_on(const api::ContainerStatus& status) const {
    const auto count = static_cast<unsigned>(std::max(status.restart_count, 0));
    if (count != run_) return count < run_;
    // In its back-off a container waits, and has its end in lastState.
    const bool ended = status.state.terminated || (status.state.waiting && status.last_state.terminated);
    return !ended;
  }

  base::Result<bool> runs_unattended() {
    if (!node_) node_ = TRY(Node::open(globals_, Purpose::kLook));
    const base::Result<std::string> id = running_container_id(node_->runtime(), named_);
    if (id.has_value()) return true;
    if (id.error().code() == base::Code::kFailedPrecondition) return false;
    return std::unexpected(id.error());
  }

  const Globals& globals_;
  const NamedContainer& named_;
  const unsigned run_;
  bool has_owner_ = true;
  std::unique_ptr<Node> node_;
};

base::Status follow(const Globals& globals, const NamedContainer& named, const LogFile& log,
                    pods::LogDecoder& decoder) {
  const base::UniqueFd inotify(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!inotify) return base::fail_errno(errno, "watch ", log.path);
  if (::inotify_add_watch(inotify.get(), log.path.c_str(), IN_MODIFY) < 0)
    return base::fail_errno(errno, "watch ", log.path);
  const std::string records = base::join_path(globals.state, "pods");
  if (::inotify_add_watch(inotify.get(), records.c_str(), IN_MOVED_TO | IN_DELETE | IN_CLOSE_WRITE) < 0)
    return base::fail_errno(errno, "watch ", records);
  RunWatch watch(globals, named, log.run);
  for (;;) {
    const bool goes_on = TRY(watch.goes_on());
    TRY(read_to_end(log, decoder));  // after the question: what an ended run wrote is all there
    if (!goes_on) return {};
    constexpr int kUnattendedMs = 1000;  // nobody writes its record: the kernel's news cover only the file
    struct pollfd ready{.fd = inotify.get(), .events = POLLIN, .revents = 0};
    constexpr int kOwnedMs = 10'000;  // the owner may have died meanwhile
    if (::poll(&ready, 1, watch.has_owner() ? kOwnedMs : kUnattendedMs) < 0 && errno != EINTR)
      return base::fail_errno(errno, "wait for ", log.path);
    std::array<char, 4096> events{};
    while (::read(inotify.get(), events.data(), events.size()) > 0) {
    }
  }
}

}  // namespace

base::Result<int> logs(const Globals& globals, const LogsArguments& arguments) {
  const NamedContainer named = TRY(find_container(globals, arguments.pod, arguments.container));
  const LogFile log = TRY(open_log(globals, named, arguments.previous));
  if (arguments.tail) TRY(skip_to_tail(log, *arguments.tail));
  pods::LogDecoder decoder({.timestamps = arguments.timestamps, .whole_lines = false},
                           [](bool is_stderr, std::string_view text) {
                             // A reader that has gone ends us by SIGPIPE.
                             (void)base::sys::write_all(is_stderr ? STDERR_FILENO : STDOUT_FILENO, text);
                           });
  if (arguments.follow && !arguments.previous) {
    TRY(follow(globals, named, log, decoder), "follow the log of container ", named.container);
  } else {
    TRY(read_to_end(log, decoder));
  }
  decoder.finish();
  return 0;
}

}  // namespace agent::cli
