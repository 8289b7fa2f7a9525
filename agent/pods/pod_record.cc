#include "agent/pods/pod_record.h"

#include <dirent.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "agent/api/codec.h"
#include "base/path.h"
#include "base/sys.h"

namespace agent::pods {

namespace {

constexpr int kVersion = 1;
constexpr std::string_view kSocketSuffix = ".sock";
constexpr size_t kMaxRecord = 16UL << 20;

std::string records_folder(const Paths& paths) { return base::join_path(paths.state, "pods"); }
std::string record_path(const Paths& paths, const std::string& uid) {
  return base::concat(records_folder(paths), "/", uid, ".json");
}
std::string locks_folder(const Paths& paths) { return base::join_path(paths.root, "locks/pods"); }
std::string lock_path(const Paths& paths, const std::string& uid) { return base::join_path(locks_folder(paths), uid); }
std::string socket_path(const Paths& paths, const std::string& uid) {
  return base::concat(records_folder(paths), "/", uid, kSocketSuffix);
}

// The member, if it is there and of this type.
template <typename T>
T member_or(const nlohmann::json& object, const char* name, T otherwise, nlohmann::json::value_t type) {
  const auto found = object.find(name);
  const bool fits =
      found != object.end() &&
      (found->type() == type || (type == nlohmann::json::value_t::number_unsigned && found->is_number_integer()));
  return fits ? found->get<T>() : std::move(otherwise);
}

}  // namespace

bool PodRecord::owner_lives(const std::string& boot) const {
  return owner_pid > 0 && !is_of_another_boot(boot) && owner_start != 0 && process_start(owner_pid) == owner_start;
}

uint64_t process_start(int pid) {
  const auto stat = base::read_file(base::concat("/proc/", pid, "/stat"), 4096);
  if (!stat) return 0;
  // Field 2, the name, may hold anything: what follows it starts after the last ')'.
  size_t at = stat->rfind(')');
  for (int field = 2; field < 22 && at != std::string::npos; ++field) at = stat->find(' ', at + 1);
  uint64_t start = 0;
  if (at == std::string::npos) return 0;
  std::from_chars(stat->data() + at + 1, stat->data() + stat->size(), start);
  return start;
}

base::Result<PodRecord> parse_record(const std::string& text, const std::string& path) {
  using Type = nlohmann::json::value_t;
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("pod"))
    return base::fail(base::Code::kDataLoss, path, " is not the record of a pod");
  const auto version = member_or<uint64_t>(json, "version", 0, Type::number_unsigned);
  if (version > kVersion)
    return base::fail(base::Code::kFailedPrecondition, path, " was written by a newer nodeagent (record version ",
                      version, ", known are versions up to ", kVersion, ")");
  PodRecord record;
  record.pod = TRY(api::pod_from_json(json["pod"].dump()), "read ", path);
  if (record.pod.metadata.uid.empty()) return base::fail(base::Code::kDataLoss, path, " names no pod uid");
  record.foreground = member_or<bool>(json, "foreground", true, Type::boolean);
  record.keep_record = member_or<bool>(json, "keepRecord", false, Type::boolean);
  record.finished = member_or<bool>(json, "finished", false, Type::boolean);
  record.boot_id = member_or<std::string>(json, "bootId", "", Type::string);
  const auto pid = member_or<uint64_t>(json, "ownerPid", 0, Type::number_unsigned);
  if (!std::in_range<int>(pid)) return base::fail(base::Code::kDataLoss, path, ": ownerPid ", pid, " is no process id");
  record.owner_pid = static_cast<int>(pid);
  record.owner_start = member_or<uint64_t>(json, "ownerStart", 0, Type::number_unsigned);
  return record;
}

std::string format_record(const PodRecord& record) {
  nlohmann::json json;
  json["version"] = kVersion;
  json["pod"] = nlohmann::json::parse(api::to_json(record.pod), nullptr, /*allow_exceptions=*/false);
  json["foreground"] = record.foreground;
  json["keepRecord"] = record.keep_record;
  json["finished"] = record.finished;
  json["bootId"] = record.boot_id;
  json["ownerPid"] = record.owner_pid;
  json["ownerStart"] = record.owner_start;
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

base::Status write_record(const Paths& paths, const PodRecord& record) {
  TRY(base::make_dirs(records_folder(paths), 0700));
  return base::write_file_atomic(record_path(paths, record.pod.metadata.uid), format_record(record), 0600,
                                 base::Durability::kCrash);
}

base::Result<std::optional<PodRecord>> read_record(const Paths& paths, const std::string& uid) {
  const std::string path = record_path(paths, uid);
  const auto text = base::read_file(path, kMaxRecord);
  if (!text && text.error().code() == base::Code::kNotFound) return std::nullopt;
  if (!text) return std::unexpected(text.error());
  return TRY(parse_record(*text, path));
}

base::Result<std::vector<PodRecord>> read_records(const Paths& paths) {
  std::vector<PodRecord> records;
  const std::string folder = records_folder(paths);
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(folder.c_str()), closedir);
  if (dir == nullptr) {
    if (errno == ENOENT) return records;
    return base::fail_errno(errno, "list ", folder);
  }
  constexpr std::string_view kSuffix = ".json";
  while (const dirent* entry = readdir(dir.get())) {
    const std::string_view name = entry->d_name;
    if (name.starts_with('.') || !name.ends_with(kSuffix)) continue;
    auto record = TRY(read_record(paths, std::string(name.substr(0, name.size() - kSuffix.size()))));
    if (record) records.push_back(std::move(*record));
  }
  std::ranges::sort(records, {}, [](const PodRecord& record) {
    return std::pair(record.pod.metadata.namespace_, record.pod.metadata.name);
  });
  return records;
}

base::Status remove_record(const Paths& paths, const std::string& uid) {
  const base::Status removed = base::sys::unlinkat(AT_FDCWD, record_path(paths, uid), 0);
  if (!removed && removed.error().code() != base::Code::kNotFound) return removed;
  return {};
}

base::Result<base::FileLock> lock_pod(const Paths& paths, const std::string& uid, std::chrono::milliseconds wait) {
  const std::string path = lock_path(paths, uid);
  TRY(base::make_dirs(locks_folder(paths), 0700));
  if (wait.count() > 0) return base::FileLock::acquire(path, base::FileLock::Mode::kExclusive, wait);
  return base::FileLock::try_acquire(path, base::FileLock::Mode::kExclusive);
}

void wait_for_pod_lock(const Paths& paths, const std::string& uid, std::chrono::milliseconds moment) {
  // What comes of it is looked at by the caller's next try.
  (void)base::FileLock::acquire(lock_path(paths, uid), base::FileLock::Mode::kExclusive, moment);
}

base::Status sweep_records(const Paths& paths) {
  TRY(base::sweep_temporaries(records_folder(paths)));
  std::set<std::string> uids;
  for (std::string& uid : TRY(base::list_folder(locks_folder(paths)))) uids.insert(std::move(uid));
  for (const std::string& name : TRY(base::list_folder(records_folder(paths))))
    if (name.ends_with(kSocketSuffix)) uids.insert(name.substr(0, name.size() - kSocketSuffix.size()));
  for (const std::string& uid : uids) {
    if (TRY(read_record(paths, uid))) continue;
    const auto lock = lock_pod(paths, uid);
    if (!lock && lock.error().code() == base::Code::kUnavailable) continue;  // somebody is about to record it
    if (!lock) return std::unexpected(lock.error());
    if (TRY(read_record(paths, uid))) continue;
    const base::Status removed = base::sys::unlinkat(AT_FDCWD, socket_path(paths, uid), 0);
    if (!removed && removed.error().code() != base::Code::kNotFound) return removed;
    TRY(remove_pod_lock(paths, uid));
  }
  return {};
}

base::Status remove_pod_lock(const Paths& paths, const std::string& uid) {
  const base::Status removed = base::sys::unlinkat(AT_FDCWD, lock_path(paths, uid), 0);
  if (!removed && removed.error().code() != base::Code::kNotFound) return removed;
  return {};
}

}  // namespace agent::pods
