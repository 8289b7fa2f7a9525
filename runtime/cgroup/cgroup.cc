#include "runtime/cgroup/cgroup.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <string_view>

#include "base/file.h"
#include "base/path.h"
#include "base/sys.h"

namespace runtime::cgroup {

using base::Code;
using base::Result;
using base::Status;
using base::UniqueFd;

namespace {

constexpr int kMakeAttempts = 8;
const std::string kAttributes = "trusted.nodeagent.";
constexpr size_t kMaxAttribute = 256;
constexpr int kLookAgain = 20;  // ms

Result<std::string> read_control(const UniqueFd& directory, const char* name) {
  const UniqueFd file = TRY(base::sys::openat(directory.get(), name, O_RDONLY));
  return base::read_fd(file.get());
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find_first_of(" \n"));
    if (!word.empty()) words.emplace_back(word);
    text.remove_prefix(std::min(word.size() + 1, text.size()));
  }
  return words;
}

// Somebody removed it, such as systemd a scope that has become empty.
bool means_gone(const base::Error& error) { return error.os_errno() == ENOENT || error.os_errno() == ENODEV; }

// Lets the children of a cgroup have the controllers that it has itself, as far as the kernel allows: not where
// processes live in it (EBUSY), where it is a threaded domain (EOPNOTSUPP), or where there are real-time processes and
// the controller is cpu (EINVAL). What is missing then shows when a limit is to be set (missing.h).
void hand_down_controllers(const std::string& path) {
  const Result<UniqueFd> directory = base::sys::open(path, O_RDONLY | O_DIRECTORY);
  if (!directory) return;
  const Result<std::string> available = read_control(*directory, "cgroup.controllers");
  const Result<std::string> handed_down = read_control(*directory, "cgroup.subtree_control");
  if (!available || !handed_down) return;
  const std::vector<std::string> present = words_of(*handed_down);
  for (const std::string& controller : words_of(*available)) {
    if (std::ranges::find(present, controller) != present.end()) continue;
    (void)base::write_control_file_at(directory->get(), "cgroup.subtree_control", "+" + controller);
  }
}

bool has_all_controllers(const UniqueFd& directory, const Hierarchy& hierarchy) {
  const Result<std::string> available = read_control(directory, "cgroup.controllers");
  return available && words_of(*available).size() >= hierarchy.controllers().size();
}

// From the root down to the parent of the cgroup.
void hand_down_to(const Hierarchy& hierarchy, const std::string& path) {
  for (size_t end = hierarchy.mount_point().size(); end < path.size(); end = path.find('/', end + 1)) {
    hand_down_controllers(path.substr(0, end));
  }
}

std::string parent_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

Status make_folder(const Hierarchy& hierarchy, const std::string& path) {
  if (::mkdir(path.c_str(), 0755) == 0 || errno == EEXIST) return {};
  if (errno != EROFS) return base::fail_errno(errno, "create cgroup ", path);
  return base::fail_errno(EROFS, "create cgroup ", path, " (cgroup v2 is mounted read-only: run `mount -o remount,rw ",
                          hierarchy.mount_point(), "`; in a container, it has to be started with write access to it)");
}

Status make_with_parents(const Hierarchy& hierarchy, const std::string& path) {
  Status made = make_folder(hierarchy, path);
  // Somebody who tidies up may remove the parent, which is empty, before there is something in it.
  for (int attempt = 0; attempt < kMakeAttempts; ++attempt) {
    if (made || made.error().os_errno() != ENOENT || path.size() <= hierarchy.mount_point().size()) break;
    TRY(make_with_parents(hierarchy, parent_of(path)));
    made = make_folder(hierarchy, path);
  }
  return made;
}

// Removes the cgroups below the folder and then itself; all of them are empty.
Status remove_folders(const std::string& path) {
  if (::rmdir(path.c_str()) == 0 || errno == ENOENT) return {};
  if (errno != EBUSY && errno != ENOTEMPTY) return base::fail_errno(errno, "remove cgroup ", path);
  DIR* raw = ::opendir(path.c_str());
  if (raw == nullptr) return errno == ENOENT ? Status() : base::fail_errno(errno, "list cgroup ", path);
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(raw, ::closedir);
  while (const struct dirent* entry = ::readdir(listing.get())) {
    const std::string_view name = entry->d_name;
    if (entry->d_type == DT_DIR && name != "." && name != "..") TRY(remove_folders(base::join_path(path, name)));
  }
  if (::rmdir(path.c_str()) < 0 && errno != ENOENT) return base::fail_errno(errno, "remove cgroup ", path);
  return {};
}

}  // namespace

Result<Cgroup> Cgroup::create(const Hierarchy& hierarchy, const std::string& cgroup) {
  const std::string path = hierarchy.path_of(cgroup);
  TRY(make_with_parents(hierarchy, path));
  UniqueFd directory = TRY(base::sys::open(path, O_RDONLY | O_DIRECTORY));
  if (!has_all_controllers(directory, hierarchy)) hand_down_to(hierarchy, path);
  return Cgroup(path, std::move(directory));
}

Result<Cgroup> Cgroup::open(const Hierarchy& hierarchy, const std::string& cgroup) {
  const std::string path = hierarchy.path_of(cgroup);
  UniqueFd directory = TRY(base::sys::open(path, O_RDONLY | O_DIRECTORY));
  return Cgroup(path, std::move(directory));
}

bool Cgroup::is_gone() const {
  struct stat own{};
  struct stat named{};
  return ::stat(path_.c_str(), &named) < 0 || ::fstat(directory_.get(), &own) < 0 || own.st_ino != named.st_ino;
}

Status Cgroup::kill() const {
  Status killed = base::write_control_file_at(directory_.get(), "cgroup.kill", "1");
  return !killed && means_gone(killed.error()) ? Status() : killed;
}

Status Cgroup::freeze(bool frozen) const {
  return base::write_control_file_at(directory_.get(), "cgroup.freeze", frozen ? "1" : "0");
}

Result<bool> Cgroup::populated() const {
  Result<std::string> text = read_control(directory_, "cgroup.events");
  if (text) return text->find("populated 1") != std::string::npos;
  if (means_gone(text.error())) return false;
  text.error().add_context(path_);
  return std::unexpected(std::move(text).error());
}

Status Cgroup::wait_empty(std::chrono::milliseconds wait) const {
  const auto deadline = std::chrono::steady_clock::now() + wait;
  const Result<UniqueFd> opened = base::sys::openat(directory_.get(), "cgroup.events", O_RDONLY);
  if (!opened && means_gone(opened.error())) return {};
  if (!opened) return base::fail_errno(opened.error().os_errno(), "open cgroup.events of ", path_);
  const UniqueFd& events = *opened;
  while (true) {
    // By this descriptor: only what it has not shown yet is a change for poll(2).
    if (::lseek(events.get(), 0, SEEK_SET) < 0 && errno != ENODEV) {
      return base::fail_errno(errno, "rewind cgroup.events of ", path_);
    }
    Result<std::string> text = base::read_fd(events.get());
    if (!text && means_gone(text.error())) return {};
    if (TRY(std::move(text), path_).find("populated 1") == std::string::npos) return {};
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      std::string who;
      for (const pid_t pid : TRY(pids())) who += base::concat(" ", pid);
      return base::fail(Code::kDeadlineExceeded, "processes are still in cgroup ", path_, " after ", wait.count(),
                        " ms:", who);
    }
    // cgroup.events signals a change as an exceptional condition (POLLPRI). Not always: the kernel puts off one that
    // follows another within 10 ms, and drops it when the cgroup is removed meanwhile.
    struct pollfd change{.fd = events.get(), .events = POLLPRI, .revents = 0};
    if (::poll(&change, 1, static_cast<int>(std::min<int64_t>(left.count() + 1, kLookAgain))) < 0 && errno != EINTR) {
      return base::fail_errno(errno, "wait for cgroup ", path_);
    }
  }
}

Result<std::vector<pid_t>> Cgroup::pids() const {
  const UniqueFd procs = TRY(base::sys::openat(directory_.get(), "cgroup.procs", O_RDONLY), path_);
  const std::string text = TRY(base::read_fd(procs.get()), path_);
  std::vector<pid_t> found;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    pid_t pid = 0;
    const auto [next, error] = std::from_chars(at, end, pid);
    if (error != std::errc()) break;
    found.push_back(pid);
    at = next + 1;
  }
  return found;
}

Result<std::string> Cgroup::read(const char* file) const { return TRY(read_control(directory_, file), path_); }

Status Cgroup::set_attribute(const std::string& name, const std::string& value) const {
  if (::fsetxattr(directory_.get(), (kAttributes + name).c_str(), value.data(), value.size(), 0) == 0) return {};
  return base::fail_errno(errno, "note ", name, " on cgroup ", path_);
}

Result<std::string> Cgroup::attribute(const std::string& name) const {
  std::string value(kMaxAttribute, '\0');
  const ssize_t got = ::fgetxattr(directory_.get(), (kAttributes + name).c_str(), value.data(), value.size());
  if (got < 0) return base::fail_errno(errno, "read ", name, " of cgroup ", path_);
  value.resize(static_cast<size_t>(got));
  return value;
}

Status Cgroup::move_below(const std::string& name, pid_t pid) const {
  if (::mkdirat(directory_.get(), name.c_str(), 0755) < 0 && errno != EEXIST) {
    return base::fail_errno(errno, "create cgroup ", path_, "/", name);
  }
  TRY(base::write_control_file_at(directory_.get(), name + "/cgroup.procs", std::to_string(pid)), path_);
  return {};
}

Status remove(const Hierarchy& hierarchy, const std::string& cgroup, std::chrono::milliseconds wait) {
  Result<Cgroup> present = Cgroup::open(hierarchy, cgroup);
  if (!present) {
    if (present.error().code() == Code::kNotFound) return {};
    return std::unexpected(std::move(present).error());
  }
  if (TRY(present->populated())) {
    TRY(present->kill(), "end what is left in ", present->path());
    TRY(present->wait_empty(wait));
  }
  return remove_folders(present->path());
}

void remove_if_unused(const Hierarchy& hierarchy, const std::string& cgroup) {
  ::rmdir(hierarchy.path_of(cgroup).c_str());
}

}  // namespace runtime::cgroup
